import type { Operation } from '@tenon/graph';
import { formatShape, isFullyKnown, Tensor, type DType, type PartialShape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integerOf, integers, integersOf } from './integers.js';
import { moveElements } from './movement.js';
import { PersistentArray } from './persistent-array.js';
import { addTensors } from './sums.js';
import { concatenate, splitAxis, stack, unstack } from './slicing.js';
import { zerosOf } from './zeros.js';

/** A list of tensors of one data type: what TensorFlow 2's loops and `TensorArray`s are made of. Never changed. */
export class TensorList {
  constructor(
    readonly dtype: DType,
    readonly elementShape: PartialShape,
    /** `undefined` where nothing was set yet: zeros, when they are read. */
    readonly items: PersistentArray<Tensor | undefined>,
  ) {}

  with(items: PersistentArray<Tensor | undefined>): TensorList {
    return new TensorList(this.dtype, this.elementShape, items);
  }
}

const variantOf = (list: TensorList): Tensor => new Tensor('variant', [], [list]);

function listIn(tensor: Tensor | undefined): TensorList {
  const list = (tensor?.data as readonly unknown[] | undefined)?.[0];
  if (!(list instanceof TensorList)) throw new InvalidArgumentError('Its first input is not a list of tensors.');
  return list;
}

/** The shape that a tensor holds, with -1 for what is not known; the scalar -1 for one whose rank is not known. */
function partialShapeFrom(tensor: Tensor): PartialShape {
  const values = Array.from(integersOf(tensor));
  if (tensor.rank === 0) return values[0] === -1 ? null : [];
  return values.map((dimension) => (dimension < 0 ? null : dimension));
}

/** What two partial shapes know together. @throws InvalidArgumentError if they contradict each other. */
function mergeShapes(a: PartialShape, b: PartialShape): PartialShape {
  if (a === null || b === null) return a ?? b;
  if (
    a.length !== b.length ||
    a.some((dimension, axis) => dimension !== null && b[axis] !== null && dimension !== b[axis])
  ) {
    throw new InvalidArgumentError(`Elements of shapes ${formatShape(a)} and ${formatShape(b)} do not go together.`);
  }
  return a.map((dimension, axis) => dimension ?? b[axis]!);
}

const emptyItems = (length: number): (Tensor | undefined)[] =>
  new Array<Tensor | undefined>(checkedSize([length])).fill(undefined);

function checkIndex(index: number, length: number): void {
  if (!(index >= 0 && index < length))
    throw new InvalidArgumentError(`Index ${index} is outside the list of ${length} tensors.`);
}

/** The shape of elements that were never set: from the list, from the op, or from those that were. */
function missingShape(list: TensorList, shape: PartialShape, others: Iterable<Tensor | undefined>): readonly number[] {
  let known = mergeShapes(list.elementShape, shape);
  for (const other of others) {
    if (isFullyKnown(known)) break;
    if (other) known = mergeShapes(known, other.shape);
  }
  if (!isFullyKnown(known)) {
    throw new InvalidArgumentError(
      `An element that was never set is read, and its shape ${formatShape(known)} is not known.`,
    );
  }
  return known;
}

function itemAt(list: TensorList, index: number, shape: PartialShape): Tensor {
  checkIndex(index, list.items.length);
  return list.items.get(index) ?? zerosOf(list.dtype, missingShape(list, shape, list.items.values()));
}

/** One tensor of all those, along a new first axis. */
function stackItems(list: TensorList, items: readonly (Tensor | undefined)[], shape: PartialShape): Tensor {
  if (items.length === 0) return zerosOf(list.dtype, [0, ...missingShape(list, shape, [])]);
  const zeros = items.includes(undefined) ? zerosOf(list.dtype, missingShape(list, shape, items)) : undefined;
  const all = items.map((item) => item ?? zeros!);
  mergeShapes(shape, all[0]!.shape);
  return moveElements(all, (tensors) => [stack(tensors, 0)])[0]!;
}

const unstackItems = (tensor: Tensor): readonly Tensor[] => {
  if (tensor.rank === 0) throw new InvalidArgumentError('A scalar has no elements to make a list of.');
  return moveElements([tensor], ([numeric]) => unstack(numeric!, 0));
};

function fromTensor(tensor: Tensor, shape: PartialShape): TensorList {
  return new TensorList(
    tensor.dtype,
    mergeShapes(shape, tensor.shape.slice(1)),
    new PersistentArray<Tensor | undefined>([...unstackItems(tensor)]),
  );
}

