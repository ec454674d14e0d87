import { constantValue, multiply, negate, ones, zeros, type TensorInput } from '@tenon/layers';
import { Optimizer, type Rate } from './optimizer.js';
import { makeSlot } from './slots.js';
import { addRows, changeVariable, type TrainedVariable } from './trained-variable.js';

export interface LearningRateOptions {
  readonly learningRate: Rate;
}

/** A rate times the gradient: TensorFlow's `GradientDescentOptimizer`. */
export function gradientDescent({ learningRate }: LearningRateOptions): Optimizer {
  return new Optimizer('GradientDescent', (context) => {
    const rate = (dtype: TrainedVariable['dtype']) => context.scalar('learning_rate', learningRate, dtype);
    return {
      takesRepeatedRows: true,
      dense: (variable, gradient) => changeVariable('ApplyGradientDescent', variable, [rate(variable.dtype), gradient]),
      sparse: (variable, { values, indices }) =>
        addRows(variable, indices, negate(multiply(values, rate(variable.dtype)))),
    };
  });
}

export interface MomentumOptions extends LearningRateOptions {
  /** How much of a step the next one repeats. */
  readonly momentum: Rate;
  /** Whether to look ahead along the step that is repeated: false by default. */
  readonly useNesterov?: boolean;
}

/** Steps that repeat part of those before: TensorFlow's `MomentumOptimizer`. Slot `Momentum`. */
export function momentum({ learningRate, momentum: share, useNesterov = false }: MomentumOptions): Optimizer {
  return new Optimizer('Momentum', (context) => {
    const inputs = (variable: TrainedVariable, gradient: readonly TensorInput[]): TensorInput[] => [
      makeSlot(variable, 'Momentum', zeros()).handle,
      context.scalar('learning_rate', learningRate, variable.dtype),
      ...gradient,
      context.scalar('momentum', share, variable.dtype),
    ];
    const attributes = { use_nesterov: useNesterov };
    return {
      dense: (variable, gradient) =>
        changeVariable('ApplyMomentum', variable, inputs(variable, [gradient]), attributes),
      sparse: (variable, { values, indices }) =>
        changeVariable('SparseApplyMomentum', variable, inputs(variable, [values, indices]), attributes),
    };
  });
}

export interface AdagradOptions extends LearningRateOptions {
  /** What the sums of squares begin with: 0.1 by default. */
  readonly initialAccumulatorValue?: number;
}

/** Smaller steps where gradients have been large: TensorFlow's `AdagradOptimizer`. Slot `Adagrad`. */
export function adagrad({ learningRate, initialAccumulatorValue = 0.1 }: AdagradOptions): Optimizer {
  return new Optimizer('Adagrad', (context) => {
    const inputs = (variable: TrainedVariable): TensorInput[] => [
      makeSlot(variable, 'Adagrad', constantValue(initialAccumulatorValue)).handle,
      context.scalar('learning_rate', learningRate, variable.dtype),
    ];
    return {
      dense: (variable, gradient) => changeVariable('ApplyAdagrad', variable, [...inputs(variable), gradient]),
      sparse: (variable, { values, indices }) =>
        changeVariable('SparseApplyAdagrad', variable, [...inputs(variable), values, indices]),
    };
  });
}

export interface RmsPropOptions extends LearningRateOptions {
  /** How much of the mean squares stays at each step: 0.9 by default. */
  readonly decay?: Rate;
  /** 0 by default. */
  readonly momentum?: Rate;
  /** Is added to the mean squares: 1e-10 by default. */
  readonly epsilon?: Rate;
}

/** Steps by the root of the mean squares of gradients: TensorFlow's `RMSPropOptimizer`. Slots `RMSProp` and `RMSProp_1`. */
export function rmsProp({
  learningRate,
  decay = 0.9,
  momentum: share = 0,
  epsilon = 1e-10,
}: RmsPropOptions): Optimizer {
  return new Optimizer('RMSProp', (context) => {
    const inputs = (variable: TrainedVariable): TensorInput[] => {
      const { dtype } = variable;
      return [
        makeSlot(variable, 'RMSProp', ones()).handle,
        makeSlot(variable, 'RMSProp', zeros()).handle,
        context.scalar('learning_rate', learningRate, dtype),
        context.scalar('decay', decay, dtype),
        context.scalar('momentum', share, dtype),
        context.scalar('epsilon', epsilon, dtype),
      ];
    };
    return {
      dense: (variable, gradient) => changeVariable('ApplyRMSProp', variable, [...inputs(variable), gradient]),
      sparse: (variable, { values, indices }) =>
        changeVariable('SparseApplyRMSProp', variable, [...inputs(variable), values, indices]),
    };
  });
}
