import type { MetaGraphDef, TensorSlice } from '@tenon/format';
import type { Graph, Operation } from '@tenon/graph';
import type { VariableValues } from './checkpoint-values.js';
import { Collections, findNode, nodeList, operationName, variableDefinitions } from './collections.js';
import { constantStrings } from './constant.js';
import type { ModuleVariable } from './module-graph.js';
import { parseShapeAndSlice } from './shape-and-slice.js';
import { findStateWrites, isCreator, trace, type StateWrite, type TracedTensor } from './trace-calls.js';
import { variableType } from './variable-type.js';

/** The operation that a SavedModel wants run after its variables were restored. */
const INIT_COLLECTIONS = ['saved_model_main_op', 'legacy_init_op'];
const INIT_SIGNATURE = '__saved_model_init_op';

/**
 * The variables of a SavedModel, found by following the graph that restores them, for nothing else says which tensor of the checkpoint
 * is whose. Tables that are restored get an operation that fills them; tables and variables that the model's init operation fills get
 * that.
 */
export async function readSavedModelState(
  definition: MetaGraphDef,
  graph: Graph,
  values: VariableValues | undefined,
): Promise<ModuleVariable[]> {
  const variables = new Map<Operation, ModuleVariable>();
  if (values) await restoreState(definition, graph, values, variables);
  else initializeVariables(definition, graph);
  attachInitializers(graph, initOperations(definition, graph));
  listVariables(definition, graph, variables);
  return [...variables.values()];
}

/** Makes every write that running `roots` does an initializer of the state that it writes. */
export function attachInitializers(graph: Graph, roots: readonly Operation[]): void {
  for (const { state, top } of findStateWrites(graph, roots)) {
    const initializers = graph.initializers.get(state) ?? [];
    if (initializers.some((initializer) => 'operation' in initializer && initializer.operation === top)) continue;
    graph.initializers.set(state, [...initializers, { operation: top }]);
  }
}

async function restoreState(
  definition: MetaGraphDef,
  graph: Graph,
  values: VariableValues,
  variables: Map<Operation, ModuleVariable>,
): Promise<void> {
  const restore = graph.operation(operationName(definition.saverDef?.restoreOpName ?? ''));
  if (!restore) return;
  const trainable = trainableNames(definition);
  for (const write of findStateWrites(graph, [restore])) {
    const [, ...sources] = write.operation.inputs.map((tensor) => restoredFrom({ tensor, frame: write.frame }));
    const [first] = sources;
    if (write.operation.type.startsWith('Assign')) {
      if (!first || isCreator(write.state)) continue;
      const { dtype, shape } = variableType(write.state);
      const { name } = write.state;
      values.restore(write.state, { variable: name, dtype, shape, ...first });
      const part = first.slice &&
        first.fullShape && { ...first.slice, fullName: first.key, fullShape: first.fullShape };
      variables.set(write.state, {
        name,
        key: first.key,
        operation: write.state,
        dtype,
        shape,
        trainable: trainable.has(name),
        ...(part && { part }),
      });
    } else if (sources.length > 0 && sources.every((source) => source !== undefined)) {
      await fillTable(graph, write, sources, values);
    }
  }
}

interface Source {
  readonly key: string;
  readonly slice?: TensorSlice;
  readonly fullShape?: readonly number[];
}

/** Which tensor of the checkpoint a value is; undefined if it is not simply one. */
function restoredFrom(traced: TracedTensor): Source | undefined {
  const { tensor, frame } = trace(traced);
  const { type, inputs } = tensor.operation;
  if (type !== 'RestoreV2' && type !== 'Restore' && type !== 'RestoreSlice') return undefined;
  const key = constantStrings({ tensor: inputs[1]!, frame })?.[tensor.index];
  if (key === undefined) return undefined;
  const text = inputs[2] && constantStrings({ tensor: inputs[2], frame })?.[tensor.index];
  return { key, ...(text && parseShapeAndSlice(text)) };
}

/** A table that was saved with its keys and values: an operation that puts them in again. */
async function fillTable(
  graph: Graph,
  { state, operation }: StateWrite,
  sources: readonly (Source | undefined)[],
  values: VariableValues,
): Promise<void> {
  const stored = await Promise.all(sources.map((source) => values.read(source!.key, source!.slice)));
  const scope = graph.uniqueScope(`${state.name}/restore`);
  const inputs = [state.output()];
  for (const [index, value] of stored.entries()) {
    if (value === undefined) return;
    const constant = graph.addOperation({
      type: 'Const',
      name: `${scope}/${index === 0 ? 'keys' : 'values'}`,
      attributes: new Map([
        ['dtype', { kind: 'dtype', value: value.dtype }],
        ['value', { kind: 'tensor', value }],
      ]),
      shapes: [value.shape],
    });
    inputs.push(constant.output());
  }
  const fill = graph.addOperation({
    type: operation.type,
    name: `${scope}/${operation.type}`,
    inputs,
    attributes: operation.attributes,
  });
  graph.initializers.set(state, [...(graph.initializers.get(state) ?? []), { operation: fill }]);
}

/** Without a checkpoint, variables start as whoever made the graph meant them to. */
function initializeVariables(definition: MetaGraphDef, graph: Graph): void {
  for (const { variableName, initializerName } of variableDefinitions(definition, Collections.variables)) {
    const state = graph.operation(operationName(variableName));
    const initializer = graph.operation(operationName(initializerName));
    if (state && initializer) graph.initializers.set(state, [{ operation: initializer }]);
  }
}

function initOperations(definition: MetaGraphDef, graph: Graph): Operation[] {
  const signature = definition.signatureDef[INIT_SIGNATURE]?.outputs[INIT_SIGNATURE];
  const names = INIT_COLLECTIONS.flatMap((collection) => nodeList(definition, collection));
  if (signature?.encoding.case === 'name') names.push(signature.encoding.value);
  return names.flatMap((name) => {
    const node = findNode(graph, name);
    return node ? ['operation' in node ? node.operation : node] : [];
  });
}

function trainableNames(definition: MetaGraphDef): Set<string> {
  return new Set(
    variableDefinitions(definition, Collections.trainableVariables).map(({ variableName }) =>
      operationName(variableName),
    ),
  );
}

/** Adds the variables that are listed but were not restored. */
function listVariables(definition: MetaGraphDef, graph: Graph, variables: Map<Operation, ModuleVariable>): void {
  const trainable = trainableNames(definition);
  for (const { variableName } of variableDefinitions(definition, Collections.variables)) {
    const name = operationName(variableName);
    const operation = graph.operation(name);
    if (!operation?.outputs[0] || variables.has(operation)) continue;
    variables.set(operation, {
      name,
      key: name,
      operation,
      trainable: trainable.has(name),
      ...variableType(operation),
    });
  }
}
