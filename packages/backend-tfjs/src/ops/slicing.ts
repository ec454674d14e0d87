import { sizeOf, Tensor, type Shape } from '@tenon/tensor';
import { slice_util, tensor as tfTensor, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import type { Operation } from '@tenon/graph';
import { currentBackend, kernel, kernels } from '../engine.js';
import { ALL, type Call, type Op } from '../op.js';
import { binary, broadcastTo, filled, normalizeAxis, require, reshape, same, scalar } from './arithmetic.js';
import { select } from './binary.js';

function concatenate(parts: readonly TfTensor[], axis: number): TfTensor {
  const at = normalizeAxis(axis, parts[0]!.rank);
  const [first] = parts as readonly [TfTensor, ...TfTensor[]];
  const fits = (shape: Shape) => shape.every((size, index) => index === at || size === first.shape[index]);
  require(parts.every(
    ({ rank, shape }) => rank === first.rank && fits(shape),
  ), `They cannot be joined along axis ${axis}: ${parts.map(({ shape }) => `[${shape.join()}]`).join(', ')}.`);
  const shape = first.shape.with(
    at,
    parts.reduce((total, part) => total + part.shape[at]!, 0),
  );
  if (sizeOf(shape) === 0) return filled(shape, 0, first.dtype);
  return kernel('Concat', parts, { axis: at });
}

function split(x: TfTensor, sizes: readonly number[], axis: number): TfTensor[] {
  const at = normalizeAxis(axis, x.rank);
  const total = x.shape[at]!;
  const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const whole = sizes.map((size) => (size === -1 ? total - known : size));
  require(whole.every((size) => size >= 0) &&
    whole.reduce((sum, size) => sum + size, 0) === total, `${total} elements cannot be split into ${sizes.join()}.`);
  if (x.size === 0) return whole.map((size) => filled(x.shape.with(at, size), 0, x.dtype));
  return kernels('SplitV', { x }, { numOrSizeSplits: whole, axis: at });
}

/** Kernels that look for themselves whether an index is inside are few. */
function checkedIndices(call: Call, index: number, bounds: readonly number[]): TfTensor {
  const { shape } = call.host(index);
  // Looked at before they are made int32, where 2^32 is 0.
  const values = call.numbers(index);
  const isRounding = currentBackend() === 'webgl';
  values.forEach((value, at) => {
    const bound = bounds[at % bounds.length]!;
    require(value >= 0 && value < bound, `Index ${value} is not in [0, ${bound}).`);
    require(!isRounding || value <= 2 ** 24, `Index ${value} is more than WebGL tells apart.`);
  });
  return tfTensor(Int32Array.from(values), shape as number[], 'int32');
}

function gather(call: Call, axis: number, batchDims: number): TfTensor {
  const x = call.tensor(0);
  const indicesShape = call.shape(1);
  const batch = batchDims < 0 ? batchDims + indicesShape.length : batchDims;
  const at = normalizeAxis(axis, x.rank);
  require(batch >= 0 && batch <= at && batch <= indicesShape.length, `batch_dims ${batchDims} with axis ${axis}.`);
  const shape = [...x.shape.slice(0, at), ...indicesShape.slice(batch), ...x.shape.slice(at + 1)];
  const indices = checkedIndices(call, 1, [x.shape[at]!]);
  if (sizeOf(shape) === 0) return filled(shape, 0, x.dtype);
  return kernel('GatherV2', { x, indices }, { axis: at, batchDims: batch });
}

function paddings(call: Call): number[][] {
  const rank = call.tensor(0).rank;
  const flat = call.numbers(1);
  require(flat.length === 2 * rank && flat.every((size) => size >= 0), `[${flat.join()}] are no paddings.`);
  return Array.from({ length: rank }, (_, axis) => [flat[2 * axis]!, flat[2 * axis + 1]!]);
}

function pad(call: Call, value: number): TfTensor {
  const [x, borders] = [call.tensor(0), paddings(call)];
  const padWith = (part: TfTensor, constantValue: number): TfTensor =>
    padAxes(part, borders, (x, paddings) => kernel('PadV2', { x }, { paddings, constantValue }));
  if (!Number.isNaN(value) || currentBackend() !== 'wasm') return padWith(x, value);
  // The kernel there makes zeros of it.
  const isInside = binary('Equal', padWith(filled(x.shape, 1, 'float32'), 0), scalar(1));
  return select(isInside, padWith(x, 0), filled(isInside.shape, NaN, 'float32'));
}

/** Kernels pad so many dimensions; one backend gives rubbish for more. */
const MOST_PADDED = 4;

/** Pads at once where there are few dimensions, and otherwise axis by axis. */
function padAxes(x: TfTensor, borders: number[][], pad: (x: TfTensor, borders: number[][]) => TfTensor): TfTensor {
  if (borders.every(([before, after]) => before === 0 && after === 0)) return same(x);
  if (x.rank <= MOST_PADDED) return pad(x, borders);
  return borders.reduce((value, [before, after], axis) => {
    if (before === 0 && after === 0) return value;
    const [outer, inner] = [value.shape.slice(0, axis), value.shape.slice(axis + 1)];
    const flat = reshape(value, [sizeOf(outer), value.shape[axis]!, sizeOf(inner)]);
    const padded = pad(flat, [
      [0, 0],
      [before!, after!],
      [0, 0],
    ]);
    return reshape(padded, [...outer, padded.shape[1]!, ...inner]);
  }, x);
}

/** Pairs of a block operation: paddings or crops. */
function pairs(flat: readonly number[]): number[][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index]!, flat[2 * index + 1]!]);
}

