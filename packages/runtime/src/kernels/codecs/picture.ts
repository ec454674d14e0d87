import { InvalidArgumentError } from '../errors.js';

/** A decoded image: rows from the top, pixels from the left, channels together. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
}

/** The most elements of one decoded image, as TensorFlow bounds it: a file of some bytes may claim to be far larger. */
const MOST_ELEMENTS = 2 ** 29;

/** @throws InvalidArgumentError if no image may be of that size. */
export function checkPictureSize(format: string, width: number, height: number, channels: number): void {
  if (!(width > 0 && height > 0))
    throw new InvalidArgumentError(`The ${format} image is ${width} by ${height} pixels, which is none.`);
  if (width * height * channels >= MOST_ELEMENTS) {
    throw new InvalidArgumentError(
      `The ${format} image is ${width} by ${height} pixels of ${channels} channels, more than the ${MOST_ELEMENTS} elements that are decoded.`,
    );
  }
}

/** What is wrong with a file. */
export function brokenFile(format: string, problem: string): InvalidArgumentError {
  return new InvalidArgumentError(`The ${format} data is broken: ${problem}.`);
}
