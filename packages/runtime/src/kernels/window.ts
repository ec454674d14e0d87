import type { Operation } from '@tenon/graph';
import { sizeOf, type Tensor } from '@tenon/tensor';
import { InvalidArgumentError } from './errors.js';
import { transpose } from './movement.js';

/** How a window slides along one axis. */
export interface WindowAxis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Where the first window starts: that many elements before the first one. */
  readonly before: number;
  /** How many windows there are. */
  readonly output: number;
}

/** As TensorFlow pads: so that every element has a window, not at all, or by these numbers before and after each axis. */
export type Padding = 'SAME' | 'VALID' | readonly (readonly [before: number, after: number])[];

/** The `padding` attribute, for the spatial axes alone. */
export function paddingOf(operation: Operation, isChannelsFirst: boolean): Padding {
  const padding = operation.string('padding');
  if (padding !== 'EXPLICIT') return padding as 'SAME' | 'VALID';
  const values = operation.ints('explicit_paddings');
  const pairs = Array.from(
    { length: values.length / 2 },
    (_, axis) => [values[2 * axis]!, values[2 * axis + 1]!] as const,
  );
  return spatial(pairs, isChannelsFirst);
}

/** Of values for every axis, those for the spatial ones. */
export function spatial<T>(values: readonly T[], isChannelsFirst: boolean): T[] {
  return isChannelsFirst ? values.slice(2) : values.slice(1, -1);
}

export function windowAxes(
  input: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  padding: Padding,
): WindowAxis[] {
  return input.map((size, axis) => {
    const stride = strides[axis]!;
    const dilation = dilations[axis]!;
    const reach = (kernel[axis]! - 1) * dilation + 1;
    let before = 0;
    let output: number;
    if (padding === 'SAME') {
      output = Math.ceil(size / stride);
      before = Math.floor(Math.max(0, (output - 1) * stride + reach - size) / 2);
    } else {
      const [first, last] = padding === 'VALID' ? [0, 0] : padding[axis]!;
      before = first;
      output = Math.floor((size + first + last - reach) / stride) + 1;
    }
    if (!(output >= 0) || !(stride >= 1)) {
      throw new InvalidArgumentError(
        `A window of ${reach} with a stride of ${stride} does not slide along ${size} elements.`,
      );
    }
    return { input: size, kernel: kernel[axis]!, stride, dilation, before, output };
  });
}

/** As if there were three spatial axes, so that the same loops serve all. */
export function atLeastThree(axes: readonly WindowAxis[]): [WindowAxis, WindowAxis, WindowAxis] {
  const single: WindowAxis = { input: 1, kernel: 1, stride: 1, dilation: 1, before: 0, output: 1 };
  return [...Array.from({ length: 3 - axes.length }, () => single), ...axes] as [WindowAxis, WindowAxis, WindowAxis];
}

/**
 * Calls for each element under each window: `visit(output position, kernel position, input position)`, all counted in row-major order
 * without the channels. What lies outside the input is left out.
 */
export function forEachWindowElement(
  [depth, height, width]: readonly [WindowAxis, WindowAxis, WindowAxis],
  visit: (output: number, kernel: number, input: number) => void,
): void {
  let output = 0;
  for (let od = 0; od < depth.output; od++) {
    for (let oh = 0; oh < height.output; oh++) {
      for (let ow = 0; ow < width.output; ow++, output++) {
        for (let kd = 0; kd < depth.kernel; kd++) {
          const d = od * depth.stride - depth.before + kd * depth.dilation;
          if (d < 0 || d >= depth.input) continue;
          for (let kh = 0; kh < height.kernel; kh++) {
            const h = oh * height.stride - height.before + kh * height.dilation;
            if (h < 0 || h >= height.input) continue;
            for (let kw = 0; kw < width.kernel; kw++) {
              const w = ow * width.stride - width.before + kw * width.dilation;
              if (w < 0 || w >= width.input) continue;
              visit(output, (kd * height.kernel + kh) * width.kernel + kw, (d * height.input + h) * width.input + w);
            }
          }
        }
      }
    }
  }
}

export const isChannelsFirst = (format: string): boolean => format.startsWith('NC');

/** The tensor with its channels last. */
export function toChannelsLast(tensor: Tensor): Tensor {
  const { rank } = tensor;
  return transpose(tensor, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);
}

/** The tensor with its channels, which are last, after the batch. */
export function toChannelsFirst(tensor: Tensor): Tensor {
  const { rank } = tensor;
  return transpose(tensor, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
}

export const elementsPerChannel = (axes: readonly WindowAxis[], side: 'input' | 'output' | 'kernel'): number =>
  sizeOf(axes.map((axis) => axis[side]));
