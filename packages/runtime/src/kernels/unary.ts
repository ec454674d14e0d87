import type { Operation } from '@tenon/graph';
import { allocate, Tensor, type DType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isComplex, isInteger64, isReal, passThrough } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { SAFE, storeSafeNumbers, toSafeNumbers, type Int64Array } from './int64.js';
import { digamma, erf, erfc, inverseErf, inverseNormal, logGamma } from './special-functions.js';

type RealFunction = (x: number) => number;
type ComplexFunction = (re: number, im: number, result: Float64Array) => void;

/** What an op of one operand does with each element. */
interface UnaryFunction {
  /** Any real number; storing the result rounds it to float32, or wraps it to an integer type of up to 32 bits. */
  readonly number: RealFunction;
  /** For int32, where results of `number` would lose low bits. */
  readonly int32?: RealFunction;
  /** For int64 and uint64 where the operand or the result of `number` is beyond 2 ** 53. */
  readonly bigint?: (x: bigint) => bigint;
  readonly complex?: ComplexFunction;
}

function applyNumbers(f: RealFunction, input: ArrayLike<number>, output: NumberArray): void {
  for (let i = 0; i < output.length; i++) output[i] = f(input[i]!);
}

/** The kernel of an op that does the same to every element of a real tensor. */
export function elementwise(f: RealFunction): Kernel {
  return ([tensor]) => {
    const { dtype, shape } = tensor!;
    const input = numbersOf(tensor!);
    const output = makeNumbers(dtype, input.length);
    applyNumbers(f, input, output);
    return [fromNumbers(dtype, shape, output)];
  };
}

const complexResult = new Float64Array(2);

const complexKernel =
  (f: ComplexFunction): Kernel =>
  ([tensor]) => {
    const input = tensor!.data as Float32Array;
    const output = allocate(tensor!.dtype as 'complex64', input.length / 2);
    for (let i = 0; i < input.length; i += 2) {
      f(input[i]!, input[i + 1]!, complexResult);
      output[i] = complexResult[0]!;
      output[i + 1] = complexResult[1]!;
    }
    return [new Tensor(tensor!.dtype as 'complex64', tensor!.shape, output)];
  };

const int64Kernel =
  (f: UnaryFunction): Kernel =>
  ([tensor]) => {
    const input = tensor!.data as Int64Array;
    const data = allocate(tensor!.dtype as 'int64', input.length);
    const values = toSafeNumbers(input);
    if (values) applyNumbers(f.number, values, values);
    if (values?.every((value) => value <= SAFE && value >= -SAFE)) storeSafeNumbers(values, data);
    else for (let i = 0; i < data.length; i++) data[i] = f.bigint!(input[i]!);
    return [new Tensor(tensor!.dtype as 'int64', tensor!.shape, data)];
  };

function prepareUnary(f: UnaryFunction): (operation: Operation) => Kernel {
  return (operation) => {
    const { dtype } = operation.input(0);
    if (isInteger64(dtype)) return int64Kernel(f);
    if (isComplex(dtype)) return complexKernel(f.complex!);
    return elementwise((dtype === 'int32' || dtype === 'uint32') && f.int32 ? f.int32 : f.number);
  };
}

function unary(type: string, f: UnaryFunction | RealFunction): KernelDefinition {
  const entry = typeof f === 'function' ? { number: f } : f;
  const supports = (dtype: DType): boolean => {
    if (isComplex(dtype)) return entry.complex !== undefined;
    return isInteger64(dtype) ? entry.bigint !== undefined : isReal(dtype);
  };
  return define(type, prepareUnary(entry), supports);
}

/** Rounds to the nearest integer, ties to even. */
export function roundHalfToEven(x: number): number {
  const rounded = Math.round(x);
  // Math.round takes ties up.
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const sigmoid: RealFunction = (x) => 1 / (1 + Math.exp(-x));
const softplus: RealFunction = (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));
const reciprocal: ComplexFunction = (re, im, result) => {
  const norm = re * re + im * im;
  result[0] = re / norm;
  result[1] = -im / norm;
};

function squareRoot(re: number, im: number, result: Float64Array): void {
  const radius = Math.hypot(re, im);
  const real = Math.sqrt((radius + Math.abs(re)) / 2);
  const other = real === 0 ? 0 : Math.abs(im) / (2 * real);
  result[0] = re >= 0 ? real : other;
  const size = re >= 0 ? other : real;
  result[1] = im < 0 || Object.is(im, -0) ? -size : size;
}

