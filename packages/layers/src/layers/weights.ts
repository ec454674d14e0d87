import type { VariableInitializer } from '../initializers.js';
import type { Regularizer } from '../regularizers.js';
import type { Activation } from './activation.js';

/** What layers with weights take. */
export interface WeightsOptions {
  /** What names of its variables begin with, within the variable scope. Those of the layer and a number by default. */
  readonly name?: string | undefined;
  readonly activation?: Activation | undefined;
  /** Whether it adds a bias: true by default. */
  readonly useBias?: boolean | undefined;
  /** `glorotUniform()` by default. */
  readonly kernelInitializer?: VariableInitializer | undefined;
  /** `zeros()` by default. */
  readonly biasInitializer?: VariableInitializer | undefined;
  readonly kernelRegularizer?: Regularizer | undefined;
  readonly biasRegularizer?: Regularizer | undefined;
  /** Whether training may change its variables: true by default. */
  readonly trainable?: boolean | undefined;
}
