import type { PartialShape } from '@tenon/tensor';
import {
  broadcast,
  multiply,
  unify,
  unifyDimensions,
  unknownOfRank,
  type Dimension,
  type Dimensions,
} from '../partial-shape.js';
import {
  forAll,
  sameAsAll,
  sameAsFirst,
  scalarOutput,
  type ShapeContext,
  type ShapeFunctions,
} from '../shape-context.js';
import type { PartialValue } from '../facts.js';
import { every } from './array.js';

// prettier-ignore
const ACTIVATIONS = ['Relu', 'Relu6', 'LeakyRelu', 'Elu', 'Selu', 'Softplus', 'Softsign'];

/** Layers: activations, convolutions, pooling, normalisation, losses, and their gradients. */
export const NN: ShapeFunctions = {
  ...forAll(ACTIVATIONS, sameAsFirst),
  ...forAll([...ACTIVATIONS.map((op) => `${op}Grad`)], sameAsAll),
  ...forAll(['Softmax', 'LogSoftmax'], (c) => [c.atLeast(0, 1)]),
  BiasAdd: (c) => {
    const shape = c.atLeast(0, 2);
    const bias = c.ranked(1, 1)[0]!;
    if (!shape) return [null];
    const channel = c.operation.string('data_format') === 'NCHW' ? 1 : shape.length - 1;
    return [shape.with(channel, unifyDimensions(shape[channel]!, bias))];
  },
  BiasAddV1: (c) => {
    const shape = c.atLeast(0, 2);
    return [shape && shape.with(-1, unifyDimensions(shape.at(-1)!, c.ranked(1, 1)[0]!))];
  },
  BiasAddGrad: (c) => {
    const shape = c.atLeast(0, 2);
    return [[shape ? shape.at(c.operation.string('data_format') === 'NCHW' ? 1 : -1)! : null]];
  },
  L2Loss: scalarOutput,
  SoftmaxCrossEntropyWithLogits: (c) => {
    const shape = softmaxShape(c);
    return [[shape[0]!], shape];
  },
  SparseSoftmaxCrossEntropyWithLogits: (c) => {
    const logits = c.ranked(0, 2);
    const batch = unifyDimensions(logits[0]!, c.ranked(1, 1)[0]!);
    return [[batch], [batch, logits[1]!]];
  },
  LRN: (c) => [c.ranked(0, 4)],
  LRNGrad: (c) => [unify(c.ranked(0, 4), unify(c.ranked(1, 4), c.ranked(2, 4)))],
  ...forAll(['Conv2D', 'Conv3D'], (c) => [convolution(c, layout(c))]),
  DepthwiseConv2dNative: (c) => [depthwiseConvolution(c, layout(c))],
  ...forAll(['Conv2DBackpropInput', 'Conv3DBackpropInputV2', 'DepthwiseConv2dNativeBackpropInput'], (c) => [
    backpropInput(c, layout(c)),
  ]),
  ...forAll(['Conv2DBackpropFilter', 'Conv3DBackpropFilterV2', 'DepthwiseConv2dNativeBackpropFilter'], (c) => {
    const rank = layout(c).rank;
    return [c.requireRank(c.spelledShape(1), rank, 'the filter')];
  }),
  ...forAll(['MaxPool', 'AvgPool', 'MaxPool3D', 'AvgPool3D'], (c) => [pool(c, layout(c))]),
  MaxPoolV2: (c) => [pool(c, layout(c), c.value(1) ?? unknownOfRank(4), c.value(2) ?? unknownOfRank(4))],
  MaxPoolWithArgmax: (c) => {
    const shape = pool(c, LAYOUTS['NHWC']!);
    return [shape, shape];
  },
  ...forAll(['MaxPoolGrad', 'MaxPoolGradV2', 'MaxPool3DGrad'], (c) => [
    c.requireRank(c.shape(0), layout(c).rank, 'input 0'),
  ]),
  MaxPoolGradWithArgmax: (c) => [c.ranked(0, 4)],
  ...forAll(['MaxPoolGradGrad', 'MaxPoolGradGradV2', 'MaxPool3DGradGrad'], (c) => [c.shape(1)]),
  ...forAll(['AvgPoolGrad', 'AvgPool3DGrad'], (c) => [c.requireRank(c.spelledShape(0), layout(c).rank, 'the input')]),
  ...forAll(['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'], (c) => {
    const shape = imageOf(c, c.shape(0));
    const parameters = c.operation.bool('is_training') ? [1, 2] : [1, 2, 3, 4];
    const channel = c.operation.string('data_format').indexOf('C');
    const channels = unifyDimensions(shape[channel]!, vectorOf(c, parameters));
    return [shape.with(channel, channels), ...every(4, [channels]), null];
  }),
  ...forAll(['FusedBatchNormGrad', 'FusedBatchNormGradV2', 'FusedBatchNormGradV3'], (c) => {
    const shape = imageOf(c, unify(c.shape(0), c.shape(1)));
    const channel = c.operation.string('data_format').indexOf('C');
    const channels = unifyDimensions(shape[channel]!, vectorOf(c, [2]));
    return [shape.with(channel, channels), [channels], [channels], [0], [0]];
  }),
  BatchNormWithGlobalNormalization: (c) => [
    c.ranked(0, 4).with(3, unifyDimensions(c.ranked(0, 4)[3]!, vectorOf(c, [1, 2, 3, 4]))),
  ],
  ...forAll(['DepthToSpace', 'SpaceToDepth'], (c) => [blockMove(c)]),
  SpaceToBatchND: (c) => [spaceToBatch(c, c.value(1), c.ranked(1, 1)[0]!, c.value(2))],
  BatchToSpaceND: (c) => [batchToSpace(c, c.value(1), c.ranked(1, 1)[0]!, c.value(2))],
  SpaceToBatch: (c) => [spaceToBatch(c, squareBlock(c), 2, c.value(1), c.ranked(0, 4))],
  BatchToSpace: (c) => [batchToSpace(c, squareBlock(c), 2, c.value(1), c.ranked(0, 4))],
  ExtractImagePatches: (c) => [extractPatches(c)],
  Dilation2D: (c) => {
    const [input, filter] = [c.ranked(0, 4), c.ranked(1, 3)];
    const [strides, rates] = [c.operation.ints('strides'), c.operation.ints('rates')];
    const same = c.operation.string('padding') === 'SAME';
    const spatial = [1, 2].map((axis) =>
      windowed(c, input[axis]!, filter[axis - 1]!, strides[axis]!, rates[axis]!, same),
    );
    return [[input[0]!, ...spatial, unifyDimensions(input[3]!, filter[2]!)]];
  },
  CTCGreedyDecoder: (c) => {
    const batch = unifyDimensions(c.ranked(0, 3)[1]!, c.ranked(1, 1)[0]!);
    return [[null, 2], [null], [2], [batch, 1]];
  },
  CTCBeamSearchDecoder: (c) => {
    const batch = unifyDimensions(c.ranked(0, 3)[1]!, c.ranked(1, 1)[0]!);
    const paths = c.operation.int('top_paths');
    return [...every(paths, [null, 2]), ...every(paths, [null]), ...every(paths, [2]), [batch, paths]];
  },
  CTCLoss: (c) => {
    const inputs = c.ranked(0, 3);
    const batch = unifyDimensions(inputs[1]!, c.ranked(3, 1)[0]!);
    return [[batch], [inputs[0]!, batch, inputs[2]!]];
  },
  FractionalMaxPool: (c) => {
    const ratios = c.operation.list('pooling_ratio', 'float');
    const shape = c.ranked(0, 4).map((dimension, axis) => dimension && Math.floor(dimension / ratios[axis]!));
    return [shape, [null], [null]];
  },
};

