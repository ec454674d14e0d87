import type { Operation } from '@tenon/graph';
import { sizeOf, Tensor, type Shape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { int64From } from './int64.js';
import { checkedSize, integerOf, integers, integersOf } from './integers.js';
import { copyWords, defineMovement, makeTensor, wordsOf, wordsPerElement } from './movement.js';
import { broadcastTo } from './rearranging.js';

/** @throws InvalidArgumentError unless the splits begin with 0, rise and end with the number of values. */
export function checkSplits(splits: ArrayLike<number>, values: number): void {
  if (splits.length === 0 || splits[0] !== 0) throw new InvalidArgumentError('Row splits must begin with 0.');
  for (let i = 1; i < splits.length; i++) {
    if (splits[i]! < splits[i - 1]!)
      throw new InvalidArgumentError(`Row splits must rise; split ${i} is ${splits[i]}, after ${splits[i - 1]}.`);
  }
  if (splits[splits.length - 1] !== values) {
    throw new InvalidArgumentError(
      `Row splits must end with the number of values, ${values}; they end with ${splits[splits.length - 1]}.`,
    );
  }
}

function prepareRange(operation: Operation): Kernel {
  const splitsDType = operation.dtype('Tsplits');
  return (inputs) => {
    const [starts, limits, deltas] = inputs.map(numbersOf);
    const rows = inputs.find(({ rank }) => rank > 0)?.shape[0] ?? 1;
    if (inputs.some(({ rank, shape }) => rank > 1 || (rank === 1 && shape[0] !== rows))) {
      throw new InvalidArgumentError('Starts, limits and deltas must be scalars, or vectors of one size.');
    }
    const at = (values: ArrayLike<number>, row: number): number => values[values.length === 1 ? 0 : row]!;
    const splits = new Float64Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      const delta = at(deltas!, row);
      if (delta === 0) throw new InvalidArgumentError(`Range ${row} has a delta of 0.`);
      const size = Math.max(0, Math.ceil((at(limits!, row) - at(starts!, row)) / delta));
      splits[row + 1] = splits[row]! + size;
    }
    checkedSize([splits[rows]!]);
    const values = makeNumbers(inputs[0]!.dtype, splits[rows]!);
    for (let row = 0; row < rows; row++) {
      // Sums, not products: so they round as TensorFlow's.
      let value = at(starts!, row);
      for (let i = splits[row]!; i < splits[row + 1]!; i++) {
        values[i] = value;
        value = values[i]! + at(deltas!, row);
      }
    }
    return [integers(splitsDType, [rows + 1], splits), fromNumbers(inputs[0]!.dtype, [values.length], values)];
  };
}

/** Rows of `values` one after the other: `[first, end)` of each piece. */
function takeRows(values: Tensor, pieces: readonly (readonly [first: number, end: number])[]): Tensor {
  const inner = values.shape.slice(1);
  const width = sizeOf(inner) * wordsPerElement(values.dtype);
  const rows = pieces.reduce((sum, [first, end]) => sum + end - first, 0);
  const output = makeTensor(values.dtype, [rows, ...inner]);
  const source = wordsOf(values);
  const target = wordsOf(output);
  let to = 0;
  for (const [first, end] of pieces) {
    copyWords(source, first * width, target, to, (end - first) * width);
    to += (end - first) * width;
  }
  return output;
}

