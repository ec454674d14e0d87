import { Tensor } from '@tenon/tensor';
import { trace, type TracedTensor } from './trace-calls.js';

/** The value of a tensor that is a constant kept in the graph; undefined if it is anything else. */
export function constantOf(traced: TracedTensor): Tensor | undefined {
  const { operation } = trace(traced).tensor;
  if (operation.type !== 'Const') return undefined;
  const value = operation.attribute('value', 'tensor');
  return Tensor.isTensor(value) ? value : undefined;
}

/** The elements of a constant string tensor. */
export function constantStrings(traced: TracedTensor): string[] | undefined {
  const value = constantOf(traced);
  if (!value?.is('string')) return undefined;
  return Array.from({ length: value.size }, (_, index) => value.data.decode(index));
}