/** Where a layout has its channels and its spatial axes. */
interface Layout {
  readonly rank: number;
  readonly batch: number;
  readonly channel: number;
  readonly spatial: readonly number[];
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  NHWC: { rank: 4, batch: 0, channel: 3, spatial: [1, 2] },
  NCHW: { rank: 4, batch: 0, channel: 1, spatial: [2, 3] },
  HWNC: { rank: 4, batch: 2, channel: 3, spatial: [0, 1] },
  HWCN: { rank: 4, batch: 3, channel: 2, spatial: [0, 1] },
  NDHWC: { rank: 5, batch: 0, channel: 4, spatial: [1, 2, 3] },
  NCDHW: { rank: 5, batch: 0, channel: 1, spatial: [2, 3, 4] },
};

function layout(c: ShapeContext): Layout {
  const format = c.operation.string('data_format');
  return LAYOUTS[format] ?? c.fail(`the layout "${format}" is not known`);
}

/** The number of windows along one axis. */
export function windowed(
  c: ShapeContext,
  size: Dimension,
  window: Dimension,
  stride: Dimension,
  dilation: Dimension,
  padding: boolean | readonly [number, number],
): Dimension {
  if (stride !== null && stride <= 0) c.fail(`the stride ${stride} is not positive`);
  if (size === null || stride === null) return null;
  if (padding === true) return Math.ceil(size / stride);
  if (window === null || dilation === null) return null;
  const effective = (window - 1) * dilation + 1;
  const [before, after] = padding === false ? [0, 0] : padding;
  const count = Math.floor((size + before + after - effective) / stride) + 1;
  if (count < 0) c.fail(`a window of ${effective} does not fit a dimension of ${size}`);
  return count;
}

