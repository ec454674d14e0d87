import { describe, expect, it } from '@jest/globals';
import { BuiltFunction, type Attribute, type FunctionGraph, type SymbolicTensor } from '@tenon/graph';
import { MemorySource, Tensor, TensorReference, type DType, type PartialShape } from '@tenon/tensor';
import { convert, whyUnconvertible } from './convert.js';
import { ModelProtoSchema, type GraphProto, type NodeProto } from './generated/onnx/onnx_pb.js';
import { fromBinary } from './generated/protobuf.js';
import { GraphBuilder } from './testing/graph-builder.js';

/** A variable of a loop. */
interface Variable {
  readonly dtype: DType;
  readonly shape: PartialShape;
}

const INT: Variable = { dtype: 'int32', shape: [] };
const LIST: Variable = { dtype: 'variant', shape: [] };
const ROWS: Variable = { dtype: 'float32', shape: [null, 3] };

const scalar = (builder: GraphBuilder, value: number) =>
  builder.constant(new Tensor('int32', [], Int32Array.of(value)));

function functionOf(
  name: string,
  variables: readonly Variable[],
  build: (builder: GraphBuilder, inputs: readonly SymbolicTensor[]) => readonly SymbolicTensor[],
): FunctionGraph {
  const builder = new GraphBuilder();
  const inputs = variables.map(({ dtype, shape }, index) => builder.placeholder(`${name}_${index}`, dtype, shape));
  const outputs = build(builder, inputs);
  const outputNames = outputs.map((_, index) => `output_${index}`);
  return { name, graph: builder.graph, inputs, outputs, controlOutputs: [], outputNames };
}

/** Adds a `StatelessWhile` that goes on while its first variable is less than its second. */
function addLoop(
  builder: GraphBuilder,
  initial: readonly SymbolicTensor[],
  body: (builder: GraphBuilder, inputs: readonly SymbolicTensor[]) => readonly SymbolicTensor[],
): readonly SymbolicTensor[] {
  const variables = initial.map(({ dtype, shape }) => ({ dtype, shape }));
  const { functions } = builder.graph;
  functions.add(new BuiltFunction(functionOf('body', variables, body)));
  functions.add(
    new BuiltFunction(functionOf('cond', variables, (inside, [i, n]) => [inside.add('Less', [i!, n!], [])])),
  );
  const reference = (name: string): Attribute => ({ kind: 'function', value: { name, attributes: new Map() } });
  return builder.graph.addOperation({
    type: 'StatelessWhile',
    inputs: initial,
    shapes: variables.map(({ shape }) => shape),
    attributes: new Map<string, Attribute>([
      ['T', { kind: 'list', value: variables.map(({ dtype }) => ({ kind: 'dtype', value: dtype })) }],
      ['body', reference('body')],
      ['cond', reference('cond')],
    ]),
  }).outputs;
}

const LIST_TYPES = { element_dtype: 'float32', shape_type: 'int32' } as const;

/** The rows of `x`, each times itself, written into a list at the index that `place` says. */
function squares(place: (builder: GraphBuilder, i: SymbolicTensor) => SymbolicTensor, elementShape: readonly number[]) {
  const builder = new GraphBuilder();
  const x = builder.placeholder('x', 'float32', [null, null, 3]);
  const n = builder.placeholder('n', INT.dtype, INT.shape);
  const shape = builder.int32s(...elementShape);
  const rows = builder.add('TensorListFromTensor', [x, shape], [], {}, LIST_TYPES);
  const reserved = builder.add('TensorListReserve', [shape, n], [], {}, LIST_TYPES);
  const [, , , written] = addLoop(builder, [scalar(builder, 0), n, rows, reserved], (body, [i, count, items, list]) => {
    const own = body.int32s(...elementShape);
    const item = body.add('TensorListGetItem', [items!, i!, own], ROWS.shape, {}, { element_dtype: 'float32' });
    const square = body.add('Mul', [item, item], ROWS.shape);
    const next = body.add(
      'TensorListSetItem',
      [list!, place(body, i!), square],
      LIST.shape,
      {},
      { element_dtype: 'float32' },
    );
    return [body.add('AddV2', [i!, scalar(body, 1)], []), count!, items!, next];
  });
  const stacked = builder.add('TensorListStack', [written!, shape], [null, null, 3], {}, { element_dtype: 'float32' });
  return { graph: builder.graph, inputs: [x, n], outputs: [stacked] };
}