/** With other steps than 1 the kernel there gives everything as float32. */
function whyNotStrided(operation: Operation, backends: readonly string[]): string | undefined {
  if (!backends.includes('wasm') || operation.output().dtype === 'float32') return undefined;
  const strides = operation.input(3).operation;
  const value = strides.type === 'Const' ? strides.attribute('value', 'tensor') : undefined;
  const isPlain = Tensor.isTensor(value) && Array.from(value.data as Int32Array, Number).every((step) => step === 1);
  return isPlain ? undefined : `steps through ${operation.output().dtype} on the backend "wasm"`;
}

function readMasks(operation: Operation): [number, number, number, number, number] {
  const mask = (name: string): number => operation.int(`${name}_mask`);
  return [mask('begin'), mask('end'), mask('ellipsis'), mask('new_axis'), mask('shrink_axis')];
}

export const slicingOps: readonly Op[] = [
  {
    type: 'StridedSlice',
    types: ALL,
    problem: whyNotStrided,
    host: [1, 2, 3],
    prepare(operation) {
      const masks = readMasks(operation);
      return (call) => {
        const x = call.tensor(0);
        const [begin, end, strides] = [call.numbers(1), call.numbers(2), call.numbers(3)];
        const { finalShape } = slice_util.sliceInfo(x.shape, begin, end, strides, ...masks);
        if (sizeOf(finalShape) === 0) return filled(finalShape, 0, x.dtype);
        const [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] = masks;
        const attributes = { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask };
        return kernel('StridedSlice', { x }, { begin, end, strides, ...attributes });
      };
    },
  },
  {
    type: 'Slice',
    types: ALL,
    host: [1, 2],
    prepare: () => (call) => {
      const x = call.tensor(0);
      const begin = call.numbers(1);
      const size = call.numbers(2).map((wanted, axis) => (wanted === -1 ? x.shape[axis]! - begin[axis]! : wanted));
      require(begin.length === x.rank &&
        size.length === x.rank &&
        begin.every(
          (from, axis) => from >= 0 && size[axis]! >= 0 && from + size[axis]! <= x.shape[axis]!,
        ), `[${begin.join()}] and [${size.join()}] reach beyond [${x.shape.join()}].`);
      if (x.rank === 0) return same(x);
      return sizeOf(size) === 0 ? filled(size, 0, x.dtype) : kernel('Slice', { x }, { begin, size });
    },
  },
  {
    type: 'Split',
    types: ALL,
    host: [0],
    prepare(operation) {
      const count = operation.int('num_split');
      return (call) => {
        const x = call.tensor(1);
        const axis = normalizeAxis(call.numbers(0)[0]!, x.rank);
        const size = x.shape[axis]! / count;
        require(Number.isInteger(size), `${x.shape[axis]} elements cannot be split into ${count} parts.`);
        return split(x, new Array<number>(count).fill(size), axis);
      };
    },
  },
  {
    type: 'SplitV',
    types: ALL,
    host: [1, 2],
    prepare: () => (call) => split(call.tensor(0), call.numbers(1), call.numbers(2)[0]!),
  },
  {
    type: 'ConcatV2',
    types: ALL,
    host: [-1],
    prepare: () => (call) => {
      const last = call.count - 1;
      const parts = Array.from({ length: last }, (_, index) => call.tensor(index));
      return concatenate(parts, call.numbers(last)[0]!);
    },
  },
  {
    type: 'Concat',
    types: ALL,
    host: [0],
    prepare: () => (call) => {
      const parts = Array.from({ length: call.count - 1 }, (_, index) => call.tensor(index + 1));
      return concatenate(parts, call.numbers(0)[0]!);
    },
  },
  { type: 'Gather', types: ALL, host: [1], prepare: () => (call) => gather(call, 0, 0) },
  {
    type: 'GatherV2',
    types: ALL,
    host: [1, 2],
    // The kernel there reads what is beyond the end.
    problem: (operation, backends) =>
      backends.includes('wasm') && operation.int('batch_dims') !== 0 ? 'batch_dims on the backend "wasm"' : undefined,
    prepare(operation) {
      const batchDims = operation.int('batch_dims');
      return (call) => gather(call, call.numbers(2)[0]!, batchDims);
    },
  },
  {
    type: 'GatherNd',
    types: ALL,
    host: [1],
    prepare: () => (call) => {
      const params = call.tensor(0);
      const indicesShape = call.shape(1);
      const depth = indicesShape.at(-1);
      require(depth !== undefined && depth <= params.rank, `[${indicesShape.join()}] are no indices.`);
      const shape = [...indicesShape.slice(0, -1), ...params.shape.slice(depth)];
      if (depth === 0) return broadcastTo(params, shape);
      const indices = checkedIndices(call, 1, params.shape.slice(0, depth));
      return sizeOf(shape) === 0 ? filled(shape, 0, params.dtype) : kernel('GatherNd', { params, indices });
    },
  },
  { type: 'Pad', types: ALL, host: [1], prepare: () => (call) => pad(call, 0) },
  // The value goes through float32 there.
  {
    type: 'PadV2',
    types: ALL,
    floatsOnly: ['wasm'],
    host: [1, 2],
    prepare: () => (call) => pad(call, call.numbers(2)[0]!),
  },
  {
    type: 'MirrorPad',
    types: ALL,
    host: [1],
    prepare(operation) {
      const mode = operation.string('mode').toLowerCase();
      const most = mode === 'reflect' ? -1 : 0;
      return (call) => {
        const x = call.tensor(0);
        const borders = paddings(call);
        require(borders.every(
          ([before, after], axis) => Math.max(before!, after!) <= Math.max(0, x.shape[axis]! + most),
        ), `[${x.shape.join()}] is too small to be mirrored that far.`);
        if (x.size === 0) return same(x);
        return padAxes(x, borders, (part, paddings) => kernel('MirrorPad', { x: part }, { paddings, mode }));
      };
    },
  },
  {
    type: 'SpaceToBatchND',
    types: ALL,
    host: [1, 2],
    prepare: () => (call) =>
      kernel(
        'SpaceToBatchND',
        { x: call.tensor(0) },
        { blockShape: call.numbers(1), paddings: pairs(call.numbers(2)) },
      ),
  },
  {
    type: 'BatchToSpaceND',
    types: ALL,
    host: [1, 2],
    prepare: () => (call) =>
      kernel('BatchToSpaceND', { x: call.tensor(0) }, { blockShape: call.numbers(1), crops: pairs(call.numbers(2)) }),
  },
];
