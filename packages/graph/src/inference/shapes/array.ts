import { bytesPerElement, isNumeric, type PartialShape } from '@tenon/tensor';
import { add, concatenate, knownSize, product, unify, unifyDimensions, unknownOfRank } from '../partial-shape.js';
import type { Dimension } from '../partial-shape.js';
import { forAll, sameAsFirst, scalarOutput } from '../shape-context.js';
import { MOST_DIMENSIONS, type ShapeContext, type ShapeFunctions } from '../shape-context.js';

/** Ops that make, reshape, join and split tensors. */
export const ARRAY: ShapeFunctions = {
  ...forAll(['DeepCopy', 'Copy', 'CopyHost', 'CheckNumerics', 'CheckNumericsV2'], sameAsFirst),
  ...forAll(['DebugGradientIdentity', 'DebugGradientRefIdentity'], sameAsFirst),
  ...forAll(['ZerosLike', 'OnesLike', 'Roll', 'ReverseV2'], sameAsFirst),
  Const: (c) => [c.operation.attribute('value', 'tensor').shape],
  ...forAll(['Placeholder', 'PlaceholderV2'], (c) => [c.operation.shape('shape')]),
  // What is fed may have any shape that the declaration allows, whatever the default has.
  PlaceholderWithDefault: (c) => {
    unify(c.shape(0), c.operation.shape('shape'));
    return [c.operation.shape('shape')];
  },
  EnsureShape: (c) => [unify(c.shape(0), c.operation.shape('shape'))],
  Shape: (c) => [[c.shape(0)?.length ?? null]],
  ShapeN: (c) => c.shapes.map((shape) => [shape?.length ?? null]),
  ...forAll(['Size', 'Rank'], scalarOutput),
  Fill: (c) => [c.spelledShape(0)],
  BroadcastTo: (c) => {
    const [shape, target] = [c.shape(0), c.spelledShape(1)];
    if (!shape || !target) return [target];
    if (shape.length > target.length) c.fail(`a shape of ${target.length} dimensions has no room for it`);
    // Dimensions above one stay.
    return [unify(target, [...unknownOfRank(target.length - shape.length), ...shape.map(aboveOne)])];
  },
  BroadcastArgs: (c) => {
    const [a, b] = [c.ranked(0, 1)[0]!, c.ranked(1, 1)[0]!];
    return [[a === null || b === null ? null : Math.max(a, b)]];
  },
  BroadcastGradientArgs: () => [[null], [null]],
  Range: (c) => {
    const [start, limit, delta] = [c.scalar(0), c.scalar(1), c.scalar(2)];
    if (delta === 0) c.fail('the step is 0');
    if (start !== null && limit !== null && delta !== null && (limit - start) * delta < 0)
      c.fail(`steps of ${delta} do not lead from ${start} to ${limit}`);
    return [
      [start === null || limit === null || delta === null ? null : Math.max(0, Math.ceil((limit - start) / delta))],
    ];
  },
  LinSpace: (c) => [[c.scalar(2)]],
  OneHot: (c) => {
    const indices = c.shape(0);
    const axis = c.operation.int('axis');
    return [
      indices && indices.toSpliced(axis === -1 ? indices.length : c.axis(axis, indices.length + 1), 0, c.scalar(1)),
    ];
  },
  Reshape: (c) => [reshape(c)],
  ExpandDims: (c) => {
    const shape = c.shape(0);
    const axis = c.scalar(1);
    if (!shape) return [null];
    return [axis === null ? unknownOfRank(shape.length + 1) : shape.toSpliced(c.axis(axis, shape.length + 1), 0, 1)];
  },
  Squeeze: (c) => {
    const shape = c.shape(0);
    if (!shape) return [null];
    const axes = c.operation.ints('squeeze_dims').map((axis) => c.axis(axis, shape.length));
    // A dimension that is not known may turn out to be 1 and vanish.
    if (axes.length === 0) return [shape.includes(null) ? null : shape.filter((dimension) => dimension !== 1)];
    const stays = axes.find((axis) => shape[axis] !== null && shape[axis] !== 1);
    if (stays !== undefined) c.fail(`dimension ${stays} is not 1 and cannot be squeezed away`);
    return [shape.filter((_, axis) => !axes.includes(axis))];
  },
  ...forAll(['Transpose', 'ConjugateTranspose'], (c) => {
    const permutation = c.value(1);
    const rank = c.shape(0)?.length ?? c.ranked(1, 1)[0]!;
    if (rank === null || rank > MOST_DIMENSIONS) return [null];
    const shape = c.ranked(0, rank);
    const length = c.ranked(1, 1)[0]!;
    if (length !== null && length !== rank) c.fail(`the permutation has ${length} elements`);
    if (!permutation) return [shape.length < 2 ? shape : unknownOfRank(rank)];
    return [permutation.map((from) => (from === null ? null : shape[c.axis(from, rank)]!))];
  }),
  InvertPermutation: (c) => [c.ranked(0, 1)],
  Pack: (c) => {
    const shape = c.unify(c.shapes);
    return [shape && shape.toSpliced(c.axis(c.operation.int('axis'), shape.length + 1), 0, c.count)];
  },
  Unpack: (c) => {
    const number = c.operation.int('num');
    const shape = c.shape(0);
    if (!shape) return every(number, null);
    const axis = c.axis(c.operation.int('axis'), shape.length);
    unifyDimensions(shape[axis]!, number);
    return every(number, shape.toSpliced(axis, 1));
  },
  Concat: (c) => [concat(c, c.argument('values'), c.scalar(0))],
  ConcatV2: (c) => [concat(c, c.argument('values'), c.scalar(c.count - 1))],
  ConcatOffset: (c) => every(c.count - 1, c.unify([[null], ...c.shapes.slice(1)])),
  Split: (c) => {
    const parts = c.operation.int('num_split');
    const shape = c.shape(1);
    const axis = c.scalar(0);
    if (!shape || axis === null) return every(parts, shape && unknownOfRank(shape.length));
    const at = c.axis(axis, shape.length);
    const length = shape[at]!;
    if (length !== null && length % parts !== 0) c.fail(`dimension ${at} cannot be split into ${parts} equal parts`);
    return every(parts, shape.with(at, length && length / parts));
  },
  SplitV: (c) => {
    const parts = c.operation.int('num_split');
    const shape = c.shape(0);
    const axis = c.scalar(2);
    if (parts === 1 && (!shape || axis === null)) return [shape];
    if (!shape || axis === null) return every(parts, shape && unknownOfRank(shape.length));
    const at = c.axis(axis, shape.length);
    const lengths = c.value(1) ?? unknownOfRank(parts);
    let rest: Dimension = shape[at]!;
    for (const length of lengths) {
      if (length === null || rest === null) rest = null;
      else if (length >= 0) rest -= length;
    }
    return lengths.map((length) =>
      shape.with(at, length === null ? (parts === 1 ? shape[at]! : null) : length < 0 ? rest : length),
    );
  },
  ReverseSequence: (c) => {
    const shape = c.shape(0);
    const lengths = c.ranked(1, 1);
    if (!shape) return [null];
    const at = c.axis(c.operation.int('batch_dim'), shape.length);
    return [shape.with(at, unifyDimensions(shape[at]!, lengths[0]!))];
  },
  Reverse: (c) => {
    const rank = c.ranked(1, 1)[0]!;
    return [rank === null ? c.shape(0) : c.ranked(0, rank)];
  },
  Bitcast: (c) => {
    const shape = c.shape(0);
    const [from, to] = [c.operation.dtype('T'), c.operation.dtype('type')];
    if (!shape || !isNumeric(from) || !isNumeric(to)) return [null];
    const ratio = bytesPerElement(from) / bytesPerElement(to);
    return [ratio > 1 ? [...shape, ratio] : ratio < 1 ? shape.slice(0, -1) : shape];
  },
  Diag: (c) => [concatenate(c.shape(0), c.shape(0))],
  DiagPart: (c) => {
    const shape = c.shape(0);
    if (!shape) return [null];
    if (shape.length === 0 || shape.length % 2 !== 0) c.fail('the rank must be even and above 0');
    return [unify(shape.slice(0, shape.length / 2), shape.slice(shape.length / 2))];
  },
  AccumulateNV2: (c) => [c.unify([c.operation.shape('shape'), ...c.shapes])],
};

