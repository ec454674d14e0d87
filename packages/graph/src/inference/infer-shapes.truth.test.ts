import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { parseGraphDef, parseSavedModel, shapeFromProto } from '@tenon/format';
import { formatShape, isCompatible, sizeOf, type PartialShape } from '@tenon/tensor';
import fc from 'fast-check';
import { importGraphDef } from '../graph-def/import-graph-def.js';
import type { SymbolicTensor } from '../operation.js';
import type { TensorFacts } from './facts.js';
import { inferGraph } from './infer-graph.js';
import { inferShapes } from './infer-shapes.js';

type Shapes = Record<string, PartialShape[]>;

const readJson = (name: string): unknown => JSON.parse(readFileSync(`packages/graph/testdata/${name}`, 'utf8'));
const unzip = (text: string): Uint8Array => gunzipSync(Buffer.from(text, 'base64'));

/** Where TensorFlow says more than it can know. */
const LESS: Readonly<Record<string, string>> = {
  Equal: 'values that do not broadcast are one answer; with unknown dimensions TensorFlow overlooks it',
  NotEqual: 'values that do not broadcast are one answer; with unknown dimensions TensorFlow overlooks it',
  MatrixDiagV2: 'TensorFlow takes a diagonal of unknown length to have -1 elements',
  MatrixDiagV3: 'TensorFlow takes a diagonal of unknown length to have -1 elements',
  SoftmaxCrossEntropyWithLogits:
    'labels of one row broadcast to any number; TensorFlow overlooks it when the rank of the logits is unknown',
};

/** Where TensorFlow says less than it could. The values it is less about follow from what is given. */
const MORE: Readonly<Record<string, string>> = {
  BlockLSTM: "the number of cells is the state's as much as the weights'",
  CombinedNonMaxSuppression: "the batch is the scores' as much as the boxes'",
  Conv2DBackpropInput: 'the sizes asked for hold whatever is known of the gradient',
  Conv3DBackpropInputV2: "the batch is the gradient's",
  CudnnRNN: 'ranks do not depend on anything',
  CudnnRNNV3: 'ranks do not depend on anything',
  DenseBincount: "the rows are the input's",
  DepthwiseConv2dNativeBackpropInput: "the batch is the gradient's",
  Dilation2D: 'each spatial axis depends on that of the filter alone',
  DrawBoundingBoxes: 'images have four dimensions',
  ExpandDims: 'whatever the axis, there is one dimension more',
  Fill: 'sizes are followed through Gather and arithmetic',
  FusedBatchNormGrad: 'gradient and input have one shape',
  FusedBatchNormGradV2: 'gradient and input have one shape',
  FusedBatchNormGradV3: 'gradient and input have one shape',
  GatherV2: "batch dimensions are the indices' as much as the values'",
  LookupTableExportV2: 'a table knows the shapes of its keys and values',
  LookupTableFindV2: 'a table knows the shapes of its keys and values',
  LowerBound: 'both are matrices',
  UpperBound: 'both are matrices',
  MaxPoolV2: "the batch is the input's whatever the window",
  RaggedBincount: 'the bins are as many as asked for',
  RaggedGather: 'there is a row for each index',
  RaggedTensorToTensor: 'the rows are as many as the splits say, where the shape asked for leaves them open',
  ReciprocalGrad: 'both inputs have one shape',
  RsqrtGrad: 'both inputs have one shape',
  SigmoidGrad: 'both inputs have one shape',
  SqrtGrad: 'both inputs have one shape',
  TanhGrad: 'both inputs have one shape',
  ResizeBilinear: 'sizes are followed through slices of partly known shapes',
  SetSize: 'the shape of the sets is known',
  SparseAdd: "the rank is the index columns' as much as the shape's",
  SparseBincount: 'the rank is that of the dense shape',
  SparseReduceSum: 'with kept dimensions the rank stays',
  SparseSlice: 'the shape is a vector',
  SparseSplit: 'the shape is a vector',
  SplitV: 'the only part is the whole',
  StridedSlice: 'the masks say much without the bounds; and a slice that ends before it starts is empty',
  TensorArrayConcatV3: "an array's elements have the shape that it declares",
  TensorArrayReadV3: "an array's elements have the shape that it declares",
  TensorListStack: 'a list made of a tensor has its rows for elements',
  Unique: 'the input is a vector',
  UniqueWithCounts: 'the input is a vector',
  UniqueV2: 'dimensions beside the axis stay',
  UniqueWithCountsV2: 'dimensions beside the axis stay',
  XlaGather: 'the dimension numbers say it',
  ...Object.fromEntries(
    ['All', 'Any', 'EuclideanNorm', 'Max', 'Mean', 'Min', 'Prod', 'ReduceJoin', 'Sum'].map((op) => [
      op,
      'one axis, whichever it is, takes one dimension away',
    ]),
  ),
};

function isAtLeastAsSpecific(a: PartialShape, b: PartialShape): boolean {
  if (b === null) return true;
  return a !== null && a.every((dimension, axis) => dimension !== null || b[axis] === null);
}

