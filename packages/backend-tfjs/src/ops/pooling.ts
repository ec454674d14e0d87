import type { Operation } from '@tenon/graph';
import { sizeOf } from '@tenon/tensor';
import { kernel } from '../engine.js';
import type { Op } from '../op.js';
import { filled, require } from './arithmetic.js';
import { fromChannelsLast, readWindow, spatialEntries, toChannelsLast, whyNotSpatial } from './spatial.js';

const pooling = (type: 'MaxPool' | 'AvgPool' | 'MaxPool3D' | 'AvgPool3D'): Op => ({
  type,
  // The kernel there takes 0 for the least number.
  ...(type === 'MaxPool3D' && { except: ['wasm'] }),
  problem: (operation, backends) =>
    whyNotSpatial(operation, ['ksize', 'strides']) ??
    (operation.string('padding') === 'EXPLICIT' && backends.includes('node')
      ? 'explicit paddings on the backend "node"'
      : undefined),
  prepare(operation: Operation) {
    const { hasChannelsFirst, strides, pad } = readWindow(operation);
    const filterSize = spatialEntries(operation, operation.ints('ksize'));
    const rank = filterSize.length + 2;
    const attributes = { filterSize, strides, pad, ...(rank === 5 && { dataFormat: 'NDHWC' }) };
    return (call) => {
      const x = toChannelsLast(call.tensor(0), hasChannelsFirst);
      const image = [1, ...x.shape.slice(1)];
      require(x.rank === rank && sizeOf(image) > 0, `[${x.shape.join()}] are no images to be pooled.`);
      if (x.size > 0) return fromChannelsLast(kernel(type, { x }, attributes), hasChannelsFirst);
      // Of no images there is nothing to compute; kernels work on one.
      const { shape } = kernel(type, { x: filled(image, 0, 'float32') }, attributes);
      return fromChannelsLast(filled([0, ...shape.slice(1)], 0, 'float32'), hasChannelsFirst);
    };
  },
});

export const poolingOps: readonly Op[] = [
  pooling('MaxPool'),
  pooling('AvgPool'),
  pooling('MaxPool3D'),
  pooling('AvgPool3D'),
];
