import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, type DType, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { shapeFrom } from './integers.js';
import { addMatrixProduct } from './matrix-product.js';
import {
  atLeastThree,
  elementsPerChannel,
  forEachWindowElement,
  isChannelsFirst,
  paddingOf,
  spatial,
  toChannelsFirst,
  toChannelsLast,
  windowAxes,
  type Padding,
  type WindowAxis,
} from './window.js';

type Axes = readonly [WindowAxis, WindowAxis, WindowAxis];

/** The attributes that all convolutions have. */
interface Convolution {
  readonly isFirst: boolean;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: Padding;
}

function convolutionOf(operation: Operation): Convolution {
  const isFirst = isChannelsFirst(operation.string('data_format'));
  const strides = spatial(operation.ints('strides'), isFirst);
  const dilations = operation.find('dilations') ? spatial(operation.ints('dilations'), isFirst) : [];
  return {
    isFirst,
    strides,
    dilations: strides.map((_, axis) => dilations[axis] ?? 1),
    padding: paddingOf(operation, isFirst),
  };
}

const axesOf = (
  { strides, dilations, padding }: Convolution,
  input: readonly number[],
  kernel: readonly number[],
): WindowAxis[] => windowAxes(input, kernel, strides, dilations, padding);

/** Where each window element of one image lies, in channels: the patches as rows of positions, -1 outside the image. */
function patchPositions(axes: Axes): Int32Array {
  const kernel = elementsPerChannel(axes, 'kernel');
  const positions = new Int32Array(elementsPerChannel(axes, 'output') * kernel).fill(-1);
  forEachWindowElement(axes, (output, at, input) => (positions[output * kernel + at] = input));
  return positions;
}

/** The patches of one image as a matrix: a row per window, `kernel · channels` columns; one group of the channels. */
function readPatches(
  input: NumberArray,
  imageStart: number,
  positions: Int32Array,
  channels: number,
  firstChannel: number,
  groupChannels: number,
): Float32Array | Float64Array {
  const patches =
    input instanceof Float64Array
      ? new Float64Array(positions.length * groupChannels)
      : new Float32Array(positions.length * groupChannels);
  for (let i = 0, to = 0; i < positions.length; i++, to += groupChannels) {
    const position = positions[i]!;
    if (position < 0) continue;
    const from = imageStart + position * channels + firstChannel;
    for (let c = 0; c < groupChannels; c++) patches[to + c] = input[from + c]!;
  }
  return patches;
}

/** Weights `[kernel · channels, outputs]` of one group of outputs, in rows of their own. */
function weightsOfGroup(weights: NumberArray, outputs: number, first: number, count: number): NumberArray {
  if (count === outputs) return weights;
  const rows = weights.length / outputs;
  const part = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < count; i++) part[row * count + i] = weights[row * outputs + first + i]!;
  return part;
}

function convolve(image: Tensor, filter: Tensor, convolution: Convolution): Tensor {
  const kernel = filter.shape.slice(0, -2);
  const [groupChannels, outputs] = filter.shape.slice(-2) as [number, number];
  const channels = image.shape.at(-1)!;
  const groups = channels / groupChannels;
  if (image.rank !== filter.rank || !Number.isInteger(groups) || outputs % groups !== 0) {
    throw new InvalidArgumentError(
      `A filter of [${filter.shape.join(', ')}] does not go with images of [${image.shape.join(', ')}].`,
    );
  }
  const spatialAxes = axesOf(convolution, image.shape.slice(1, -1), kernel);
  const axes = atLeastThree(spatialAxes);
  const shape = [image.shape[0]!, ...spatialAxes.map(({ output }) => output), outputs];
  const input = numbersOf(image);
  const weights = numbersOf(filter);
  const result = makeNumbers(image.dtype, sizeOf(shape));
  const positions = patchPositions(axes);
  const windows = elementsPerChannel(axes, 'output');
  const imageSize = elementsPerChannel(axes, 'input') * channels;
  const columns = sizeOf(kernel) * groupChannels;
  const groupOutputs = outputs / groups;
  for (let group = 0; group < groups; group++) {
    const groupWeights = weightsOfGroup(weights, outputs, group * groupOutputs, groupOutputs);
    for (let n = 0; n < shape[0]!; n++) {
      const patches = readPatches(input, n * imageSize, positions, channels, group * groupChannels, groupChannels);
      if (groups === 1) {
        addMatrixProduct(
          patches,
          0,
          columns,
          1,
          groupWeights,
          0,
          false,
          result,
          n * windows * outputs,
          windows,
          columns,
          outputs,
        );
        continue;
      }
      const part = new Float64Array(windows * groupOutputs);
      addMatrixProduct(patches, 0, columns, 1, groupWeights, 0, false, part, 0, windows, columns, groupOutputs);
      for (let window = 0; window < windows; window++) {
        const to = (n * windows + window) * outputs + group * groupOutputs;
        for (let i = 0; i < groupOutputs; i++) result[to + i] = part[window * groupOutputs + i]!;
      }
    }
  }
  return fromNumbers(image.dtype, shape, result);
}