describe('shapes of single operations', () => {
  const golden = readJson('operation-shapes.json') as { graph: string; shapes: Shapes };
  const graph = importGraphDef(parseGraphDef(unzip(golden.graph)));
  inferShapes(graph);
  const cases = Object.entries(golden.shapes).flatMap(([name, shapes]) =>
    shapes.map((theirs, index) => {
      const output = graph.tensor(`${name}:${index}`);
      const { type, inputs } = output.operation;
      const said = `${type} "${name}:${index}" of ${inputs.map(({ shape }) => formatShape(shape)).join(', ')}`;
      return {
        type,
        name,
        index,
        ours: output.shape,
        theirs,
        text: `${said}: ${formatShape(output.shape)}, TensorFlow ${formatShape(theirs)}`,
      };
    }),
  );

  it('never contradict TensorFlow', () => {
    const differing = cases.filter(({ ours, theirs }) => !isCompatible(ours, theirs));
    expect(differing.map(({ text }) => text)).toEqual([]);
  });

  it('are not narrower than what they turn out to be once everything is known', () => {
    const differing = cases.filter(({ name, index, ours }) => {
      const complete = golden.shapes[name.replace(/^(c\d+)_\w+$/, '$1')]![index]!;
      return !isCompatible(ours, complete);
    });
    expect(differing.map(({ text }) => text)).toEqual([]);
  });

  it('say as much as TensorFlow does, but where it says too much', () => {
    const vaguer = cases.filter(({ ours, theirs }) => !isAtLeastAsSpecific(ours, theirs));
    expect(vaguer.filter(({ type }) => !(type in LESS)).map(({ text }) => text)).toEqual([]);
    expect(Object.keys(LESS).filter((op) => !vaguer.some(({ type }) => type === op))).toEqual([]);
  });

  it('say more than TensorFlow does where that is known to be right', () => {
    const sharper = cases.filter(({ ours, theirs }) => !isAtLeastAsSpecific(theirs, ours));
    expect(sharper.filter(({ type }) => !(type in MORE)).map(({ text }) => text)).toEqual([]);
    expect(Object.keys(MORE).filter((op) => !sharper.some(({ type }) => type === op))).toEqual([]);
  });
});

describe('any shapes and constants', () => {
  const golden = readJson('operation-shapes.json') as { graph: string };
  const dimension = fc.option(fc.integer({ min: 0, max: 9 }), { freq: 3 });
  const shape = fc.option(fc.array(dimension, { maxLength: 5 }), { freq: 8 });

  it('lead to shapes, or to a list of what is wrong', () => {
    const graph = importGraphDef(parseGraphDef(unzip(golden.graph)));
    const declared = [...graph.operations].flatMap((operation) =>
      operation.type === 'Const' ? [{ operation, shape: operation.attribute('value', 'tensor').shape }] : [],
    );
    const placeholders = [...graph.operations].filter(({ type }) => type === 'Placeholder');
    const shapes = fc.array(shape, { minLength: 97, maxLength: 97 });
    const elements = fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 89, maxLength: 89 });
    fc.assert(
      fc.property(shapes, elements, (said, numbers) => {
        const known = new Map<SymbolicTensor, TensorFacts>();
        placeholders.forEach((operation, index) =>
          known.set(operation.output(), { shape: said[index % said.length]! }),
        );
        let next = 0;
        for (const { operation, shape: constant } of declared) {
          const value = Array.from({ length: sizeOf(constant) }, () => numbers[next++ % numbers.length]!);
          known.set(operation.output(), { shape: constant, value });
        }
        const { problems, facts } = inferGraph(graph, known);
        expect(problems.length).toBeGreaterThan(0);
        for (const { outputs } of graph.operations) outputs.forEach((output) => formatShape(facts(output).shape));
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});

describe('shapes in whole models', () => {
  const golden = readJson('model-shapes.json') as { shapes: string };
  const models = JSON.parse(new TextDecoder().decode(unzip(golden.shapes))) as Record<string, Shapes>;

  it.each(Object.keys(models))('%s', (key) => {
    const [directory, index] = key.split('#') as [string, string];
    const file = parseSavedModel(readFileSync(`tools/fixtures/${directory}/saved_model.pb`));
    const metaGraph = file.metaGraphs[Number(index)]!;
    const graph = importGraphDef(metaGraph.graphDef!);
    inferShapes(graph);
    const wrong: string[] = [];
    for (const [name, shapes] of Object.entries(models[key]!)) {
      shapes.forEach((theirs, output) => {
        const { operation, shape } = graph.tensor(`${name}:${output}`);
        if (isCompatible(shape, theirs) && isAtLeastAsSpecific(shape, theirs)) return;
        wrong.push(
          `${operation.type} "${name}:${output}" is ${formatShape(shape)}, TensorFlow says ${formatShape(theirs)}`,
        );
      });
    }
    expect(wrong).toEqual([]);
    for (const [signature, { outputs }] of Object.entries(metaGraph.signatureDef)) {
      for (const [output, info] of Object.entries(outputs)) {
        if (info.encoding.case !== 'name' || signature === '__saved_model_init_op') continue;
        const declared = info.tensorShape ? shapeFromProto(info.tensorShape) : null;
        const { shape } = graph.tensor(info.encoding.value);
        const said = `${signature}/${output}: ${formatShape(shape)}, declared ${formatShape(declared)}`;
        expect([said, isCompatible(shape, declared)]).toEqual([said, true]);
        expect([said, isAtLeastAsSpecific(shape, declared)]).toEqual([said, true]);
      }
    }
  });
});