const raggedGather: Kernel = (inputs) => {
  const nested = inputs.slice(0, -2);
  const values = inputs.at(-2)!;
  const indices = inputs.at(-1)!;
  const dtype = nested[0]!.dtype;
  if (values.rank === 0)
    throw new InvalidArgumentError('The values of a ragged tensor must have rows; a scalar was given.');
  const levels = nested.map(integersOf);
  levels.forEach((splits, level) => {
    checkSplits(splits, level + 1 < levels.length ? levels[level + 1]!.length - 1 : values.shape[0]!);
  });
  const rows = levels[0]!.length - 1;
  const picked = integersOf(indices);
  let pieces: (readonly [number, number])[] = Array.from(picked, (index) => {
    if (!(index >= 0 && index < rows)) throw new InvalidArgumentError(`Index ${index} is outside [0, ${rows}).`);
    return [index, index + 1];
  });
  const outputs: Tensor[] = [];
  // Of indices with several axes, all but the last become uniform rows.
  for (let axis = 0; axis < indices.rank - 1; axis++) {
    const count = sizeOf(indices.shape.slice(0, axis + 1));
    const size = indices.shape[axis + 1]!;
    outputs.push(
      integers(
        dtype,
        [count + 1],
        Float64Array.from({ length: count + 1 }, (_, i) => i * size),
      ),
    );
  }
  for (const splits of levels) {
    const lengths: number[] = [];
    for (const [first, end] of pieces)
      for (let row = first; row < end; row++) lengths.push(splits[row + 1]! - splits[row]!);
    const taken = new Float64Array(lengths.length + 1);
    lengths.forEach((length, i) => {
      taken[i + 1] = taken[i]! + length;
    });
    outputs.push(integers(dtype, [taken.length], taken));
    pieces = pieces.map(([first, end]) => [splits[first]!, splits[end]!]);
  }
  return [...outputs, takeRows(values, pieces)];
};

