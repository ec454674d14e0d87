import type { Operation, SymbolicTensor } from '@tenon/graph';
import {
  add,
  assign,
  cast,
  constantValue,
  controlDependencies,
  divide,
  identity,
  multiply,
  operation,
  sqrt,
  square,
  subtract,
  zeros,
  type Variable,
} from '@tenon/layers';
import type { IndexedSlices } from '../gradients/indexed-slices.js';
import { Optimizer, type Rate, type UpdateContext, type UpdateRules } from './optimizer.js';
import { makeCounter, makeSlot } from './slots.js';
import { addRows, changeVariable, type TrainedVariable } from './trained-variable.js';

export interface AdamOptions {
  /** 0.001 by default. */
  readonly learningRate?: Rate;
  /** How much of the mean gradient stays at each step: 0.9 by default. */
  readonly beta1?: Rate;
  /** How much of the mean square stays at each step: 0.999 by default. */
  readonly beta2?: Rate;
  /** Is added to the root of the mean square: 1e-8 by default. */
  readonly epsilon?: Rate;
}

/**
 * Steps by the mean gradient over the root of the mean square, both corrected for having begun at zero: TensorFlow's `AdamOptimizer`. Slots
 * `Adam` and `Adam_1`, and for all variables `beta1_power` and `beta2_power`.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return new Optimizer('Adam', (context) => new AdamRules(context, { learningRate, beta1, beta2, epsilon }));
}

class AdamRules implements UpdateRules {
  private readonly power1: Variable;
  private readonly power2: Variable;

  constructor(
    private readonly context: UpdateContext,
    private readonly options: Required<AdamOptions>,
  ) {
    const { beta1, beta2 } = options;
    const counter = (name: string, rate: Rate) =>
      makeCounter(context.graph, name, typeof rate === 'number' ? constantValue(rate) : () => cast(rate, 'float32'));
    this.power1 = counter('beta1_power', beta1);
    this.power2 = counter('beta2_power', beta2);
  }

  private scalars({ dtype }: TrainedVariable) {
    const { context, options } = this;
    const power = (variable: Variable) => (variable.dtype === dtype ? identity(variable) : cast(variable, dtype));
    return {
      power1: power(this.power1),
      power2: power(this.power2),
      rate: context.scalar('learning_rate', options.learningRate, dtype),
      beta1: context.scalar('beta1', options.beta1, dtype),
      beta2: context.scalar('beta2', options.beta2, dtype),
      epsilon: context.scalar('epsilon', options.epsilon, dtype),
    };
  }

  dense(variable: TrainedVariable, gradient: SymbolicTensor): Operation {
    const { power1, power2, rate, beta1, beta2, epsilon } = this.scalars(variable);
    const [mean, squares] = [makeSlot(variable, 'Adam', zeros()), makeSlot(variable, 'Adam', zeros())];
    const state = [mean.handle, squares.handle, power1, power2];
    return changeVariable('ApplyAdam', variable, [...state, rate, beta1, beta2, epsilon, gradient]);
  }

  /** The means of rows that are not named fade as well, and go on moving those rows: as TensorFlow has it. */
  sparse(variable: TrainedVariable, { values, indices }: IndexedSlices): Operation {
    const { power1, power2, rate, beta1, beta2, epsilon } = this.scalars(variable);
    const { graph } = this.context;
    const moved = (slot: Variable, beta: SymbolicTensor, rows: SymbolicTensor): SymbolicTensor => {
      const faded = assign(slot, multiply(slot, beta));
      const share = multiply(rows, subtract(1, beta));
      const scattered = controlDependencies(graph, [faded], () => addRows(slot, indices, share));
      return controlDependencies(graph, [scattered], () => identity(slot));
    };
    const mean = moved(makeSlot(variable, 'Adam', zeros()), beta1, values);
    const squares = moved(makeSlot(variable, 'Adam', zeros()), beta2, square(values));
    const corrected = divide(multiply(rate, sqrt(subtract(1, power2))), subtract(1, power1));
    const distance = divide(multiply(corrected, mean), add(sqrt(squares), epsilon));
    const { handle, dtype } = variable;
    return handle.isReference
      ? operation(graph, 'AssignSub', [handle, distance])
      : operation(graph, 'AssignSubVariableOp', [handle, distance], { dtype });
  }

  finish(): Operation[] {
    const { context, options, power1, power2 } = this;
    return [
      assign(power1, multiply(power1, context.scalar('beta1', options.beta1, power1.dtype))),
      assign(power2, multiply(power2, context.scalar('beta2', options.beta2, power2.dtype))),
    ];
  }
}
