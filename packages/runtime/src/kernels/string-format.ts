import type { Operation } from '@tenon/graph';
import { StringArray, Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integers, integersOf } from './integers.js';
import { formatFloating } from './number-format.js';
import { StringArrayBuilder } from './string-array-builder.js';

const encoder = new TextEncoder();

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [34, '\\"'],
  [39, "\\'"],
  [92, '\\\\'],
]);

/** One element of a string tensor, quoted; bytes outside ASCII stay as they are. */
function quoted(bytes: Uint8Array): number[] {
  const result = [34];
  for (const byte of bytes) {
    const escape =
      ESCAPES.get(byte) ?? (byte < 32 || byte === 127 ? `\\${byte.toString(8).padStart(3, '0')}` : undefined);
    if (escape === undefined) result.push(byte);
    else result.push(...encoder.encode(escape));
  }
  result.push(34);
  return result;
}

/** With as few digits as TensorFlow prints: 6 (15 for float64) if they say which number it is, else enough to say so. */
function shortest(value: number, isDouble: boolean): string {
  const format = (precision: number): string => formatFloating(value, { style: 'g', precision, flag: '', width: -1 });
  const text = format(isDouble ? 15 : 6);
  const isExact = isDouble ? Number(text) === value : Math.fround(Number(text)) === value;
  return isExact || !Number.isFinite(value) ? text : format(isDouble ? 17 : 9);
}

function elementText(tensor: Tensor, index: number): ArrayLike<number> {
  if (tensor.is('string')) return quoted(tensor.data.at(index));
  // Nothing else has a text in TensorFlow either.
  if (!isReal(tensor.dtype)) return encoder.encode('?');
  if (tensor.dtype === 'float32' || tensor.dtype === 'float64') {
    return encoder.encode(shortest((tensor.data as Float64Array)[index]!, tensor.dtype === 'float64'));
  }
  if (tensor.dtype === 'float16' || tensor.dtype === 'bfloat16')
    return encoder.encode(shortest(numbersOf(tensor)[index]!, false));
  return encoder.encode(String((tensor.data as Int32Array)[index]));
}

/** A tensor as `tf.print` shows it: `summarize` elements at both ends of each axis, all if that is negative. */
function summarize(tensor: Tensor, most: number, append: (text: ArrayLike<number>) => void): void {
  const { shape, rank, size } = tensor;
  const ends = most < 0 ? size : Math.min(most, size);
  const space = (axis: number): void => {
    append(encoder.encode(axis === rank - 1 ? ' ' : '\n'.repeat(rank - axis - 1) + ' '.repeat(axis + 1)));
  };
  const visit = (axis: number, start: number, extent: number): void => {
    if (axis === rank) {
      append(elementText(tensor, start));
      return;
    }
    const count = shape[axis]!;
    const inner = count === 0 ? 0 : extent / count;
    append(encoder.encode('['));
    for (let i = 0; i < count; i++) {
      const isHidden = i >= ends && i < count - ends;
      if (isHidden && i > ends) continue;
      if (i > 0 || isHidden) space(axis);
      if (isHidden) append(encoder.encode('...'));
      else visit(axis + 1, start + i * inner, inner);
    }
    append(encoder.encode(']'));
  };
  visit(0, 0, size);
}

function prepareFormat(operation: Operation): Kernel {
  const template = operation.string('template');
  const placeholder = operation.string('placeholder');
  const most = operation.int('summarize');
  const pieces = template.split(placeholder).map((piece) => encoder.encode(piece));
  return (inputs) => {
    if (pieces.length !== inputs.length + 1) {
      throw new InvalidArgumentError(`The template has ${pieces.length - 1} places for ${inputs.length} tensors.`);
    }
    const builder = new StringArrayBuilder(256, 1);
    pieces.forEach((piece, index) => {
      builder.appendAll(piece);
      if (index < inputs.length) summarize(inputs[index]!, most, (text) => builder.appendAll(Uint8Array.from(text)));
    });
    builder.end();
    return [new Tensor('string', [], builder.build())];
  };
}

function prepareNGrams(operation: Operation): Kernel {
  const separator = operation.attribute('separator', 'bytes');
  const leftPad = operation.attribute('left_pad', 'bytes');
  const rightPad = operation.attribute('right_pad', 'bytes');
  const widths = operation.ints('ngram_widths');
  const padWidth = operation.int('pad_width');
  const keepsShort = operation.bool('preserve_short_sequences');
  if (widths.some((width) => width < 1))
    throw new InvalidArgumentError(`n-grams of [${widths.join(', ')}] pieces are not possible.`);
  return ([data, splitsTensor]) => {
    const { bytes, offsets, length } = data!.data as StringArray;
    const splits = integersOf(splitsTensor!);
    checkSplits(splits, length);
    const builder = new StringArrayBuilder(bytes.length * widths.length, length * widths.length);
    const ends = [0];
    let pieces = 0;
    for (let row = 0; row + 1 < splits.length; row++) {
      const start = splits[row]!;
      const count = splits[row + 1]! - start;
      const append = (width: number, padding: number, grams: number): void => {
        checkedSize([(pieces += grams * width)]);
        for (let i = 0; i < grams; i++) {
          const left = Math.max(0, padding - i);
          const right = Math.max(0, padding - (grams - i - 1));
          const first = start + Math.max(0, i - padding);
          for (let k = 0; k < width; k++) {
            if (k > 0) builder.appendAll(separator);
            const at = first + k - left;
            if (k < left) builder.appendAll(leftPad);
            else if (k >= width - right) builder.appendAll(rightPad);
            else builder.append(bytes, offsets[at]!, offsets[at + 1]!);
          }
          builder.end();
        }
      };
      const before = builder.length;
      for (const width of widths) {
        const padding = padWidth < 0 ? width - 1 : Math.min(padWidth, width - 1);
        append(width, padding, Math.max(0, count + 2 * padding - width + 1));
      }
      if (keepsShort && builder.length === before && count > 0) append(count + 2 * padWidth, padWidth, 1);
      ends.push(builder.length);
    }
    const grams = builder.build();
    return [
      new Tensor('string', [grams.length], grams),
      integers(splitsTensor!.dtype, [splits.length === 0 ? 0 : ends.length], ends),
    ];
  };
}

function checkSplits(splits: ArrayLike<number>, size: number): void {
  for (let i = 0; i < splits.length; i++) {
    if (splits[i]! < (i === 0 ? 0 : splits[i - 1]!) || splits[i]! > size) {
      throw new InvalidArgumentError(`Row splits must rise from 0 to at most ${size}; split ${i} is ${splits[i]}.`);
    }
  }
}

export const formatKernels: readonly KernelDefinition[] = [
  define('StringFormat', prepareFormat),
  define('StringNGrams', prepareNGrams),
];