const raggedToSparse: Kernel = (inputs) => {
  const values = inputs.at(-1)!;
  const levels = inputs.slice(0, -1).map(integersOf);
  if (values.rank === 0)
    throw new InvalidArgumentError('The values of a ragged tensor must have rows; a scalar was given.');
  levels.forEach((splits, level) => {
    checkSplits(splits, level + 1 < levels.length ? levels[level + 1]!.length - 1 : values.shape[0]!);
  });
  const inner = values.shape.slice(1);
  const rank = levels.length + 1 + inner.length;
  const width = sizeOf(inner);
  const indices = new Float64Array(values.size * rank);
  const position = new Float64Array(rank);
  const shape = [levels[0]!.length - 1, ...levels.map((splits) => longestRow(splits)), ...inner];
  let entry = 0;
  const visit = (level: number, row: number): void => {
    if (level < levels.length) {
      const splits = levels[level]!;
      for (let i = splits[row]!; i < splits[row + 1]!; i++) {
        position[level + 1] = i - splits[row]!;
        visit(level + 1, i);
      }
      return;
    }
    for (let i = 0; i < width; i++) {
      let rest = i;
      for (let axis = rank - 1; axis > levels.length; axis--) {
        position[axis] = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      indices.set(position, entry++ * rank);
    }
  };
  for (let row = 0; row < shape[0]!; row++) {
    position[0] = row;
    visit(0, row);
  }
  return [
    new Tensor('int64', [values.size, rank], int64From(indices)),
    values.reshape([values.size]),
    new Tensor('int64', [rank], int64From(shape)),
  ];
};

function longestRow(splits: ArrayLike<number>): number {
  let longest = 0;
  for (let i = 1; i < splits.length; i++) longest = Math.max(longest, splits[i]! - splits[i - 1]!);
  return longest;
}

/** The row lengths of each ragged dimension, from whatever way the rows are described. */
function partitions(
  types: readonly string[],
  tensors: readonly Tensor[],
  values: number,
): { rows: number; lengths: number[][] } {
  if (types[0] === 'ROW_SPLITS') {
    const levels = tensors.map(integersOf);
    levels.forEach((splits, level) =>
      checkSplits(splits, level + 1 < levels.length ? levels[level + 1]!.length - 1 : values),
    );
    const lengths = levels.map((splits) =>
      Array.from({ length: splits.length - 1 }, (_, i) => splits[i + 1]! - splits[i]!),
    );
    return { rows: lengths[0]!.length, lengths };
  }
  if (types[0] !== 'FIRST_DIM_SIZE')
    throw new InvalidArgumentError(`Rows described by "${types[0]}" are not possible at first.`);
  const rows = integerOf(tensors[0]!);
  let count = rows;
  const lengths = tensors.slice(1).map((tensor, level) => {
    if (types[level + 1] !== 'VALUE_ROWIDS')
      throw new InvalidArgumentError(`Rows described by "${types[level + 1]}" are not possible.`);
    checkedSize([count]);
    const row = new Array<number>(count).fill(0);
    const ids = integersOf(tensor);
    for (let i = 0; i < ids.length; i++) {
      if (!(ids[i]! >= (i === 0 ? 0 : ids[i - 1]!) && ids[i]! < count)) {
        throw new InvalidArgumentError(`Row ids must rise from 0 and stay below ${count}; id ${i} is ${ids[i]}.`);
      }
      row[ids[i]!]!++;
    }
    count = ids.length;
    return row;
  });
  if (count !== values) throw new InvalidArgumentError(`The row ids are of ${count} values; there are ${values}.`);
  return { rows, lengths };
}

/** The shape wanted, its unknown dimensions filled in. */
function denseShape(wanted: Tensor, rows: number, lengths: readonly (readonly number[])[], inner: Shape): number[] {
  const found = [rows, ...lengths.map((level) => level.reduce((most, length) => Math.max(most, length), 0)), ...inner];
  if (wanted.rank === 0) {
    if (integerOf(wanted) !== -1)
      throw new InvalidArgumentError('A scalar shape must be -1, for one that is not known.');
    return found;
  }
  const shape = integersOf(wanted);
  if (shape.length !== found.length) {
    throw new InvalidArgumentError(
      `A shape of [${Array.from(shape).join(', ')}] has not the ${found.length} dimensions of the ragged tensor.`,
    );
  }
  return found.map((size, axis) => {
    const asked = shape[axis]!;
    if (asked < 0) return size;
    if (axis > lengths.length && asked !== size)
      throw new InvalidArgumentError(`Dimension ${axis} is ${size}; it cannot become ${asked}.`);
    return asked;
  });
}

function prepareToTensor(operation: Operation): Kernel {
  const types = operation.list('row_partition_types', 'bytes').map((type) => new TextDecoder().decode(type));
  return ([wanted, values, missing, ...tensors]) => {
    if (types.length === 0 || types.length !== tensors.length)
      throw new InvalidArgumentError('There must be as many row partitions as types of them.');
    if (values!.rank === 0)
      throw new InvalidArgumentError('The values of a ragged tensor must have rows; a scalar was given.');
    const inner = values!.shape.slice(1);
    const { rows, lengths } = partitions(types, tensors, values!.shape[0]!);
    const shape = denseShape(wanted!, rows, lengths, inner);
    checkedSize(shape);
    // Where each row of a level goes, in rows of that level of the result; -1 if it is cut off.
    let places = Float64Array.from({ length: rows }, (_, row) => (row < shape[0]! ? row : -1));
    lengths.forEach((level, depth) => {
      const size = shape[depth + 1]!;
      const next = new Float64Array(level.reduce((sum, length) => sum + length, 0));
      let at = 0;
      level.forEach((length, row) => {
        const place = places[row]!;
        for (let i = 0; i < length; i++) next[at++] = place >= 0 && i < size ? place * size + i : -1;
      });
      places = next;
    });
    const width = sizeOf(inner) * wordsPerElement(values!.dtype);
    const output = makeTensor(values!.dtype, shape);
    const target = wordsOf(output);
    const filler = wordsOf(broadcastTo(missing!, inner));
    if (width > 0 && filler.some((word) => word !== 0))
      for (let at = 0; at < target.length; at += width) target.set(filler, at);
    const source = wordsOf(values!);
    for (let i = 0; i < places.length; i++)
      if (places[i]! >= 0) copyWords(source, i * width, target, places[i]! * width, width);
    return [output];
  };
}

export const raggedKernels: readonly KernelDefinition[] = [
  define('RaggedRange', prepareRange),
  defineMovement('RaggedGather', () => raggedGather),
  defineMovement('RaggedTensorToSparse', () => raggedToSparse),
  defineMovement('RaggedTensorToTensor', prepareToTensor),
];
