import type { DeviceTensor } from '@tenon/backend';
import type { CallableGraphModule, Session } from '@tenon/hub';
import { apply } from '@tenon/layers';
import type { ModuleVariable } from '@tenon/module-spec';
import type { Tensor } from '@tenon/tensor';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { tidy, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { tfDType, toProgram, toTfjs } from './values.js';

/** A variable of a module that is a weight of a layer. */
export interface ModuleWeight {
  readonly variable: ModuleVariable;
  readonly shape: readonly number[];
  readonly isTrainable: boolean;
  readonly weight: LayerVariable;
}

/** A variable that is to be a weight, and its value when the module was loaded. */
export interface InitialValue {
  readonly variable: ModuleVariable;
  readonly value: Tensor;
  /** Whether training may change it. */
  readonly isTrainable: boolean;
}

/**
 * The variables that are the weights of a layer: those that the module's object lists, the trainable ones first; of one that lists none, all.
 * Those that TensorFlow.js cannot hold, counters in int64 say, stay in the session.
 */
export async function readVariables(session: Session, module: CallableGraphModule): Promise<readonly InitialValue[]> {
  await session.initialize();
  const all = module.listedVariables('variables') ?? module.variables;
  const trainable = module.listedVariables('trainable_variables') ?? all.filter((variable) => variable.trainable);
  const held = [...new Set([...trainable, ...all])].filter(({ dtype }) => {
    const type = tfDType(dtype);
    return type === dtype || type === 'float32';
  });
  const values = await session.run(
    held.map(({ operation, dtype }) =>
      operation.output().dtype === 'resource'
        ? apply('ReadVariableOp', [operation.output()], { dtype })
        : operation.output(),
    ),
  );
  return held.map((variable, index) => ({
    variable,
    value: values[index]!,
    isTrainable: trainable.includes(variable),
  }));
}

/** The weights of a layer, which programs of a session see as the variables of its module. */
export class ModuleWeights {
  /** What the session's variables were last given. */
  private given: (Tensor | DeviceTensor)[] = [];

  constructor(
    private readonly session: Session,
    readonly all: readonly ModuleWeight[],
  ) {}

  /** Those that training changes, as gradients are asked for. */
  get trainable(): readonly ModuleWeight[] {
    return this.all.filter(({ isTrainable }) => isTrainable);
  }

  /** Gives the session the weights as they are now. */
  hand(): void {
    this.given = this.all.map(({ variable, weight }) => {
      const value = toProgram(weight.read(), variable.dtype);
      this.session.assign(variable.operation, value);
      return value;
    });
  }

  /** Whether a tensor is a weight's own. */
  holds(tensor: TfTensor): boolean {
    return this.all.some(({ weight }) => weight.read() === tensor);
  }

  /** Takes over what a program assigned: moving averages. */
  take(): void {
    this.all.forEach(({ variable, weight }, index) => {
      const value = this.session.valueOf(variable.operation);
      if (value === this.given[index]) return;
      tidy(() => void weight.write(toTfjs(value, variable.name, () => true)));
    });
  }
}
