import type { Operation } from '@tenon/graph';
import { allocate, isFloating, sizeOf, Tensor, type DType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isComplex, isInteger64, isNumber, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkUpdates, rowStarts, scatterUpdate } from './gather.js';
import { integerOf, integersOf, shapeFrom } from './integers.js';
import { SAFE, storeSafeNumbers, toSafeNumbers, type Int64Array } from './int64.js';
import { defineMovement, makeTensor } from './movement.js';
import { broadcastTo } from './rearranging.js';
import { readVariable, variableIn } from './state.js';
import { zerosOf } from './zeros.js';

/** How an element that is there and one that comes become one. */
interface Combination {
  readonly number: (present: number, next: number) => number;
  readonly bigint: (present: bigint, next: bigint) => bigint;
}

const ADD: Combination = { number: (a, b) => a + b, bigint: (a, b) => a + b };
const SUBTRACT: Combination = { number: (a, b) => a - b, bigint: (a, b) => a - b };
const MAXIMUM: Combination = { number: (a, b) => (a > b ? a : b), bigint: (a, b) => (a > b ? a : b) };
const MINIMUM: Combination = { number: (a, b) => (a < b ? a : b), bigint: (a, b) => (a < b ? a : b) };
const MULTIPLY: Combination = { number: (a, b) => a * b, bigint: (a, b) => a * b };
const MULTIPLY_INT32: Combination = { ...MULTIPLY, number: Math.imul };

function combineNumbers(
  f: Combination['number'],
  target: NumberArray,
  starts: ArrayLike<number>,
  run: number,
  updates: NumberArray,
): boolean {
  let isSafe = true;
  for (let row = 0, p = 0; row < starts.length; row++) {
    const start = starts[row]!;
    if (start < 0) {
      p += run;
      continue;
    }
    for (let i = start; i < start + run; i++) {
      const value = f(target[i]!, updates[p++]!);
      if (!(value <= SAFE && value >= -SAFE)) isSafe = false;
      target[i] = value;
    }
  }
  return isSafe;
}

/**
 * Combines rows of `run` elements of `updates` with those of `target` that start at `starts`; rows that start below zero are left out.
 * Sums of halves round once, at the end.
 */
function combineRows(
  target: Tensor,
  starts: ArrayLike<number>,
  run: number,
  updates: Tensor,
  combination: Combination,
): Tensor {
  const { dtype, shape } = target;
  if (isComplex(dtype)) {
    const parts = allocate(dtype as 'complex64', target.size);
    parts.set(target.data as Float32Array);
    const doubled = Array.from(starts, (start) => start * 2);
    combineNumbers(combination.number, parts, doubled, run * 2, updates.data as Float32Array);
    return new Tensor(dtype as 'complex64', shape, parts);
  }
  if (isInteger64(dtype)) {
    const values = toSafeNumbers(target.data as Int64Array);
    const next = values && toSafeNumbers(updates.data as Int64Array);
    const output = allocate(dtype as 'int64', target.size);
    if (values && next && combineNumbers(combination.number, values, starts, run, next)) {
      storeSafeNumbers(values, output);
      return new Tensor(dtype as 'int64', shape, output);
    }
    output.set(target.data as BigInt64Array);
    const source = updates.data as Int64Array;
    for (let row = 0, p = 0; row < starts.length; row++) {
      const start = starts[row]!;
      for (let i = start; i < start + run; i++, p++)
        if (start >= 0) output[i] = combination.bigint(output[i]!, source[p]!);
    }
    return new Tensor(dtype as 'int64', shape, output);
  }
  const values = makeNumbers(dtype, target.size);
  values.set(numbersOf(target));
  combineNumbers(combination.number, values, starts, run, numbersOf(updates));
  return fromNumbers(dtype, shape, values);
}

const productFor = (dtype: DType): Combination => (isFloating(dtype) || isInteger64(dtype) ? MULTIPLY : MULTIPLY_INT32);

