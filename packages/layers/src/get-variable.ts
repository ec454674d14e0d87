import type { Attribute, Graph } from '@tenon/graph';
import { formatShape, type DType, type Shape } from '@tenon/tensor';
import { addToCollection, Collections } from './collections.js';
import { VariableExistsError, VariableReuseError } from './errors.js';
import { glorotUniform, zeros, type VariableInitializer } from './initializers.js';
import { operation, readVariable } from './operation.js';
import type { Regularizer } from './regularizers.js';
import { joinScopes, nameScope, stateOf } from './scopes.js';
import { Variable } from './variable.js';

export interface VariableOptions {
  /** Within the current variable scope. */
  readonly name: string;
  readonly shape: Shape;
  /** `float32` by default. */
  readonly dtype?: DType;
  /** What it is set to first: by default `glorotUniform` for floating-point numbers, `zeros` for all others. */
  readonly initializer?: VariableInitializer | undefined;
  /** Whether training may change it: true by default. */
  readonly trainable?: boolean;
  /**
   * Whether it is a resource variable: true by default, or as the variable scope says. A reference variable, TensorFlow 1's first kind, keeps no order between reads and
   * assignments but what control dependencies say.
   */
  readonly useResource?: boolean;
  /** Makes a loss of its value, which goes to the collection `regularization_losses`. */
  readonly regularizer?: Regularizer | undefined;
}

/**
 * Makes a variable, or, in a variable scope with `reuse`, finds it. It is in the collections `variables` and, if
 * it is trainable, `trainable_variables`.
 *
 * @throws VariableExistsError, VariableReuseError
 * @example
 * const weights = getVariable(graph, { name: 'weights', shape: [4, 2], initializer: zeros() });
 */
export function getVariable(graph: Graph, options: VariableOptions): Variable {
  const { variableScope, reuse, variables } = stateOf(graph);
  const name = joinScopes(variableScope, options.name);
  const known = variables.get(name);
  if (reuse) return checkReuse(name, known, options);
  if (known || graph.operation(name)) throw new VariableExistsError(name);
  const variable = makeVariable(graph, name, options);
  variables.set(name, variable);
  return variable;
}

function checkReuse(
  name: string,
  known: Variable | undefined,
  { shape, dtype = 'float32' }: VariableOptions,
): Variable {
  if (!known) throw new VariableReuseError(name, 'there is none. Make it in a scope without reuse first.');
  if (known.dtype === dtype && known.shape.join() === shape.join()) return known;
  const [is, wanted] = [`${known.dtype} ${formatShape(known.shape)}`, `${dtype} ${formatShape(shape)}`];
  throw new VariableReuseError(name, `it is ${is}; ${wanted} is wanted.`);
}

function makeVariable(
  graph: Graph,
  name: string,
  {
    shape,
    dtype = 'float32',
    initializer = dtype.startsWith('float') ? glorotUniform() : zeros(),
    trainable = true,
    useResource = stateOf(graph).useResource,
    regularizer,
  }: VariableOptions,
): Variable {
  const handle = graph.addOperation({
    type: useResource ? 'VarHandleOp' : 'VariableV2',
    name,
    attributes: new Map<string, Attribute>([
      ['dtype', { kind: 'dtype', value: dtype }],
      ['shape', { kind: 'shape', value: shape }],
      ...(useResource ? [['shared_name', { kind: 'bytes', value: new TextEncoder().encode(name) }] as const] : []),
    ]),
    shapes: [useResource ? [] : shape],
  });
  // The name is that of the variable, whatever name scope it is made in, and its first value waits for nothing.
  const { initialValue, assign, read } = atRoot(graph, () => {
    const value = nameScope(graph, `${name}/Initializer`, () => initializer(graph, shape, dtype));
    const assigned = { name: `${name}/Assign` };
    if (!useResource) {
      return {
        initialValue: value,
        assign: operation(graph, 'Assign', [handle.output(), value], {}, assigned),
        read: operation(graph, 'Identity', [handle.output()], {}, { name: `${name}/read` }),
      };
    }
    operation(graph, 'VarIsInitializedOp', [handle.output()], {}, { name: `${name}/IsInitialized/VarIsInitializedOp` });
    return {
      initialValue: value,
      assign: operation(graph, 'AssignVariableOp', [handle.output(), value], {}, assigned),
      read: operation(graph, 'ReadVariableOp', [handle.output()], { dtype }, { name: `${name}/Read/ReadVariableOp` }),
    };
  });
  graph.initializers.set(handle, [{ operation: assign }]);
  addToCollection(graph, Collections.variables, handle);
  if (trainable) addToCollection(graph, Collections.trainableVariables, handle);
  const variable = new Variable(handle, dtype, shape, trainable, initialValue, assign, read.output());
  if (regularizer) {
    const loss = atRoot(graph, () =>
      nameScope(graph, `${name}/Regularizer`, (scope) =>
        regularizer(readVariable(variable, `${scope}/ReadVariableOp`)),
      ),
    );
    addToCollection(graph, Collections.regularizationLosses, loss);
  }
  return variable;
}

function atRoot<T>(graph: Graph, body: () => T): T {
  const state = stateOf(graph);
  const { nameScope: scope, controlInputs } = state;
  state.nameScope = '';
  state.controlInputs = [];
  try {
    return body();
  } finally {
    state.nameScope = scope;
    state.controlInputs = controlInputs;
  }
}

/** The variables made in a graph, in order; those of modules in it are not among them. */
export function variablesOf(graph: Graph, { trainable }: { readonly trainable?: boolean } = {}): Variable[] {
  return [...stateOf(graph).variables.values()].filter(
    (variable) => trainable === undefined || variable.trainable === trainable,
  );
}
