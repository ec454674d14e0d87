import { isNumeric } from './dtype.js';
import { ConversionError } from './errors.js';
import { decodeBfloat16, decodeFloat16 } from './half.js';
import type { StringArray } from './string-array.js';
import type { Nested, Tensor } from './tensor.js';

/**
 * The elements of a tensor as nested arrays, a scalar as itself.
 *
 * int64 and uint64 become bigints, bool booleans, strings text (bytes that are not UTF-8 become U+FFFD: read `tensor.data.at(i)`
 * for the bytes), complex numbers pairs `[re, im]`.
 *
 * @throws ConversionError for resources and variants.
 */
export function toNested(tensor: Tensor): Nested {
  const read = reader(tensor);
  let cursor = 0;
  const build = (axis: number): Nested =>
    axis === tensor.rank ? read(cursor++) : Array.from({ length: tensor.shape[axis]! }, () => build(axis + 1));
  return build(0);
}

function reader(tensor: Tensor): (index: number) => Nested {
  const { dtype } = tensor;
  if (dtype === 'string') {
    const strings = tensor.data as StringArray;
    return (index) => strings.decode(index);
  }
  if (!isNumeric(dtype)) throw new ConversionError(`A ${dtype} has no elements that could be shown.`);
  const elements = tensor.data as ArrayLike<number | bigint>;
  switch (dtype) {
    case 'bool':
      return (index) => elements[index] !== 0;
    case 'float16':
      return (index) => decodeFloat16(elements[index] as number);
    case 'bfloat16':
      return (index) => decodeBfloat16(elements[index] as number);
    case 'complex64':
    case 'complex128':
      return (index) => [elements[2 * index]!, elements[2 * index + 1]!];
    default:
      return (index) => elements[index]!;
  }
}
