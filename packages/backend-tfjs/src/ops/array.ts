import { allocate, sizeOf, Tensor, type NumericDType, type Shape } from '@tenon/tensor';
import type { DataType, Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel, kernels } from '../engine.js';
import { ALL, type Op } from '../op.js';
import { broadcastTo, filled, normalizeAxis, require, reshape, same, transpose } from './arithmetic.js';

/** Whole numbers that are a matter of shapes alone stay on the host. */
function counted(values: readonly number[], shape: Shape, dtype: NumericDType): Tensor {
  const data = allocate(dtype, values.length);
  if (data instanceof BigInt64Array) values.forEach((value, index) => (data[index] = BigInt(value)));
  else values.forEach((value, index) => ((data as Int32Array)[index] = value));
  return new Tensor(dtype, shape, data);
}

const shapeOp = (type: string): Op => ({
  type,
  types: ALL,
  prepare(operation) {
    const types = operation.outputs.map(({ dtype }) => dtype as NumericDType);
    return (call) => types.map((dtype, index) => counted(call.shape(index), [call.shape(index).length], dtype));
  },
  int64Outputs: Array.from({ length: 64 }, (_, index) => index),
});

/** The shape wanted, where -1 stands for what is left. */
function resolveShape(wanted: readonly number[], size: number): number[] {
  const open = wanted.indexOf(-1);
  if (open < 0) return [...wanted];
  const others = sizeOf(wanted.filter((_, axis) => axis !== open));
  return wanted.map((dimension, axis) => (axis === open ? (others === 0 ? 0 : size / others) : dimension));
}

function reshapeTo(x: TfTensor, wanted: readonly number[]): TfTensor {
  const shape = resolveShape(wanted, x.size);
  require(sizeOf(shape) === x.size, `[${x.shape.join()}] cannot be reshaped to [${wanted.join()}].`);
  return reshape(x, shape);
}

export const arrayOps: readonly Op[] = [
  {
    type: 'Reshape',
    types: ALL,
    host: [1],
    prepare: () => (call) => reshapeTo(call.tensor(0), call.numbers(1)),
  },
  shapeOp('Shape'),
  shapeOp('ShapeN'),
  {
    type: 'Size',
    types: ALL,
    int64Outputs: [0],
    prepare(operation) {
      const dtype = operation.output().dtype as NumericDType;
      return (call) => counted([sizeOf(call.shape(0))], [], dtype);
    },
  },
  { type: 'Rank', types: ALL, prepare: () => (call) => counted([call.shape(0).length], [], 'int32') },
  {
    type: 'ExpandDims',
    types: ALL,
    host: [1],
    prepare: () => (call) => {
      const x = call.tensor(0);
      return reshape(x, x.shape.toSpliced(normalizeAxis(call.numbers(1)[0]!, x.rank + 1), 0, 1));
    },
  },
  {
    type: 'Squeeze',
    types: ALL,
    prepare(operation) {
      const axes = operation.ints('squeeze_dims');
      return (call) => {
        const x = call.tensor(0);
        const squeezed = axes.map((axis) => normalizeAxis(axis, x.rank));
        require(squeezed.every(
          (axis) => x.shape[axis] === 1,
        ), `Axes ${axes.join()} of [${x.shape.join()}] are not all of one element.`);
        const isGone = (size: number, axis: number) => (axes.length === 0 ? size === 1 : squeezed.includes(axis));
        return reshape(
          x,
          x.shape.filter((size, axis) => !isGone(size, axis)),
        );
      };
    },
  },
  {
    type: 'Pack',
    types: ALL,
    prepare(operation) {
      const axis = operation.int('axis');
      return (call) => {
        const parts = Array.from({ length: call.count }, (_, index) => call.tensor(index));
        return kernel('Pack', parts, { axis: normalizeAxis(axis, parts[0]!.rank + 1) });
      };
    },
  },
  {
    type: 'Unpack',
    types: ALL,
    problem: (operation) => (operation.outputs.length === 0 ? 'it gives nothing' : undefined),
    prepare(operation) {
      const [axis, count] = [operation.int('axis'), operation.int('num')];
      return (call) => {
        const value = call.tensor(0);
        const at = normalizeAxis(axis, value.rank);
        require(value.shape[at] === count, `Axis ${axis} of [${value.shape.join()}] has not ${count} elements.`);
        return kernels('Unpack', { value }, { axis: at });
      };
    },
  },
  {
    type: 'Fill',
    types: [],
    host: [0, 1],
    prepare(operation) {
      const dtype = operation.output().dtype as DataType;
      return (call) => filled(call.numbers(0), call.numbers(1)[0]!, dtype);
    },
  },
  {
    type: 'BroadcastTo',
    types: ALL,
    host: [1],
    prepare: () => (call) => broadcastTo(call.tensor(0), call.numbers(1)),
  },
  {
    type: 'Tile',
    types: ALL,
    host: [1],
    prepare: () => (call) => {
      const [x, reps] = [call.tensor(0), call.numbers(1)];
      require(reps.length === x.rank && reps.every((times) => times >= 0), `[${reps.join()}] are no multiples.`);
      const shape = x.shape.map((size, axis) => size * reps[axis]!);
      if (x.rank === 0) return same(x);
      return sizeOf(shape) === 0 ? filled(shape, 0, x.dtype) : kernel('Tile', { x }, { reps });
    },
  },
  {
    type: 'Transpose',
    types: ALL,
    host: [1],
    prepare: () => (call) => {
      const x = call.tensor(0);
      const perm = call.numbers(1).map((axis) => normalizeAxis(axis, x.rank));
      require(new Set(perm).size === x.rank, `[${perm.join()}] is no order of the axes of [${x.shape.join()}].`);
      if (x.size > 0) return transpose(x, perm);
      return reshape(
        x,
        perm.map((axis) => x.shape[axis]!),
      );
    },
  },
  {
    type: 'OneHot',
    types: ['int32'],
    // The kernel there takes the values for int32.
    except: ['wasm'],
    problem: (operation) => (operation.output().dtype === 'int32' ? 'the values go through float32' : undefined),
    host: [1, 2, 3],
    prepare(operation) {
      const axis = operation.int('axis');
      const dtype = operation.output().dtype as DataType;
      return (call) => {
        const indices = call.tensor(0);
        const depth = call.numbers(1)[0]!;
        const [onValue, offValue] = [call.numbers(2)[0]!, call.numbers(3)[0]!];
        const place = axis === -1 ? indices.rank : axis;
        const shape = indices.shape.toSpliced(place, 0, depth);
        if (sizeOf(shape) === 0) return filled(shape, 0, dtype);
        const flat = reshape(indices, [indices.size]);
        const rows = kernel('OneHot', { indices: flat }, { depth, onValue, offValue, dtype });
        const last = reshape(rows, [...indices.shape, depth]);
        const perm = [...indices.shape.keys()];
        return place === indices.rank ? last : transpose(last, perm.toSpliced(place, 0, indices.rank));
      };
    },
  },
  {
    type: 'ReverseV2',
    types: ALL,
    // The kernel there moves four bytes for each.
    problem: (operation, backends) =>
      backends.includes('wasm') && operation.output().dtype === 'bool' ? 'bool on the backend "wasm"' : undefined,
    host: [1],
    prepare: () => (call) => {
      const x = call.tensor(0);
      const dims = call.numbers(1).map((axis) => normalizeAxis(axis, x.rank));
      return dims.length === 0 || x.size === 0 ? same(x) : kernel('Reverse', { x }, { dims });
    },
  },
];
