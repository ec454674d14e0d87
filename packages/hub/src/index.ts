export type { Backend } from '@tenon/backend';
export { UnsupportedOperationError } from '@tenon/backend';
export {
  AssetFilesError,
  MissingVariablesError,
  SessionGraphError,
  TargetExistsError,
  UnconvertibleOperationsError,
  UnwritableTargetError,
  type ExportOnnxOptions,
  type ExportSavedModelOptions,
  type OnnxExport,
} from '@tenon/exporter';
export { Graph, InvalidGraphError, Operation, SymbolicTensor } from '@tenon/graph';
export { placeholder, type PlaceholderOptions } from '@tenon/layers';
export {
  addSignature,
  AssetError,
  attachImageModuleInfo,
  AttachmentKeyError,
  AttachmentNotFoundError,
  attachMessage,
  CallableNotFoundError,
  CreatedColocationError,
  createModuleSpec,
  getUnsupportedCollections,
  ImageInfoError,
  InputNamesError,
  InputTypeError,
  InvalidModuleError,
  ModuleSpec,
  NoMatchingFunctionError,
  NoSavedModelError,
  NoSignaturesError,
  NothingTrainableError,
  TrainablePatternError,
  OutputNotFoundError,
  PartitionError,
  raggedFrom,
  RepeatedTagsError,
  RestoreError,
  SignatureDefinitionError,
  SignatureNotFoundError,
  SymbolicInputError,
  UnexportableModuleError,
  UnsuitableSavedModelError,
  UnsupportedCaptureError,
  UnsupportedCollectionsError,
  UnsupportedCompositeError,
  UnreadWeightsError,
  UnsupportedFeaturesError,
  UnsupportedModuleFormatError,
  VariantNotFoundError,
  type ComponentInfo,
  type FromSavedModelOptions,
  type InputProblem,
  type ModuleFunction,
  type ModuleVariable,
  type Restructured,
  type SavedFunction,
  type SignatureDefinition,
  type SignatureValues,
  type SymbolicRaggedTensor,
  type SymbolicSparseTensor,
  type SymbolicValue,
  type TagsAndArguments,
  type TensorInfo,
  type TrainablePattern,
  type Value,
} from '@tenon/module-spec';
export {
  defaultResolvers,
  gcsResolver,
  httpResolver,
  isCached,
  pathResolver,
  prefetch,
  resolve,
  s3Resolver,
  type Aliases,
  type DefaultResolversOptions,
  type DownloadProgress,
  type DownloadRetry,
  type PrefetchOptions,
  type Resolver,
  type ResolveOptions,
} from '@tenon/resolver';
export {
  FeedError,
  FileAccessError,
  MissingFeedError,
  OperationError,
  RefusedOperationError,
  Session,
  SessionDisposedError,
  UninitializedError,
  UnknownTensorError,
  type Access,
  type Permission,
  type RefusedOperation,
} from '@tenon/runtime';
export {
  ConversionError,
  DTypeError,
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
export { latestCheckpoint, restoreCheckpoint, saveCheckpoint, type SaveCheckpointOptions } from './checkpoints.js';
export type { BackendOptions } from './default-backend.js';
export {
  BackendLoadError,
  CheckpointArgumentError,
  ExporterArgumentError,
  FeatureColumnError,
  FeatureError,
  FeatureModuleError,
  InvalidHandleError,
  ModuleRegistrationError,
  NoCheckpointError,
  type FeatureProblem,
} from './errors.js';
export { denseFeatures, type DenseFeatures } from './feature-columns/dense-features.js';
export type { FeatureBatch, FeatureColumn, FeatureRecord, SymbolicFeature } from './feature-columns/feature-column.js';
export { imageEmbeddingColumn, type ImageEmbeddingOptions } from './feature-columns/image-column.js';
export {
  inputLayer,
  type InputLayer,
  type InputLayerOptions,
  type SymbolicFeatures,
} from './feature-columns/input-layer.js';
export type { ColumnOptions, TrainableColumnOptions } from './feature-columns/module-column.js';
export {
  sparseTextEmbeddingColumn,
  textEmbeddingColumn,
  type Combiner,
  type SparseTextEmbeddingOptions,
  type TextEmbeddingOptions,
} from './feature-columns/text-columns.js';
export { evalFunctionForModule, type EvalFunction, type EvalOptions } from './eval-function.js';
export {
  GraphModule,
  module,
  type ApplyOptions,
  type CallableGraphModule,
  type ModuleOptions,
  type SymbolicInput,
  type SymbolicInputs,
} from './graph-module.js';
export {
  LatestModuleExporter,
  registerModuleForExport,
  type LatestModuleExporterOptions,
  type PredictionGraph,
} from './latest-module-exporter.js';
export { load, type LoadOptions, type TypedLoadOptions } from './load.js';
export { createModuleSpecFromSavedModel, loadModuleSpec } from './load-module-spec.js';
export {
  LoadedModule,
  type CallableModule,
  type CallOptions,
  type Inputs,
  type InputValue,
  type Outputs,
} from './loaded-module.js';
export { LoadedVariable } from './loaded-variable.js';
export { NodeModuleDirectory } from './node-module-directory.js';
export {
  preflight,
  type Preflight,
  type PreflightDownload,
  type PreflightMemory,
  type PreflightOptions,
  type PreflightSignature,
  type PreflightVariant,
} from './preflight.js';
export { session } from './session.js';
export type {
  DenseInput,
  ElementOf,
  FunctionTypes,
  ModuleTypes,
  PlainInput,
  RaggedInput,
  RaggedOutput,
  SignatureTypes,
  SparseInput,
  SparseOutput,
  TypedCallOptions,
  TypedModule,
} from './typed-module.js';