function scatterInto(tensor: Tensor, indices: Tensor, updates: Tensor, combination: Combination): Tensor {
  const run = sizeOf(tensor.shape.slice(indices.shape.at(-1) ?? 0));
  const starts = rowStarts(indices, tensor.shape);
  checkUpdates(updates, starts.length * run);
  return combineRows(tensor, starts, run, updates, combination);
}

const tensorScatter =
  (combination: Combination): Kernel =>
  ([tensor, indices, updates]) => [scatterInto(tensor!, indices!, updates!, combination)];

/** Adds updates up where they meet; strings are put there, the last one winning. */
const scatterNd: Kernel = ([indices, updates, shape]) => {
  const zeros = zerosOf(updates!.dtype, shapeFrom(shape!));
  return [
    isNumber(updates!.dtype) ? scatterInto(zeros, indices!, updates!, ADD) : scatterUpdate(zeros, indices!, updates!),
  ];
};

/** The least or greatest value of a data type, as a tensor of that shape. */
function extreme(dtype: DType, shape: readonly number[], isLowest: boolean): Tensor {
  const output = makeTensor(dtype, shape);
  if (isInteger64(dtype)) {
    const bits = dtype === 'int64' ? (isLowest ? -(2n ** 63n) : 2n ** 63n - 1n) : isLowest ? 0n : 2n ** 64n - 1n;
    (output.data as Int64Array).fill(bits);
    return output;
  }
  if (isFloating(dtype)) {
    const limit =
      { float16: 65504, bfloat16: 3.3895313892515355e38, float32: 3.4028234663852886e38 }[dtype as string] ??
      Number.MAX_VALUE;
    const values = makeNumbers(dtype, output.size).fill(isLowest ? -limit : limit);
    return fromNumbers(dtype, shape, values);
  }
  const probe = output.data as Int32Array;
  const bits = probe.BYTES_PER_ELEMENT * 8;
  const isSigned = dtype.startsWith('int');
  probe.fill(isLowest ? (isSigned ? -(2 ** (bits - 1)) : 0) : isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - 1);
  return output;
}

function ones(dtype: DType, shape: readonly number[]): Tensor {
  if (isInteger64(dtype))
    return new Tensor(dtype as 'int64', shape, allocate(dtype as 'int64', sizeOf(shape)).fill(1n));
  return fromNumbers(dtype, shape, makeNumbers(dtype, sizeOf(shape)).fill(1));
}

interface SegmentFunction {
  readonly combination: (dtype: DType) => Combination;
  /** What a segment starts from. */
  readonly start: (dtype: DType, shape: readonly number[]) => Tensor;
  readonly isMean?: boolean;
}

const SEGMENT_SUM: SegmentFunction = { combination: () => ADD, start: zerosOf };
const SEGMENT_MEAN: SegmentFunction = { combination: () => ADD, start: zerosOf, isMean: true };
const SEGMENT_PRODUCT: SegmentFunction = { combination: productFor, start: ones };
const SEGMENT_MAXIMUM: SegmentFunction = {
  combination: () => MAXIMUM,
  start: (dtype, shape) => extreme(dtype, shape, true),
};
const SEGMENT_MINIMUM: SegmentFunction = {
  combination: () => MINIMUM,
  start: (dtype, shape) => extreme(dtype, shape, false),
};

