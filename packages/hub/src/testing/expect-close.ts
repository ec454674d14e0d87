import { isFloating, isSparseTensor, Tensor, type RaggedTensor, type SparseTensor } from '@tenon/tensor';
import { decodeBfloat16, decodeFloat16 } from '@tenon/tensor';
import type { Golden, GoldenTensor } from './golden.js';

const RTOL = 1e-4;
/** Of the largest magnitude among what is expected. */
const ATOL = 1e-5;

/**
 * Fails unless floating-point elements are near those that TensorFlow computed, and all others the same.
 *
 * @param slack How many times the usual tolerance is allowed.
 */
export function expectClose(
  actual: Tensor | SparseTensor | RaggedTensor,
  expected: GoldenTensor,
  golden: Golden,
  slack = 1,
): void {
  if ('sparse' in expected) {
    if (!isSparseTensor(actual)) throw new Error('A sparse tensor was expected.');
    expectClose(actual.indices, expected.indices, golden, slack);
    expectClose(actual.values, expected.values, golden, slack);
    expectClose(actual.denseShape, expected.dense_shape, golden, slack);
    return;
  }
  if (!Tensor.isTensor(actual)) throw new Error('A tensor was expected.');
  const type = `${actual.dtype} [${actual.shape.join(', ')}]`;
  const wanted = `${expected.dtype} [${expected.shape.join(', ')}]`;
  if (type !== wanted) throw new Error(`${type} was computed; ${wanted} was expected.`);
  if ('sample' in expected) {
    const sample = golden.array(expected.sample.npz);
    const elements = numbersOf(actual).filter((_, index) => index % expected.sample.stride === 0);
    compareNumbers(elements, numbersOf(sample), slack);
    return;
  }
  compare(actual, golden.decode(expected) as Tensor, slack);
}

function compare(actual: Tensor, expected: Tensor, slack: number): void {
  if (actual.is('string') && expected.is('string')) {
    for (let index = 0; index < actual.size; index++) {
      if (Buffer.compare(actual.data.at(index), expected.data.at(index)) !== 0) {
        throw new Error(
          `Element ${index} is "${actual.data.decode(index)}"; "${expected.data.decode(index)}" was expected.`,
        );
      }
    }
    return;
  }
  if (isFloating(actual.dtype) || actual.dtype.startsWith('complex'))
    compareNumbers(numbersOf(actual), numbersOf(expected), slack);
  else {
    const [data, wanted] = [actual.data as ArrayLike<unknown>, expected.data as ArrayLike<unknown>];
    for (let index = 0; index < data.length; index++) {
      if (data[index] !== wanted[index])
        throw new Error(`Element ${index} is ${String(data[index])}; ${String(wanted[index])} was expected.`);
    }
  }
}

function numbersOf({ dtype, data }: Tensor): number[] {
  const numbers = Array.from(data as ArrayLike<number>, Number);
  return dtype === 'float16'
    ? numbers.map(decodeFloat16)
    : dtype === 'bfloat16'
      ? numbers.map(decodeBfloat16)
      : numbers;
}

function compareNumbers(actual: readonly number[], expected: readonly number[], slack: number): void {
  const largest = expected.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  expected.forEach((wanted, index) => {
    const number = actual[index]!;
    if (!(Math.abs(number - wanted) <= slack * (RTOL * Math.abs(wanted) + ATOL * largest))) {
      throw new Error(`Element ${index} is ${number}; ${wanted} was expected.`);
    }
  });
}