function prepareReserve(operation: Operation): Kernel {
  const dtype = operation.dtype('element_dtype');
  return ([shape, count]) => [
    variantOf(new TensorList(dtype, partialShapeFrom(shape!), new PersistentArray(emptyItems(integerOf(count!))))),
  ];
}

function prepareEmpty(operation: Operation): Kernel {
  const dtype = operation.dtype('element_dtype');
  return ([shape]) => [
    variantOf(new TensorList(dtype, partialShapeFrom(shape!), new PersistentArray<Tensor | undefined>([]))),
  ];
}

function prepareSetItem(operation: Operation): Kernel {
  const grows = operation.bool('resize_if_index_out_of_bounds');
  return ([handle, indexTensor, item]) => {
    let list = listIn(handle);
    const index = integerOf(indexTensor!);
    mergeShapes(list.elementShape, item!.shape);
    if (grows && index >= list.items.length) list = resize(list, index + 1);
    checkIndex(index, list.items.length);
    return [variantOf(list.with(list.items.set(index, item)))];
  };
}

function resize(list: TensorList, length: number): TensorList {
  const items = emptyItems(length);
  list.items.values().forEach((item, i) => {
    if (i < length) items[i] = item;
  });
  return list.with(new PersistentArray(items));
}

function prepareStack(operation: Operation): Kernel {
  const expected = operation.int('num_elements');
  return ([handle, shape]) => {
    const list = listIn(handle);
    if (expected >= 0 && list.items.length !== expected) {
      throw new InvalidArgumentError(`The list holds ${list.items.length} tensors, not ${expected}.`);
    }
    return [stackItems(list, list.items.values(), partialShapeFrom(shape!))];
  };
}

const popBack: Kernel = ([handle, shape]) => {
  const list = listIn(handle);
  const item = itemAt(list, list.items.length - 1, partialShapeFrom(shape!));
  return [variantOf(list.with(list.items.pop())), item];
};

const pushBack: Kernel = ([handle, item]) => {
  const list = listIn(handle);
  mergeShapes(list.elementShape, item!.shape);
  return [variantOf(list.with(list.items.set(list.items.length, item)))];
};

function prepareElementShape(operation: Operation): Kernel {
  const dtype = operation.dtype('shape_type');
  return ([handle]) => {
    const { elementShape } = listIn(handle);
    if (elementShape === null) return [integers(dtype, [], [-1])];
    return [
      integers(
        dtype,
        [elementShape.length],
        elementShape.map((dimension) => dimension ?? -1),
      ),
    ];
  };
}

const gatherItems: Kernel = ([handle, indices, shape]) => {
  const list = listIn(handle);
  const items = Array.from(integersOf(indices!), (index) => {
    checkIndex(index, list.items.length);
    return list.items.get(index);
  });
  return [stackItems(list, items, partialShapeFrom(shape!))];
};

function scatterItems(list: TensorList, tensor: Tensor, indices: ArrayLike<number>): TensorList {
  const parts = unstackItems(tensor);
  if (parts.length !== indices.length)
    throw new InvalidArgumentError(`${indices.length} indices were given for ${parts.length} tensors.`);
  let { items } = list;
  parts.forEach((part, i) => {
    checkIndex(indices[i]!, items.length);
    mergeShapes(list.elementShape, part.shape);
    items = items.set(indices[i]!, part);
  });
  return list.with(items);
}

/** A new list with rows of a tensor at these indices; as long as the greatest asks for, or as it says. */
const scatter: Kernel = ([tensor, indicesTensor, shape, count]) => {
  const indices = integersOf(indicesTensor!);
  let length = count ? integerOf(count) : -1;
  if (length === -1) length = Array.from(indices).reduce((most, index) => Math.max(most, index + 1), 0);
  const list = new TensorList(tensor!.dtype, partialShapeFrom(shape!), new PersistentArray(emptyItems(length)));
  return [variantOf(scatterItems(list, tensor!, indices))];
};