/** Segments are runs of rows with the same id; ids never fall. What no row belongs to is zero, for products one. */
function sortedSegments(f: SegmentFunction, tensor: Tensor, ids: ArrayLike<number>): Tensor {
  const count = ids.length === 0 ? 0 : ids[ids.length - 1]! + 1;
  const rest = tensor.shape.slice(1);
  const run = sizeOf(rest);
  if (ids.length !== tensor.shape[0])
    throw new InvalidArgumentError(`${ids.length} ids were given for ${tensor.shape[0]} rows.`);
  const counts = new Float64Array(count);
  const starts = new Float64Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    if (!(ids[i]! >= 0) || (i > 0 && ids[i]! < ids[i - 1]!))
      throw new InvalidArgumentError('Segment ids must rise, from zero on.');
    starts[i] = ids[i]! * run;
    counts[ids[i]!]!++;
  }
  const { dtype } = tensor;
  const shape = [count, ...rest];
  const result = combineRows(f.start(dtype, shape), starts, run, tensor, f.combination(dtype));
  const isExtreme = f === SEGMENT_MAXIMUM || f === SEGMENT_MINIMUM;
  if (!f.isMean && !isExtreme) return result;
  if (isInteger64(dtype)) {
    const data = result.data as Int64Array;
    for (let i = 0; i < data.length; i++) {
      const members = counts[Math.floor(i / run)]!;
      data[i] = members === 0 ? 0n : f.isMean ? data[i]! / BigInt(members) : data[i]!;
    }
    return result;
  }
  const values = numbersOf(result);
  for (let i = 0; i < values.length; i++) {
    const members = counts[Math.floor(i / run)]!;
    values[i] = members === 0 ? 0 : f.isMean ? values[i]! / members : values[i]!;
  }
  return fromNumbers(dtype, shape, values);
}

/** Segments in any order; rows with a negative id are left out. */
const unsortedSegments =
  (f: SegmentFunction): Kernel =>
  ([tensor, ids, countTensor]) => {
    const count = integerOf(countTensor!);
    const positions = integersOf(ids!);
    const rest = tensor!.shape.slice(ids!.rank);
    const run = sizeOf(rest);
    if (positions.length * run !== tensor!.size || !(count >= 0)) {
      throw new InvalidArgumentError(
        `Ids of shape [${ids!.shape.join(', ')}] do not label the rows of [${tensor!.shape.join(', ')}] for ${count} segments.`,
      );
    }
    const starts = new Float64Array(positions.length);
    for (let i = 0; i < starts.length; i++) {
      if (positions[i]! >= count) throw new InvalidArgumentError(`Id ${positions[i]} is outside [0, ${count}).`);
      starts[i] = positions[i]! < 0 ? -1 : positions[i]! * run;
    }
    const { dtype } = tensor!;
    return [combineRows(f.start(dtype, [count, ...rest]), starts, run, tensor!, f.combination(dtype))];
  };

const segments = (type: string, f: SegmentFunction): KernelDefinition =>
  define(
    type,
    () =>
      ([tensor, ids]) => [sortedSegments(f, tensor!, integersOf(ids!))],
    isReal,
  );

/** Undoes `MirrorPad` for a gradient: what was mirrored is added to where it came from. */
function prepareMirrorPadGrad(operation: Operation): Kernel {
  const skipped = operation.string('mode') === 'REFLECT' ? 1 : 0;
  return ([gradient, paddings]) => {
    const values = integersOf(paddings!);
    let result = gradient!;
    gradient!.shape.forEach((padded, axis) => {
      const before = values[2 * axis]!;
      const length = padded - before - values[2 * axis + 1]!;
      const run = sizeOf(result.shape.slice(axis + 1));
      const outer = sizeOf(result.shape.slice(0, axis));
      const starts = new Float64Array(outer * padded);
      for (let i = 0; i < starts.length; i++) {
        const at = (i % padded) - before;
        const source = at < 0 ? -at - 1 + skipped : at < length ? at : 2 * length - 1 - skipped - at;
        starts[i] = (Math.floor(i / padded) * length + source) * run;
      }
      const shape = result.shape.map((dimension, i) => (i === axis ? length : dimension));
      result = combineRows(zerosOf(result.dtype, shape), starts, run, result, ADD);
    });
    return [result];
  };
}

const DIVIDE: Combination = { number: (a, b) => a / b, bigint: (a, b) => a / b };
const DIVIDE_INTEGERS: Combination = { ...DIVIDE, number: (a, b) => Math.trunc(a / b) };

