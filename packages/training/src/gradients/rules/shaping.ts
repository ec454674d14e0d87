import type { Operation, SymbolicTensor } from '@tenon/graph';
import { isFullyKnown } from '@tenon/tensor';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, once, type GradientRule } from '../rule.js';

const reshape: GradientRule = (operation, dy, b) => [() => b.reshapeLike(dy(), operation.input(0))];

/** Gradients of joined tensors are slices of the gradient of the whole. */
function concatenation(axis: SymbolicTensor, parts: readonly SymbolicTensor[]) {
  return (dy: () => SymbolicTensor, b: GradientBuilder): (() => SymbolicTensor)[] => {
    const known = b.knownElements(axis)?.[0];
    const shapes = parts.map((part) => b.knownShape(part));
    if (known !== undefined && shapes.every(isFullyKnown)) {
      let end = 0;
      return shapes.map((shape, index) => {
        const at = known < 0 ? known + shape.length : known;
        const begin = end;
        end += shape[at]!;
        return () =>
          parts.length === 1
            ? dy()
            : b.apply('Slice', [
                dy(),
                b.integers(shape.map((_, place) => (place === at ? begin : 0))),
                b.shape(parts[index]!),
              ]);
      });
    }
    const offsets = once(() => {
      const positive = b.apply('FloorMod', [b.cast(axis, 'int32'), b.rankOf(parts[0]!)]);
      return b.operation('ConcatOffset', [positive, parts.map((part) => b.shape(part))]);
    });
    return parts.map((part, index) => () => b.apply('Slice', [dy(), offsets().output(index), b.shape(part)]));
  };
}

const split =
  (axisOf: (operation: Operation) => SymbolicTensor, place: number): GradientRule =>
  (operation, dy, b) => {
    const inputs: (undefined | (() => SymbolicTensor))[] = operation.inputs.map(() => undefined);
    inputs[place] = () => b.apply('ConcatV2', [operation.outputs.map((_, index) => dy(index)), axisOf(operation)]);
    return inputs;
  };

const slice: GradientRule = (operation, dy, b) => [
  () => {
    const [x, begin] = [operation.input(0), operation.input(1)];
    const shapes = [b.knownShape(x), b.knownShape(operation.output())];
    const start = b.knownElements(begin);
    if (shapes.every(isFullyKnown) && start) {
      const [whole, part] = shapes;
      const paddings = start.flatMap((from, axis) => [from, whole![axis]! - part![axis]! - from]);
      return b.apply('Pad', [dy(), b.reshape(b.integers(paddings), b.integers([start.length, 2]))]);
    }
    const from = b.cast(begin, 'int32');
    const rest = b.sub(b.sub(b.shape(x), b.shape(operation.output())), from);
    return b.apply('Pad', [dy(), b.apply('Pack', [[from, rest]], { axis: 1 })]);
  },
];

const stridedSlice: GradientRule = (operation, dy, b) => [
  () => {
    const [begin, end, strides] = operation.inputs.slice(1);
    const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
    const shape = b.cast(b.shape(operation.input(0)), begin!.dtype);
    return b.apply('StridedSliceGrad', [shape, begin!, end!, strides!, dy()], attributesOf(operation, ...masks));
  },
];

const pad: GradientRule = (operation, dy, b) => [
  () => {
    const [x, paddings] = [operation.input(0), operation.input(1)];
    const known = b.knownElements(paddings);
    const before = known
      ? b.integers(known.filter((_, index) => index % 2 === 0))
      : b.cast(
          b.apply('StridedSlice', [paddings, b.integers([0, 0]), b.integers([0, 1]), b.integers([1, 1])], {
            begin_mask: 1,
            end_mask: 1,
            shrink_axis_mask: 2,
          }),
          'int32',
        );
    return b.apply('Slice', [dy(), before, b.shape(x)]);
  },
];

