import { isNumeric, sizeOf, StringArray, Tensor, type DType, type Shape } from '@tenon/tensor';
import { InvalidArgumentError } from './errors.js';
import { checkedSize } from './integers.js';
import { makeTensor } from './movement.js';

/** Zeros of any data type; the empty string for strings. */
export function zerosOf(dtype: DType, shape: Shape): Tensor {
  checkedSize(shape);
  if (isNumeric(dtype)) return makeTensor(dtype, shape);
  if (dtype === 'string')
    return new Tensor('string', shape, new StringArray(new Uint8Array(), new Uint32Array(sizeOf(shape) + 1)));
  throw new InvalidArgumentError(`There is no zero of dtype ${dtype}.`);
}