const quotientFor = (dtype: DType): Combination => (isFloating(dtype) || isComplex(dtype) ? DIVIDE : DIVIDE_INTEGERS);

/** As many copies of the one element of `value` as make a tensor of that shape. */
const filled = (value: Tensor, shape: readonly number[]): Tensor =>
  broadcastTo(value.reshape(shape.map(() => 1)), shape);

/** Combines rows of a variable with those of its updates, one after the other; a scalar update goes everywhere. */
function scatterRows(type: string, combinationFor: (dtype: DType) => Combination): KernelDefinition {
  return {
    type,
    unsupported: unsupportedVariable,
    prepare:
      () =>
      ([handle, indices, updates]) => {
        const variable = variableIn(handle);
        const before = readVariable(variable);
        const rest = before.shape.slice(1);
        const starts = rowStarts(indices!.reshape([...indices!.shape, 1]), before.shape);
        const whole = updates!.rank === 0 ? filled(updates!, [starts.length, ...rest]) : updates!;
        checkUpdates(whole, starts.length * sizeOf(rest));
        variable.assign(combineRows(before, starts, sizeOf(rest), whole, combinationFor(before.dtype)));
        return [];
      },
  };
}

/** Combines elements or slices of a variable with updates. */
function scatterSlices(type: string, combination: Combination): KernelDefinition {
  return {
    type,
    unsupported: unsupportedVariable,
    prepare:
      () =>
      ([handle, indices, updates]) => {
        const variable = variableIn(handle);
        variable.assign(scatterInto(readVariable(variable), indices!, updates!, combination));
        return [];
      },
  };
}

function unsupportedVariable(operation: Operation): string | undefined {
  const { dtype } = operation.input(operation.inputs.length - 1);
  return isNumber(dtype) ? undefined : `dtype ${dtype}`;
}

export const scatterKernels: readonly KernelDefinition[] = [
  scatterRows('ResourceScatterMul', productFor),
  scatterRows('ResourceScatterDiv', quotientFor),
  scatterRows('ResourceScatterMax', () => MAXIMUM),
  scatterRows('ResourceScatterMin', () => MINIMUM),
  {
    type: 'ResourceScatterNdUpdate',
    unsupported: unsupportedVariable,
    prepare:
      () =>
      ([handle, indices, updates]) => {
        const variable = variableIn(handle);
        variable.assign(scatterUpdate(readVariable(variable), indices!, updates!));
        return [];
      },
  },
  scatterSlices('ResourceScatterNdAdd', ADD),
  scatterSlices('ResourceScatterNdSub', SUBTRACT),
  scatterSlices('ResourceScatterNdMax', MAXIMUM),
  scatterSlices('ResourceScatterNdMin', MINIMUM),
  defineMovement('ScatterNd', () => scatterNd),
  define('TensorScatterAdd', () => tensorScatter(ADD), isNumber),
  define('TensorScatterSub', () => tensorScatter(SUBTRACT), isNumber),
  define('TensorScatterMax', () => tensorScatter(MAXIMUM), isReal),
  define('TensorScatterMin', () => tensorScatter(MINIMUM), isReal),
  define('MirrorPadGrad', prepareMirrorPadGrad, isNumber),
  segments('SegmentSum', SEGMENT_SUM),
  segments('SegmentMean', SEGMENT_MEAN),
  segments('SegmentProd', SEGMENT_PRODUCT),
  segments('SegmentMax', SEGMENT_MAXIMUM),
  segments('SegmentMin', SEGMENT_MINIMUM),
  define('UnsortedSegmentSum', () => unsortedSegments(SEGMENT_SUM), isNumber),
  define('UnsortedSegmentProd', () => unsortedSegments(SEGMENT_PRODUCT), isReal),
  define('UnsortedSegmentMax', () => unsortedSegments(SEGMENT_MAXIMUM), isReal),
  define('UnsortedSegmentMin', () => unsortedSegments(SEGMENT_MINIMUM), isReal),
];
