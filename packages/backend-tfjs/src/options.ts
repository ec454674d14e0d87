export interface TfjsOptions {
  /**
   * The backend of TensorFlow.js that computes.
   *
   * `cpu`, `wasm` and `node` are imported from their packages where nobody has registered them; any other name must be registered with
   * TensorFlow.js before the first segment is compiled (`webgl`: by importing `@tensorflow/tfjs-backend-webgl`).
   *
   * Default: the one that TensorFlow.js uses already when `tfjs()` is called; otherwise `wasm`, and `cpu` where that does not start.
   */
  readonly backend?: 'cpu' | 'wasm' | 'node' | (string & {});
  /**
   * Where results stay: `host` for sessions whose results people read; `device` for programs that run at once (`Callable.runSync`) on tensors of
   * TensorFlow.js and give such, as `TfjsTensor`s. The backend must then be one whose memory can be read at once, as that of all but `webgpu` can.
   *
   * Default: `host`, where the memory is the host's.
   */
  readonly results?: 'host' | 'device';
}
