/** Modules in pages: everything of this package that needs no Node. */
export type { Backend } from '@tenon/backend';
export {
  Tensor,
  tensorFrom,
  toNested,
  type DType,
  type Nested,
  type PartialShape,
  type RaggedTensor,
  type Shape,
  type SparseTensor,
  type TensorLike,
} from '@tenon/tensor';
export { FetchModuleError, ModuleArchiveError } from './browser/errors.js';
export type { FetchModuleOptions } from './browser/fetch-module.js';
export { load, type BrowserLoadOptions } from './browser/load.js';
export type { CallableModule, CallOptions, Inputs, InputValue, Outputs } from './loaded-module.js';
