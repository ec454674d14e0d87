import type { Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { gather } from './gather.js';
import { checkedSize, integersOf } from './integers.js';
import { defineMovement } from './movement.js';

/** How positions in a resized image map to the image it is made from. All in float32, as TensorFlow computes it. */
interface ResizeAxis {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  readonly isHalfPixel: boolean;
  readonly isAligned: boolean;
}

function resizeAxis(input: number, output: number, operation: Operation): ResizeAxis {
  const isAligned = operation.bool('align_corners');
  const isHalfPixel = operation.find('half_pixel_centers') !== undefined && operation.bool('half_pixel_centers');
  const scale = Math.fround(isAligned && output > 1 ? (input - 1) / (output - 1) : input / output);
  return { input, output, scale, isHalfPixel, isAligned };
}

const { fround } = Math;

const sourceOf = ({ scale, isHalfPixel }: ResizeAxis, at: number): number =>
  isHalfPixel ? fround(fround(fround(at + 0.5) * scale) - 0.5) : fround(at * scale);

function nearestPositions(axis: ResizeAxis): Tensor {
  const positions = Int32Array.from({ length: axis.output }, (_, at) => {
    const source = axis.isHalfPixel ? fround(fround(at + 0.5) * axis.scale) : fround(at * axis.scale);
    return Math.max(0, Math.min(axis.isAligned ? Math.round(source) : Math.floor(source), axis.input - 1));
  });
  return new Tensor('int32', [axis.output], positions);
}

function sizesOf(
  image: Tensor,
  size: Tensor,
): { batch: number; height: number; width: number; channels: number; to: readonly number[] } {
  const to = Array.from(integersOf(size));
  if (image.rank !== 4 || to.length !== 2 || to.some((length) => !(length > 0))) {
    throw new InvalidArgumentError(
      `Images of shape [${image.shape.join(', ')}] cannot be resized to [${to.join(', ')}].`,
    );
  }
  checkedSize([image.shape[0]!, ...to, image.shape[3]!]);
  const [batch, height, width, channels] = image.shape as [number, number, number, number];
  if (height === 0 || width === 0)
    throw new InvalidArgumentError('There is nothing to resize in an image without pixels.');
  return { batch, height, width, channels, to };
}

function prepareNearest(operation: Operation): Kernel {
  return ([image, size]) => {
    const { height, width, to } = sizesOf(image!, size!);
    const rows = gather(image!, nearestPositions(resizeAxis(height, to[0]!, operation)), 1, 0);
    return [gather(rows, nearestPositions(resizeAxis(width, to[1]!, operation)), 2, 0)];
  };
}

/** For each output position the input positions that it is made of, and their weights. */
interface Taps {
  readonly perOutput: number;
  readonly positions: Int32Array;
  readonly weights: Float32Array;
}

function bilinearTaps(axis: ResizeAxis): Taps {
  const positions = new Int32Array(2 * axis.output);
  const weights = new Float32Array(2 * axis.output);
  for (let at = 0; at < axis.output; at++) {
    const source = sourceOf(axis, at);
    const floor = Math.floor(source);
    const fraction = fround(source - floor);
    positions[2 * at] = Math.max(floor, 0);
    positions[2 * at + 1] = Math.min(axis.isHalfPixel ? floor + 1 : Math.ceil(source), axis.input - 1);
    weights[2 * at] = 1 - fraction;
    weights[2 * at + 1] = fraction;
  }
  return { perOutput: 2, positions, weights };
}

/** Interpolates along both axes; the result is float32. */
function resample(image: Tensor, rows: Taps, columns: Taps, height: number, width: number): Tensor {
  const [batch, inputHeight, inputWidth, channels] = image.shape as [number, number, number, number];
  const input = numbersOf(image);
  const output = new Float32Array(batch * height * width * channels);
  let o = 0;
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let i = y * rows.perOutput; i < (y + 1) * rows.perOutput; i++) {
            const row = (n * inputHeight + rows.positions[i]!) * inputWidth * channels + c;
            let inner = 0;
            for (let j = x * columns.perOutput; j < (x + 1) * columns.perOutput; j++) {
              inner += input[row + columns.positions[j]! * channels]! * columns.weights[j]!;
            }
            sum += inner * rows.weights[i]!;
          }
          output[o++] = sum;
        }
      }
    }
  }
  return new Tensor('float32', [batch, height, width, channels], output);
}

