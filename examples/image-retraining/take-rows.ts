import { Tensor } from '@tenon/hub';

/** Some rows of a tensor of numbers, in that order: a batch. */
export function takeRows<D extends 'float32' | 'int32'>(tensor: Tensor<D>, rows: readonly number[]): Tensor<D> {
  const [, ...rest] = tensor.shape;
  const length = rest.reduce((product, dimension) => product * dimension, 1);
  const data = tensor.data.slice(0, rows.length * length);
  rows.forEach((row, index) => data.set(tensor.data.subarray(row * length, (row + 1) * length), index * length));
  return new Tensor(tensor.dtype, [rows.length, ...rest], data as typeof tensor.data);
}
