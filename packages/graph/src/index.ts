export type { Attribute, AttributeKind, Attributes, AttributeValue, ConstantValue, FunctionReference } from './attributes.js';
export { AttributeError, InvalidGraphError } from './errors.js';
export { FunctionLibrary, type FunctionEntry, type FunctionGraph } from './function-library.js';
export { Graph, type Initializer, type OperationOptions } from './graph.js';
export {
  findOperationDefinition,
  type ArgumentDefinition,
  type AttributeDefinition,
  type OperationDefinition,
} from './operation-definition.js';
export { Operation, SymbolicTensor } from './operation.js';