/** All elements one after the other along their first axis, and how long each is there. */
function concatItems(list: TensorList, elementShape: PartialShape, given: ArrayLike<number>): Tensor[] {
  const items = list.items.values().map((item, i): Tensor => {
    if (item) return item;
    const rest = mergeShapes(elementShape, list.elementShape);
    const missing = rest && [given[i] ?? rest[0]!, ...rest.slice(1)];
    if (!isFullyKnown(missing))
      throw new InvalidArgumentError(`Element ${i} was never set, and its shape is not known.`);
    return zerosOf(list.dtype, missing);
  });
  const lengths = items.map((item) => item.shape[0]!);
  const outputLengths = integers('int64', [lengths.length], lengths);
  if (items.length === 0) {
    const rest = elementShape?.slice(1) ?? null;
    if (!isFullyKnown(rest))
      throw new InvalidArgumentError('An empty list of elements of unknown shape cannot be joined.');
    return [zerosOf(list.dtype, [0, ...rest]), outputLengths];
  }
  return [moveElements(items, (tensors) => [concatenate(tensors, 0)])[0]!, outputLengths];
}

const concatV2: Kernel = ([handle, shape, leadingDims]) =>
  concatItems(listIn(handle), partialShapeFrom(shape!), integersOf(leadingDims!));

function prepareConcatV1(operation: Operation): Kernel {
  const shape = operation.shape('element_shape');
  return ([handle]) => concatItems(listIn(handle), shape, []);
}

/** A list of consecutive rows of a tensor, of these lengths. */
const splitItems: Kernel = ([tensor, shape, lengthsTensor]) => {
  const lengths = Array.from(integersOf(lengthsTensor!));
  if (lengths.reduce((sum, length) => sum + length, 0) !== tensor!.shape[0]) {
    throw new InvalidArgumentError(`Lengths of ${lengths.join(', ')} do not add up to ${tensor!.shape[0]} rows.`);
  }
  const parts = moveElements([tensor!], ([numeric]) => splitAxis(numeric!, 0, lengths));
  return [
    variantOf(
      new TensorList(tensor!.dtype, partialShapeFrom(shape!), new PersistentArray<Tensor | undefined>([...parts])),
    ),
  ];
};

const concatLists: Kernel = ([a, b]) => {
  const left = listIn(a);
  const right = listIn(b);
  return [variantOf(left.with(new PersistentArray([...left.items.values(), ...right.items.values()])))];
};

/** Zeros in the place of every tensor of a list, as gradients start from. */
export function zerosLikeList(tensor: Tensor): Tensor {
  const list = listIn(tensor);
  const zeros = list.items.values().map((item) => item && zerosOf(item.dtype, item.shape));
  return variantOf(list.with(new PersistentArray<Tensor | undefined>([...zeros])));
}

/** Lists added up tensor by tensor. */
export function addLists(tensors: readonly Tensor[]): Tensor {
  const [first, ...rest] = tensors.map(listIn);
  const sums = first!.items.values().map((item, i) => {
    const all = [item, ...rest.map(({ items }) => items.get(i))].filter((part) => part !== undefined);
    return all.length === 0 ? undefined : addTensors(all);
  });
  return variantOf(first!.with(new PersistentArray<Tensor | undefined>(sums)));
}

export const tensorListKernels: readonly KernelDefinition[] = [
  define('TensorListReserve', prepareReserve),
  define('EmptyTensorList', prepareEmpty),
  define('TensorListFromTensor', () => ([tensor, shape]) => [variantOf(fromTensor(tensor!, partialShapeFrom(shape!)))]),
  define('TensorListGetItem', () => ([handle, index, shape]) => [
    itemAt(listIn(handle), integerOf(index!), partialShapeFrom(shape!)),
  ]),
  define('TensorListSetItem', prepareSetItem),
  define('TensorListStack', prepareStack),
  define('TensorListPushBack', () => pushBack),
  define('TensorListPopBack', () => popBack),
  define('TensorListLength', () => ([handle]) => [integers('int32', [], [listIn(handle).items.length])]),
  define('TensorListResize', () => ([handle, size]) => [variantOf(resize(listIn(handle), integerOf(size!)))]),
  define('TensorListElementShape', prepareElementShape),
  define('TensorListGather', () => gatherItems),
  define('TensorListScatter', () => scatter),
  define('TensorListScatterV2', () => scatter),
  define('TensorListScatterIntoExistingList', () => ([handle, tensor, indices]) => [
    variantOf(scatterItems(listIn(handle), tensor!, integersOf(indices!))),
  ]),
  define('TensorListConcat', prepareConcatV1),
  define('TensorListConcatV2', () => concatV2),
  define('TensorListSplit', () => splitItems),
  define('TensorListConcatLists', () => concatLists),
];
