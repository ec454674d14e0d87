import type { DType } from './dtype.js';
import { formatShape, type Shape } from './shape.js';

/** The elements given do not fill the shape given. */
export class ShapeMismatchError extends Error {
  override readonly name = 'ShapeMismatchError';
  readonly code = 'ERR_SHAPE_MISMATCH';
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(
      `A ${dtype} tensor of shape ${formatShape(shape)} needs ${expected} elements; ${actual} were given. ` +
        'Pass as many elements as the dimensions multiply to.',
    );
  }
}

/** A tensor is of another data type than the one asked for. */
export class DTypeError extends Error {
  override readonly name = 'DTypeError';
  readonly code = 'ERR_DTYPE';
  constructor(
    readonly expected: DType,
    readonly actual: DType,
  ) {
    super(
      `A tensor of ${expected} was asked for; this one is of ${actual}. Ask for that, or cast it where it is computed.`,
    );
  }
}

/** A value cannot become a tensor of the data type asked for. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  readonly code = 'ERR_CONVERSION';
}

/** A range of bytes lies outside its source, or the source ended early. */
export class ByteRangeError extends Error {
  override readonly name = 'ByteRangeError';
  readonly code = 'ERR_BYTE_RANGE';
  constructor(
    readonly source: string,
    readonly offset: number,
    readonly length: number,
    readonly size: number,
  ) {
    super(`Bytes ${offset} to ${offset + length} of ${source} were asked for, but it holds ${size} bytes.`);
  }
}
