import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import { isFloating } from '@tenon/tensor';
import type { Attributes, Operator } from '../operators.js';

/** An op that works on each element alone, so that the layout does not matter. */
function unary(type: string, compute: (input: Value, context: ConversionContext) => Value): Converter {
  return {
    type,
    convert(context) {
      const layout = context.layout(0);
      context.set(compute(context.inLayout(0, layout), context), layout);
    },
  };
}

/** An op that ONNX has. */
const direct = (type: string, operator: Operator = type as Operator, attributes?: Attributes): Converter =>
  unary(type, (input, context) => context.one(operator, [input], attributes));

const alpha = (context: ConversionContext): Attributes => ({ alpha: { float: context.operation.float('alpha') } });

/**
 * The complement of the error function, without what subtracting from 1 loses where it is small: Chebyshev's approximation of Numerical
 * Recipes, 6.2, exact to about float32.
 */
function complementaryError(input: Value, context: ConversionContext): Value {
  const one = context.one.bind(context);
  const scalar = (value: number) => context.builder.scalar(value, input.dtype);
  const size = one('Abs', [input]);
  const t = one('Reciprocal', [one('Add', [one('Mul', [size, scalar(0.5)]), scalar(1)])]);
  const polynomial = ERFC_COEFFICIENTS.slice(1).reduce(
    (value, coefficient) => one('Add', [one('Mul', [value, t]), scalar(coefficient)]),
    scalar(ERFC_COEFFICIENTS[0]!),
  );
  const exponent = one('Sub', [polynomial, one('Mul', [size, size])]);
  const right = one('Mul', [t, one('Exp', [exponent])]);
  return one('Where', [one('Less', [input, scalar(0)]), one('Sub', [scalar(2), right]), right]);
}

/** Of the highest power first. */
const ERFC_COEFFICIENTS = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
  -1.26551223,
];

export const unaryConverters: readonly Converter[] = [
  ...(['Abs', 'Neg', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Erf', 'Sigmoid', 'Tanh'] as const).map((type) =>
    direct(type),
  ),
  ...(['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh'] as const).map((type) =>
    direct(type),
  ),
  ...(['Elu', 'Selu', 'Softplus', 'Softsign'] as const).map((type) => direct(type)),
  direct('Inv', 'Reciprocal'),
  direct('IsNan', 'IsNaN'),
  direct('IsInf'),
  direct('LogicalNot', 'Not'),
  direct('Invert', 'BitwiseNot'),
  direct('Floor'),
  direct('Ceil'),
  direct('Round'),
  direct('Rint', 'Round'),
  unary('Relu', (input, context) => {
    if (isFloating(input.dtype)) return context.one('Relu', [input]);
    return context.one('Max', [input, context.builder.scalar(0, input.dtype)]);
  }),
  unary('Relu6', (input, { builder }) =>
    builder.one('Clip', [input, builder.scalar(0, input.dtype), builder.scalar(6, input.dtype)]),
  ),
  unary('Erfc', (input, context) => {
    if (input.dtype === 'float64') context.unsupported('float64, to which it is not exact');
    return complementaryError(input, context);
  }),
  unary('LeakyRelu', (input, context) => context.one('LeakyRelu', [input], alpha(context))),
  unary('Square', (input, context) => context.one('Mul', [input, input])),
  unary('Rsqrt', (input, context) => context.one('Reciprocal', [context.one('Sqrt', [input])])),
  unary('IsFinite', (input, context) =>
    context.one('Not', [context.one('Or', [context.one('IsNaN', [input]), context.one('IsInf', [input])])]),
  ),
  // exp(x) - 1 loses all digits near zero; this is the same and does not.
  unary('Expm1', (input, context) => {
    const half = context.one('Mul', [input, context.builder.scalar(0.5, input.dtype)]);
    const sum = context.one('Add', [context.one('Exp', [input]), context.builder.scalar(1, input.dtype)]);
    return context.one('Mul', [context.one('Tanh', [half]), sum]);
  }),
  // As is log(1 + x), near zero, and 2 atanh(x / (x + 2)).
  unary('Log1p', (input, context) => {
    const { builder } = context;
    const scalar = (value: number) => builder.scalar(value, input.dtype);
    const far = context.one('Log', [context.one('Add', [input, scalar(1)])]);
    const ratio = context.one('Div', [input, context.one('Add', [input, scalar(2)])]);
    const near = context.one('Mul', [context.one('Atanh', [ratio]), scalar(2)]);
    const isNear = context.one('Less', [context.one('Abs', [input]), scalar(0.5)]);
    return context.one('Where', [isNear, near, far]);
  }),
  unary('Cast', (input, context) => {
    if (context.operation.bool('Truncate')) context.unsupported('it truncates instead of rounding');
    return context.builder.cast(input, context.outputDtype());
  }),
];
