export { TfjsTensor } from './device-tensor.js';
export { DisposedError, TfjsError, TfjsUnavailableError } from './errors.js';
export { tfjsTypes } from './ops/index.js';
export type { TfjsOptions } from './options.js';
export { tfjs } from './tfjs-backend.js';
export { tfjsInfo, type TfjsInfo } from './tfjs-info.js';
