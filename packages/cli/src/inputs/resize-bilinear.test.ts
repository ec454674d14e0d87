import { describe, expect, it } from '@jest/globals';
import { resizeBilinear, type Image } from './resize-bilinear.js';

const IMAGE: Image = {
  height: 3,
  width: 4,
  channels: 2,
  data: Float32Array.of(
    0.42, 0.72, 0, 0.3, 0.15, 0.09, 0.19, 0.35,
    0.4, 0.54, 0.42, 0.69, 0.2, 0.88, 0.03, 0.67,
    0.42, 0.56, 0.14, 0.2, 0.8, 0.97, 0.31, 0.69,
  ), // prettier-ignore
};

// What tf.image.resize(IMAGE, [height, width]) of TensorFlow 2.21 gives.
const RESIZED: readonly (readonly [height: number, width: number, elements: readonly number[]])[] = [
  [1, 1, [0.31, 0.78499997]],
  [2, 3, [0.3633333, 0.62875, 0.13375, 0.3425, 0.15208334, 0.40625003, 0.38083333, 0.51625, 0.43, 0.635, 0.30833328, 0.72875]],
  [3, 8, [
    0.42, 0.72, 0.315, 0.615, 0.10499999, 0.40500003, 0.0375, 0.2475, 0.112500004, 0.14250001, 0.16, 0.155, 0.18, 0.285, 0.19, 0.35,
    0.4, 0.54, 0.405, 0.5775, 0.415, 0.65250003, 0.36499998, 0.7375, 0.255, 0.8325, 0.1575, 0.8275, 0.072500005, 0.7225, 0.03, 0.67,
    0.42, 0.56, 0.35, 0.47, 0.21000001, 0.29, 0.305, 0.3925, 0.635, 0.77750003, 0.6775, 0.90000004, 0.4325, 0.76, 0.31, 0.69,
  ]],
]; // prettier-ignore

describe('resizeBilinear', () => {
  it.each(RESIZED)('gives what TensorFlow gives for %d × %d', (height, width, expected) => {
    const { data } = resizeBilinear(IMAGE, height, width);
    expect(data).toHaveLength(expected.length);
    expected.forEach((element, index) => expect(data[index]).toBeCloseTo(element, 6));
  });

  it('leaves an image of the right size alone', () => {
    expect(resizeBilinear(IMAGE, 3, 4)).toBe(IMAGE);
  });
});
