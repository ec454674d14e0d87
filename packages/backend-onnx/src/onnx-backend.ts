import { UnsupportedOperationError, type Backend, type Executable, type Segment } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { convert, UnconvertibleOperationsError, whyUnconvertible } from '@tenon/onnx';
import { hasBlockedConvolutions } from './blocked-convolutions.js';
import { OnnxExecutable } from './onnx-executable.js';
import { createSession } from './create-session.js';
import type { OnnxOptions } from './options.js';

/**
 * A backend that runs segments on ONNX Runtime, through `onnxruntime-node`, which is loaded when the first segment is compiled.
 *
 * @example
 * ```ts
 * const session = await hub.session(graph, { backend: onnx() });
 * ```
 */
export function onnx(options: OnnxOptions = {}): Backend {
  return new OnnxBackend(options);
}

class OnnxBackend implements Backend {
  readonly name = 'onnx';

  constructor(private readonly options: OnnxOptions) {}

  supports(operation: Operation): boolean {
    return whyUnconvertible(operation) === undefined;
  }

  async compile(segment: Segment): Promise<Executable> {
    const blockedConvolutions =
      Array.from(segment.graph.operations).some(convolvesChannelsWithInput) &&
      (await hasBlockedConvolutions(this.options));
    const model = await convert(segment, { widenBfloat16: true, blockedConvolutions }).catch((error: unknown) => {
      if (error instanceof UnconvertibleOperationsError)
        throw new UnsupportedOperationError(this.name, error.operations);
      throw error;
    });
    const operations = Array.from(segment.graph.operations)
      .filter(({ type }) => type !== 'Const' && type !== 'Placeholder')
      .map(({ type, name }) => `${type} "${name}"`);
    const { ort, session } = await createSession(model, operations, this.options);
    return new OnnxExecutable(
      ort,
      session,
      model,
      segment.outputs.map(({ dtype }) => dtype),
      operations,
    );
  }
}

/** Whether it convolves each channel with a filter that is trained, which ONNX Runtime does quickly only if it is told how. */
function convolvesChannelsWithInput({ type, inputs }: Operation): boolean {
  return type.startsWith('DepthwiseConv2dNative') && inputs[1]?.operation.type !== 'Const';
}
