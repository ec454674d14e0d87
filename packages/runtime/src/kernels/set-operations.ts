import type { Operation } from '@tenon/graph';
import { isNumeric, sizeOf, stridesOf, Tensor, type Shape, type StringArray, type TypedArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { int64From } from './int64.js';
import { integersOf } from './integers.js';
import { takeValues } from './sparse.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** The members of sets, by the place of the set, row-major over all axes but the last. */
interface Sets {
  readonly shape: Shape;
  readonly values: Tensor;
  /** For each place that has members, their positions in `values`. */
  readonly members: ReadonlyMap<number, readonly number[]>;
}

function denseSets(values: Tensor): Sets {
  if (values.rank < 2)
    throw new InvalidArgumentError(`Sets are rows of a tensor of rank 2 or more; this one has rank ${values.rank}.`);
  const width = values.shape.at(-1)!;
  const members = new Map<number, readonly number[]>();
  const places = sizeOf(values.shape.slice(0, -1));
  for (let place = 0; place < places; place++)
    members.set(
      place,
      Array.from({ length: width }, (_, i) => place * width + i),
    );
  return { shape: values.shape, values, members };
}

function sparseSets(indices: Tensor, values: Tensor, denseShape: Tensor): Sets {
  const shape = Array.from(integersOf(denseShape));
  const rank = shape.length;
  if (indices.rank !== 2 || indices.shape[1] !== rank || rank < 2 || values.size !== indices.shape[0]) {
    throw new InvalidArgumentError(
      `Indices of shape [${indices.shape.join(', ')}] do not index sets of shape [${shape.join(', ')}].`,
    );
  }
  const positions = integersOf(indices);
  const strides = stridesOf(shape.slice(0, -1));
  const members = new Map<number, number[]>();
  for (let entry = 0; entry < values.size; entry++) {
    const place = strides.reduce((sum, stride, axis) => sum + stride * positions[entry * rank + axis]!, 0);
    const present = members.get(place);
    if (present) present.push(entry);
    else members.set(place, [entry]);
  }
  return { shape, values, members };
}

/** A member of either of two tensors: its position, counted through both. */
type Member = number;

/** Orders members: strings byte by byte, numbers by size. */
function comparator(first: Tensor, second: Tensor): (a: Member, b: Member) => number {
  const { size } = first;
  if (first.is('string')) {
    const bytesOf = (member: Member): Uint8Array =>
      member < size ? first.data.at(member) : (second.data as StringArray).at(member - size);
    return (a, b) => compareBytes(bytesOf(a), bytesOf(b));
  }
  if (!isNumeric(first.dtype)) throw new InvalidArgumentError(`There are no sets of ${first.dtype}.`);
  const valueOf = (member: Member): number | bigint =>
    member < size ? (first.data as TypedArray)[member]! : (second.data as TypedArray)[member - size]!;
  return (a, b) => {
    const left = valueOf(a);
    const right = valueOf(b);
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Sorted, each once. */
function asSet(members: readonly Member[], compare: (a: Member, b: Member) => number): Member[] {
  const sorted = [...members].sort(compare);
  return sorted.filter((member, i) => i === 0 || compare(sorted[i - 1]!, member) !== 0);
}

/** Whether a member of the first, the second or both sets is in the result. */
interface Choice {
  readonly first: boolean;
  readonly second: boolean;
  readonly both: boolean;
}

const CHOICES: ReadonlyMap<string, Choice> = new Map([
  ['a-b', { first: true, second: false, both: false }],
  ['b-a', { first: false, second: true, both: false }],
  ['intersection', { first: false, second: false, both: true }],
  ['union', { first: true, second: true, both: true }],
]);

function merge(first: Member[], second: Member[], compare: (a: Member, b: Member) => number, choice: Choice): Member[] {
  const merged: Member[] = [];
  let i = 0;
  let j = 0;
  while (i < first.length || j < second.length) {
    const order = i === first.length ? 1 : j === second.length ? -1 : compare(first[i]!, second[j]!);
    if (order < 0 ? choice.first : order === 0 && choice.both) merged.push(first[i]!);
    else if (order > 0 && choice.second) merged.push(second[j]!);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return merged;
}

function combine(first: Sets, second: Sets, choice: Choice): readonly Tensor[] {
  const outer = first.shape.slice(0, -1);
  if (first.values.dtype !== second.values.dtype || outer.join() !== second.shape.slice(0, -1).join()) {
    throw new InvalidArgumentError(
      `Sets of shape [${first.shape.join(', ')}] and [${second.shape.join(', ')}] differ in more than their last dimension.`,
    );
  }
  const compare = comparator(first.values, second.values);
  const { size } = first.values;
  const places = [...new Set([...first.members.keys(), ...second.members.keys()])].sort((a, b) => a - b);
  const strides = stridesOf(outer);
  const indices: number[] = [];
  const chosen: Member[] = [];
  let longest = 0;
  for (const place of places) {
    const left = asSet(first.members.get(place) ?? [], compare);
    const right = asSet(
      (second.members.get(place) ?? []).map((position) => position + size),
      compare,
    );
    const merged = merge(left, right, compare, choice);
    longest = Math.max(longest, merged.length);
    merged.forEach((member, i) => {
      strides.forEach((stride, axis) => indices.push(Math.floor(place / stride) % outer[axis]!));
      indices.push(i);
      chosen.push(member);
    });
  }
  return [
    new Tensor('int64', [chosen.length, first.shape.length], int64From(indices)),
    take(first.values, second.values, chosen),
    new Tensor('int64', [first.shape.length], int64From([...outer, longest])),
  ];
}

function take(first: Tensor, second: Tensor, members: readonly Member[]): Tensor {
  const { size } = first;
  if (first.is('string')) {
    const builder = new StringArrayBuilder(members.length * 8, members.length);
    for (const member of members) {
      builder.appendAll(member < size ? first.data.at(member) : (second.data as StringArray).at(member - size));
      builder.end();
    }
    return new Tensor('string', [members.length], builder.build());
  }
  const left = first.data as Float32Array;
  const joined = new (left.constructor as new (length: number) => Float32Array)(left.length + second.data.length);
  joined.set(left);
  joined.set(second.data as Float32Array, left.length);
  return takeValues(new Tensor(first.dtype as 'float32', [joined.length], joined), members);
}

function choiceOf(operation: Operation): Choice {
  const name = operation.string('set_operation');
  const choice = CHOICES.get(name);
  if (!choice)
    throw new InvalidArgumentError(
      `There is no set operation ${JSON.stringify(name)}; there are ${[...CHOICES.keys()].join(', ')}.`,
    );
  return choice;
}

const setSize: Kernel = ([indices, values, denseShape]) => {
  const sets = sparseSets(indices!, values!, denseShape!);
  const outer = sets.shape.slice(0, -1);
  const compare = comparator(values!, values!);
  const sizes = new Int32Array(sizeOf(outer));
  for (const [place, members] of sets.members) sizes[place] = asSet(members, compare).length;
  return [new Tensor('int32', outer, sizes)];
};

export const setKernels: readonly KernelDefinition[] = [
  define('DenseToDenseSetOperation', (operation) => {
    const choice = choiceOf(operation);
    return ([first, second]) => combine(denseSets(first!), denseSets(second!), choice);
  }),
  define('DenseToSparseSetOperation', (operation) => {
    const choice = choiceOf(operation);
    return ([first, indices, values, shape]) =>
      combine(denseSets(first!), sparseSets(indices!, values!, shape!), choice);
  }),
  define('SparseToSparseSetOperation', (operation) => {
    const choice = choiceOf(operation);
    return (inputs) => {
      const [indices1, values1, shape1, indices2, values2, shape2] = inputs;
      return combine(sparseSets(indices1!, values1!, shape1!), sparseSets(indices2!, values2!, shape2!), choice);
    };
  }),
  define('SetSize', () => setSize),
];