/** Each channel with filters of its own: `[height, width, channels, multiplier]`. */
function convolveDepthwise(image: Tensor, filter: Tensor, convolution: Convolution): Tensor {
  const [, , channels, multiplier] = filter.shape as [number, number, number, number];
  if (image.shape.at(-1) !== channels) {
    throw new InvalidArgumentError(
      `A filter of [${filter.shape.join(', ')}] does not go with images of [${image.shape.join(', ')}].`,
    );
  }
  const spatialAxes = axesOf(convolution, image.shape.slice(1, -1), filter.shape.slice(0, 2));
  const axes = atLeastThree(spatialAxes);
  const outputs = channels * multiplier;
  const shape = [image.shape[0]!, ...spatialAxes.map(({ output }) => output), outputs];
  const input = numbersOf(image);
  const weights = numbersOf(filter);
  const sums = new Float64Array(sizeOf(shape));
  const windows = elementsPerChannel(axes, 'output');
  const imageSize = elementsPerChannel(axes, 'input') * channels;
  for (let n = 0; n < shape[0]!; n++) {
    forEachWindowElement(axes, (output, at, position) => {
      const to = (n * windows + output) * outputs;
      const from = n * imageSize + position * channels;
      const weight = at * outputs;
      if (multiplier === 1) {
        for (let c = 0; c < channels; c++) sums[to + c]! += input[from + c]! * weights[weight + c]!;
      } else {
        for (let o = 0; o < outputs; o++)
          sums[to + o]! += input[from + Math.floor(o / multiplier)]! * weights[weight + o]!;
      }
    });
  }
  const result = makeNumbers(image.dtype, sums.length);
  result.set(sums);
  return fromNumbers(image.dtype, shape, result);
}

/** The gradient of a convolution with respect to its images: a transposed convolution. */
function backpropImages(
  imageShape: readonly number[],
  filter: Tensor,
  gradient: Tensor,
  convolution: Convolution,
): Tensor {
  const kernel = filter.shape.slice(0, -2);
  const [groupChannels, outputs] = filter.shape.slice(-2) as [number, number];
  const channels = imageShape.at(-1)!;
  const groups = channels / groupChannels;
  const spatialAxes = axesOf(convolution, imageShape.slice(1, -1), kernel);
  const expected = [imageShape[0]!, ...spatialAxes.map(({ output }) => output), outputs];
  if (gradient.shape.join() !== expected.join()) {
    throw new InvalidArgumentError(
      `The gradient has shape [${gradient.shape.join(', ')}]; it must be [${expected.join(', ')}].`,
    );
  }
  const axes = atLeastThree(spatialAxes);
  const weights = numbersOf(filter);
  const values = numbersOf(gradient);
  const sums = new Float64Array(sizeOf(imageShape));
  const positions = patchPositions(axes);
  const windows = elementsPerChannel(axes, 'output');
  const imageSize = elementsPerChannel(axes, 'input') * channels;
  const kernelSize = sizeOf(kernel);
  const columns = kernelSize * groupChannels;
  const groupOutputs = outputs / groups;
  for (let group = 0; group < groups; group++) {
    const groupWeights = weightsOfGroup(weights, outputs, group * groupOutputs, groupOutputs);
    for (let n = 0; n < imageShape[0]!; n++) {
      const patches = new Float64Array(windows * columns);
      const start = n * windows * outputs + group * groupOutputs;
      addMatrixProduct(values, start, outputs, 1, groupWeights, 0, true, patches, 0, windows, groupOutputs, columns);
      for (let i = 0, from = 0; i < positions.length; i++, from += groupChannels) {
        const position = positions[i]!;
        if (position < 0) continue;
        const to = n * imageSize + position * channels + group * groupChannels;
        for (let c = 0; c < groupChannels; c++) sums[to + c]! += patches[from + c]!;
      }
    }
  }
  const result = makeNumbers(gradient.dtype, sums.length);
  result.set(sums);
  return fromNumbers(gradient.dtype, imageShape, result);
}

