import type { Operation } from '@tenon/graph';
import { sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import type { Variable } from '../resources.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integersOf } from './integers.js';
import { readVariable, variableIn } from './state.js';

/** Moves the variable and its slots at one element, by what the gradient is there. */
type Step = (at: number, gradient: number) => void;

/** How an optimizer moves a variable: TensorFlow's `ResourceApply…` ops. */
interface Optimizer {
  /** How many variables stand in front of the other inputs: the one to move, and its slots. */
  readonly state: number;
  /** Where the gradient stands among the inputs. */
  readonly gradient: number;
  /** The attribute that changes what the step does: `use_nesterov`, `update_slots`. */
  readonly flag?: string;
  /** Takes the variable and its slots, the scalar inputs in their order, and the flag. */
  readonly begin: (state: readonly NumberArray[], scalars: readonly number[], flag: boolean) => Step;
}

const square = (value: number): number => value * value;

const GRADIENT_DESCENT: Optimizer = {
  state: 1,
  gradient: 2,
  begin([value], [rate]) {
    return (at, gradient) => {
      value![at]! -= gradient * rate!;
    };
  },
};

const MOMENTUM: Optimizer = {
  state: 2,
  gradient: 3,
  flag: 'use_nesterov',
  begin([value, sum], [rate, momentum], isNesterov) {
    return (at, gradient) => {
      const next = (sum![at] = sum![at]! * momentum! + gradient);
      value![at]! -= isNesterov ? gradient * rate! + next * momentum! * rate! : next * rate!;
    };
  },
};

const ADAGRAD: Optimizer = {
  state: 2,
  gradient: 3,
  flag: 'update_slots',
  begin([value, sum], [rate], updatesSlots) {
    return (at, gradient) => {
      if (updatesSlots) sum![at]! += square(gradient);
      value![at]! -= (gradient * rate!) / Math.sqrt(sum![at]!);
    };
  },
};

const ADAGRAD_V2: Optimizer = {
  state: 2,
  gradient: 4,
  flag: 'update_slots',
  begin([value, sum], [rate, epsilon], updatesSlots) {
    return (at, gradient) => {
      if (updatesSlots) sum![at]! += square(gradient);
      value![at]! -= (gradient * rate!) / (Math.sqrt(sum![at]!) + epsilon!);
    };
  },
};

const RMS_PROP: Optimizer = {
  state: 3,
  gradient: 7,
  begin([value, meanSquare, moment], [rate, decay, momentum, epsilon]) {
    return (at, gradient) => {
      const mean = (meanSquare![at]! += (square(gradient) - meanSquare![at]!) * (1 - decay!));
      value![at]! -= moment![at] = moment![at]! * momentum! + (gradient * rate!) / Math.sqrt(mean + epsilon!);
    };
  },
};

const CENTERED_RMS_PROP: Optimizer = {
  state: 4,
  gradient: 8,
  begin([value, meanGradient, meanSquare, moment], [rate, decay, momentum, epsilon]) {
    return (at, gradient) => {
      const ofSquares = (meanSquare![at]! += (square(gradient) - meanSquare![at]!) * (1 - decay!));
      const ofGradients = (meanGradient![at]! += (gradient - meanGradient![at]!) * (1 - decay!));
      const variance = ofSquares - square(ofGradients) + epsilon!;
      value![at]! -= moment![at] = moment![at]! * momentum! + (gradient * rate!) / Math.sqrt(variance);
    };
  },
};

const ADAM: Optimizer = {
  state: 3,
  gradient: 9,
  flag: 'use_nesterov',
  begin([value, first, second], [power1, power2, rate, beta1, beta2, epsilon], isNesterov) {
    const alpha = (rate! * Math.sqrt(1 - power2!)) / (1 - power1!);
    return (at, gradient) => {
      const mean = (first![at]! += (gradient - first![at]!) * (1 - beta1!));
      const variance = (second![at]! += (square(gradient) - second![at]!) * (1 - beta2!));
      const direction = isNesterov ? gradient * (1 - beta1!) + beta1! * mean : mean;
      value![at]! -= (direction * alpha) / (Math.sqrt(variance) + epsilon!);
    };
  },
};

const ADADELTA: Optimizer = {
  state: 3,
  gradient: 6,
  begin([value, sum, updates], [rate, decay, epsilon]) {
    return (at, gradient) => {
      const mean = (sum![at] = sum![at]! * decay! + square(gradient) * (1 - decay!));
      const update = (Math.sqrt(updates![at]! + epsilon!) / Math.sqrt(mean + epsilon!)) * gradient;
      updates![at] = updates![at]! * decay! + square(update) * (1 - decay!);
      value![at]! -= update * rate!;
    };
  },
};

const shapeText = ({ shape }: Tensor): string => `[${shape.join(', ')}]`;

/** @param rows Which rows of the variable the gradient is for; all of them if there is none. */
function apply(
  { state, gradient: place, begin }: Optimizer,
  inputs: readonly Tensor[],
  flag: boolean,
  rows?: Tensor,
): void {
  const variables = inputs.slice(0, state).map(variableIn);
  const gradient = inputs[place]!;
  const [value] = variables.map(readVariable) as [Tensor];
  checkFit(variables, value, gradient, rows);
  const scalars = inputs
    .slice(state)
    .filter((input) => input !== gradient && input !== rows)
    .map((scalar, index) => {
      if (scalar.rank !== 0)
        throw new InvalidArgumentError(`Its number ${index} must be a scalar; it has shape ${shapeText(scalar)}.`);
      return numbersOf(scalar)[0]!;
    });
  const arrays = variables.map((variable) => {
    const numbers = makeNumbers(value.dtype, value.size);
    numbers.set(numbersOf(readVariable(variable)));
    return numbers;
  });
  const slopes = numbersOf(gradient);
  const step = begin(arrays, scalars, flag);
  if (rows) {
    const width = sizeOf(value.shape.slice(1));
    Array.from(integersOf(rows)).forEach((row, index) => {
      if (!(row >= 0 && row < value.shape[0]!))
        throw new InvalidArgumentError(`Row ${row} is outside [0, ${value.shape[0]}).`);
      for (let i = 0; i < width; i++) step(row * width + i, slopes[index * width + i]!);
    });
  } else {
    for (let at = 0; at < slopes.length; at++) step(at, slopes[at]!);
  }
  variables.forEach((variable, index) => variable.assign(fromNumbers(value.dtype, value.shape, arrays[index]!)));
}

function checkFit(variables: readonly Variable[], value: Tensor, gradient: Tensor, rows: Tensor | undefined): void {
  for (const variable of variables) {
    const slot = readVariable(variable);
    if (slot.dtype !== value.dtype || slot.shape.join() !== value.shape.join())
      throw new InvalidArgumentError(
        `"${variable.name}" is ${slot.dtype} ${shapeText(slot)}; "${variables[0]!.name}" is ${value.dtype} ${shapeText(value)}.`,
      );
  }
  const expected = rows ? [...rows.shape, ...value.shape.slice(1)] : value.shape;
  const isRightRank = !rows || rows.rank === 1;
  if (!isRightRank || gradient.dtype !== value.dtype || gradient.shape.join() !== expected.join())
    throw new InvalidArgumentError(
      `A gradient of ${gradient.dtype} ${shapeText(gradient)}${rows ? ` for rows ${shapeText(rows)}` : ''} does not fit "${variables[0]!.name}" of ${value.dtype} ${shapeText(value)}.`,
    );
}

const flagOf = ({ flag }: Optimizer, operation: Operation): boolean => flag !== undefined && operation.bool(flag);

const dense =
  (optimizer: Optimizer) =>
  (operation: Operation): Kernel => {
    const flag = flagOf(optimizer, operation);
    return (inputs) => {
      apply(optimizer, inputs, flag);
      return [];
    };
  };

/** Rows are named behind the gradient. */
const sparse =
  (optimizer: Optimizer) =>
  (operation: Operation): Kernel => {
    const flag = flagOf(optimizer, operation);
    return (inputs) => {
      apply(optimizer, inputs, flag, inputs[optimizer.gradient + 1]);
      return [];
    };
  };

const isState = (dtype: string): boolean => dtype === 'resource';

const defineOptimizer = (name: string, optimizer: Optimizer, hasSparse: boolean): KernelDefinition[] => [
  define(`ResourceApply${name}`, dense(optimizer), (dtype) => isState(dtype) || isReal(dtype)),
  ...(hasSparse
    ? [define(`ResourceSparseApply${name}`, sparse(optimizer), (dtype) => isState(dtype) || isReal(dtype))]
    : []),
];

export const optimizerKernels: readonly KernelDefinition[] = [
  ...defineOptimizer('GradientDescent', GRADIENT_DESCENT, false),
  ...defineOptimizer('Momentum', MOMENTUM, true),
  ...defineOptimizer('Adagrad', ADAGRAD, true),
  ...defineOptimizer('AdagradV2', ADAGRAD_V2, true),
  ...defineOptimizer('RMSProp', RMS_PROP, true),
  ...defineOptimizer('CenteredRMSProp', CENTERED_RMS_PROP, true),
  ...defineOptimizer('Adam', ADAM, false),
  ...defineOptimizer('Adadelta', ADADELTA, true),
];
