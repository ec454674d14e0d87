import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integers, integersOf, shapeFrom } from './integers.js';
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

interface Pooling {
  readonly isFirst: boolean;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
}

function poolingOf(operation: Operation, kernel: readonly number[], strides: readonly number[]): Pooling {
  const isFirst = operation.find('data_format') ? isChannelsFirst(operation.string('data_format')) : false;
  const channel = isFirst ? 1 : kernel.length - 1;
  if (kernel[0] !== 1 || kernel[channel] !== 1)
    throw new InvalidArgumentError('Windows over the batch or the channels are not supported.');
  return {
    isFirst,
    kernel: spatial(kernel, isFirst),
    strides: spatial(strides, isFirst),
    padding: paddingOf(operation, isFirst),
  };
}

const axesFor = ({ kernel, strides, padding }: Pooling, shape: readonly number[]): WindowAxis[] =>
  windowAxes(
    shape.slice(1, -1),
    kernel,
    strides,
    kernel.map(() => 1),
    padding,
  );

/** The greatest elements under each window, and where each lies in its image. */
function maxPool(image: Tensor, pooling: Pooling): { readonly output: Tensor; readonly positions: Float64Array } {
  const spatialAxes = axesFor(pooling, image.shape);
  const axes = atLeastThree(spatialAxes);
  const channels = image.shape.at(-1)!;
  const shape = [image.shape[0]!, ...spatialAxes.map(({ output }) => output), channels];
  const input = numbersOf(image);
  const result = makeNumbers(image.dtype, sizeOf(shape));
  const positions = new Float64Array(result.length).fill(-1);
  const windows = elementsPerChannel(axes, 'output');
  const imageSize = elementsPerChannel(axes, 'input') * channels;
  for (let n = 0; n < shape[0]!; n++) {
    forEachWindowElement(axes, (output, _, position) => {
      for (let c = 0; c < channels; c++) {
        const to = (n * windows + output) * channels + c;
        const from = n * imageSize + position * channels + c;
        const value = input[from]!;
        if (positions[to]! < 0 || value > result[to]!) {
          result[to] = value;
          positions[to] = from;
        }
      }
    });
  }
  return { output: fromNumbers(image.dtype, shape, result), positions };
}

/** The mean of what each window covers of the image. */
function averagePool(image: Tensor, pooling: Pooling): Tensor {
  const spatialAxes = axesFor(pooling, image.shape);
  const axes = atLeastThree(spatialAxes);
  const channels = image.shape.at(-1)!;
  const shape = [image.shape[0]!, ...spatialAxes.map(({ output }) => output), channels];
  const input = numbersOf(image);
  const sums = new Float64Array(sizeOf(shape));
  const windows = elementsPerChannel(axes, 'output');
  const counts = windowCounts(axes);
  const imageSize = elementsPerChannel(axes, 'input') * channels;
  for (let n = 0; n < shape[0]!; n++) {
    forEachWindowElement(axes, (output, _, position) => {
      const to = (n * windows + output) * channels;
      const from = n * imageSize + position * channels;
      for (let c = 0; c < channels; c++) sums[to + c]! += input[from + c]!;
    });
  }
  const result = makeNumbers(image.dtype, sums.length);
  for (let i = 0; i < sums.length; i++) result[i] = sums[i]! / counts[Math.floor(i / channels) % windows]!;
  return fromNumbers(image.dtype, shape, result);
}

/** How many elements of the image each window covers. */
function windowCounts(axes: readonly [WindowAxis, WindowAxis, WindowAxis]): Int32Array {
  const counts = new Int32Array(elementsPerChannel(axes, 'output'));
  forEachWindowElement(axes, (output) => counts[output]!++);
  return counts;
}

const inChannelsLast = (pooling: Pooling, pool: (image: Tensor) => Tensor, image: Tensor): Tensor =>
  pooling.isFirst ? toChannelsFirst(pool(toChannelsLast(image))) : pool(image);

function preparePool(pool: (image: Tensor, pooling: Pooling) => Tensor): (operation: Operation) => Kernel {
  return (operation) => {
    const pooling = poolingOf(operation, operation.ints('ksize'), operation.ints('strides'));
    return ([image]) => [inChannelsLast(pooling, (last) => pool(last, pooling), image!)];
  };
}

function prepareMaxPoolV2(operation: Operation): Kernel {
  return ([image, kernel, strides]) => {
    const pooling = poolingOf(operation, Array.from(integersOf(kernel!)), Array.from(integersOf(strides!)));
    return [inChannelsLast(pooling, (last) => maxPool(last, pooling).output, image!)];
  };
}

