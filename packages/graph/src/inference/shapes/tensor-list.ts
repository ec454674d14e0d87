import type { PartialShape } from '@tenon/tensor';
import { concatenate, unify, type Dimension } from '../partial-shape.js';
import { forAll, scalarOutput, type ShapeContext, type ShapeFunctions } from '../shape-context.js';

const VERSIONS = ['', 'V2', 'V3'];

/** Tensor lists (variants), tensor arrays (resources, and a flow that keeps their order) and stacks. */
export const TENSOR_LIST: ShapeFunctions = {
  ...forAll(
    [
      'EmptyTensorList',
      'TensorListReserve',
      'TensorListFromTensor',
      'TensorListSetItem',
      'TensorListPushBack',
      'TensorListResize',
      'TensorListScatter',
      'TensorListScatterV2',
      'TensorListScatterIntoExistingList',
      'TensorListSplit',
      'TensorListConcatLists',
      'TensorListLength',
    ],
    (c) => [c.operation.type === 'TensorListConcatLists' ? unify(c.shape(0), c.shape(1)) : []],
  ),
  TensorListGetItem: (c) => [unify(elementShape(c), c.spelledShape(2))],
  TensorListPopBack: (c) => [[], unify(elementShape(c), c.spelledShape(1))],
  TensorListStack: (c) => {
    const number = c.operation.int('num_elements');
    return [concatenate([number < 0 ? null : number], unify(elementShape(c), c.spelledShape(1)))];
  },
  TensorListGather: (c) => [concatenate([c.ranked(1, 1)[0]!], unify(elementShape(c), c.spelledShape(2)))],
  TensorListConcat: (c) => [concatenated(unify(elementShape(c), c.operation.shape('element_shape'))), [null]],
  TensorListConcatV2: (c) => [concatenated(unify(elementShape(c), c.spelledShape(1))), [null]],
  TensorListElementShape: (c) => {
    const shape = elementShape(c);
    return [shape ? [shape.length] : null];
  },
  TensorListPushBackBatch: (c) => [c.shape(0)],

  // Handles of arrays and stacks count as a container and a name, as they were in the first version, though now they are one resource.
  TensorArray: () => [[2]],
  TensorArrayV2: () => [[2]],
  TensorArrayV3: () => [[2], []],
  TensorArrayGrad: () => [[2]],
  TensorArrayGradV2: () => [[2]],
  TensorArrayGradV3: () => [[2], []],
  TensorArrayGradWithShape: () => [[2], []],
  ...forAll(versions('TensorArrayRead'), (c) => [unify(elementShape(c), c.elements(2)?.[0]?.shape ?? null)]),
  ...forAll(versions('TensorArraySize'), scalarOutput),
  ...forAll(
    [...versions('TensorArrayWrite'), ...versions('TensorArrayScatter'), ...versions('TensorArraySplit')],
    scalarOutput,
  ),
  ...forAll(versions('TensorArrayGather'), (c) => [
    concatenate([c.ranked(1, 1)[0]!], unify(elementShape(c), c.operation.shape('element_shape'))),
  ]),
  ...forAll(versions('TensorArrayConcat'), (c) => {
    const rest = c.operation.shape('element_shape_except0');
    return [unify(concatenated(elementShape(c)), concatenate([null], rest)), [null]];
  }),
  Stack: () => [[2]],
  StackV2: () => [[2]],
  ...forAll(['StackPush', 'StackPushV2'], (c) => [c.shape(1)]),
  ...forAll(['StackPop', 'StackPopV2'], (c) => [elementShape(c)]),
};

function versions(op: string): string[] {
  return VERSIONS.map((version) => op + version);
}

function elementShape(c: ShapeContext): PartialShape {
  return c.elements(0)?.[0]?.shape ?? null;
}

/** Elements joined along their first dimension, whose lengths may differ. */
function concatenated(element: PartialShape): PartialShape {
  return element && element.length > 0 ? [null satisfies Dimension, ...element.slice(1)] : null;
}
