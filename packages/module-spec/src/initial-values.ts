import { allocate, isNumeric, StringArray, Tensor, type DType, type Shape } from '@tenon/tensor';
import type { Attribute, Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { Collections, operationsIn } from './collections.js';
import { variableType } from './variable-type.js';

/**
 * Gives each variable that no operation initialises one that does. Those of SavedModels of TensorFlow 2 have none, but each variable of a module
 * must: TensorFlow 1 runs it where there is no checkpoint. It sets zeros; Tenon goes on taking the value from where the variable came from.
 */
export function addMissingInitializers(graph: Graph): void {
  const initialized = new Set(
    [...graph.operations].filter(({ type }) => ASSIGNMENTS.has(type)).map(({ inputs }) => inputs[0]!.operation),
  );
  for (const variable of new Set(operationsIn(graph, Collections.variables))) {
    if (!initialized.has(variable)) addInitializer(graph, variable);
  }
}

const ASSIGNMENTS: ReadonlySet<string> = new Set(['AssignVariableOp', 'Assign']);

function addInitializer(graph: Graph, variable: Operation): void {
  const { dtype, shape } = variableType(variable);
  const { name } = variable;
  const dims = shapeOf(graph, variable) ?? (shape?.every((size) => size !== null) ? shape : undefined);
  if (!dims) return;
  const scope = `${name}/Initializer/zeros`;
  const size = constant(graph, `${scope}/shape_as_tensor`, new Tensor('int32', [dims.length], Int32Array.from(dims)));
  const zero = constant(graph, `${scope}/Const`, zeroOf(dtype));
  const value = graph.addOperation({
    type: 'Fill',
    name: scope,
    inputs: [size, zero],
    attributes: new Map<string, Attribute>([
      ['T', { kind: 'dtype', value: dtype }],
      ['index_type', { kind: 'dtype', value: 'int32' }],
    ]),
    shapes: [dims],
  });
  const isResource = variable.type === 'VarHandleOp';
  graph.addOperation({
    type: isResource ? 'AssignVariableOp' : 'Assign',
    name: `${name}/Assign`,
    inputs: [variable.output(), value.output()],
    attributes: new Map<string, Attribute>([[isResource ? 'dtype' : 'T', { kind: 'dtype', value: dtype }]]),
    ...(!isResource && { shapes: [dims] }),
  });
}

/** The shape of the value that it has first; files need not state that of the variable. */
function shapeOf(graph: Graph, variable: Operation): Shape | undefined {
  const [initializer] = graph.initializers.get(variable) ?? [];
  return initializer && 'value' in initializer ? initializer.value.shape : undefined;
}

function zeroOf(dtype: DType): Tensor {
  return isNumeric(dtype)
    ? new Tensor(dtype, [], allocate(dtype, 1))
    : new Tensor('string', [], StringArray.from(['']));
}

function constant(graph: Graph, name: string, value: Tensor): SymbolicTensor {
  return graph
    .addOperation({
      type: 'Const',
      name,
      attributes: new Map<string, Attribute>([
        ['dtype', { kind: 'dtype', value: value.dtype }],
        ['value', { kind: 'tensor', value }],
      ]),
      shapes: [value.shape],
    })
    .output();
}
