import type { Operation } from '@tenon/graph';
import { allocate, isFloating, Tensor, type DType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { broadcast, type Broadcast } from './broadcast.js';
import { define, isComplex, isInteger64, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { SAFE, storeSafeNumbers, toSafeNumbers, type Int64Array } from './int64.js';

/** Computes rows of elements, as `applyNumbers` does, for one op. */
export type RowLoop = (left: NumberArray, right: NumberArray, output: NumberArray, plan: Broadcast) => void;

/** A function of two complex numbers; the result goes to `result[0]` and `result[1]`. */
export type ComplexFunction = (ar: number, ai: number, br: number, bi: number, result: Float64Array) => void;

/** What an op of two operands does with each pair of elements. */
export interface BinaryFunction {
  /** Any real numbers; storing the result rounds it to float32, or wraps it to an integer type of up to 32 bits. */
  readonly number: (a: number, b: number) => number;
  /** For floats, where they differ from integers. `round` rounds to the data type, for functions that round more than once. */
  readonly float?: (round: (value: number) => number) => (a: number, b: number) => number;
  /** For integers of up to 32 bits, where results of `number` would lose low bits. */
  readonly int32?: (a: number, b: number) => number;
  /** For int64 and uint64 where an operand or the result of `number` is beyond 2 ** 53. */
  readonly bigint?: (a: bigint, b: bigint) => bigint;
  readonly complex?: ComplexFunction;
  /** `number` with the loop around it, for the ops whose speed counts: a loop that is shared calls the function each time. */
  readonly loop?: RowLoop;
}

function applyNumbers(
  f: (a: number, b: number) => number,
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  output: NumberArray,
  { rows, inner, leftStep, rightStep, leftStarts, rightStarts }: Broadcast,
): void {
  let o = 0;
  for (let row = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) output[o++] = f(left[l]!, right[r]!);
  }
}

function applyBigInts(
  f: (a: bigint, b: bigint) => bigint,
  left: Int64Array,
  right: Int64Array,
  output: Int64Array,
  { rows, inner, leftStep, rightStep, leftStarts, rightStarts }: Broadcast,
): void {
  let o = 0;
  for (let row = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) output[o++] = f(left[l]!, right[r]!);
  }
}

const complexResult = new Float64Array(2);

function applyComplex(
  f: ComplexFunction,
  left: NumberArray,
  right: NumberArray,
  output: NumberArray,
  { rows, inner, leftStep, rightStep, leftStarts, rightStarts }: Broadcast,
): void {
  let o = 0;
  for (let row = 0; row < rows; row++) {
    let l = leftStarts[row]! * 2;
    let r = rightStarts[row]! * 2;
    for (let i = 0; i < inner; i++, l += 2 * leftStep, r += 2 * rightStep) {
      f(left[l]!, left[l + 1]!, right[r]!, right[r + 1]!, complexResult);
      output[o++] = complexResult[0]!;
      output[o++] = complexResult[1]!;
    }
  }
}

function areSafe(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i]! <= SAFE && values[i]! >= -SAFE)) return false;
  return true;
}

/** Rounding to the data type of an op that computes in floats. */
export function rounding(dtype: DType): (value: number) => number {
  if (dtype === 'float64') return (value) => value;
  if (dtype === 'float32') return Math.fround;
  const one = (value: number): number => numbersOf(fromNumbers(dtype, [], Float32Array.of(value)))[0]!;
  return one;
}

/** The kernel of an op of two operands that broadcast. */
export function prepareBinary(f: BinaryFunction): (operation: Operation) => Kernel {
  return (operation) => {
    const { dtype } = operation.input(0);
    if (isInteger64(dtype)) return int64Kernel(f, dtype as 'int64');
    if (isComplex(dtype)) return complexKernel(f.complex!, dtype);
    const compute = isFloating(dtype) ? (f.float?.(rounding(dtype)) ?? f.number) : (f.int32 ?? f.number);
    const loop = compute === f.number ? f.loop : undefined;
    return ([left, right]) => {
      const plan = broadcast(left!.shape, right!.shape);
      const output = makeNumbers(dtype, plan.rows * plan.inner);
      if (loop) loop(numbersOf(left!), numbersOf(right!), output, plan);
      else applyNumbers(compute, numbersOf(left!), numbersOf(right!), output, plan);
      return [fromNumbers(dtype, plan.shape, output)];
    };
  };
}

const complexKernel =
  (f: ComplexFunction, dtype: DType): Kernel =>
  ([left, right]) => {
    const plan = broadcast(left!.shape, right!.shape);
    const output = allocate(dtype as 'complex64', plan.rows * plan.inner);
    applyComplex(f, left!.data as Float32Array, right!.data as Float32Array, output, plan);
    return [new Tensor(dtype as 'complex64', plan.shape, output)];
  };

function int64Kernel(f: BinaryFunction, dtype: 'int64' | 'uint64'): Kernel {
  return ([left, right]) => {
    const plan = broadcast(left!.shape, right!.shape);
    const data = allocate(dtype as 'int64', plan.rows * plan.inner);
    const a = toSafeNumbers(left!.data as Int64Array);
    const b = a && toSafeNumbers(right!.data as Int64Array);
    const output = new Float64Array(data.length);
    if (a && b) applyNumbers(f.number, a, b, output, plan);
    if (a && b && areSafe(output)) storeSafeNumbers(output, data);
    else applyBigInts(f.bigint!, left!.data as Int64Array, right!.data as Int64Array, data, plan);
    return [new Tensor(dtype as 'int64', plan.shape, data)];
  };
}

/** The entry of an op of two operands that broadcast; the data types follow from what `f` has. */
export function defineBinary(type: string, f: BinaryFunction): KernelDefinition {
  return define(type, prepareBinary(f), (dtype) => {
    if (isComplex(dtype)) return f.complex !== undefined;
    if (isInteger64(dtype)) return f.bigint !== undefined;
    return isReal(dtype);
  });
}
