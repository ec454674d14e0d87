import type { PartialShape } from '@tenon/tensor';
import { concatenate, unify } from '../partial-shape.js';
import { forAll, sameAsFirst, scalarOutput, type ShapeContext, type ShapeFunctions } from '../shape-context.js';
import { every } from './array.js';
import { gatherNd } from './indexing.js';

/** Variables, and the ops that read, assign and update them. */
export const STATE: ShapeFunctions = {
  ...forAll(['VarHandleOp', 'VarIsInitializedOp', 'IsVariableInitialized'], scalarOutput),
  _VarHandlesOp: (c) => every(c.operation.outputs.length, []),
  ...forAll(['VariableV2', 'TemporaryVariable'], (c) => [c.operation.shape('shape')]),
  // Older graphs write a scalar where they mean that nothing is known.
  Variable: (c) => {
    const shape = c.operation.shape('shape');
    return [shape?.length === 0 ? null : shape];
  },
  ReadVariableOp: (c) => [variableShape(c)],
  _ReadVariablesOp: (c) => c.shapes.map((_, index) => c.elements(index)?.[0]?.shape ?? null),
  VariableShape: (c) => [[variableShape(c)?.length ?? null]],
  ResourceGather: (c) => {
    const shape = variableShape(c);
    const indices = c.shape(1);
    const batches = c.operation.int('batch_dims');
    if (!shape || !indices) return [null];
    return [concatenate([...shape.slice(0, batches), ...indices.slice(batches)], shape.slice(batches + 1))];
  },
  ResourceGatherNd: (c) => [gatherNd(c, variableShape(c))],
  Assign: (c) => {
    if (c.operation.bool('validate_shape')) return [unify(c.shape(0), c.shape(1))];
    return [c.shape(1)];
  },
  ...forAll(['AssignAdd', 'AssignSub'], (c) => [unify(c.shape(0), c.shape(1))]),
  ...forAll(
    [
      'ScatterUpdate',
      'ScatterAdd',
      'ScatterSub',
      'ScatterMul',
      'ScatterDiv',
      'ScatterMin',
      'ScatterMax',
      'ScatterNdUpdate',
      'ScatterNdAdd',
      'ScatterNdSub',
      'ScatterNdMin',
      'ScatterNdMax',
      'CountUpTo',
      'DestroyTemporaryVariable',
    ],
    sameAsFirst,
  ),
  ResourceCountUpTo: scalarOutput,
};

function variableShape(c: ShapeContext): PartialShape {
  return c.elements(0)?.[0]?.shape ?? null;
}