function prepareInterpolation(tapsOf: (axis: ResizeAxis) => Taps): (operation: Operation) => Kernel {
  return (operation) =>
    ([image, size]) => {
      const { height, width, to } = sizesOf(image!, size!);
      const rows = tapsOf(resizeAxis(height, to[0]!, operation));
      const columns = tapsOf(resizeAxis(width, to[1]!, operation));
      return [resample(image!, rows, columns, to[0]!, to[1]!)];
    };
}

/** Keys' cubic: with a of -0.75 as TensorFlow had it first, or of -0.5 with half-pixel centers. */
function cubicWeight(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** The resolution at which TensorFlow tabulates the weights of cubic interpolation. */
const CUBIC_STEPS = 1024;

function bicubicTaps(axis: ResizeAxis): Taps {
  const a = axis.isHalfPixel ? -0.5 : -0.75;
  const positions = new Int32Array(4 * axis.output);
  const weights = new Float32Array(4 * axis.output);
  for (let at = 0; at < axis.output; at++) {
    const source = sourceOf(axis, at);
    const floor = Math.floor(source);
    const step = Math.round((source - floor) * CUBIC_STEPS) / CUBIC_STEPS;
    let total = 0;
    for (let tap = 0; tap < 4; tap++) {
      const position = floor - 1 + tap;
      const clamped = Math.max(0, Math.min(position, axis.input - 1));
      positions[4 * at + tap] = clamped;
      let weight = cubicWeight(step - (tap - 1), a);
      // With half-pixel centers what lies outside the image does not count, and the rest is scaled up.
      if (axis.isHalfPixel && position !== clamped) weight = 0;
      weights[4 * at + tap] = weight;
      total += weight;
    }
    if (axis.isHalfPixel && Math.abs(total) >= 1000 * 1.1754943508222875e-38) {
      for (let tap = 0; tap < 4; tap++) weights[4 * at + tap]! /= total;
    }
  }
  return { perOutput: 4, positions, weights };
}

/** Every pixel that an output pixel covers, weighted by how much of it that is. */
function areaTaps(axis: ResizeAxis): Taps {
  const { scale, output, input } = axis;
  const perOutput = Math.ceil(scale) + 1;
  const positions = new Int32Array(perOutput * output);
  const weights = new Float32Array(perOutput * output);
  for (let at = 0; at < output; at++) {
    const first = fround(at * scale);
    const last = fround((at + 1) * scale);
    const start = Math.floor(first);
    for (let tap = 0; tap < perOutput; tap++) {
      const pixel = start + tap;
      const covered = Math.min(pixel + 1, last) - Math.max(pixel, first);
      positions[at * perOutput + tap] = Math.max(0, Math.min(pixel, input - 1));
      weights[at * perOutput + tap] = Math.max(0, covered) / scale;
    }
  }
  return { perOutput, positions, weights };
}

/** The gradient of a bilinear resize with respect to the image. */
function prepareBilinearGrad(operation: Operation): Kernel {
  return ([gradient, image]) => {
    const [batch, height, width, channels] = gradient!.shape as [number, number, number, number];
    const [, inputHeight, inputWidth] = image!.shape as [number, number, number, number];
    const rows = bilinearTaps(resizeAxis(inputHeight, height, operation));
    const columns = bilinearTaps(resizeAxis(inputWidth, width, operation));
    const values = numbersOf(gradient!);
    const sums = makeNumbers(image!.dtype, image!.size);
    for (let i = 0; i < values.length; i++) {
      const c = i % channels;
      const x = Math.floor(i / channels) % width;
      const y = Math.floor(i / channels / width) % height;
      const n = Math.floor(i / channels / width / height);
      for (let row = 2 * y; row < 2 * y + 2; row++) {
        for (let column = 2 * x; column < 2 * x + 2; column++) {
          const to =
            ((n * inputHeight + rows.positions[row]!) * inputWidth + columns.positions[column]!) * channels + c;
          sums[to]! += values[i]! * rows.weights[row]! * columns.weights[column]!;
        }
      }
    }
    if (batch !== image!.shape[0])
      throw new InvalidArgumentError('The gradient and the images are of different batches.');
    return [fromNumbers(image!.dtype, image!.shape, sums)];
  };
}

/** The gradient of a resize to the nearest pixels: each pixel gets those of all that were taken from it. */
function prepareNearestGrad(operation: Operation): Kernel {
  return ([gradient, size]) => {
    const { batch, height, width, channels, to } = sizesOf(gradient!, size!);
    const [inputHeight, inputWidth] = to as [number, number];
    const rows = integersOf(nearestPositions(resizeAxis(inputHeight, height, operation)));
    const columns = integersOf(nearestPositions(resizeAxis(inputWidth, width, operation)));
    const values = numbersOf(gradient!);
    const shape = [batch, inputHeight, inputWidth, channels];
    const sums = makeNumbers(gradient!.dtype, batch * inputHeight * inputWidth * channels);
    for (let n = 0, from = 0; n < batch; n++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const start = ((n * inputHeight + rows[y]!) * inputWidth + columns[x]!) * channels;
          for (let c = 0; c < channels; c++) sums[start + c]! += values[from++]!;
        }
      }
    }
    return [fromNumbers(gradient!.dtype, shape, sums)];
  };
}

