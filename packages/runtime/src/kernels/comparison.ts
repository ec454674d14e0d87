import type { Operation } from '@tenon/graph';
import { sizeOf, Tensor, type DType, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { broadcast, tryBroadcast, type Broadcast } from './broadcast.js';
import { define, isComplex, isHalf, isInteger64, isNumber, isReal } from './definition.js';
import { numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { int64From, toSafeNumbers, type Int64Array } from './int64.js';
import { defineMovement, makeTensor, wordsOf, wordsPerElement } from './movement.js';
import { broadcastTo } from './rearranging.js';

type Comparable = number | bigint;
type Predicate = (a: Comparable, b: Comparable) => boolean;

function compare(
  f: Predicate,
  left: ArrayLike<Comparable>,
  right: ArrayLike<Comparable>,
  { shape, rows, inner, leftStep, rightStep, leftStarts, rightStarts }: Broadcast,
): Tensor {
  const output = new Uint8Array(rows * inner);
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) output[o++] = f(left[l]!, right[r]!) ? 1 : 0;
  }
  return new Tensor('bool', shape, output);
}

function compareTensors(f: Predicate, left: Tensor, right: Tensor, plan: Broadcast): Tensor {
  if (isInteger64(left.dtype)) {
    const a = toSafeNumbers(left.data as Int64Array);
    const b = a && toSafeNumbers(right.data as Int64Array);
    return a && b ? compare(f, a, b, plan) : compare(f, left.data as Int64Array, right.data as Int64Array, plan);
  }
  return compare(f, numbersOf(left), numbersOf(right), plan);
}

const comparison = (type: string, f: Predicate): KernelDefinition =>
  define(
    type,
    () =>
      ([left, right]) => [compareTensors(f, left!, right!, broadcast(left!.shape, right!.shape))],
    isReal,
  );

/** Whether elements are the same, for every data type. */
function equalElements(left: Tensor, right: Tensor, plan: Broadcast): Uint8Array {
  if (left.dtype === 'string') return equalStrings(left.data as StringArray, right.data as StringArray, plan);
  if (isComplex(left.dtype)) return equalComplex(left.data as Float32Array, right.data as Float32Array, plan);
  return compareTensors((a, b) => a === b, left, right, plan).data as Uint8Array;
}

function equalStrings(
  left: StringArray,
  right: StringArray,
  { rows, inner, leftStep, rightStep, leftStarts, rightStarts }: Broadcast,
): Uint8Array {
  const output = new Uint8Array(rows * inner);
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep)
      output[o++] = isSameString(left, l, right, r) ? 1 : 0;
  }
  return output;
}

function isSameString(left: StringArray, i: number, right: StringArray, j: number): boolean {
  const a = left.offsets[i]!;
  const b = right.offsets[j]!;
  const length = left.offsets[i + 1]! - a;
  if (right.offsets[j + 1]! - b !== length) return false;
  for (let k = 0; k < length; k++) if (left.bytes[a + k] !== right.bytes[b + k]) return false;
  return true;
}

function equalComplex(
  left: Float32Array,
  right: Float32Array,
  { rows, inner, leftStep, rightStep, leftStarts, rightStarts }: Broadcast,
): Uint8Array {
  const output = new Uint8Array(rows * inner);
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]! * 2;
    let r = rightStarts[row]! * 2;
    for (let i = 0; i < inner; i++, l += 2 * leftStep, r += 2 * rightStep) {
      output[o++] = left[l] === right[r] && left[l + 1] === right[r + 1] ? 1 : 0;
    }
  }
  return output;
}

function prepareEquality(isEqual: boolean): (operation: Operation) => Kernel {
  return (operation) => {
    const isStrict = operation.bool('incompatible_shape_error');
    return ([left, right]) => {
      const plan = tryBroadcast(left!.shape, right!.shape);
      if (!plan) {
        if (isStrict) broadcast(left!.shape, right!.shape);
        return [new Tensor('bool', [], Uint8Array.of(isEqual ? 0 : 1))];
      }
      const output = equalElements(left!, right!, plan);
      if (!isEqual) for (let i = 0; i < output.length; i++) output[i]! ^= 1;
      return [new Tensor('bool', plan.shape, output)];
    };
  };
}

const supportsEquality = (dtype: DType): boolean => isNumber(dtype) || dtype === 'string';

function prepareApproximateEqual(operation: Operation): Kernel {
  const tolerance = operation.float('tolerance');
  return ([left, right]) => {
    const f: Predicate = (a, b) => Math.abs(Number(a) - Number(b)) < tolerance;
    return [compareTensors(f, left!, right!, broadcast(left!.shape, right!.shape))];
  };
}

/** A truth value for each element of a floating-point tensor. */
const test = (type: string, f: (x: number) => boolean): KernelDefinition =>
  define(
    type,
    () =>
      ([tensor]) => {
        const input = numbersOf(tensor!);
        const output = new Uint8Array(input.length);
        for (let i = 0; i < output.length; i++) output[i] = f(input[i]!) ? 1 : 0;
        return [new Tensor('bool', tensor!.shape, output)];
      },
    isReal,
  );

