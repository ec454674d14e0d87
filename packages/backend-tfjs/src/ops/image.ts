import { kernel } from '../engine.js';
import type { Op } from '../op.js';
import { filled, require, reshape, transpose } from './arithmetic.js';
import { fromChannelsLast, toChannelsLast } from './spatial.js';

const resize = (type: 'ResizeBilinear' | 'ResizeNearestNeighbor'): Op => ({
  type,
  host: [1],
  prepare(operation) {
    const alignCorners = operation.bool('align_corners');
    const halfPixelCenters = operation.bool('half_pixel_centers');
    return (call) => {
      const images = call.tensor(0);
      const size = call.numbers(1);
      require(images.rank === 4 &&
        size.length === 2 &&
        size.every((side) => side > 0), `[${images.shape.join()}] cannot be resized to [${size.join()}].`);
      const shape = [images.shape[0], ...size, images.shape[3]!];
      if (images.size === 0) return filled(shape, 0, 'float32');
      return kernel(type, { images }, { alignCorners, halfPixelCenters, size });
    };
  },
});

const whyNotImages = (format: string): string | undefined =>
  format === 'NHWC' || format === 'NCHW' ? undefined : `data_format ${format}`;

export const imageOps: readonly Op[] = [
  resize('ResizeBilinear'),
  resize('ResizeNearestNeighbor'),
  {
    type: 'DepthToSpace',
    problem: (operation) => whyNotImages(operation.string('data_format')),
    prepare(operation) {
      const block = operation.int('block_size');
      const hasChannelsFirst = operation.string('data_format') === 'NCHW';
      return (call) => {
        const x = toChannelsLast(call.tensor(0), hasChannelsFirst);
        require(x.rank === 4 && x.shape[3]! % block ** 2 === 0, `[${x.shape.join()}] has no blocks of ${block}.`);
        const [batch, height, width, depth] = x.shape as [number, number, number, number];
        const rest = depth / block ** 2;
        const moved = transpose(reshape(x, [batch, height, width, block, block, rest]), [0, 1, 3, 2, 4, 5]);
        return fromChannelsLast(reshape(moved, [batch, height * block, width * block, rest]), hasChannelsFirst);
      };
    },
  },
  {
    type: 'SpaceToDepth',
    problem: (operation) => whyNotImages(operation.string('data_format')),
    prepare(operation) {
      const block = operation.int('block_size');
      const hasChannelsFirst = operation.string('data_format') === 'NCHW';
      return (call) => {
        const x = toChannelsLast(call.tensor(0), hasChannelsFirst);
        const [batch, height, width, depth] = x.shape as [number, number, number, number];
        const [rows, columns] = [height / block, width / block];
        require(x.rank === 4 &&
          Number.isInteger(rows) &&
          Number.isInteger(columns), `[${x.shape.join()}] has no blocks of ${block}.`);
        const moved = transpose(reshape(x, [batch, rows, block, columns, block, depth]), [0, 1, 3, 2, 4, 5]);
        return fromChannelsLast(reshape(moved, [batch, rows, columns, depth * block ** 2]), hasChannelsFirst);
      };
    },
  },
];