function paddingOf(c: ShapeContext, axis: number): boolean | readonly [number, number] {
  const padding = c.operation.string('padding');
  if (padding !== 'EXPLICIT') return padding === 'SAME';
  const amounts = c.operation.ints('explicit_paddings');
  return [amounts[2 * axis] ?? 0, amounts[2 * axis + 1] ?? 0];
}

/** An output of `layout`: one value for the batch, one for the channels, and one per spatial axis. */
function arrange(
  layout: Layout,
  batch: Dimension,
  channels: Dimension,
  spatial: (axis: number, index: number) => Dimension,
): Dimension[] {
  const shape = unknownOfRank(layout.rank);
  shape[layout.batch] = batch;
  shape[layout.channel] = channels;
  layout.spatial.forEach((axis, index) => (shape[axis] = spatial(axis, index)));
  return shape;
}

function convolution(c: ShapeContext, layout: Layout): PartialShape {
  const input = c.ranked(0, layout.rank);
  const filter = c.ranked(1, layout.rank);
  const [depth, filterDepth] = [input[layout.channel]!, filter[layout.rank - 2]!];
  // The filter of a grouped convolution has the depth of one group.
  if (depth !== null && filterDepth !== null && (filterDepth === 0 || depth % filterDepth !== 0)) {
    c.fail(`the depth ${depth} is no multiple of the filter's ${filterDepth}`);
  }
  const strides = c.operation.ints('strides');
  const dilations = c.operation.ints('dilations');
  return arrange(layout, input[layout.batch]!, filter[layout.rank - 1]!, (axis, index) =>
    windowed(c, input[axis]!, filter[index]!, strides[axis]!, dilations[axis]!, paddingOf(c, axis)),
  );
}

function depthwiseConvolution(c: ShapeContext, layout: Layout): PartialShape {
  const input = c.ranked(0, 4);
  const filter = c.ranked(1, 4);
  const depth = unifyDimensions(input[layout.channel]!, filter[2]!);
  const strides = c.operation.ints('strides');
  const dilations = c.operation.ints('dilations');
  return arrange(layout, input[layout.batch]!, multiply(depth, filter[3]!), (axis, index) =>
    windowed(c, input[axis]!, filter[index]!, strides[axis]!, dilations[axis]!, paddingOf(c, axis)),
  );
}

function backpropInput(c: ShapeContext, layout: Layout): PartialShape {
  const spelled = c.spelledShape(0);
  const grouped = c.operation.type !== 'Conv2DBackpropInput';
  if (!spelled || spelled.length === layout.rank) {
    return unify(c.requireRank(spelled, layout.rank, 'the input'), gradientBatch(c, layout));
  }
  // Newer graphs give the spatial sizes alone.
  if (grouped || spelled.length !== layout.spatial.length) c.fail(`the input's shape has ${spelled.length} elements`);
  const [filter, gradient] = [c.ranked(1, layout.rank), c.ranked(2, layout.rank)];
  return arrange(layout, gradient[layout.batch]!, filter[layout.rank - 2]!, (_, index) => spelled[index]!);
}

/** The batch of what flows back is the input's. */
function gradientBatch(c: ShapeContext, layout: Layout): PartialShape {
  const gradient = c.ranked(2, layout.rank);
  return unknownOfRank(layout.rank).with(layout.batch, gradient[layout.batch]!);
}

function pool(
  c: ShapeContext,
  layout: Layout,
  windows: Dimensions = c.operation.ints('ksize'),
  strides: Dimensions = c.operation.ints('strides'),
): PartialShape {
  const input = c.ranked(0, layout.rank);
  const along = (axis: number): Dimension =>
    windows[axis] === 1 && strides[axis] === 1
      ? input[axis]!
      : windowed(c, input[axis]!, windows[axis]!, strides[axis]!, 1, paddingOf(c, axis));
  return arrange(layout, input[layout.batch]!, along(layout.channel), along);
}

/** A layout's name has one letter per dimension. */
function imageOf(c: ShapeContext, shape: PartialShape): Dimensions {
  const format = c.operation.string('data_format');
  return c.requireRank(shape, format.length, `an input in layout ${format}`);
}

