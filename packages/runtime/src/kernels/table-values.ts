import { isNumeric, sizeOf, Tensor, type DType, type Shape, type StringArray } from '@tenon/tensor';
import { InvalidArgumentError } from './errors.js';
import { copyWords, makeTensor, wordsOf, wordsPerElement, type Words } from './movement.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** The values of a lookup table by the numbers of its keys: rows of one data type and shape. */
export interface TableValues {
  /** Puts row `rows[i]` of `values` at number `numbers[i]`. */
  set(numbers: Int32Array, values: Tensor): void;
  /**
   * The values at these numbers, and rows of `missing` where a number is -1.
   *
   * @param shape Of the result: that of the keys, then that of a value.
   */
  get(numbers: Int32Array, shape: Shape, missing: Tensor | undefined): Tensor;
  /** Whether the value at number `number` is row `row` of `values`. */
  equals(number: number, values: Tensor, row: number): boolean;
}

export function makeTableValues(dtype: DType, shape: Shape): TableValues {
  if (dtype === 'string') return new StringValues(sizeOf(shape));
  if (!isNumeric(dtype)) throw new InvalidArgumentError(`A lookup table cannot hold ${dtype} values.`);
  return new NumericValues(dtype, sizeOf(shape));
}

class NumericValues implements TableValues {
  private words: Words;
  /** Words of one row. */
  private readonly width: number;

  constructor(
    private readonly dtype: DType,
    private readonly row: number,
  ) {
    this.width = wordsPerElement(dtype) * row;
    this.words = wordsOf(makeTensor(dtype, [8 * row]));
  }

  set(numbers: Int32Array, values: Tensor): void {
    const source = wordsOf(values);
    const { width } = this;
    let last = -1;
    for (let i = 0; i < numbers.length; i++) if (numbers[i]! > last) last = numbers[i]!;
    this.reserve(last + 1);
    // A table that is filled at once has its values in the order of its keys.
    if (last + 1 === numbers.length && numbers.every((number, i) => number === i)) {
      this.words.set(source);
      return;
    }
    for (let i = 0; i < numbers.length; i++) copyWords(source, i * width, this.words, numbers[i]! * width, width);
  }

  get(numbers: Int32Array, shape: Shape, missing: Tensor | undefined): Tensor {
    const values = makeTensor(this.dtype, shape);
    const target = wordsOf(values);
    const { words, width } = this;
    const other = missing && wordsOf(missing);
    // One default for all keys, or one of its own for each.
    const step = other && other.length > width ? width : 0;
    if (width === 1 || width === 2) {
      for (let i = 0; i < numbers.length; i++) {
        const number = numbers[i]!;
        const from = number < 0 ? other! : words;
        const at = number < 0 ? i * step : number * width;
        target[i * width] = from[at]!;
        if (width === 2) target[2 * i + 1] = from[at + 1]!;
      }
    } else {
      for (let i = 0; i < numbers.length; i++) {
        const number = numbers[i]!;
        if (number < 0) copyWords(other!, i * step, target, i * width, width);
        else copyWords(words, number * width, target, i * width, width);
      }
    }
    return values;
  }

  equals(number: number, values: Tensor, row: number): boolean {
    const source = wordsOf(values);
    const { words, width } = this;
    for (let i = 0; i < width; i++) if (words[number * width + i] !== source[row * width + i]) return false;
    return true;
  }

  private reserve(rows: number): void {
    const { words, width } = this;
    if (rows * width <= words.length) return;
    this.words = wordsOf(makeTensor(this.dtype, [Math.max(rows, Math.ceil((2 * words.length) / width)) * this.row]));
    this.words.set(words);
  }
}

/** Strings are kept where they lay: a vocabulary's are the bytes of its file. */
class StringValues implements TableValues {
  private readonly sources: (StringArray | undefined)[] = [];
  private readonly rows: number[] = [];

  constructor(private readonly row: number) {}

  set(numbers: Int32Array, values: Tensor): void {
    for (let i = 0; i < numbers.length; i++) {
      this.sources[numbers[i]!] = values.data as StringArray;
      this.rows[numbers[i]!] = i;
    }
  }

  get(numbers: Int32Array, shape: Shape, missing: Tensor | undefined): Tensor {
    const { row } = this;
    const builder = new StringArrayBuilder(numbers.length * row * 8, numbers.length * row);
    const other = missing && (missing.data as StringArray);
    const step = other && other.length > row ? row : 0;
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      const source = number < 0 ? other! : this.sources[number]!;
      const first = number < 0 ? i * step : this.rows[number]! * row;
      for (let at = first; at < first + row; at++) {
        builder.append(source.bytes, source.offsets[at]!, source.offsets[at + 1]!);
        builder.end();
      }
    }
    return new Tensor('string', shape, builder.build());
  }

  equals(number: number, values: Tensor, row: number): boolean {
    const other = values.data as StringArray;
    for (let i = 0; i < this.row; i++) {
      const a = this.sources[number]!.at(this.rows[number]! * this.row + i);
      const b = other.at(row * this.row + i);
      if (a.length !== b.length || !a.every((byte, at) => byte === b[at])) return false;
    }
    return true;
  }
}
