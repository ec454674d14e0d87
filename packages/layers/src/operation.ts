import {
  completeAttributes,
  findOperationDefinition,
  inferAddedOperation,
  SymbolicTensor,
  type ArgumentDefinition,
  type Attribute,
  type AttributeInput,
  type Graph,
  type Operation,
  type OperationDefinition,
} from '@tenon/graph';
import { Tensor, tensorFrom, type DType, type TensorLike } from '@tenon/tensor';
import { BuildArgumentError } from './errors.js';
import { joinScopes, stateOf } from './scopes.js';
import { Variable } from './variable.js';

/** What operations take: tensors of the graph, variables, which are read, and values, which become constants. */
export type TensorInput = SymbolicTensor | Variable | Tensor | TensorLike;

/** One per argument of an op; an array of tensors for an argument that is a list. */
export type BuildInputs = readonly (TensorInput | readonly TensorInput[])[];

/** The names of attributes and what they are to be; those that follow from the inputs are left out. */
export type BuildAttributes = Readonly<Record<string, AttributeInput | undefined>>;

/** What nearly all functions that build take last. */
export interface NameOptions {
  /** What to call the operation, within the current name scope; the name of its op by default. A suffix makes it unique. */
  readonly name?: string | undefined;
}

/**
 * Adds an operation of any of TensorFlow's ops to a graph, within the current name scope.
 *
 * Values among the inputs become constants of the data type that the op wants there; variables are read. The shapes of the outputs are
 * inferred at once.
 *
 * @param graph May be left out (`undefined`) where an input says which.
 * @throws BuildArgumentError, ShapeInferenceError (the graph is as it was then, but for constants), InvalidGraphError.
 */
export function operation(
  graph: Graph | undefined,
  type: string,
  inputs: BuildInputs = [],
  attributes: BuildAttributes = {},
  { name = type }: NameOptions = {},
): Operation {
  const definition = findOperationDefinition(type);
  if (!definition) throw new BuildArgumentError(type, 'TensorFlow has no such op.');
  const target = graph ?? graphOf(type, inputs);
  const { nameScope, controlInputs } = stateOf(target);
  const fullName = target.uniqueScope(joinScopes(nameScope, name));
  const converted = convertInputs(target, definition, inputs, attributes, fullName);
  const added = target.addOperation({
    type,
    name: fullName,
    inputs: converted.flat(),
    controlInputs,
    attributes: completeAttributes(definition, converted, attributes),
  });
  try {
    inferAddedOperation(added);
  } catch (error) {
    target.remove(added);
    throw error;
  }
  return added;
}

/** Adds an operation and gives its first output. See `operation`. */
export function apply(
  type: string,
  inputs: BuildInputs,
  attributes: BuildAttributes = {},
  options: NameOptions = {},
): SymbolicTensor {
  return operation(undefined, type, inputs, attributes, options).output();
}

/** The graph that the inputs are in. */
export function graphOf(type: string, inputs: BuildInputs): Graph {
  const graphs = new Set(
    inputs.flatMap((input) => (isList(input) ? input : [input])).flatMap((input) => graphIn(input)),
  );
  const [graph] = graphs;
  if (!graph) throw new BuildArgumentError(type, 'at least one of its inputs must be a tensor or variable of a graph.');
  if (graphs.size > 1) throw new BuildArgumentError(type, 'its inputs are in different graphs.');
  return graph;
}

function graphIn(input: TensorInput): Graph[] {
  return input instanceof SymbolicTensor || input instanceof Variable ? [input.graph] : [];
}

/** Whether it is several tensors: a list that holds one of a graph. Any other list is one value. */
function isList(input: TensorInput | readonly TensorInput[]): input is readonly TensorInput[] {
  return (
    Array.isArray(input) &&
    (input as readonly TensorInput[]).some((item) => item instanceof SymbolicTensor || item instanceof Variable)
  );
}

