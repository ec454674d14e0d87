export type {
  Attribute,
  AttributeKind,
  Attributes,
  AttributeValue,
  ConstantValue,
  FunctionReference,
} from './attributes.js';
export {
  AttributeError,
  ColocationError,
  ControlFlowError,
  GraphCycleError,
  InvalidGraphError,
  NotInGraphError,
  RecursiveFunctionError,
  UnwritableGraphError,
} from './errors.js';
export { completeAttributes, type AttributeInput, type OperationInputs } from './complete-attributes.js';
export { BuiltFunction, isStateful } from './built-function.js';
export { hasEffect, isState } from './effects.js';
export { extractFunction, findCaptures, type ExtractFunctionOptions, type GraphPiece } from './extract-function.js';
export { FunctionLibrary, type FunctionEntry, type FunctionGraph } from './function-library.js';
export { FileFunction } from './graph-def/file-function.js';
export { exportAttribute, exportGraphDef } from './graph-def/export-graph-def.js';
export { readConstants } from './graph-def/read-constants.js';
export { importGraphDef } from './graph-def/import-graph-def.js';
export { importGraph, type ImportGraphOptions } from './import-graph.js';
export { inlineFunctions, type InlinedGraph } from './inline-functions.js';
export { lowerControlFlow } from './lower-control-flow.js';
export { prune } from './prune.js';
export { useFunctionalControlFlow, type FunctionalGraph } from './use-functional-control-flow.js';
export type { RewrittenGraph } from './rewritten-graph.js';
export { sortByDependencies, topologicalOrder } from './topological-order.js';
export { Graph, type Initializer, type OperationOptions } from './graph.js';
export {
  findOperationDefinition,
  type ArgumentDefinition,
  type AttributeDefinition,
  type OperationDefinition,
} from './operation-definition.js';
export { Operation, SymbolicTensor } from './operation.js';
export { ShapeInferenceError, type ShapeProblem } from './inference/errors.js';
export type { ElementFacts, PartialValue, TensorFacts } from './inference/facts.js';
export { foldConstants, type Evaluate } from './inference/fold-constants.js';
export { inferAddedOperation } from './inference/infer-added-operation.js';
export { inferShapes, type InferredFacts, type InferShapesOptions } from './inference/infer-shapes.js';
export { partialValue } from './inference/partial-value.js';
