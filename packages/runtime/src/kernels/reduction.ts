import type { Operation } from '@tenon/graph';
import { allocate, isFloating, sizeOf, Tensor, type DType, type Shape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isComplex, isInteger64, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf, integers, integersOf, normalizeAxis } from './integers.js';
import { SAFE, storeSafeNumbers, toSafeNumbers, type Int64Array } from './int64.js';
import { transpose } from './movement.js';

/** How a reduction runs through its operand: `outer` blocks of `count` rows of `inner` elements; the rows of a block become one. */
interface Extent {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

interface ReductionPlan extends Extent {
  /** The order of axes that the operand must be brought to first, if it does not lie well. */
  readonly permutation: readonly number[] | undefined;
  readonly shape: Shape;
}

export function planReduction(shape: Shape, axes: ArrayLike<number>, keepDims: boolean): ReductionPlan {
  const rank = shape.length;
  const isReduced = new Array<boolean>(rank).fill(false);
  for (let i = 0; i < axes.length; i++) isReduced[normalizeAxis(axes[i]!, rank)] = true;
  const finalShape: number[] = [];
  let first = rank;
  let last = -1;
  for (let axis = 0; axis < rank; axis++) {
    if (!isReduced[axis]) finalShape.push(shape[axis]!);
    else {
      if (keepDims) finalShape.push(1);
      if (shape[axis] !== 1) {
        first = Math.min(first, axis);
        last = axis;
      }
    }
  }
  if (last < 0) return { outer: sizeOf(shape), count: 1, inner: 1, permutation: undefined, shape: finalShape };
  let isDense = true;
  for (let axis = first; axis <= last; axis++) if (!isReduced[axis] && shape[axis] !== 1) isDense = false;
  if (isDense) {
    return {
      outer: sizeOf(shape.slice(0, first)),
      count: sizeOf(shape.slice(first, last + 1)),
      inner: sizeOf(shape.slice(last + 1)),
      permutation: undefined,
      shape: finalShape,
    };
  }
  const all = shape.map((_, axis) => axis);
  const kept = all.filter((axis) => !isReduced[axis]);
  const reduced = all.filter((axis) => isReduced[axis]);
  return {
    outer: sizeOf(kept.map((axis) => shape[axis]!)),
    count: sizeOf(reduced.map((axis) => shape[axis]!)),
    inner: 1,
    permutation: [...kept, ...reduced],
    shape: finalShape,
  };
}

/** Folds rows of `input` into `output`, which holds the start value. */
type FoldLoop = (input: NumberArray, output: NumberArray, extent: Extent) => void;

interface Fold {
  readonly start: (dtype: DType) => number;
  readonly loop: FoldLoop;
  /** For integers of up to 32 bits, where `loop` would lose low bits. */
  readonly integerLoop?: FoldLoop;
  readonly bigint?: (accumulated: bigint, value: bigint) => bigint;
  /** Whether folding these safe integers stays below 2 ** 53 all the way. */
  readonly staysSafe?: (values: Float64Array, extent: Extent) => boolean;
}

const sumLoop: FoldLoop = (input, output, { outer, count, inner }) => {
  for (let block = 0, p = 0; block < outer; block++) {
    if (inner === 1) {
      let sum = output[block]!;
      for (let i = 0; i < count; i++) sum += input[p++]!;
      output[block] = sum;
    } else {
      for (let i = 0; i < count; i++)
        for (let o = block * inner; o < (block + 1) * inner; o++) output[o]! += input[p++]!;
    }
  }
};

/** A loop that is shared by folds whose speed counts less. */
const loopOf =
  (f: (accumulated: number, value: number) => number): FoldLoop =>
  (input, output, { outer, count, inner }) => {
    for (let block = 0, p = 0; block < outer; block++) {
      for (let i = 0; i < count; i++) {
        for (let o = block * inner; o < (block + 1) * inner; o++) output[o] = f(output[o]!, input[p++]!);
      }
    }
  };

const SUM: Fold = {
  start: () => 0,
  loop: sumLoop,
  integerLoop: loopOf((accumulated, value) => (accumulated + value) | 0),
  bigint: (accumulated, value) => accumulated + value,
  staysSafe: (values) => {
    let size = 0;
    for (let i = 0; i < values.length; i++) size += Math.abs(values[i]!);
    return size <= SAFE;
  },
};

const PRODUCT: Fold = {
  start: () => 1,
  loop: loopOf((accumulated, value) => accumulated * value),
  integerLoop: loopOf(Math.imul),
  bigint: (accumulated, value) => BigInt.asIntN(64, accumulated * value),
  staysSafe: (values, { outer, count, inner }) => {
    const logs = new Float64Array(outer * inner);
    for (let block = 0, p = 0; block < outer; block++) {
      for (let i = 0; i < count; i++) {
        for (let o = block * inner; o < (block + 1) * inner; o++)
          logs[o]! += Math.log2(Math.max(1, Math.abs(values[p++]!)));
      }
    }
    return logs.every((log) => log < 52.9);
  },
};

const LOWEST: Readonly<Record<string, number>> = { int8: -128, int16: -32768, int32: -2147483648 };
const HIGHEST: Readonly<Record<string, number>> = {
  int8: 127,
  int16: 32767,
  int32: 2147483647,
  uint8: 255,
  uint16: 65535,
  uint32: 4294967295,
};

// A NaN stays once it is there, and gets in because nothing compares with it.
const MAXIMUM: Fold = {
  start: (dtype) => (isFloating(dtype) ? -Infinity : (LOWEST[dtype] ?? 0)),
  loop: loopOf((accumulated, value) => (accumulated >= value || accumulated !== accumulated ? accumulated : value)),
  bigint: (accumulated, value) => (accumulated > value ? accumulated : value),
};

const MINIMUM: Fold = {
  start: (dtype) => (isFloating(dtype) ? Infinity : (HIGHEST[dtype] ?? 0)),
  loop: loopOf((accumulated, value) => (accumulated <= value || accumulated !== accumulated ? accumulated : value)),
  bigint: (accumulated, value) => (accumulated < value ? accumulated : value),
};

const SUM_OF_SQUARES: Fold = {
  start: () => 0,
  loop: loopOf((accumulated, value) => accumulated + value * value),
  bigint: (accumulated, value) => accumulated + value * value,
  staysSafe: (values) => values.reduce((sum, value) => sum + value * value, 0) <= SAFE,
};

const ALL: Fold = { start: () => 1, loop: loopOf((accumulated, value) => accumulated & value) };
const ANY: Fold = { start: () => 0, loop: loopOf((accumulated, value) => accumulated | value) };

/** Room to accumulate in, of more precision than what is accumulated. */
function accumulators(dtype: DType, size: number): NumberArray {
  return isFloating(dtype) || isInteger64(dtype) ? new Float64Array(size) : makeNumbers(dtype, size);
}

/** @param finish Applied to each result of `fold`, given how many elements went into it. */
function reduce(tensor: Tensor, plan: ReductionPlan, fold: Fold, finish?: Finish): Tensor {
  const { dtype } = tensor;
  const operand = plan.permutation ? transpose(tensor, plan.permutation) : tensor;
  const size = plan.outer * plan.inner;
  if (isInteger64(dtype)) return reduceInt64(operand, plan, fold, finish);
  const totals = accumulators(dtype, size);
  totals.fill(fold.start(dtype));
  (isFloating(dtype) || dtype === 'bool' ? fold.loop : (fold.integerLoop ?? fold.loop))(
    numbersOf(operand),
    totals,
    plan,
  );
  if (finish) for (let i = 0; i < size; i++) totals[i] = finish.number(totals[i]!, plan.count);
  if (!isFloating(dtype) || dtype === 'float64') return fromNumbers(dtype, plan.shape, totals);
  return fromNumbers(dtype, plan.shape, Float32Array.from(totals));
}

interface Finish {
  readonly number: (total: number, count: number) => number;
  readonly bigint: (total: bigint, count: bigint) => bigint;
}

function reduceInt64(operand: Tensor, plan: ReductionPlan, fold: Fold, finish: Finish | undefined): Tensor {
  const { outer, count, inner } = plan;
  const data = operand.data as Int64Array;
  const result = allocate(operand.dtype as 'int64', outer * inner);
  const values = count === 0 ? undefined : toSafeNumbers(data);
  // Max and Min never leave the values they are given; they start from the first one.
  const startsWithFirst = fold === MAXIMUM || fold === MINIMUM;
  if (values && (fold.staysSafe?.(values, plan) ?? true)) {
    const totals = new Float64Array(outer * inner);
    totals.fill(fold === MAXIMUM ? -Infinity : fold === MINIMUM ? Infinity : fold.start(operand.dtype));
    fold.loop(values, totals, plan);
    if (finish) for (let i = 0; i < totals.length; i++) totals[i] = finish.number(totals[i]!, count);
    storeSafeNumbers(totals, result);
    return new Tensor(operand.dtype as 'int64', plan.shape, result);
  }
  const isSigned = operand.dtype === 'int64';
  const least = isSigned ? -(2n ** 63n) : 0n;
  const most = isSigned ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  result.fill(startsWithFirst ? (fold === MAXIMUM ? least : most) : BigInt(fold.start(operand.dtype)));
  for (let block = 0, p = 0; block < outer; block++) {
    for (let i = 0; i < count; i++) {
      for (let o = block * inner; o < (block + 1) * inner; o++) result[o] = fold.bigint!(result[o]!, data[p++]!);
    }
  }
  if (finish) for (let i = 0; i < result.length; i++) result[i] = finish.bigint(result[i]!, BigInt(count));
  return new Tensor(operand.dtype as 'int64', plan.shape, result);
}

/** Complex numbers add up part by part: as real ones, with an axis for the parts. */
function reduceComplex(
  tensor: Tensor,
  axes: ArrayLike<number>,
  keepDims: boolean,
  fold: Fold,
  finish?: Finish,
): Tensor {
  const { dtype, shape } = tensor;
  const parts = dtype === 'complex64' ? 'float32' : 'float64';
  const real = new Tensor(parts, [...shape, 2], tensor.data as Float32Array<ArrayBuffer>);
  const positive = Array.from(axes, (axis) => normalizeAxis(axis, shape.length));
  const result = reduce(real, planReduction(real.shape, positive, keepDims), fold, finish);
  return new Tensor(dtype as 'complex64', result.shape.slice(0, -1), result.data as Float32Array);
}

/** The sums of a tensor over some of its axes, which go. */
export function sumOver(tensor: Tensor, axes: readonly number[]): Tensor {
  if (isComplex(tensor.dtype)) return reduceComplex(tensor, axes, false, SUM);
  return reduce(tensor, planReduction(tensor.shape, axes, false), SUM);
}

/** The product of complex numbers over some axes. */
function prepareComplexProduct(operation: Operation): Kernel {
  const keepDims = operation.bool('keep_dims');
  return ([tensor, axes]) => {
    const { dtype, shape } = tensor!;
    const plan = planReduction(shape, integersOf(axes!), keepDims);
    const input = (plan.permutation ? transpose(tensor!, plan.permutation) : tensor!).data as Float32Array;
    const { outer, count, inner } = plan;
    const output = allocate(dtype as 'complex64', outer * inner);
    for (let o = 0; o < outer * inner; o++) {
      let real = 1;
      let imaginary = 0;
      for (let i = 0; i < count; i++) {
        const p = 2 * ((Math.floor(o / inner) * count + i) * inner + (o % inner));
        const before = real;
        real = real * input[p]! - imaginary * input[p + 1]!;
        imaginary = before * input[p + 1]! + imaginary * input[p]!;
      }
      output[2 * o] = real;
      output[2 * o + 1] = imaginary;
    }
    return [new Tensor(dtype as 'complex64', plan.shape, output)];
  };
}

function prepareProduct(operation: Operation): Kernel {
  return isComplex(operation.input(0).dtype) ? prepareComplexProduct(operation) : prepareReduction(PRODUCT)(operation);
}

function prepareReduction(fold: Fold, finish?: (dtype: DType) => Finish): (operation: Operation) => Kernel {
  return (operation) => {
    const keepDims = operation.bool('keep_dims');
    const { dtype } = operation.input(0);
    const finishing = finish?.(dtype);
    if (isComplex(dtype))
      return ([tensor, axes]) => [reduceComplex(tensor!, integersOf(axes!), keepDims, fold, finishing)];
    return ([tensor, axes]) => [
      reduce(tensor!, planReduction(tensor!.shape, integersOf(axes!), keepDims), fold, finishing),
    ];
  };
}

const meanOf = (dtype: DType): Finish => ({
  number:
    isFloating(dtype) || isComplex(dtype)
      ? (total, count) => total / count
      : (total, count) => Math.trunc(total / count),
  bigint: (total, count) => total / count,
});

const norm = (): Finish => ({
  number: Math.sqrt,
  bigint: (total) => BigInt(Math.floor(Math.sqrt(Number(total)))),
});

const supportsSums = (dtype: DType): boolean => isReal(dtype) || isComplex(dtype);

/** @param isBetter Whether a value takes the place of the best one so far. */
function prepareArgument(isBetter: (value: number | bigint, best: number | bigint) => boolean, worst: number) {
  return (operation: Operation): Kernel => {
    const { dtype } = operation.output();
    return ([tensor, axisTensor]) => {
      const { shape, rank } = tensor!;
      const axis = normalizeAxis(integerOf(axisTensor!), rank);
      const count = shape[axis]!;
      if (count === 0) throw new InvalidArgumentError(`Axis ${axis} of [${shape.join(', ')}] is empty.`);
      const outer = sizeOf(shape.slice(0, axis));
      const inner = sizeOf(shape.slice(axis + 1));
      const values = isInteger64(tensor!.dtype)
        ? (toSafeNumbers(tensor!.data as Int64Array) ?? (tensor!.data as Int64Array))
        : numbersOf(tensor!);
      const result = new Float64Array(outer * inner);
      for (let block = 0; block < outer; block++) {
        for (let i = 0; i < inner; i++) {
          const start = block * count * inner + i;
          let best: number | bigint = worst;
          let at = 0;
          for (let k = 0; k < count; k++) {
            const value = values[start + k * inner]!;
            if (isBetter(value, best)) {
              best = value;
              at = k;
            }
          }
          result[block * inner + i] = at;
        }
      }
      const finalShape = shape.filter((_, i) => i !== axis);
      if (dtype === 'int64' || dtype === 'int32') return [integers(dtype, finalShape, result)];
      const narrow = makeNumbers(dtype, result.length);
      narrow.set(result);
      return [fromNumbers(dtype, finalShape, narrow)];
    };
  };
}

export const reductionKernels: readonly KernelDefinition[] = [
  define('Sum', prepareReduction(SUM), supportsSums),
  define('Mean', prepareReduction(SUM, meanOf), supportsSums),
  define('Prod', prepareProduct, supportsSums),
  define('Max', prepareReduction(MAXIMUM), isReal),
  define('Min', prepareReduction(MINIMUM), isReal),
  define('All', prepareReduction(ALL), isReal),
  define('Any', prepareReduction(ANY), isReal),
  define('EuclideanNorm', prepareReduction(SUM_OF_SQUARES, norm), isReal),
  define(
    'ArgMax',
    prepareArgument((value, best) => value > best, -Infinity),
    isReal,
  ),
  define(
    'ArgMin',
    prepareArgument((value, best) => value < best, Infinity),
    isReal,
  ),
];