const tile: GradientRule = (operation, dy, b) => [
  () => {
    const [x, multiples] = [operation.input(0), operation.input(1)];
    // [multiple, size, multiple, size, …]: the sums go over every other one.
    const both = b.apply('Pack', [[b.cast(multiples, 'int32'), b.shape(x)]], { axis: 1 });
    const shape = b.reshape(both, b.integers([-1]));
    const rank = b.rank(x);
    const axes =
      rank === undefined
        ? b.range(b.integers(0), b.apply('Size', [shape]), b.integers(2))
        : b.integers(Array.from({ length: rank }, (_, axis) => axis * 2));
    return b.reshapeLike(b.sum(b.reshape(dy(), shape), axes), x);
  },
];

const roll: GradientRule = (operation, dy, b) => [
  () => b.apply('Roll', [dy(), b.neg(operation.input(1)), operation.input(2)]),
];

/** Blocks of space are batches or channels, and the other way round. */
const inverse =
  (type: string, ...attributes: readonly string[]): GradientRule =>
  (operation, dy, b) => [
    () => b.apply(type, [dy(), ...operation.inputs.slice(1)], attributesOf(operation, ...attributes)),
  ];

const unpack: GradientRule = (operation, dy, b) => [
  () => b.apply('Pack', [operation.outputs.map((_, index) => dy(index))], attributesOf(operation, 'axis')),
];

const pack: GradientRule = (operation, dy, b) => {
  const parts = once(() =>
    b.operation('Unpack', [dy()], {
      num: { kind: 'int', value: BigInt(operation.inputs.length) },
      ...attributesOf(operation, 'axis'),
    }),
  );
  return operation.inputs.map((_, index) => () => parts().output(index));
};

export const shaping: Readonly<Record<string, GradientRule>> = {
  Reshape: reshape,
  Squeeze: reshape,
  ExpandDims: reshape,
  Transpose: (operation, dy, b) => [
    () => {
      const permutation = b.knownElements(operation.input(1));
      if (!permutation) return b.apply('Transpose', [dy(), b.apply('InvertPermutation', [operation.input(1)])]);
      const rank = permutation.length;
      const places = permutation.map((axis) => (axis < 0 ? axis + rank : axis));
      return b.transpose(
        dy(),
        places.map((_, axis) => places.indexOf(axis)),
      );
    },
  ],
  ConcatV2: (operation, dy, b) => [
    ...concatenation(operation.inputs.at(-1)!, operation.inputs.slice(0, -1))(() => dy(), b),
    undefined,
  ],
  Concat: (operation, dy, b) => [
    undefined,
    ...concatenation(operation.input(0), operation.inputs.slice(1))(() => dy(), b),
  ],
  Split: split((operation) => operation.input(0), 1),
  SplitV: split((operation) => operation.input(2), 0),
  Pack: pack,
  Unpack: unpack,
  Slice: slice,
  StridedSlice: stridedSlice,
  StridedSliceGrad: (operation, dz, b) => [
    undefined,
    undefined,
    undefined,
    undefined,
    () => {
      const [, begin, end, strides] = operation.inputs;
      const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
      return b.apply('StridedSlice', [dz(), begin!, end!, strides!], attributesOf(operation, ...masks));
    },
  ],
  Pad: pad,
  PadV2: pad,
  MirrorPad: (operation, dy, b) => [
    () => b.apply('MirrorPadGrad', [dy(), operation.input(1)], attributesOf(operation, 'mode')),
  ],
  Tile: tile,
  BroadcastTo: (operation, dy, b) => [() => b.sumToShape(dy(), operation.input(0), operation.output())],
  Fill: (_operation, dy, b) => [undefined, () => b.sum(dy(), b.range(b.integers(0), b.apply('Rank', [dy()])))],
  ReverseV2: (operation, dy, b) => [() => b.apply('ReverseV2', [dy(), operation.input(1)])],
  ReverseSequence: inverse('ReverseSequence', 'seq_dim', 'batch_dim'),
  Roll: roll,
  SpaceToDepth: inverse('DepthToSpace', 'block_size', 'data_format'),
  DepthToSpace: inverse('SpaceToDepth', 'block_size', 'data_format'),
  SpaceToBatchND: inverse('BatchToSpaceND'),
  BatchToSpaceND: inverse('SpaceToBatchND'),
  SpaceToBatch: inverse('BatchToSpace', 'block_size'),
  BatchToSpace: inverse('SpaceToBatch', 'block_size'),
};
