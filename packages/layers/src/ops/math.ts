import type { SymbolicTensor } from '@tenon/graph';
import { apply, type NameOptions, type TensorInput } from '../operation.js';

type Unary = (x: TensorInput, options?: NameOptions) => SymbolicTensor;
type Binary = (x: TensorInput, y: TensorInput, options?: NameOptions) => SymbolicTensor;

const unary =
  (type: string): Unary =>
  (x, options) =>
    apply(type, [x], {}, options);

/** Elementwise; shapes are broadcast, and a value among the two becomes a constant of the other's data type. */
const binary =
  (type: string): Binary =>
  (x, y, options) =>
    apply(type, [x, y], {}, options);

export const abs = unary('Abs');
export const negate = unary('Neg');
export const exp = unary('Exp');
export const expm1 = unary('Expm1');
export const log = unary('Log');
export const log1p = unary('Log1p');
export const sqrt = unary('Sqrt');
export const rsqrt = unary('Rsqrt');
export const square = unary('Square');
export const reciprocal = unary('Reciprocal');
export const sign = unary('Sign');
export const floor = unary('Floor');
export const ceil = unary('Ceil');
/** To the nearest integer; halves to the even one. */
export const round = unary('Round');
export const sin = unary('Sin');
export const cos = unary('Cos');
export const tan = unary('Tan');
export const tanh = unary('Tanh');
export const sigmoid = unary('Sigmoid');
export const erf = unary('Erf');
export const relu = unary('Relu');
export const relu6 = unary('Relu6');
export const elu = unary('Elu');
export const selu = unary('Selu');
export const softplus = unary('Softplus');
export const softsign = unary('Softsign');
export const logicalNot = unary('LogicalNot');
export const isFinite = unary('IsFinite');
export const isNaN = unary('IsNan');

export const add = binary('AddV2');
export const subtract = binary('Sub');
export const multiply = binary('Mul');
/** Of floating-point numbers. */
export const divide = binary('RealDiv');
/** Rounded down. */
export const floorDivide = binary('FloorDiv');
/** What remains after dividing and rounding down: it has the sign of `y`. */
export const floorModulo = binary('FloorMod');
/** Zero where `y` is, whatever `x` is. */
export const divideNoNaN = binary('DivNoNan');
export const power = binary('Pow');
export const maximum = binary('Maximum');
export const minimum = binary('Minimum');
/** `(x - y)²` */
export const squaredDifference = binary('SquaredDifference');
export const equal = binary('Equal');
export const notEqual = binary('NotEqual');
export const less = binary('Less');
export const lessEqual = binary('LessEqual');
export const greater = binary('Greater');
export const greaterEqual = binary('GreaterEqual');
export const logicalAnd = binary('LogicalAnd');
export const logicalOr = binary('LogicalOr');

/** `x` where it is positive, else `alpha` (0.2 by default) times it. */
export function leakyRelu(
  x: TensorInput,
  { alpha = 0.2, ...options }: NameOptions & { readonly alpha?: number } = {},
): SymbolicTensor {
  return apply('LeakyRelu', [x], { alpha }, options);
}

/** The sum of tensors of one shape. */
export function addN(tensors: readonly TensorInput[], options?: NameOptions): SymbolicTensor {
  return apply('AddN', [tensors], {}, options);
}

/** Values below `min` become `min`, above `max` become `max`. */
export function clipByValue(x: TensorInput, min: TensorInput, max: TensorInput): SymbolicTensor {
  return maximum(minimum(x, max), min);
}

/** `x` where the condition holds, else `y`; shapes are broadcast. */
export function where(condition: TensorInput, x: TensorInput, y: TensorInput, options?: NameOptions): SymbolicTensor {
  return apply('SelectV2', [condition, x, y], {}, options);
}