/** `x` times weights, plus an offset, `n` times. */
function products(addWeights: (builder: GraphBuilder) => SymbolicTensor) {
  const builder = new GraphBuilder();
  const x = builder.placeholder('x', 'float32', [null, 64]);
  const [n, offset] = [builder.placeholder('n', 'int32', []), builder.placeholder('offset', 'float32', [64])];
  const flags = { transpose_a: false, transpose_b: false };
  const [, , , result] = addLoop(builder, [scalar(builder, 0), n, offset, x], (body, [i, count, add, rows]) => {
    const product = body.add('MatMul', [rows!, addWeights(body)], [null, 64], flags);
    const sum = body.add('AddV2', [product, add!], [null, 64]);
    return [body.add('AddV2', [i!, scalar(body, 1)], []), count!, add!, sum];
  });
  return { graph: builder.graph, inputs: [x, n, offset], outputs: [result!] };
}

async function nodesOf(
  segment: Parameters<typeof convert>[0],
): Promise<{ loop: NodeProto; body: GraphProto; graph: GraphProto }> {
  const graph = fromBinary(ModelProtoSchema, (await convert(segment)).model).graph!;
  const loop = graph.node.find(({ opType }) => opType === 'Loop')!;
  return { graph, loop, body: loop.attribute.find(({ name }) => name === 'body')!.g! };
}

const typesOf = ({ node }: GraphProto) => node.map(({ opType }) => opType);

describe('a loop', () => {
  it('collects what it writes in order, and hands on nothing but its counter', async () => {
    const { loop, body } = await nodesOf(squares((_, i) => i, [-1, 3]));
    // The trip count (none), the condition, the counter.
    expect(loop.input).toHaveLength(3);
    expect(loop.input[0]).toBe('');
    expect(loop.output).toHaveLength(2);
    expect(typesOf(body)).not.toContain('ScatterND');
    // Whether it goes on, the counter, the row.
    expect(body.output).toHaveLength(3);
  });

  it('hands on a list that it writes in another order', async () => {
    const anywhere = (body: GraphBuilder, i: SymbolicTensor) => body.add('Mul', [i, i], []);
    const { loop, body } = await nodesOf(squares(anywhere, [2, 3]));
    expect(loop.input).toHaveLength(4);
    expect(typesOf(body)).toContain('ScatterND');
  });

  const weights = ({ initializer }: GraphProto) => initializer.filter(({ dims }) => String(dims) === '64,64');

  it('uses what does not change from outside, and has its weights inside', async () => {
    const { loop, body, graph } = await nodesOf(products((builder) => builder.zeros([64, 64])));
    expect(loop.input.slice(2)).toHaveLength(2);
    expect([weights(body).length, weights(graph).length]).toEqual([1, 0]);
    expect(body.node.flatMap(({ input }) => input)).toEqual(expect.arrayContaining(['offset:0', 'n:0']));
  });

  it('has weights that are to be handed to the runtime outside, where it takes them', async () => {
    const reference = new TensorReference('float32', [64, 64], new MemorySource(new Uint8Array(1 << 14)), 0);
    const { body, graph } = await nodesOf(products((builder) => builder.constant(reference)));
    expect([weights(body).length, weights(graph).length]).toEqual([0, 1]);
  });

  it('is refused where its body cannot be expressed, with the operation that is at fault', () => {
    const builder = new GraphBuilder();
    const [n, x] = [builder.placeholder('n', 'int32', []), builder.placeholder('x', 'float32', [2])];
    const [result] = addLoop(builder, [scalar(builder, 0), n, x], (body, [i, count, value]) => [
      body.add('AddV2', [i!, scalar(body, 1)], []),
      count!,
      body.add('Lgamma', [value!], [2]),
    ]);
    expect(whyUnconvertible(result!.operation)).toBe('within it, Lgamma "Lgamma": no converter for this op');
  });

  it('is refused where a list that it reads may hold elements of different shapes', async () => {
    const segment = squares((_, i) => i, [-1, 3]);
    const list = segment.outputs[0]!.operation.input(0);
    const length = segment.graph.addOperation({ type: 'TensorListLength', inputs: [list], shapes: [[]] }).output();
    segment.graph.remove(segment.outputs[0]!.operation);
    await expect(convert({ ...segment, outputs: [length] })).rejects.toThrow(
      'the elements of a list may be of different shapes',
    );
  });

  it('is refused where a function calls itself', () => {
    const builder = new GraphBuilder();
    const x = builder.placeholder('x', 'float32', [2]);
    const floats: Attribute = { kind: 'list', value: [{ kind: 'dtype', value: 'float32' }] };
    const call = builder.graph.addOperation({
      type: 'PartitionedCall',
      inputs: [x],
      shapes: [[2]],
      attributes: new Map<string, Attribute>([
        ['Tin', floats],
        ['Tout', floats],
        ['f', { kind: 'function', value: { name: 'again', attributes: new Map() } }],
      ]),
    });
    const { graph } = builder;
    const body = { name: 'again', graph, inputs: [x], outputs: call.outputs, controlOutputs: [], outputNames: ['y'] };
    graph.functions.add(new BuiltFunction(body));
    expect(whyUnconvertible(call)).toBe(
      'within it, PartitionedCall "PartitionedCall": functions call each other too deep',
    );
  });
});
