import { FunctionLibrary, Graph, type Attribute, type SymbolicTensor } from '@tenon/graph';
import { convert } from '@tenon/onnx';
import { Tensor, type Shape } from '@tenon/tensor';
import { createSession } from './create-session.js';
import { OnnxExecutable } from './onnx-executable.js';
import { providerName, type OnnxOptions } from './options.js';

/**
 * Whether ONNX Runtime convolves images whose channels lie in blocks on this processor. Not all have the kernels, and nothing says so but a model
 * that is tried.
 */
export async function hasBlockedConvolutions({ executionProviders = ['cpu'] }: OnnxOptions): Promise<boolean> {
  if (executionProviders.some((provider) => providerName(provider) !== 'cpu')) return false;
  return (trying ??= tryOut().catch(() => false));
}

/** Of processors there is one. */
let trying: Promise<boolean> | undefined;

const CHANNELS = 16;
const IMAGE: Shape = [1, 2, 1, CHANNELS];
const FILTER: Shape = [2, 1, CHANNELS, 1];

/** Two pixels of each channel, times two numbers, as whole numbers so that the sum is exact. */
async function tryOut(): Promise<boolean> {
  const graph = new Graph(new FunctionLibrary());
  const dtype: Attribute = { kind: 'dtype', value: 'float32' };
  const placeholder = (shape: Shape): SymbolicTensor =>
    graph.addOperation({ type: 'Placeholder', attributes: new Map([['dtype', dtype]]), shapes: [shape] }).output();
  const inputs = [placeholder(IMAGE), placeholder(FILTER)];
  const bytes = (text: string): Attribute => ({ kind: 'bytes', value: new TextEncoder().encode(text) });
  const ones: Attribute = { kind: 'list', value: [1n, 1n, 1n, 1n].map((value) => ({ kind: 'int', value })) };
  const convolution = graph.addOperation({
    type: 'DepthwiseConv2dNative',
    inputs,
    attributes: new Map([
      ['T', dtype],
      ['strides', ones],
      ['dilations', ones],
      ['padding', bytes('VALID')],
      ['data_format', bytes('NHWC')],
    ]),
    shapes: [[1, 1, 1, CHANNELS]],
  });
  const model = await convert({ graph, inputs, outputs: convolution.outputs }, { blockedConvolutions: true });
  const { ort, session } = await createSession(model, [], {});
  const executable = new OnnxExecutable(ort, session, model, ['float32'], []);
  try {
    const numbers = Float32Array.from({ length: 2 * CHANNELS }, (_, index) => index - 5);
    const [result] = await executable.run([
      new Tensor('float32', IMAGE, numbers),
      new Tensor('float32', FILTER, numbers),
    ]);
    return (result!.data as Float32Array).every(
      (sum, channel) => sum === numbers[channel]! ** 2 + numbers[channel + CHANNELS]! ** 2,
    );
  } finally {
    await executable.dispose();
  }
}
