export { addSignature, type SignatureDefinition, type SignatureValues } from './add-signature.js';
export { ASSETS_FOLDER } from './assets.js';
export { attachImageModuleInfo, attachMessage } from './attach-message.js';
export {
  bindInputNames,
  encodeInputs,
  encodeValue,
  EncodingProblem,
  isDictionary,
  problemOf,
  type Encode,
} from './bind-inputs.js';
export { selectTrace } from './call-function.js';
export { Collections, getUnsupportedCollections } from './collections.js';
export {
  assemble,
  type SymbolicRaggedTensor,
  type SymbolicSparseTensor,
  type SymbolicValue,
  type Value,
} from './composite.js';
export { createModuleSpec, type ModuleFunction, type TagsAndArguments } from './create-module-spec.js';
export { defineSignature, defineVariant } from './define-variant.js';
export * from './errors.js';
export {
  getExpectedImageSize,
  getImageModuleInfo,
  getNumImageChannels,
  IMAGE_MODULE_INFO,
  type ImageInputOptions,
  type ImageModuleInfo,
} from './image-module-info.js';
export { isComputable } from './is-computable.js';
export { loadModuleSpec } from './load-module-spec.js';
export type { ModuleDirectory } from './module-directory.js';
export type { ModuleAsset, ModuleGraph, ModuleVariable, ObjectBindings, VariablePart } from './module-graph.js';
export {
  instantiate,
  instantiateAlone,
  ModuleInstance,
  type ApplyOptions,
  type InstantiateOptions,
} from './module-instance.js';
export { ModuleSpec, type ModuleFormat, type SignatureOptions, type VariantOptions } from './module-spec.js';
export { moduleSpecFromSavedModel, type FromSavedModelOptions } from './module-spec-from-saved-model.js';
export { ModuleVariant, type ModuleVariantOptions, type VariantDescription } from './module-variant.js';
export { raggedFrom } from './ragged.js';
export { restructure, type Restructured } from './restructure.js';
export type { FunctionTrace, Parameters, SavedFunction } from './saved-functions.js';
export { DEFAULT, type Signature } from './signature.js';
export { formatStructure, leavesOf, type PlainValue, type Structure, type StructureLeaf } from './structure.js';
export { sortedFields } from './sorted-fields.js';
export type { ComponentInfo, TensorInfo } from './tensor-info.js';
export { isCreator, isState } from './trace-calls.js';
export type { TrainablePattern } from './trainable.js';
export { variableMapOf, type VariableOrParts } from './variable-map.js';
