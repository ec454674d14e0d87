import type { Operation } from '@tenon/graph';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize } from './integers.js';
import { atLeastThree, elementsPerChannel, forEachWindowElement, windowAxes, type Padding } from './window.js';

/** The greatest sum of an image and a structuring element that lies on it: grayscale dilation. */
function prepareDilation(operation: Operation): Kernel {
  const middle = (name: string): number[] => operation.list(name, 'int').slice(1, 3).map(Number);
  const strides = middle('strides');
  const rates = middle('rates');
  const padding = operation.string('padding') as Padding;
  return ([image, element]) => {
    const [batch, height, width, channels] = image!.shape as [number, number, number, number];
    if (image!.rank !== 4 || element!.rank !== 3 || element!.shape[2] !== channels) {
      throw new InvalidArgumentError(
        `Images of shape [${image!.shape.join(', ')}] cannot be dilated with an element of shape [${element!.shape.join(', ')}].`,
      );
    }
    const axes = windowAxes([height, width], element!.shape.slice(0, 2), strides, rates, padding);
    const shape = [batch, ...axes.map(({ output }) => output), channels];
    const result = makeNumbers(image!.dtype, checkedSize(shape)).fill(-Infinity);
    const [pixels, heights] = [numbersOf(image!), numbersOf(element!)];
    const [perInput, perOutput] = [elementsPerChannel(axes, 'input'), elementsPerChannel(axes, 'output')];
    for (let at = 0; at < batch; at++) {
      forEachWindowElement(atLeastThree(axes), (output, kernel, input) => {
        for (let channel = 0; channel < channels; channel++) {
          const sum = pixels[(at * perInput + input) * channels + channel]! + heights[kernel * channels + channel]!;
          const to = (at * perOutput + output) * channels + channel;
          if (sum > result[to]!) result[to] = sum;
        }
      });
    }
    return [fromNumbers(image!.dtype, shape, result)];
  };
}

/** Shapes in images made larger and smaller. */
export const morphologyKernels: readonly KernelDefinition[] = [
  define('Dilation2D', prepareDilation, (dtype) => isReal(dtype) && dtype.includes('float')),
];
