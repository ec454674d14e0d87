import { forAll, sameAsFirst, scalarOutput, type ShapeFunctions } from '../shape-context.js';
import { join } from '../partial-shape.js';

/** What goes with control flow. Calls and functional control flow look into the functions: see `function-calls.ts`. */
export const CONTROL_FLOW: ShapeFunctions = {
  RefSelect: (c) => [c.shapes.slice(1).reduce(join)],
  LoopCond: scalarOutput,
  Print: sameAsFirst,
  FakeParam: (c) => [c.operation.shape('shape')],
  OptionalFromValue: scalarOutput,
  OptionalNone: scalarOutput,
  OptionalHasValue: scalarOutput,
  ...forAll(['OptionalGetValue', 'IteratorGetNext', 'IteratorGetNextSync'], (c) =>
    c.operation.list('output_shapes', 'shape'),
  ),
  ...forAll(['Iterator', 'IteratorV2', 'OneShotIterator'], scalarOutput),
};
