import type { Operation } from '@tenon/graph';
import type { Shape } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel, kernels } from '../engine.js';
import type { Op } from '../op.js';
import { filled, require } from './arithmetic.js';
import { fromChannelsLast, readWindow, toChannelsLast, whyNotSpatial, type Window } from './spatial.js';

/** How many groups of channels are convolved apart. */
function countGroups(x: TfTensor, filter: TfTensor, rank: number): number {
  const groups = x.shape[rank - 1]! / filter.shape[rank - 2]!;
  require(x.rank === rank &&
    filter.rank === rank &&
    Number.isInteger(groups) &&
    filter.shape[rank - 1]! % groups ===
      0, `A filter [${filter.shape.join()}] does not fit images [${x.shape.join()}].`);
  require(filter.size > 0, 'The filter is empty.');
  return groups;
}

function splitAxis(x: TfTensor, count: number, axis: number): TfTensor[] {
  return kernels('SplitV', { x }, { numOrSizeSplits: new Array<number>(count).fill(x.shape[axis]! / count), axis });
}

/** SAME in numbers where strides skip pixels: the kernels of one backend then pad by less than nothing. */
function paddingOf(
  { pad, strides, dilations }: Pick<Window, 'pad' | 'strides' | 'dilations'>,
  x: Shape,
  filter: Shape,
) {
  const reach = strides.map((_, axis) => (filter[axis]! - 1) * dilations[axis]! + 1);
  if (pad !== 'same' || reach.every((size, axis) => size >= strides[axis]!)) return pad;
  const totals = strides.map((stride, axis) => {
    const size = x[axis + 1]!;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach[axis]! - size);
  });
  return [[0, 0], ...totals.map((total) => [total >> 1, total - (total >> 1)]), [0, 0]];
}

const convolution = (type: 'Conv2D' | 'DepthwiseConv2dNative' | 'Conv3D'): Op => ({
  type,
  problem: (operation) => whyNotSpatial(operation, ['strides', 'dilations'], type === 'Conv3D'),
  prepare(operation) {
    const { hasChannelsFirst, ...window } = readWindow(operation);
    const [dataFormat, rank] = type === 'Conv3D' ? (['NDHWC', 5] as const) : (['NHWC', 4] as const);
    const convolve = (x: TfTensor, filter: TfTensor): TfTensor => {
      if (filter.shape.at(-1) === 0 && type !== 'DepthwiseConv2dNative') {
        const { shape } = convolve(
          x,
          filled([...filter.shape.slice(0, -1), x.shape.at(-1)! / filter.shape.at(-2)!], 0, 'float32'),
        );
        return filled([...shape.slice(0, -1), 0], 0, 'float32');
      }
      const pad = type === 'Conv3D' ? window.pad : paddingOf(window, x.shape, filter.shape);
      const groups = countGroups(x, filter, rank);
      const attributes = { ...window, pad, dataFormat };
      if (type === 'DepthwiseConv2dNative' || groups === 1) return kernel(type, { x, filter }, attributes);
      // Kernels convolve all channels at once.
      const filters = splitAxis(filter, groups, rank - 1);
      const parts = splitAxis(x, groups, rank - 1).map((part, index) =>
        kernel(type, { x: part, filter: filters[index]! }, attributes),
      );
      return kernel('Concat', parts, { axis: rank - 1 });
    };
    return (call) => {
      const x = toChannelsLast(call.tensor(0), hasChannelsFirst);
      // Of no images there is nothing to compute; kernels work on one.
      const isEmpty = x.shape[0] === 0;
      const y = convolve(isEmpty ? filled([1, ...x.shape.slice(1)], 0, 'float32') : x, call.tensor(1));
      return fromChannelsLast(isEmpty ? filled([0, ...y.shape.slice(1)], 0, 'float32') : y, hasChannelsFirst);
    };
  },
});

export const convolutionOps: readonly Op[] = [
  convolution('Conv2D'),
  convolution('DepthwiseConv2dNative'),
  convolution('Conv3D'),
  {
    // The gradient of a convolution with regard to its input, which is what models use as transposed convolution.
    type: 'Conv2DBackpropInput',
    host: [0],
    problem: (operation) => whyNotSpatial(operation, ['strides', 'dilations'], true) ?? whyGroupedBack(operation),
    prepare(operation) {
      const { hasChannelsFirst, strides, pad } = readWindow(operation);
      return (call) => {
        const filter = call.tensor(1);
        const dy = toChannelsLast(call.tensor(2), hasChannelsFirst);
        require(dy.rank === 4 && filter.rank === 4 && dy.shape[3] === filter.shape[3], 'The filter does not fit.');
        const sizes = call.numbers(0);
        const [height, width] = sizes.length === 2 ? sizes : hasChannelsFirst ? sizes.slice(2) : sizes.slice(1);
        const inputShape = [dy.shape[0], height!, width!, filter.shape[2]!];
        const isExplicit = typeof pad !== 'string';
        // Not all backends know explicit paddings here: what was padded has a gradient, too, which is cut off.
        const padded = isExplicit ? inputShape.map((size, axis) => size + pad[axis]![0]! + pad[axis]![1]!) : inputShape;
        const attributes = { strides, pad: isExplicit ? 'valid' : pad, dataFormat: 'NHWC', inputShape: padded };
        const dx = kernel('Conv2DBackpropInput', { dy, filter }, attributes);
        const begin = isExplicit ? pad.map(([before]) => before!) : [];
        const inside = isExplicit ? kernel('Slice', { x: dx }, { begin, size: inputShape }) : dx;
        return fromChannelsLast(inside, hasChannelsFirst);
      };
    },
  },
];

function whyGroupedBack(operation: Operation): string | undefined {
  const channels = operation.output().shape?.at(operation.string('data_format') === 'NCHW' ? 1 : -1);
  const taken = operation.input(1).shape?.at(-2);
  if (taken == null) return 'the shape of its filter is unknown';
  return channels == null || channels === taken ? undefined : 'groups of channels';
}