function prepareMaxPoolWithArgmax(operation: Operation): Kernel {
  const pooling = poolingOf(operation, operation.ints('ksize'), operation.ints('strides'));
  const dtype = operation.dtype('Targmax');
  const includesBatch = operation.bool('include_batch_in_index');
  return ([image]) => {
    const { output, positions } = maxPool(image!, pooling);
    const imageSize = sizeOf(image!.shape.slice(1));
    const indices = includesBatch ? positions : positions.map((position) => position % imageSize);
    return [output, integers(dtype, output.shape, indices)];
  };
}

/** The gradient goes to the greatest element of each window. */
function maxPoolGradient(image: Tensor, gradient: Tensor, pooling: Pooling): Tensor {
  const last = pooling.isFirst ? toChannelsLast : (tensor: Tensor): Tensor => tensor;
  const { output, positions } = maxPool(last(image), pooling);
  if (last(gradient).shape.join() !== output.shape.join())
    throw new InvalidArgumentError(
      `The gradient has shape [${gradient.shape.join(', ')}], which is not that of the pool.`,
    );
  const values = numbersOf(last(gradient));
  const sums = makeNumbers(image.dtype, image.size);
  for (let i = 0; i < positions.length; i++) sums[positions[i]!]! += values[i]!;
  const result = fromNumbers(image.dtype, last(image).shape, sums);
  return pooling.isFirst ? toChannelsFirst(result) : result;
}

function prepareMaxPoolGrad(operation: Operation): Kernel {
  const pooling = poolingOf(operation, operation.ints('ksize'), operation.ints('strides'));
  return ([image, , gradient]) => [maxPoolGradient(image!, gradient!, pooling)];
}

function prepareMaxPoolGradV2(operation: Operation): Kernel {
  return ([image, , gradient, kernel, strides]) => {
    const pooling = poolingOf(operation, Array.from(integersOf(kernel!)), Array.from(integersOf(strides!)));
    return [maxPoolGradient(image!, gradient!, pooling)];
  };
}

/** The gradient is shared out over what each window covered. */
function prepareAvgPoolGrad(operation: Operation): Kernel {
  const pooling = poolingOf(operation, operation.ints('ksize'), operation.ints('strides'));
  return ([sizes, gradient]) => {
    const given = shapeFrom(sizes!);
    const shape = pooling.isFirst ? [given[0]!, ...given.slice(2), given[1]!] : given;
    const share = (last: Tensor): Tensor => {
      const axes = atLeastThree(axesFor(pooling, shape));
      const channels = shape.at(-1)!;
      const windows = elementsPerChannel(axes, 'output');
      const imageSize = elementsPerChannel(axes, 'input') * channels;
      const counts = windowCounts(axes);
      const values = numbersOf(last);
      if (last.shape[0] !== shape[0] || values.length !== shape[0]! * windows * channels)
        throw new InvalidArgumentError(
          `A gradient of shape [${last.shape.join(', ')}] does not go with images of [${shape.join(', ')}].`,
        );
      const sums = makeNumbers(last.dtype, sizeOf(shape));
      for (let n = 0; n < shape[0]!; n++) {
        forEachWindowElement(axes, (output, _, position) => {
          for (let c = 0; c < channels; c++) {
            sums[n * imageSize + position * channels + c]! +=
              values[(n * windows + output) * channels + c]! / counts[output]!;
          }
        });
      }
      return fromNumbers(last.dtype, shape, sums);
    };
    return [inChannelsLast(pooling, share, gradient!)];
  };
}

const maximum = (image: Tensor, pooling: Pooling): Tensor => maxPool(image, pooling).output;

export const poolingKernels: readonly KernelDefinition[] = [
  define('MaxPool', preparePool(maximum), isReal),
  define('MaxPoolV2', prepareMaxPoolV2, isReal),
  define('MaxPool3D', preparePool(maximum), isReal),
  define('MaxPoolWithArgmax', prepareMaxPoolWithArgmax, isReal),
  define('MaxPoolGrad', prepareMaxPoolGrad, isReal),
  define('MaxPoolGradV2', prepareMaxPoolGradV2, isReal),
  define('MaxPool3DGrad', prepareMaxPoolGrad, isReal),
  define('AvgPool', preparePool(averagePool), isFloating),
  define('AvgPool3D', preparePool(averagePool), isFloating),
  define('AvgPoolGrad', prepareAvgPoolGrad, isReal),
  define('AvgPool3DGrad', prepareAvgPoolGrad, isReal),
];
