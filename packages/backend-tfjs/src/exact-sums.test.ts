import { describe, expect, it } from '@jest/globals';
import { FunctionLibrary, Graph, inferShapes, type Attribute } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import { tfjs } from './tfjs-backend.js';

const SHAPE = [4, 112, 112, 3];
const CHANNELS = 3;
const PIXELS = 4 * 112 * 112;

/** Values around 10, the same at every run. */
const values = Float32Array.from({ length: PIXELS * CHANNELS }, (_, index) => 10 + Math.sin(index * index * 0.37));

const dtype = (value: 'float32' | 'int32'): Attribute => ({ kind: 'dtype', value });

async function reducePixels(type: string, backend: string): Promise<Float32Array> {
  const graph = new Graph(new FunctionLibrary());
  const x = graph
    .addOperation({ type: 'Placeholder', attributes: new Map([['dtype', dtype('float32')]]), shapes: [SHAPE] })
    .output();
  const axes: Attribute = { kind: 'tensor', value: new Tensor('int32', [3], Int32Array.of(0, 1, 2)) };
  const attributes = new Map([['dtype', dtype('int32')], ['value', axes]]); // prettier-ignore
  const axis = graph.addOperation({ type: 'Const', attributes, shapes: [[3]] }).output();
  const result = graph.addOperation({
    type,
    inputs: [x, axis],
    attributes: new Map<string, Attribute>([
      ['T', dtype('float32')],
      ['Tidx', dtype('int32')],
      ['keep_dims', { kind: 'bool', value: false }],
    ]),
  });
  inferShapes(graph);
  const executable = await tfjs({ backend }).compile({ graph, inputs: [x], outputs: [result.output()] });
  try {
    const [output] = await executable.run([new Tensor('float32', SHAPE, values)]);
    return (output as Tensor<'float32'>).data;
  } finally {
    await executable.dispose();
  }
}

describe.each(['cpu', 'wasm'])('over the pixels of images on %s', (backend) => {
  it.each([
    ['Sum', 1],
    ['Mean', PIXELS],
  ])('%s is as exact as float32 allows', async (type, divisor) => {
    const exact = Array.from({ length: CHANNELS }, (_, channel) => {
      let sum = 0;
      for (let index = channel; index < values.length; index += CHANNELS) sum += values[index]!;
      return sum / divisor;
    });
    const result = await reducePixels(type, backend);
    expect(result).toHaveLength(CHANNELS);
    exact.forEach((wanted, channel) => expect(Math.abs(result[channel]! - wanted) / wanted).toBeLessThan(3e-7));
  });
});
