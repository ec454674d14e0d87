export { DisposedError, ExecutionProviderError, OnnxRuntimeError, OnnxRuntimeUnavailableError } from './errors.js';
export { onnx } from './onnx-backend.js';
export type { OnnxOptions } from './options.js';
export { onnxRuntimeInfo, type OnnxRuntimeInfo } from './runtime-info.js';
