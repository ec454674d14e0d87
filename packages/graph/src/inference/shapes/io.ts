import type { PartialShape } from '@tenon/tensor';
import { concatenate, type Dimension } from '../partial-shape.js';
import { forAll, scalarOutput, type ShapeContext, type ShapeFunctions } from '../shape-context.js';
import { every } from './array.js';

/** Files, checkpoints, examples and summaries. */
export const IO: ShapeFunctions = {
  ...forAll(['ReadFile', 'ShardedFilename', 'ShardedFilespec'], scalarOutput),
  MatchingFiles: () => [[null]],
  RestoreV2: (c) => every(c.operation.outputs.length, null),
  ...forAll(['MergeSummary', 'ScalarSummary', 'HistogramSummary', 'TensorSummary', 'TensorSummaryV2'], scalarOutput),
  ...forAll(['ImageSummary', 'AudioSummary', 'AudioSummaryV2'], scalarOutput),
  ParseExample: (c) => {
    const batch = c.ranked(0, 1);
    const sparse = c.operation.int('Nsparse');
    return [...sparseExamples(sparse, 2), ...denseExamples(c, batch)];
  },
  ParseExampleV2: (c) => {
    const batch = c.shape(0);
    const sparse = c.operation.int('num_sparse');
    const ragged = c.operation.list('ragged_value_types', 'dtype').length;
    const rows: Dimension = batch?.length === 1 && batch[0] !== null ? batch[0]! + 1 : null;
    return [
      ...sparseExamples(sparse, batch && batch.length + 1),
      ...denseExamples(c, batch),
      ...every(ragged, [null]),
      ...every(ragged, [rows]),
    ];
  },
  ParseSingleExample: (c) => [...sparseExamples(c.operation.int('num_sparse'), 1), ...denseExamples(c, [])],
  ParseTensor: () => [null],
  SerializeTensor: scalarOutput,
};

function sparseExamples(count: number, rank: Dimension): PartialShape[] {
  return [...every(count, [null, rank]), ...every(count, [null]), ...every(count, [rank])];
}

function denseExamples(c: ShapeContext, batch: PartialShape): PartialShape[] {
  return c.operation.list('dense_shapes', 'shape').map((shape) => concatenate(batch, shape));
}
