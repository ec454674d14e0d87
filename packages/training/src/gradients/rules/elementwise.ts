import type { Operation, SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, type GradientRule } from '../rule.js';

/** The gradient of `y = op(x)`, given that of `y`. */
type UnaryRule = (
  build: GradientBuilder,
  gradient: SymbolicTensor,
  x: SymbolicTensor,
  y: SymbolicTensor,
  operation: Operation,
) => SymbolicTensor;

/** The op that TensorFlow has for the gradient, of the result and its gradient. */
const ofResult =
  (type: string): UnaryRule =>
  (b, dy, _x, y) =>
    b.apply(type, [y, dy]);

/** Of the gradient and the result. */
const ofGradient =
  (type: string): UnaryRule =>
  (b, dy, _x, y) =>
    b.apply(type, [dy, y]);

/** Of the gradient and the argument. */
const ofArgument =
  (type: string, ...attributes: readonly string[]): UnaryRule =>
  (b, dy, x, _y, operation) =>
    b.apply(type, [dy, x], attributesOf(operation, ...attributes));

const one = (b: GradientBuilder, x: SymbolicTensor) => b.scalar(1, x.dtype);
const unary = (b: GradientBuilder, type: string, x: SymbolicTensor) => b.apply(type, [x]);

const UNARY: Readonly<Record<string, UnaryRule>> = {
  Neg: (b, dy) => b.neg(dy),
  Abs: (b, dy, x) => b.mul(dy, unary(b, 'Sign', x)),
  Sign: (b, _dy, x) => b.zerosLike(x),
  Exp: (b, dy, _x, y) => b.mul(dy, b.conjugate(y)),
  Expm1: (b, dy, x) => b.mul(dy, unary(b, 'Exp', x)),
  Log: (b, dy, x) => b.mul(dy, unary(b, 'Reciprocal', x)),
  Log1p: (b, dy, x) => b.mul(dy, unary(b, 'Reciprocal', b.add(one(b, x), x))),
  Sqrt: ofResult('SqrtGrad'),
  Rsqrt: ofResult('RsqrtGrad'),
  Square: (b, dy, x) => b.mul(dy, b.mul(b.scalar(2, x.dtype), x)),
  Reciprocal: ofResult('ReciprocalGrad'),
  Inv: ofResult('ReciprocalGrad'),
  Sigmoid: ofResult('SigmoidGrad'),
  Tanh: ofResult('TanhGrad'),
  Relu: ofGradient('ReluGrad'),
  Relu6: ofGradient('Relu6Grad'),
  Elu: ofGradient('EluGrad'),
  Selu: ofGradient('SeluGrad'),
  LeakyRelu: ofArgument('LeakyReluGrad', 'alpha'),
  Softplus: ofArgument('SoftplusGrad'),
  Softsign: ofArgument('SoftsignGrad'),
  Sin: (b, dy, x) => b.mul(dy, unary(b, 'Cos', x)),
  Cos: (b, dy, x) => b.neg(b.mul(dy, unary(b, 'Sin', x))),
  Tan: (b, dy, x) => b.mul(dy, b.square(unary(b, 'Reciprocal', unary(b, 'Cos', x)))),
  Asin: (b, dy, x) => b.mul(dy, unary(b, 'Rsqrt', b.sub(one(b, x), b.square(x)))),
  Acos: (b, dy, x) => b.neg(b.mul(dy, unary(b, 'Rsqrt', b.sub(one(b, x), b.square(x))))),
  Atan: (b, dy, x) => b.mul(dy, unary(b, 'Reciprocal', b.add(one(b, x), b.square(x)))),
  Sinh: (b, dy, x) => b.mul(dy, unary(b, 'Cosh', x)),
  Cosh: (b, dy, x) => b.mul(dy, unary(b, 'Sinh', x)),
  Asinh: (b, dy, _x, y) => b.div(dy, unary(b, 'Cosh', y)),
  Acosh: (b, dy, _x, y) => b.div(dy, unary(b, 'Sinh', y)),
  Atanh: (b, dy, x) => b.mul(dy, unary(b, 'Reciprocal', b.sub(one(b, x), b.square(x)))),
  Erf: (b, dy, x) => b.mul(dy, gaussian(b, x)),
  Erfc: (b, dy, x) => b.neg(b.mul(dy, gaussian(b, x))),
  Erfinv: (b, dy, _x, y) => b.mul(dy, b.mul(b.scalar(Math.sqrt(Math.PI) / 2, y.dtype), unary(b, 'Exp', b.square(y)))),
  Ndtri: (b, dy, _x, y) =>
    b.mul(
      dy,
      b.mul(b.scalar(Math.sqrt(2 * Math.PI), y.dtype), unary(b, 'Exp', b.mul(b.square(y), b.scalar(0.5, y.dtype)))),
    ),
  Lgamma: (b, dy, x) => b.mul(dy, unary(b, 'Digamma', x)),
  L2Loss: (b, dy, x) => b.mul(x, dy),
};

/** 2 / √π · exp(-x²) */
function gaussian(b: GradientBuilder, x: SymbolicTensor): SymbolicTensor {
  return b.mul(b.scalar(2 / Math.sqrt(Math.PI), x.dtype), unary(b, 'Exp', b.neg(b.square(x))));
}

/** Gradients of gradients' own ops, for those who differentiate twice. Each reads `(y or x, dy)` in the order of its op. */
const SECOND_ORDER: Readonly<Record<string, GradientRule>> = {
  ReluGrad: ({ inputs: [, y] }, dz, b) => [() => b.apply('ReluGrad', [dz(), y!]), () => b.zerosLike(y!)],
  Relu6Grad: ({ inputs: [, y] }, dz, b) => [() => b.apply('Relu6Grad', [dz(), y!]), () => b.zerosLike(y!)],
  SigmoidGrad: ({ inputs: [y, dy] }, dz, b) => [
    () => b.sub(b.mul(dz(), dy!), b.mul(b.scalar(2, y!.dtype), b.mul(b.mul(dz(), dy!), y!))),
    () => b.apply('SigmoidGrad', [y!, dz()]),
  ],
  TanhGrad: ({ inputs: [y, dy] }, dz, b) => [
    () => b.mul(b.mul(b.mul(dz(), b.scalar(-2, y!.dtype)), dy!), y!),
    () => b.apply('TanhGrad', [y!, dz()]),
  ],
};

export const elementwise: Readonly<Record<string, GradientRule>> = {
  ...Object.fromEntries(
    Object.entries(UNARY).map(([type, rule]): [string, GradientRule] => [
      type,
      (operation, dy, b) => [() => rule(b, dy(), operation.input(0), operation.output(), operation)],
    ]),
  ),
  ...SECOND_ORDER,
  Cast: (operation, dy, b) => [() => b.cast(dy(), operation.input(0).dtype)],
};
