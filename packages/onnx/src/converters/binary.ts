import { isFloating } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';
import type { Operator } from '../operators.js';

/** An op that works on elements of the same place, with broadcasting. */
function elementwise(
  type: string,
  compute: (inputs: readonly Value[], context: ConversionContext) => Value,
): Converter {
  return {
    type,
    convert(context) {
      const { values, layout } = context.aligned(context.operation.inputs.map((_, index) => index));
      context.set(compute(values, context), layout);
    },
  };
}

const direct = (type: string, operator: Operator = type as Operator): Converter =>
  elementwise(type, (inputs, context) => context.one(operator, inputs));

/**
 * Division. By zero ONNX Runtime gives an error, as TensorFlow does; but the least integer by -1 ends the process, so that those that have a wider
 * type are divided in it, and the widest only by constants.
 */
function division(type: string, compute: (inputs: readonly Value[], context: ConversionContext) => Value): Converter {
  return elementwise(type, (inputs, context) => {
    const dtype = context.dtype(0);
    if (isFloating(dtype) || dtype.startsWith('u')) return compute(inputs, context);
    const divisors = context.knownNumbers(1);
    if (divisors?.every((divisor) => divisor !== -1)) return compute(inputs, context);
    if (dtype === 'int64') context.unsupported('it divides int64 by what may be -1');
    const { builder } = context;
    return builder.cast(
      compute(
        inputs.map((input) => builder.cast(input, 'int64')),
        context,
      ),
      dtype,
    );
  });
}

/** What is left after division, with the sign of the divisor. */
function floorMod([x, y]: readonly Value[], context: ConversionContext): Value {
  const inputs = [x!, y!];
  if (!isFloating(x!.dtype)) return context.one('Mod', inputs);
  const zero = context.builder.scalar(0, x!.dtype);
  const rest = context.one('Fmod', inputs);
  const isNegative = (value: Value) => context.one('Less', [value, zero]);
  const differs = context.one('Xor', [isNegative(rest), isNegative(y!)]);
  const isWhole = context.one('Equal', [rest, zero]);
  return context.one('Where', [
    context.one('And', [differs, context.one('Not', [isWhole])]),
    context.one('Add', [rest, y!]),
    rest,
  ]);
}

function equal(inputs: readonly Value[], context: ConversionContext): Value {
  if (!context.operation.bool('incompatible_shape_error')) context.unsupported('it compares what does not broadcast');
  return context.one('Equal', inputs);
}

/** What `compute` gives where `y` is not zero, and zero where it is. */
function unlessZero(y: Value, value: Value, context: ConversionContext): Value {
  const zero = context.builder.scalar(0, value.dtype);
  return context.one('Where', [context.one('Equal', [y, zero]), zero, value]);
}

export const binaryConverters: readonly Converter[] = [
  direct('Add'),
  direct('AddV2', 'Add'),
  direct('Sub'),
  direct('Mul'),
  elementwise('Pow', (inputs, context) => {
    // Raised as float64 there, which whole numbers overflow.
    if (!isFloating(context.dtype(0))) context.unsupported('powers of integers');
    return context.one('Pow', inputs);
  }),
  elementwise('Maximum', (inputs, context) => context.one('Max', inputs)),
  elementwise('Minimum', (inputs, context) => context.one('Min', inputs)),
  elementwise('SquaredDifference', (inputs, context) => {
    const difference = context.one('Sub', inputs);
    return context.one('Mul', [difference, difference]);
  }),
  direct('RealDiv', 'Div'),
  division('Div', (inputs, context) => context.one('Div', inputs)),
  division('TruncateDiv', (inputs, context) => {
    const quotient = context.one('Div', inputs);
    if (!isFloating(quotient.dtype)) return quotient;
    const isNegative = context.one('Less', [quotient, context.builder.scalar(0, quotient.dtype)]);
    return context.one('Where', [isNegative, context.one('Ceil', [quotient]), context.one('Floor', [quotient])]);
  }),
  division('FloorDiv', ([x, y], context) => {
    if (isFloating(x!.dtype)) return context.one('Floor', [context.one('Div', [x, y])]);
    return context.one('Div', [context.one('Sub', [x, floorMod([x!, y!], context)]), y]);
  }),
  division('FloorMod', floorMod),
  division('Mod', (inputs, context) => context.one('Fmod', inputs)),
  division('TruncateMod', (inputs, context) => context.one('Fmod', inputs)),
  elementwise('DivNoNan', (inputs, context) => unlessZero(inputs[1]!, context.one('Div', inputs), context)),
  elementwise('MulNoNan', (inputs, context) => unlessZero(inputs[1]!, context.one('Mul', inputs), context)),
  elementwise('Xdivy', (inputs, context) => unlessZero(inputs[0]!, context.one('Div', inputs), context)),
  elementwise('Xlogy', ([x, y], context) => unlessZero(x!, context.one('Mul', [x, context.one('Log', [y])]), context)),
  elementwise('Equal', equal),
  elementwise('NotEqual', (inputs, context) => context.one('Not', [equal(inputs, context)])),
  direct('Less'),
  direct('LessEqual', 'LessOrEqual'),
  direct('Greater'),
  direct('GreaterEqual', 'GreaterOrEqual'),
  direct('LogicalAnd', 'And'),
  direct('LogicalOr', 'Or'),
  direct('BitwiseAnd'),
  direct('BitwiseOr'),
  direct('BitwiseXor'),
  elementwise('AddN', (inputs, context) => inputs.reduce((sum, input) => context.one('Add', [sum, input]))),
  elementwise('ClipByValue', ([value, low, high], context) =>
    context.one('Max', [context.one('Min', [value, high]), low]),
  ),
  direct('SelectV2', 'Where'),
  {
    type: 'Select',
    convert(context) {
      const condition = context.shape(0);
      const isVector = condition?.length === 1;
      const isSame = condition !== null && condition?.length === context.shape(1)?.length;
      if (isVector && !isSame) {
        // A vector chooses whole rows.
        const trailing = Array.from({ length: context.rank(1) - 1 }, (_, axis) => axis + 1);
        const rows = context.unsqueeze(context.plain(0), trailing);
        return context.set(context.one('Where', [rows, context.plain(1), context.plain(2)]));
      }
      if (condition === null) context.unsupported('the rank of its condition is unknown');
      const { values, layout } = context.aligned([0, 1, 2]);
      context.set(context.one('Where', values), layout);
    },
  },
];
