import { operation, type NameOptions, type TensorInput } from '../operation.js';
import type { SparsePlaceholder } from '../sources.js';

export interface SplitStringsOptions extends NameOptions {
  /** What stands between parts, which may be empty then: by default any white space, and no part is empty. */
  readonly separator?: string;
}

/**
 * The parts of each text, as a sparse tensor with a row per text: what `lookup` takes the values of, and `embeddingLookupSparse` all of.
 *
 * @param texts strings `[batch]`
 * @returns strings, of the dense shape `[batch, most parts of a text]`.
 * @example
 * const words = splitStrings(sentences);
 * const vectors = embeddingLookupSparse(table, { ...words, values: lookup(vocabulary, words.values) });
 */
export function splitStrings(
  texts: TensorInput,
  { separator = '', name }: SplitStringsOptions = {},
): SparsePlaceholder {
  const [indices, values, denseShape] = operation(undefined, 'StringSplitV2', [texts, separator], {}, { name }).outputs;
  return { indices: indices!, values: values!, denseShape: denseShape! };
}
