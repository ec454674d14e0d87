import { allocate, sizeOf, Tensor } from '@tenon/tensor';
import { isComplex, isInteger64 } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';

/** The sum of tensors of one shape. @throws InvalidArgumentError if their shapes differ. */
export function addTensors(inputs: readonly Tensor[]): Tensor {
  const { dtype, shape } = inputs[0]!;
  for (const input of inputs) {
    if (input.shape.join() !== shape.join()) {
      throw new InvalidArgumentError(
        `Shapes [${shape.join(', ')}] and [${input.shape.join(', ')}] differ; they cannot be added up.`,
      );
    }
  }
  if (inputs.length === 1) return inputs[0]!;
  if (isInteger64(dtype)) {
    const sums = allocate(dtype as 'int64', sizeOf(shape));
    for (const input of inputs) for (let i = 0; i < sums.length; i++) sums[i]! += (input.data as BigInt64Array)[i]!;
    return new Tensor(dtype as 'int64', shape, sums);
  }
  if (isComplex(dtype)) {
    const sums = allocate(dtype as 'complex64', sizeOf(shape));
    for (const input of inputs) addTo(sums, input.data as Float32Array);
    return new Tensor(dtype as 'complex64', shape, sums);
  }
  const sums = makeNumbers(dtype, sizeOf(shape));
  for (const input of inputs) addTo(sums, numbersOf(input));
  return fromNumbers(dtype, shape, sums);
}

function addTo(sums: NumberArray, values: NumberArray): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}
