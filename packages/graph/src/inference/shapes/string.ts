import type { PartialShape } from '@tenon/tensor';
import { broadcast, concatenate } from '../partial-shape.js';
import { forAll, sameAsFirst, scalarOutput, type ShapeFunctions } from '../shape-context.js';
import { every } from './array.js';

/** Ops on strings. */
export const STRING: ShapeFunctions = {
  ...forAll(
    [
      'AsString',
      'DecodeBase64',
      'DecodeCompressed',
      'EncodeBase64',
      'RegexFullMatch',
      'RegexReplace',
      'StaticRegexFullMatch',
      'StaticRegexReplace',
      'StringLength',
      'StringLower',
      'StringStrip',
      'StringToHashBucket',
      'StringToHashBucketFast',
      'StringToHashBucketStrong',
      'StringToNumber',
      'StringUpper',
      'UnicodeScript',
      'UnicodeTranscode',
    ],
    sameAsFirst,
  ),
  // Scalars stand for values of the others' shape.
  StringJoin: (c) => {
    const shapes = c.shapes.filter((shape) => shape?.length !== 0);
    const known = c.unify(shapes);
    // An operand of unknown rank may be a scalar: what the others say holds all the same, unless there are none.
    return [shapes.length === 0 ? [] : shapes.includes(null) && known === null ? null : known];
  },
  StringFormat: scalarOutput,
  ...forAll(['StringSplit', 'StringSplitV2'], () => [[null, 2], [null], [2]]),
  StringNGrams: (c) => [[null], c.ranked(1, 1)],
  Substr: (c) => [broadcast(c.shape(0), c.shape(1))],
  UnicodeDecode: (c) => [[splits(c.shape(0))], [null]],
  UnicodeDecodeWithOffsets: (c) => [[splits(c.shape(0))], [null], [null]],
  UnicodeEncode: (c) => {
    const rows = c.ranked(1, 1)[0]!;
    return [[rows && rows - 1]];
  },
  ...forAll(['DecodeRaw', 'DecodePaddedRaw'], (c) => [concatenate(c.shape(0), [null])]),
  DecodeCSV: (c) => every(c.operation.outputs.length, c.shape(0)),
  DecodeJSONExample: sameAsFirst,
};

/** One row of splits for the elements of a value: one more than there are. */
function splits(shape: PartialShape): number | null {
  let size = 1;
  for (const dimension of shape ?? [null]) {
    if (dimension === null) return null;
    size *= dimension;
  }
  return size + 1;
}