/** The gradient of a convolution with respect to its filter. */
function backpropFilter(
  image: Tensor,
  filterShape: readonly number[],
  gradient: Tensor,
  convolution: Convolution,
): Tensor {
  const kernel = filterShape.slice(0, -2);
  const [groupChannels, outputs] = filterShape.slice(-2) as [number, number];
  const channels = image.shape.at(-1)!;
  const groups = channels / groupChannels;
  const axes = atLeastThree(axesOf(convolution, image.shape.slice(1, -1), kernel));
  const input = numbersOf(image);
  const values = numbersOf(gradient);
  const sums = new Float64Array(sizeOf(filterShape));
  const windows = elementsPerChannel(axes, 'output');
  const imageSize = elementsPerChannel(axes, 'input') * channels;
  const groupOutputs = outputs / groups;
  for (let n = 0; n < image.shape[0]!; n++) {
    forEachWindowElement(axes, (output, at, position) => {
      const from = n * imageSize + position * channels;
      const gradientStart = (n * windows + output) * outputs;
      for (let c = 0; c < groupChannels; c++) {
        const to = (at * groupChannels + c) * outputs;
        for (let o = 0; o < outputs; o++) {
          const channel = Math.floor(o / groupOutputs) * groupChannels + c;
          sums[to + o]! += input[from + channel]! * values[gradientStart + o]!;
        }
      }
    });
  }
  const result = makeNumbers(gradient.dtype, sums.length);
  result.set(sums);
  return fromNumbers(gradient.dtype, filterShape, result);
}

/** A filter `[height, width, channels, multiplier]` as one that mixes channels would see it: its outputs, channel by channel, in groups. */
function asGrouped(shape: readonly number[]): number[] {
  const [height, width, channels, multiplier] = shape as [number, number, number, number];
  return [height, width, 1, channels * multiplier];
}

/** Brings images to channels last and the result back to where its channels were. */
function inChannelsLast(convolution: Convolution, compute: (images: Tensor) => Tensor, images: Tensor): Tensor {
  return convolution.isFirst ? toChannelsFirst(compute(toChannelsLast(images))) : compute(images);
}

function prepareConvolution(operation: Operation): Kernel {
  const convolution = convolutionOf(operation);
  return ([image, filter]) => [inChannelsLast(convolution, (last) => convolve(last, filter!, convolution), image!)];
}

function prepareDepthwise(operation: Operation): Kernel {
  const convolution = convolutionOf(operation);
  return ([image, filter]) => [
    inChannelsLast(convolution, (last) => convolveDepthwise(last, filter!, convolution), image!),
  ];
}

const prepareBackpropInput =
  (isDepthwise: boolean) =>
  (operation: Operation): Kernel => {
    const convolution = convolutionOf(operation);
    return ([sizes, filter, gradient]) => {
      const given = shapeFrom(sizes!);
      const shape = convolution.isFirst ? [given[0]!, ...given.slice(2), given[1]!] : given;
      const grouped = isDepthwise ? filter!.reshape(asGrouped(filter!.shape)) : filter!;
      return [inChannelsLast(convolution, (last) => backpropImages(shape, grouped, last, convolution), gradient!)];
    };
  };

const prepareBackpropFilter =
  (isDepthwise: boolean) =>
  (operation: Operation): Kernel => {
    const convolution = convolutionOf(operation);
    const last = convolution.isFirst ? toChannelsLast : (tensor: Tensor): Tensor => tensor;
    return ([image, sizes, gradient]) => {
      const shape = shapeFrom(sizes!);
      const grouped = isDepthwise ? asGrouped(shape) : shape;
      return [backpropFilter(last(image!), grouped, last(gradient!), convolution).reshape(shape)];
    };
  };

const isConvolved = (dtype: DType): boolean => isFloating(dtype) || dtype === 'int32' || dtype === 'int64';

export const convolutionKernels: readonly KernelDefinition[] = [
  define('Conv2D', prepareConvolution, isConvolved),
  define('Conv3D', prepareConvolution, isConvolved),
  define('DepthwiseConv2dNative', prepareDepthwise, isConvolved),
  define('Conv2DBackpropInput', prepareBackpropInput(false), isConvolved),
  define('Conv3DBackpropInputV2', prepareBackpropInput(false), isConvolved),
  define('DepthwiseConv2dNativeBackpropInput', prepareBackpropInput(true), isConvolved),
  define('Conv2DBackpropFilter', prepareBackpropFilter(false), isConvolved),
  define('Conv3DBackpropFilterV2', prepareBackpropFilter(false), isConvolved),
  define('DepthwiseConv2dNativeBackpropFilter', prepareBackpropFilter(true), isConvolved),
];