const logicalNot: Kernel = ([tensor]) => {
  const input = tensor!.data as Uint8Array;
  const output = new Uint8Array(input.length);
  for (let i = 0; i < output.length; i++) output[i] = input[i]! ^ 1;
  return [new Tensor('bool', tensor!.shape, output)];
};

/** Picks rows of `run` words from the one or the other. */
function select(condition: Uint8Array, onTrue: Tensor, onFalse: Tensor, run: number): Tensor {
  const output = makeTensor(onTrue.dtype, onTrue.shape);
  const a = wordsOf(onTrue);
  const b = wordsOf(onFalse);
  const target = wordsOf(output);
  for (let i = 0; i < condition.length; i++) {
    const source = condition[i] ? a : b;
    for (let j = i * run; j < (i + 1) * run; j++) target[j] = source[j]!;
  }
  return output;
}

/** `Select`: the condition has the shape of the operands, or is a scalar, or a vector that picks whole rows. */
const selectV1: Kernel = ([condition, onTrue, onFalse]) => {
  const { shape } = onTrue!;
  const flags = condition!.data as Uint8Array;
  if (condition!.rank === 0) return [flags[0] ? onTrue! : onFalse!];
  const isRows = condition!.rank === 1 && condition!.size === shape[0];
  const isSame =
    condition!.rank === shape.length && shape.every((dimension, axis) => dimension === condition!.shape[axis]);
  if ((!isRows && !isSame) || onFalse!.size !== onTrue!.size) {
    throw new InvalidArgumentError(
      `A condition of shape [${condition!.shape.join(', ')}] does not choose between [${shape.join(', ')}] and [${onFalse!.shape.join(', ')}].`,
    );
  }
  const words = wordsPerElement(onTrue!.dtype);
  return [select(flags, onTrue!, onFalse!, isSame ? words : words * sizeOf(shape.slice(1)))];
};

/** `SelectV2`: all three broadcast. */
const selectV2: Kernel = ([condition, onTrue, onFalse]) => {
  const operands = broadcast(onTrue!.shape, onFalse!.shape).shape;
  const { shape } = broadcast(condition!.shape, operands);
  const flags = condition!.size === sizeOf(shape) ? condition! : broadcastTo(condition!, shape);
  const fit = (tensor: Tensor): Tensor =>
    tensor.size === flags.size ? tensor.reshape(shape) : broadcastTo(tensor, shape);
  return [select(flags.data as Uint8Array, fit(onTrue!), fit(onFalse!), wordsPerElement(onTrue!.dtype))];
};

/** Where the elements are not zero, in row-major order. */
const where: Kernel = ([tensor]) => {
  const { rank, shape, size } = tensor!;
  const flags = new Uint8Array(size);
  const words = wordsOf(tensor!);
  const width = wordsPerElement(tensor!.dtype);
  const hasNegativeZero = isHalf(tensor!.dtype) || /^(float|complex)/.test(tensor!.dtype);
  let count = 0;
  if (hasNegativeZero) {
    const values = isComplex(tensor!.dtype) ? (tensor!.data as Float32Array) : numbersOf(tensor!);
    const slots = isComplex(tensor!.dtype) ? 2 : 1;
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) flags[Math.floor(i / slots)] = 1;
  } else {
    for (let i = 0; i < words.length; i++) if (words[i] !== 0) flags[Math.floor(i / width)] = 1;
  }
  for (let i = 0; i < size; i++) count += flags[i]!;
  const indices = new Float64Array(count * rank);
  for (let i = 0, row = 0; i < size; i++) {
    if (!flags[i]) continue;
    let rest = i;
    for (let axis = rank - 1; axis >= 0; axis--) {
      indices[row * rank + axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    row++;
  }
  return [new Tensor('int64', [count, rank], int64From(indices))];
};

export const comparisonKernels: readonly KernelDefinition[] = [
  comparison('Less', (a, b) => a < b),
  comparison('LessEqual', (a, b) => a <= b),
  comparison('Greater', (a, b) => a > b),
  comparison('GreaterEqual', (a, b) => a >= b),
  define('Equal', prepareEquality(true), supportsEquality),
  define('NotEqual', prepareEquality(false), supportsEquality),
  define('ApproximateEqual', prepareApproximateEqual, isReal),
  comparison('LogicalAnd', (a, b) => a === 1 && b === 1),
  comparison('LogicalOr', (a, b) => a === 1 || b === 1),
  define('LogicalNot', () => logicalNot),
  test('IsNan', (x) => x !== x),
  test('IsInf', (x) => x === Infinity || x === -Infinity),
  test('IsFinite', Number.isFinite),
  defineMovement('Select', () => selectV1),
  defineMovement('SelectV2', () => selectV2),
  define('Where', () => where, isNumber),
];