export function every(count: number, shape: PartialShape): PartialShape[] {
  return new Array<PartialShape>(count).fill(shape);
}

function reshape(c: ShapeContext): PartialShape {
  const rank = c.shape(1)?.length === 1 ? c.shape(1)![0]! : null;
  const target = c.value(1) ?? (rank === null || rank > MOST_DIMENSIONS ? undefined : unknownOfRank(rank));
  if (!target) return null;
  const shape = c.shape(0);
  const open = target.flatMap((dimension, axis) => (dimension === null || dimension < 0 ? [axis] : []));
  const result: Dimension[] = target.map((dimension) => (dimension === null || dimension < 0 ? null : dimension));
  const size = knownSize(shape);
  const known = product(result.filter((dimension) => dimension !== null))!;
  if (open.length === 0) {
    if (size !== null && size !== known) c.fail(`its ${size} elements cannot take the shape [${result.join(', ')}]`);
    return result;
  }
  if (open.length > 1 || known === 0) return result;
  if (size !== null) {
    if (size % known !== 0) c.fail(`its ${size} elements cannot take the shape [${target.join(', ')}]`);
    result[open[0]!] = size / known;
  }
  return result;
}

function aboveOne(dimension: Dimension): Dimension {
  return dimension === 1 ? null : dimension;
}

function concat(c: ShapeContext, values: readonly number[], axis: Dimension): PartialShape {
  const shapes = values.map((index) => c.shape(index));
  const rank = shapes.find((shape) => shape !== null)?.length;
  if (rank === undefined) return null;
  if (shapes.some((shape) => shape && shape.length !== rank)) c.fail('the ranks differ');
  if (axis === null) return unknownOfRank(rank);
  const at = c.axis(axis, rank);
  const others = c.unify(shapes.map((shape) => shape && shape.with(at, null)));
  const length = shapes.reduce<Dimension>((total, shape) => add(total, shape && shape[at]!), 0);
  return others && others.with(at, length);
}
