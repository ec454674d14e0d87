import type { PartialShape } from '@tenon/tensor';
import type { ElementFacts } from './facts.js';
import { join, unify } from './partial-shape.js';
import type { ShapeContext } from './shape-context.js';

type Elements = readonly ElementFacts[] | undefined;

/** What lies behind the handle that an op gives first. */
type ElementsFunction = (context: ShapeContext) => Elements;

function forAll(ops: readonly string[], elementsFunction: ElementsFunction): Record<string, ElementsFunction> {
  return Object.fromEntries(ops.map((op) => [op, elementsFunction]));
}

/** The elements of a new list, whose shape the input `index` spells. */
function newList(index: number): ElementsFunction {
  return (c) => [{ dtype: c.operation.dtype('element_dtype'), shape: c.spelledShape(index) }];
}

const keep: ElementsFunction = (c) => c.elements(0);

/** By op, what lies behind the handles that it gives: variables, tensor lists and arrays, tables. */
export const ELEMENTS_FUNCTIONS: ReadonlyMap<string, ElementsFunction> = new Map(
  Object.entries({
    VarHandleOp: (c: ShapeContext) => [{ dtype: c.operation.dtype('dtype'), shape: c.operation.shape('shape') }],
    ...forAll(['EmptyTensorList', 'TensorListReserve'], newList(0)),
    ...forAll(['TensorListFromTensor'], (c) => {
      const tensor = c.shape(0);
      return listOf(c, c.spelledShape(1), tensor && tensor.slice(1));
    }),
    ...forAll(['TensorListScatter', 'TensorListScatterV2'], (c) => {
      const tensor = c.shape(0);
      return listOf(c, c.spelledShape(2), tensor && tensor.slice(1));
    }),
    TensorListSplit: (c: ShapeContext) => listOf(c, c.spelledShape(1), null),
    ...forAll(['TensorListSetItem', 'TensorListPushBack', 'TensorListResize', 'TensorListPopBack'], keep),
    TensorListScatterIntoExistingList: keep,
    TensorListConcatLists: (c: ShapeContext) => joinElements(c.elements(0), c.elements(1)),
    ...forAll(['TensorArrayV3', 'TensorArrayV2', 'TensorArray'], (c) => [
      { dtype: c.operation.dtype('dtype'), shape: c.operation.shape('element_shape') },
    ]),
    ...forAll(['TensorArrayGrad', 'TensorArrayGradV2', 'TensorArrayGradV3'], keep),
    // The flow of an array that holds nothing but the rows of a tensor.
    TensorArrayScatterV3: (c: ShapeContext) => {
      if (c.operation.inputs[3]?.operation.type !== 'TensorArrayV3') return undefined;
      return [{ dtype: c.operation.dtype('T'), shape: c.shape(2)?.slice(1) ?? null }];
    },
    ...forAll(['HashTable', 'HashTableV2', 'AnonymousHashTable'], (c) => table(c, [], [])),
    ...forAll(['MutableHashTable', 'MutableHashTableV2', 'AnonymousMutableHashTable'], (c) => table(c, [], [])),
    ...forAll(['MutableHashTableOfTensors', 'MutableHashTableOfTensorsV2', 'AnonymousMutableHashTableOfTensors'], (c) =>
      table(c, [], c.operation.shape('value_shape')),
    ),
    ...forAll(['MutableDenseHashTable', 'MutableDenseHashTableV2', 'AnonymousMutableDenseHashTable'], (c) =>
      table(c, c.shape(0), c.operation.shape('value_shape')),
    ),
  }),
);

function listOf(c: ShapeContext, declared: PartialShape, actual: PartialShape): Elements {
  return [{ dtype: c.operation.dtype('element_dtype'), shape: unify(declared, actual) }];
}

function joinElements(a: Elements, b: Elements): Elements {
  const [x, y] = [a?.[0], b?.[0]];
  return x && y && [{ dtype: x.dtype, shape: join(x.shape, y.shape) }];
}

function table(c: ShapeContext, keys: PartialShape, values: PartialShape): Elements {
  return [
    { dtype: c.operation.dtype('key_dtype'), shape: keys },
    { dtype: c.operation.dtype('value_dtype'), shape: values },
  ];
}
