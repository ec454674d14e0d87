import type { InferenceSession } from 'onnxruntime-node';

export interface OnnxOptions {
  /**
   * What runs the segments, in order of preference: `['cuda', 'cpu']`. What one cannot run, the next does. Default `['cpu']`.
   * A provider that cannot be used is an error, never passed over.
   */
  readonly executionProviders?: readonly InferenceSession.ExecutionProviderConfig[];
  /** ONNX Runtime's own options, over the defaults chosen here. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
}

/** The provider's name. */
export function providerName(provider: InferenceSession.ExecutionProviderConfig): string {
  return typeof provider === 'string' ? provider : provider.name;
}
