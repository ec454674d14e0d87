import {
  decodeBfloat16,
  decodeFloat16,
  isFloating,
  isRaggedTensor,
  isSparseTensor,
  type RaggedTensor,
  type SparseTensor,
  type StringArray,
  type Tensor,
} from '@tenon/tensor';
import { formatFloat } from './format-number.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A value as JSON in TensorFlow Serving's convention: nested arrays, exact to the last digit. Bytes that are not UTF-8 become `{"b64": …}`,
 * complex numbers `{"re": …, "im": …}`, sparse values `{"indices": …, "values": …, "dense_shape": …}`, ragged ones arrays of uneven lengths.
 *
 * @param indent Blanks before lines that follow the first.
 */
export function formatJson(value: Tensor | SparseTensor | RaggedTensor, indent = ''): string {
  if (isSparseTensor(value)) {
    const inner = `${indent}  `;
    const members = [
      `"indices": ${formatJson(value.indices, inner)}`,
      `"values": ${formatJson(value.values, inner)}`,
      `"dense_shape": ${formatJson(value.denseShape, inner)}`,
    ];
    return `{\n${inner}${members.join(`,\n${inner}`)}\n${indent}}`;
  }
  if (isRaggedTensor(value)) return formatRagged(value, indent);
  const format = elementFormatter(value);
  let next = 0;
  return formatArray(value.shape, indent, () => format(next++));
}

/** How each element of a tensor is written, by its position. */
export function elementFormatter({ dtype, data }: Tensor): (index: number) => string {
  if (dtype === 'string') return (index) => formatBytes((data as StringArray).at(index));
  const elements = data as ArrayLike<number | bigint>;
  if (dtype === 'bool') return (index) => (elements[index] === 0 ? 'false' : 'true');
  if (dtype === 'float16') return (index) => formatFloat(decodeFloat16(elements[index] as number), dtype);
  if (dtype === 'bfloat16') return (index) => formatFloat(decodeBfloat16(elements[index] as number), dtype);
  if (isFloating(dtype)) return (index) => formatFloat(elements[index] as number, dtype);
  if (dtype === 'complex64' || dtype === 'complex128') {
    const part = (index: number): string => formatFloat(elements[index] as number, dtype);
    return (index) => `{"re": ${part(2 * index)}, "im": ${part(2 * index + 1)}}`;
  }
  return (index) => String(elements[index]);
}

function formatBytes(bytes: Uint8Array): string {
  try {
    return JSON.stringify(decoder.decode(bytes));
  } catch {
    return `{"b64": "${Buffer.from(bytes).toString('base64')}"}`;
  }
}

/** Innermost arrays take one line each. */
function formatArray(shape: readonly number[], indent: string, element: () => string): string {
  const [length, ...inner] = shape;
  if (length === undefined) return element();
  const items = Array.from({ length }, () => formatArray(inner, `${indent}  `, element));
  return joinArray(items, inner.length === 0, indent);
}

function joinArray(items: readonly string[], isInnermost: boolean, indent: string): string {
  if (isInnermost || items.length === 0) return `[${items.join(', ')}]`;
  return `[\n${indent}  ${items.join(`,\n${indent}  `)}\n${indent}]`;
}

function formatRagged({ values, rowSplits }: RaggedTensor, indent: string): string {
  const format = elementFormatter(values);
  const inner = values.shape.slice(1);
  const size = inner.reduce((product, dimension) => product * dimension, 1);
  const build = (level: number, row: number, pad: string): string => {
    if (level === rowSplits.length) {
      let next = row * size;
      return formatArray(inner, pad, () => format(next++));
    }
    const splits = rowSplits[level]!.data;
    const [start, end] = [Number(splits[row]), Number(splits[row + 1])];
    const items = Array.from({ length: end - start }, (_, index) => build(level + 1, start + index, `${pad}  `));
    return joinArray(items, level === rowSplits.length - 1 && inner.length === 0, pad);
  };
  const rows = (rowSplits[0]?.data.length ?? 1) - 1;
  return joinArray(
    Array.from({ length: rows }, (_, row) => build(0, row, `${indent}  `)),
    false,
    indent,
  );
}
