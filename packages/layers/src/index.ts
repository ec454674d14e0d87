export { addToCollection, Collections } from './collections.js';
export { BuildArgumentError, VariableExistsError, VariableReuseError } from './errors.js';
export { getVariable, variablesOf, type VariableOptions } from './get-variable.js';
export {
  constantValue,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  ones,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
  zeros,
  type NormalOptions,
  type RandomOptions,
  type UniformOptions,
  type VariableInitializer,
  type VarianceScalingOptions,
} from './initializers.js';
export type { Activation } from './layers/activation.js';
export { batchNormalization, type BatchNormalizationOptions } from './layers/batch-normalization.js';
export {
  convolution2d,
  depthwiseConvolution2d,
  separableConvolution2d,
  type Convolution2dOptions,
  type DepthwiseConvolution2dOptions,
  type SeparableConvolution2dOptions,
} from './layers/convolution.js';
export { dense, type DenseOptions } from './layers/dense.js';
export { dropout, type DropoutOptions } from './layers/dropout.js';
export {
  embedding,
  embeddingLookup,
  embeddingLookupSparse,
  type EmbeddingOptions,
  type SparseLookupOptions,
} from './layers/embedding.js';
export { globalAveragePooling2d, globalMaxPooling2d } from './layers/pooling.js';
export type { WeightsOptions } from './layers/weights.js';
export {
  absoluteDifference,
  meanSquaredError,
  regularizationLosses,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
  totalLoss,
  type LossOptions,
} from './losses.js';
export {
  apply,
  operation,
  type BuildAttributes,
  type BuildInputs,
  type NameOptions,
  type TensorInput,
} from './operation.js';
export * from './ops/array.js';
export * from './ops/control-flow.js';
export * from './ops/lookup.js';
export * from './ops/math.js';
export * from './ops/nn.js';
export * from './ops/random.js';
export * from './ops/reduction.js';
export * from './ops/state.js';
export * from './ops/text.js';
export { l1l2Regularizer, l1Regularizer, l2Regularizer, type Regularizer } from './regularizers.js';
export {
  controlDependencies,
  currentNameScope,
  nameScope,
  setRandomSeed,
  variableScope,
  type VariableScopeOptions,
} from './scopes.js';
export {
  constant,
  placeholder,
  sparsePlaceholder,
  type ConstantOptions,
  type PlaceholderOptions,
  type SparsePlaceholder,
} from './sources.js';
export { Variable } from './variable.js';
