import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';

function transposed(context: ConversionContext, index: number): Value {
  const rank = context.rank(index);
  const permutation = Array.from({ length: rank }, (_, axis) => axis);
  permutation.splice(rank - 2, 2, rank - 1, rank - 2);
  return context.weight(index, undefined, permutation);
}

const multiplication = (type: string, [left, right]: readonly [string, string]): Converter => ({
  type,
  convert(context) {
    if (context.dtype(0) !== context.outputDtype())
      context.unsupported(`${context.dtype(0)} to ${context.outputDtype()}`);
    if (context.dtype(0) !== context.dtype(1)) context.unsupported(`${context.dtype(0)} by ${context.dtype(1)}`);
    const inputs = [left, right].map((name, index) =>
      context.operation.bool(name) ? transposed(context, index) : context.plain(index),
    );
    context.set(context.one('MatMul', inputs));
  },
});

/** What TensorFlow's Einsum does and ONNX Runtime's does not: a diagonal as the result, and axes under an ellipsis that broadcast. */
function checkEquation(context: ConversionContext, equation: string): void {
  const [operands, result] = equation.split('->') as [string, string?];
  if (result !== undefined && /([A-Za-z]).*\1/.test(result)) context.unsupported(`the equation ${equation}`);
  if (!operands.includes('...') || context.inputCount === 1) return;
  const hidden = operands.split(',').map((operand, index) => {
    const letters = operand.replace('...', '').length;
    const before = operand.indexOf('...');
    return before < 0 ? [] : context.shape(index)?.slice(before, before + context.rank(index) - letters);
  });
  const [first] = hidden;
  const agrees = hidden.every(
    (axes) =>
      axes?.length === first?.length &&
      axes?.every((size, axis) => size === null || first![axis] === null || size === first![axis]),
  );
  if (!agrees) context.unsupported(`the equation ${equation}, whose inputs differ in the axes under the ellipsis`);
}

export const matrixConverters: readonly Converter[] = [
  multiplication('MatMul', ['transpose_a', 'transpose_b']),
  multiplication('BatchMatMul', ['adj_x', 'adj_y']),
  multiplication('BatchMatMulV2', ['adj_x', 'adj_y']),
  multiplication('BatchMatMulV3', ['adj_x', 'adj_y']),
  {
    type: 'Einsum',
    convert(context) {
      const equation = context.operation.string('equation');
      checkEquation(context, equation);
      const inputs = context.operation.inputs.map((_, index) => context.plain(index));
      context.set(context.one('Einsum', inputs, { equation }));
    },
  },
];
