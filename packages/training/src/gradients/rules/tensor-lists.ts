import type { Operation, SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, once, type GradientRule } from '../rule.js';

/** The gradient of a list is a list of the gradients of its elements. */
const fromTensor: GradientRule = (operation, dlist, b) => [
  () => stacked(b, operation, dlist(), restOfShape(b, operation.input(0))),
];

function stacked(b: GradientBuilder, operation: Operation, list: SymbolicTensor, shape: SymbolicTensor) {
  return b.apply('TensorListStack', [list, shape], attributesOf(operation, 'element_dtype'));
}

/** The shape of what a tensor holds along its first dimension. */
function restOfShape(b: GradientBuilder, tensor: SymbolicTensor): SymbolicTensor {
  const shape = b.knownShape(tensor);
  if (shape && shape.length > 0 && shape.slice(1).every((size) => size !== null))
    return b.integers(shape.slice(1) as number[]);
  return b.slice(b.shape(tensor), 1);
}

/** The shape of the elements of a list, as the list has it. */
function elementShape(b: GradientBuilder, list: SymbolicTensor): SymbolicTensor {
  return b.apply('TensorListElementShape', [list], { shape_type: 'int32' });
}

const getItem: GradientRule = (operation, ditem, b) => [
  () => {
    const list = operation.input(0);
    const element = attributesOf(operation, 'element_dtype');
    const inputs = [elementShape(b, list), b.apply('TensorListLength', [list])];
    const zeros = b.apply('TensorListReserve', inputs, element);
    return b.apply('TensorListSetItem', [zeros, operation.input(1), ditem()], element);
  },
];

const setItem: GradientRule = (operation, dlist, b) => {
  const [, index, item] = operation.inputs;
  const element = attributesOf(operation, 'element_dtype');
  return [
    () => b.apply('TensorListSetItem', [dlist(), index!, b.zerosLike(item!)], element),
    undefined,
    () => b.apply('TensorListGetItem', [dlist(), index!, b.shape(item!)], element),
  ];
};

const pushBack: GradientRule = (operation, dlist, b) => {
  const popped = once(() =>
    b.operation('TensorListPopBack', [dlist(), b.shape(operation.input(1))], attributesOf(operation, 'element_dtype')),
  );
  return [() => popped().output(0), () => popped().output(1)];
};

const popBack: GradientRule = (operation, dy, b) => [
  () => b.apply('TensorListPushBack', [dy(0), dy(1)], attributesOf(operation, 'element_dtype')),
];

const stack: GradientRule = (operation, dy, b) => [
  () =>
    b.apply(
      'TensorListFromTensor',
      [dy(), elementShape(b, operation.input(0))],
      attributesOf(operation, 'element_dtype'),
    ),
];

const gather: GradientRule = (operation, dy, b) => [
  () => {
    const list = operation.input(0);
    const inputs = [dy(), operation.input(1), elementShape(b, list), b.apply('TensorListLength', [list])];
    return b.apply('TensorListScatterV2', inputs, attributesOf(operation, 'element_dtype'));
  },
];

const scatter: GradientRule = (operation, dlist, b) => [
  () =>
    b.apply(
      'TensorListGather',
      [dlist(), operation.input(1), restOfShape(b, operation.input(0))],
      attributesOf(operation, 'element_dtype'),
    ),
];

const scatterInto: GradientRule = (operation, dlist, b) => {
  const [, tensor, indices] = operation.inputs;
  const element = attributesOf(operation, 'element_dtype');
  return [
    () => b.apply('TensorListScatterIntoExistingList', [dlist(), b.zerosLike(tensor!), indices!], element),
    () => b.apply('TensorListGather', [dlist(), indices!, restOfShape(b, tensor!)], element),
  ];
};

const concatenated: GradientRule = (operation, dy, b) => [
  () =>
    b.apply(
      'TensorListSplit',
      [dy(), elementShape(b, operation.input(0)), operation.output(1)],
      attributesOf(operation, 'element_dtype'),
    ),
];

const split: GradientRule = (operation, dlist, b) => [
  () =>
    b.apply(
      'TensorListConcatV2',
      [dlist(), operation.input(1), operation.input(2)],
      attributesOf(operation, 'element_dtype'),
    ),
];

const resize: GradientRule = (operation, dlist, b) => [
  () => b.apply('TensorListResize', [dlist(), b.apply('TensorListLength', [operation.input(0)])]),
];

export const tensorLists: Readonly<Record<string, GradientRule>> = {
  TensorListFromTensor: fromTensor,
  TensorListGetItem: getItem,
  TensorListSetItem: setItem,
  TensorListPushBack: pushBack,
  TensorListPopBack: popBack,
  TensorListStack: stack,
  TensorListGather: gather,
  TensorListScatter: scatter,
  TensorListScatterV2: scatter,
  TensorListScatterIntoExistingList: scatterInto,
  TensorListConcat: concatenated,
  TensorListConcatV2: concatenated,
  TensorListSplit: split,
  TensorListResize: resize,
};