function convertInputs(
  graph: Graph,
  definition: OperationDefinition,
  inputs: BuildInputs,
  attributes: BuildAttributes,
  scope: string,
): (SymbolicTensor | readonly SymbolicTensor[])[] {
  const { name, inputs: args } = definition;
  if (args.length !== inputs.length)
    throw new BuildArgumentError(name, `it takes ${args.length} inputs; ${inputs.length} were given.`);
  const types = typesOfAttributes(definition, inputs, attributes);
  return inputs.map((input, index) => {
    const argument = args[index]!;
    const wanted = wantedType(argument, types);
    if (argument.numberAttribute === undefined && !('listAttribute' in argument.type))
      return argument.isReference && input instanceof Variable
        ? input.handle
        : toTensor(graph, input as TensorInput, wanted, scope);
    if (!Array.isArray(input)) throw new BuildArgumentError(name, `its input "${argument.name}" is a list of tensors.`);
    return (input as readonly TensorInput[]).map((item) => toTensor(graph, item, wanted, scope));
  });
}

/** The data types that attributes have by what was given: attributes first, then tensors. */
function typesOfAttributes(
  definition: OperationDefinition,
  inputs: BuildInputs,
  attributes: BuildAttributes,
): Map<string, DType> {
  const types = new Map<string, DType>();
  for (const [key, value] of Object.entries(attributes)) {
    if (definition.attributes.get(key)?.type !== 'type') continue;
    if (typeof value === 'string') types.set(key, value as DType);
    else if (typeof value === 'object' && 'kind' in value && value.kind === 'dtype') types.set(key, value.value);
  }
  definition.inputs.forEach(({ type }, index) => {
    if (!('attribute' in type) || types.has(type.attribute)) return;
    const input = inputs[index]!;
    const typed = (isList(input) ? input : [input]).find(
      (item) => item instanceof SymbolicTensor || item instanceof Variable || Tensor.isTensor(item),
    ) as SymbolicTensor | Variable | Tensor | undefined;
    if (typed) types.set(type.attribute, typed.dtype);
  });
  for (const [key, { default: value }] of definition.attributes)
    if (value?.kind === 'dtype' && !types.has(key)) types.set(key, value.value);
  definition.inputs.forEach(({ type }, index) => {
    if (!('attribute' in type) || types.has(type.attribute) || !INTEGER_ATTRIBUTES.has(type.attribute)) return;
    if (typeof firstElement(inputs[index]) === 'number') types.set(type.attribute, 'int32');
  });
  return types;
}

/** What TensorFlow calls the types of indices, sizes and axes: of every op that has one so called, int32 is among them, and float32 is not. */
const INTEGER_ATTRIBUTES: ReadonlySet<string> = new Set([
  'Index',
  'Taxis',
  'Tidx',
  'Tindex',
  'Tindices',
  'Tshape',
  'Tshift',
  'shape_type',
]);

function firstElement(value: unknown): unknown {
  return Array.isArray(value) ? firstElement(value[0]) : value;
}

function wantedType({ type }: ArgumentDefinition, types: ReadonlyMap<string, DType>): DType | undefined {
  if ('dtype' in type) return type.dtype;
  return 'attribute' in type ? types.get(type.attribute) : undefined;
}

function toTensor(graph: Graph, input: TensorInput, dtype: DType | undefined, scope: string): SymbolicTensor {
  if (input instanceof SymbolicTensor) return input;
  if (input instanceof Variable)
    return dtype === 'resource' ? input.handle : readVariable(input, `${scope}/ReadVariableOp`);
  const value = Tensor.isTensor(input) ? input : tensorFrom(input, dtype);
  return addConstant(graph, value, `${scope}/Const`);
}

/** Adds a read of a variable's value, by its full name. */
export function readVariable(variable: Variable, name: string): SymbolicTensor {
  const { isReference } = variable.handle;
  return variable.graph
    .addOperation({
      type: isReference ? 'Identity' : 'ReadVariableOp',
      name,
      inputs: [variable.handle],
      controlInputs: stateOf(variable.graph).controlInputs,
      attributes: new Map<string, Attribute>([[isReference ? 'T' : 'dtype', { kind: 'dtype', value: variable.dtype }]]),
      shapes: [variable.shape],
    })
    .output();
}

/** Adds a constant by its full name. */
export function addConstant(graph: Graph, value: Tensor, name: string): SymbolicTensor {
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: value.dtype }],
    ['value', { kind: 'tensor', value }],
  ]);
  return graph.addOperation({ type: 'Const', name, attributes, shapes: [value.shape] }).output();
}