/** The one length that these vectors share. */
function vectorOf(c: ShapeContext, inputs: readonly number[]): Dimension {
  return inputs.reduce<Dimension>((length, index) => unifyDimensions(length, c.ranked(index, 1)[0]!), null);
}

/** Logits and labels are matrices, and broadcast. */
function softmaxShape(c: ShapeContext): Dimensions {
  return broadcast(c.ranked(0, 2), c.ranked(1, 2))!;
}

function blockMove(c: ShapeContext): PartialShape {
  const block = c.operation.int('block_size');
  const format = c.operation.string('data_format');
  // NCHW_VECT_C has a fifth dimension that packs channels by four.
  const packed = format === 'NCHW_VECT_C';
  const { channel, spatial } = LAYOUTS[packed ? 'NCHW' : format] ?? c.fail(`the layout "${format}" is not known`);
  const shape = [...c.ranked(0, packed ? 5 : 4)];
  const toSpace = c.operation.type === 'DepthToSpace';
  const divide = (axis: number, divisor: number) => {
    const size = shape[axis]!;
    if (size !== null && size % divisor !== 0) c.fail(`dimension ${axis} is no multiple of ${divisor}`);
    shape[axis] = size && size / divisor;
  };
  if (toSpace) divide(channel, block * block);
  else shape[channel] = multiply(shape[channel]!, block * block);
  for (const axis of spatial) {
    if (toSpace) shape[axis] = multiply(shape[axis]!, block);
    else divide(axis, block);
  }
  return shape;
}

function squareBlock(c: ShapeContext): Dimensions {
  const block = c.operation.int('block_size');
  return [block, block];
}

/** The input's batch and the dimensions that the block covers, and the rest; the number of block dimensions must be known. */
function spaceToBatch(
  c: ShapeContext,
  block: PartialValue | undefined,
  blocks: Dimension,
  paddings: PartialValue | undefined,
  shape: PartialShape = c.shape(0),
): PartialShape {
  if (!shape || blocks === null) return shape && unknownOfRank(shape.length);
  if (shape.length < blocks + 1) c.fail(`a block of ${blocks} dimensions needs an input of ${blocks + 1} or more`);
  let batch: Dimension = shape[0]!;
  const sizes = shape.slice(1, blocks + 1).map((size, axis): Dimension => {
    const factor = block?.[axis] ?? null;
    batch = multiply(batch, factor);
    const [before, after] = [paddings?.[2 * axis] ?? null, paddings?.[2 * axis + 1] ?? null];
    if (size === null || factor === null || before === null || after === null) return null;
    if ((size + before + after) % factor !== 0) c.fail(`dimension ${axis + 1}, padded, is no multiple of ${factor}`);
    return (size + before + after) / factor;
  });
  return [batch, ...sizes, ...shape.slice(blocks + 1)];
}

function batchToSpace(
  c: ShapeContext,
  block: PartialValue | undefined,
  blocks: Dimension,
  crops: PartialValue | undefined,
  shape: PartialShape = c.shape(0),
): PartialShape {
  if (!shape || blocks === null) return shape && unknownOfRank(shape.length);
  if (shape.length < blocks + 1) c.fail(`a block of ${blocks} dimensions needs an input of ${blocks + 1} or more`);
  let factors: Dimension = 1;
  const sizes = shape.slice(1, blocks + 1).map((size, axis): Dimension => {
    const factor = block?.[axis] ?? null;
    factors = factors === null || factor === null ? null : factors * factor;
    const [before, after] = [crops?.[2 * axis] ?? null, crops?.[2 * axis + 1] ?? null];
    if (size === null || factor === null || before === null || after === null) return null;
    return size * factor - before - after;
  });
  const batch = shape[0]!;
  if (batch !== null && factors !== null && batch % factors !== 0) c.fail(`the batch is no multiple of ${factors}`);
  return [batch === null || factors === null ? null : batch / factors, ...sizes, ...shape.slice(blocks + 1)];
}

function extractPatches(c: ShapeContext): PartialShape {
  const input = c.ranked(0, 4);
  const [sizes, strides, rates] = [c.operation.ints('ksizes'), c.operation.ints('strides'), c.operation.ints('rates')];
  const same = c.operation.string('padding') === 'SAME';
  const [rows, columns] = [1, 2].map((axis) =>
    windowed(c, input[axis]!, sizes[axis]!, strides[axis]!, rates[axis]!, same),
  );
  return [input[0]!, rows!, columns!, multiply(input[3]!, sizes[1]! * sizes[2]!)];
}
