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

export const matrixConverters: readonly Converter[] = [
  multiplication('MatMul', ['transpose_a', 'transpose_b']),
  multiplication('BatchMatMul', ['adj_x', 'adj_y']),
  multiplication('BatchMatMulV2', ['adj_x', 'adj_y']),
  multiplication('BatchMatMulV3', ['adj_x', 'adj_y']),
  {
    type: 'Einsum',
    convert(context) {
      const inputs = context.operation.inputs.map((_, index) => context.plain(index));
      context.set(context.one('Einsum', inputs, { equation: context.operation.string('equation') }));
    },
  },
];