/** Where a crop reads along one axis, in the units of the image; outside it there is nothing. */
function cropPosition(first: number, last: number, input: number, output: number, at: number): number {
  if (output === 1) return fround(fround(0.5 * fround(first + last)) * (input - 1));
  const scale = fround(fround(fround(last - first) * (input - 1)) / (output - 1));
  return fround(fround(first * (input - 1)) + fround(at * scale));
}

function prepareCropAndResize(operation: Operation): Kernel {
  const isNearest = operation.string('method') === 'nearest';
  const outside = operation.float('extrapolation_value');
  return ([image, boxesTensor, indices, size]) => {
    const { batch, height, width, channels, to } = sizesOf(image!, size!);
    const [cropHeight, cropWidth] = to as [number, number];
    const boxes = numbersOf(boxesTensor!);
    const images = integersOf(indices!);
    const input = numbersOf(image!);
    const output = new Float32Array(images.length * cropHeight * cropWidth * channels);
    for (let box = 0, o = 0; box < images.length; box++) {
      const n = images[box]!;
      if (!(n >= 0 && n < batch)) throw new InvalidArgumentError(`Box ${box} is of image ${n}; there are ${batch}.`);
      const [y1, x1, y2, x2] = boxes.subarray(4 * box, 4 * box + 4) as unknown as [number, number, number, number];
      for (let row = 0; row < cropHeight; row++) {
        const y = cropPosition(y1, y2, height, cropHeight, row);
        for (let column = 0; column < cropWidth; column++, o += channels) {
          const x = cropPosition(x1, x2, width, cropWidth, column);
          if (!(y >= 0 && y <= height - 1 && x >= 0 && x <= width - 1)) output.fill(outside, o, o + channels);
          else sampleAt(input, n * height * width * channels, width, channels, y, x, isNearest, output, o);
        }
      }
    }
    return [new Tensor('float32', [images.length, cropHeight, cropWidth, channels], output)];
  };
}

/** The channels of an image at a position between pixels. */
function sampleAt(
  input: NumberArray,
  start: number,
  width: number,
  channels: number,
  y: number,
  x: number,
  isNearest: boolean,
  output: Float32Array,
  to: number,
): void {
  const at = (row: number, column: number): number => start + (row * width + column) * channels;
  if (isNearest) {
    const from = at(Math.round(y), Math.round(x));
    for (let c = 0; c < channels; c++) output[to + c] = input[from + c]!;
    return;
  }
  const top = Math.floor(y);
  const left = Math.floor(x);
  const bottom = Math.ceil(y);
  const right = Math.ceil(x);
  const down = y - top;
  const across = x - left;
  for (let c = 0; c < channels; c++) {
    const upper = input[at(top, left) + c]! * (1 - across) + input[at(top, right) + c]! * across;
    const lower = input[at(bottom, left) + c]! * (1 - across) + input[at(bottom, right) + c]! * across;
    output[to + c] = upper + (lower - upper) * down;
  }
}

export const imageKernels: readonly KernelDefinition[] = [
  defineMovement('ResizeNearestNeighbor', prepareNearest),
  define('ResizeBilinear', prepareInterpolation(bilinearTaps), isReal),
  define('ResizeBicubic', prepareInterpolation(bicubicTaps), isReal),
  define('ResizeArea', prepareInterpolation(areaTaps), isReal),
  define('ResizeBilinearGrad', prepareBilinearGrad, isReal),
  define('ResizeNearestNeighborGrad', prepareNearestGrad, isReal),
  define('CropAndResize', prepareCropAndResize, isReal),
];