function complexTanh(re: number, im: number, result: Float64Array): void {
  const denominator = Math.cosh(2 * re) + Math.cos(2 * im);
  result[0] = Math.sinh(2 * re) / denominator;
  result[1] = Math.sin(2 * im) / denominator;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

const INVERSE: UnaryFunction = { number: (x) => 1 / x, complex: reciprocal };

/** On integers these are the identity, without a copy. */
function rounder(type: string, f: RealFunction): KernelDefinition {
  return define(
    type,
    (operation) => {
      const { dtype } = operation.input(0);
      const isFloat = dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
      return isFloat ? elementwise(f) : passThrough;
    },
    isReal,
  );
}

export const unaryKernels: readonly KernelDefinition[] = [
  unary('Abs', { number: Math.abs, bigint: (x) => (x < 0n ? -x : x) }),
  unary('Neg', {
    number: (x) => -x,
    bigint: (x) => -x,
    complex: (re, im, result) => {
      result[0] = -re;
      result[1] = -im;
    },
  }),
  unary('Sign', {
    number: Math.sign,
    bigint: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
    complex: (re, im, result) => {
      const radius = Math.hypot(re, im);
      result[0] = radius === 0 ? 0 : re / radius;
      result[1] = radius === 0 ? 0 : im / radius;
    },
  }),
  unary('Square', {
    number: (x) => x * x,
    int32: (x) => Math.imul(x, x),
    bigint: (x) => x * x,
    complex: (re, im, result) => {
      result[0] = re * re - im * im;
      result[1] = 2 * re * im;
    },
  }),
  unary('Sqrt', { number: Math.sqrt, complex: squareRoot }),
  unary('Rsqrt', {
    number: (x) => 1 / Math.sqrt(x),
    complex: (re, im, result) => {
      squareRoot(re, im, result);
      reciprocal(result[0]!, result[1]!, result);
    },
  }),
  unary('Reciprocal', INVERSE),
  unary('Inv', INVERSE),
  unary('Exp', {
    number: Math.exp,
    complex: (re, im, result) => {
      const size = Math.exp(re);
      result[0] = size * Math.cos(im);
      result[1] = size * Math.sin(im);
    },
  }),
  unary('Expm1', Math.expm1),
  unary('Log', {
    number: Math.log,
    complex: (re, im, result) => {
      result[0] = Math.log(Math.hypot(re, im));
      result[1] = Math.atan2(im, re);
    },
  }),
  unary('Log1p', Math.log1p),
  unary('Sin', {
    number: Math.sin,
    complex: (re, im, result) => {
      result[0] = Math.sin(re) * Math.cosh(im);
      result[1] = Math.cos(re) * Math.sinh(im);
    },
  }),
  unary('Cos', {
    number: Math.cos,
    complex: (re, im, result) => {
      result[0] = Math.cos(re) * Math.cosh(im);
      result[1] = -Math.sin(re) * Math.sinh(im);
    },
  }),
  unary('Tan', Math.tan),
  unary('Asin', Math.asin),
  unary('Acos', Math.acos),
  unary('Atan', Math.atan),
  unary('Sinh', Math.sinh),
  unary('Cosh', Math.cosh),
  unary('Tanh', { number: Math.tanh, complex: complexTanh }),
  unary('Asinh', Math.asinh),
  unary('Acosh', Math.acosh),
  unary('Atanh', Math.atanh),
  unary('Erf', erf),
  unary('Erfc', erfc),
  unary('Erfinv', inverseErf),
  unary('Ndtri', inverseNormal),
  unary('Lgamma', logGamma),
  unary('Digamma', digamma),
  rounder('Floor', Math.floor),
  rounder('Ceil', Math.ceil),
  rounder('Round', roundHalfToEven),
  rounder('Rint', roundHalfToEven),
  unary('Sigmoid', {
    number: sigmoid,
    complex: (re, im, result) => {
      const size = Math.exp(-re);
      reciprocal(1 + size * Math.cos(-im), size * Math.sin(-im), result);
    },
  }),
  unary('Softplus', softplus),
  unary('Softsign', (x) => x / (1 + Math.abs(x))),
  unary('Relu', { number: (x) => (x > 0 || x !== x ? x : 0), bigint: (x) => (x > 0n ? x : 0n) }),
  unary('Relu6', {
    number: (x) => (x > 6 ? 6 : x > 0 || x !== x ? x : 0),
    bigint: (x) => (x > 6n ? 6n : x > 0n ? x : 0n),
  }),
  unary('Elu', (x) => (x < 0 ? Math.expm1(x) : x)),
  unary('Selu', (x) => (x < 0 ? SELU_SCALE_ALPHA * Math.expm1(x) : SELU_SCALE * x)),
  define(
    'LeakyRelu',
    (operation) => {
      const alpha = operation.float('alpha');
      return elementwise((x) => (x > 0 ? x : x * alpha));
    },
    isReal,
  ),
];
