import type { PartialShape } from '@tenon/tensor';
import type { Dimension } from '../partial-shape.js';
import { forAll, type ShapeContext, type ShapeFunctions } from '../shape-context.js';

/** Fourier transforms, and sound. */
export const SIGNAL: ShapeFunctions = {
  ...forAll(['FFT', 'IFFT'], (c) => [c.atLeast(0, 1)]),
  ...forAll(['FFT2D', 'IFFT2D'], (c) => [c.atLeast(0, 2)]),
  ...forAll(['FFT3D', 'IFFT3D'], (c) => [c.atLeast(0, 3)]),
  ...forAll(['RFFT', 'RFFT2D', 'RFFT3D'], (c) => [transformed(c, (length) => Math.floor(length / 2) + 1)]),
  ...forAll(['IRFFT', 'IRFFT2D', 'IRFFT3D'], (c) => [transformed(c, (length) => length)]),
  AudioSpectrogram: (c) => {
    const [samples, audioChannels] = c.ranked(0, 2);
    const [window, stride] = [c.operation.int('window_size'), c.operation.int('stride')];
    const frames = samples === null ? null : samples! < window ? 0 : Math.floor((samples! - window) / stride) + 1;
    // Windows are padded to a power of two.
    return [[audioChannels!, frames, 2 ** Math.ceil(Math.log2(window)) / 2 + 1]];
  },
  Mfcc: (c) => {
    const [audioChannels, frames] = c.ranked(0, 3);
    return [[audioChannels!, frames!, c.operation.int('dct_coefficient_count')]];
  },
  DecodeWav: (c) => {
    const known = (attribute: string): Dimension => {
      const size = c.operation.int(attribute);
      return size < 0 ? null : size;
    };
    return [[known('desired_samples'), known('desired_channels')], []];
  },
};

/** The last dimensions become what the transform's lengths say; only half of the last one is kept of a real signal. */
function transformed(c: ShapeContext, lastOf: (length: number) => number): PartialShape {
  const type = c.operation.type;
  const rank = type.endsWith('2D') ? 2 : type.endsWith('3D') ? 3 : 1;
  const shape = c.atLeast(0, rank);
  const lengths = c.value(1);
  return (
    shape &&
    shape.map((dimension, axis): Dimension => {
      const at = axis - (shape.length - rank);
      if (at < 0) return dimension;
      const length = lengths?.[at] ?? null;
      return length === null ? null : at === rank - 1 && length > 0 ? lastOf(length) : length;
    })
  );
}
