import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { copyWords, defineMovement, makeTensor, wordsOf, wordsPerElement } from './movement.js';
import { atLeastThree, elementsPerChannel, forEachWindowElement, windowAxes } from './window.js';

/** Hue, saturation and value in [0, 1] of a colour. */
function toHsv(red: number, green: number, blue: number, output: NumberArray | number[], at: number): void {
  const value = Math.max(red, green, blue);
  const range = value - Math.min(red, green, blue);
  output[at + 1] = value > 0 ? range / value : 0;
  output[at + 2] = value;
  if (range <= 0) {
    output[at] = 0;
    return;
  }
  const sixth = 1 / (6 * range);
  let hue: number;
  if (red === value) hue = sixth * (green - blue);
  else if (green === value) hue = sixth * (blue - red) + 2 / 6;
  else hue = sixth * (red - green) + 4 / 6;
  output[at] = hue < 0 ? hue + 1 : hue;
}

function toRgb(hue: number, saturation: number, value: number, output: NumberArray | number[], at: number): void {
  const chroma = saturation * value;
  const low = value - chroma;
  const sector = hue * 6;
  const clamp = (x: number): number => Math.max(0, Math.min(1, x));
  output[at] = clamp(Math.abs(sector - 3) - 1) * chroma + low;
  output[at + 1] = clamp(2 - Math.abs(sector - 2)) * chroma + low;
  output[at + 2] = clamp(2 - Math.abs(sector - 4)) * chroma + low;
}

/** Does something to every colour, which are the last axis. */
function mapColours(tensor: Tensor, map: (input: NumberArray, output: NumberArray, at: number) => void): Tensor {
  if (tensor.shape.at(-1) !== 3)
    throw new InvalidArgumentError(`Colours have three channels; the shape is [${tensor.shape.join(', ')}].`);
  const input = numbersOf(tensor);
  const output = makeNumbers(tensor.dtype, input.length);
  for (let i = 0; i < input.length; i += 3) map(input, output, i);
  return fromNumbers(tensor.dtype, tensor.shape, output);
}

const rgbToHsv: Kernel = ([tensor]) => [
  mapColours(tensor!, (input, output, at) => toHsv(input[at]!, input[at + 1]!, input[at + 2]!, output, at)),
];

const hsvToRgb: Kernel = ([tensor]) => [
  mapColours(tensor!, (input, output, at) => toRgb(input[at]!, input[at + 1]!, input[at + 2]!, output, at)),
];

const adjusting =
  (adjust: (hsv: number[], amount: number) => void): Kernel =>
  ([tensor, amountTensor]) => {
    const amount = numbersOf(amountTensor!)[0]!;
    const hsv = [0, 0, 0];
    return [
      mapColours(tensor!, (input, output, at) => {
        toHsv(input[at]!, input[at + 1]!, input[at + 2]!, hsv, 0);
        adjust(hsv, amount);
        toRgb(hsv[0]!, hsv[1]!, hsv[2]!, output, at);
      }),
    ];
  };

const adjustHue = adjusting((hsv, amount) => {
  const hue = (hsv[0]! + amount) % 1;
  hsv[0] = hue < 0 ? hue + 1 : hue;
});

const adjustSaturation = adjusting((hsv, amount) => {
  hsv[1] = Math.max(0, Math.min(1, hsv[1]! * amount));
});

/** Scales each channel around its mean. */
const adjustContrast: Kernel = ([tensor, factorTensor]) => {
  const [height, width, channels] = tensor!.shape.slice(-3) as [number, number, number];
  const factor = numbersOf(factorTensor!)[0]!;
  const input = numbersOf(tensor!);
  const output = makeNumbers(tensor!.dtype, input.length);
  const pixels = height * width;
  for (let image = 0; image < input.length; image += pixels * channels) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = 0; i < pixels; i++) sum += input[image + i * channels + c]!;
      const mean = sum / pixels;
      for (let i = 0; i < pixels; i++) {
        const at = image + i * channels + c;
        output[at] = (input[at]! - mean) * factor + mean;
      }
    }
  }
  return [fromNumbers(tensor!.dtype, tensor!.shape, output)];
};

/** What lies under each window, side by side in the channels; zeros outside the image. */
function prepareExtractPatches(operation: Operation): Kernel {
  const sizes = operation.ints('ksizes').slice(1, -1);
  const strides = operation.ints('strides').slice(1, -1);
  const rates = operation.find('rates') ? operation.ints('rates').slice(1, -1) : sizes.map(() => 1);
  const padding = operation.string('padding') as 'SAME' | 'VALID';
  return ([tensor]) => {
    const { shape, dtype } = tensor!;
    const spatialAxes = windowAxes(shape.slice(1, -1), sizes, strides, rates, padding);
    const axes = atLeastThree(spatialAxes);
    const channels = shape.at(-1)!;
    const columns = sizeOf(sizes) * channels;
    const output = makeTensor(dtype, [shape[0]!, ...spatialAxes.map((axis) => axis.output), columns]);
    const words = wordsPerElement(dtype);
    const source = wordsOf(tensor!);
    const target = wordsOf(output);
    const windows = elementsPerChannel(axes, 'output');
    const imageSize = elementsPerChannel(axes, 'input') * channels;
    for (let n = 0; n < shape[0]!; n++) {
      forEachWindowElement(axes, (window, at, position) => {
        const from = (n * imageSize + position * channels) * words;
        copyWords(source, from, target, ((n * windows + window) * columns + at * channels) * words, channels * words);
      });
    }
    return [output];
  };
}

export const imageAdjustmentKernels: readonly KernelDefinition[] = [
  define('RGBToHSV', () => rgbToHsv, isFloating),
  define('HSVToRGB', () => hsvToRgb, isFloating),
  define('AdjustHue', () => adjustHue, isFloating),
  define('AdjustSaturation', () => adjustSaturation, isFloating),
  define('AdjustContrastv2', () => adjustContrast, isReal),
  defineMovement('ExtractImagePatches', prepareExtractPatches),
  defineMovement('ExtractVolumePatches', prepareExtractPatches),
];
