import type { ConversionContext } from './conversion-context.js';

/** How one TensorFlow op becomes ONNX: one entry per op. */
export interface Converter {
  /** The op: `MatMul`. */
  readonly type: string;
  /**
   * Emits nodes and binds every output.
   *
   * The same code answers whether an operation is supported: it is run on it alone, in a model that is thrown away. It says no by
   * `context.unsupported(reason)`; nodes that ONNX Runtime has no kernel for say it by themselves.
   */
  convert(context: ConversionContext): void;
}
