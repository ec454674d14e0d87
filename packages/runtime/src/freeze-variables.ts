import type { Attribute, Attributes, Graph, Operation, RewrittenGraph, SymbolicTensor } from '@tenon/graph';
import { Tensor, TensorReference } from '@tenon/tensor';
import type { Variable } from './resources.js';
import { rewriteGraph } from './rewrite-graph.js';
import { writtenVariables } from './written-variables.js';

/**
 * Makes reads of variables that nothing assigns constants, so that a backend can fold, pack and map them; and splits reads that
 * gather rows into a read and a `GatherV2`, which every backend knows.
 *
 * @param variableOf The variable that a `VarHandleOp` stands for.
 * @returns The rewritten graph, and the variables that it now takes for constants.
 */
export function freezeVariables(
  graph: Graph,
  variableOf: (operation: Operation) => Variable,
): RewrittenGraph & { readonly frozen: ReadonlySet<Variable> } {
  const written = new Set([...writtenVariables(graph)].map(variableOf));
  const frozen = new Set<Variable>();

  const frozenValue = (handle: SymbolicTensor): Tensor | TensorReference | undefined => {
    const operation = source(handle);
    if (operation.type !== 'VarHandleOp') return undefined;
    const variable = variableOf(operation);
    const { value } = variable;
    if (written.has(variable) || variable.assignments > 0) return undefined;
    if (!(value instanceof TensorReference) && !Tensor.isTensor(value)) return undefined;
    frozen.add(variable);
    return value;
  };

  const rewritten = rewriteGraph(graph, (operation, { graph: copy, inputs, controlInputs }) => {
    const read = (handle: SymbolicTensor, dtypeAttribute: string, name: string): Operation => {
      const value = frozenValue(handle);
      if (value) {
        const attributes: Attributes = new Map<string, Attribute>([
          ['dtype', { kind: 'dtype', value: value.dtype }],
          ['value', { kind: 'tensor', value }],
        ]);
        return copy.addOperation({ type: 'Const', name, attributes, shapes: [value.shape] });
      }
      const dtype: Attribute = { kind: 'dtype', value: operation.dtype(dtypeAttribute) };
      const attributes = new Map([['dtype', dtype]]);
      const shapes = operation.type === 'ReadVariableOp' ? [operation.output().shape] : [null];
      return copy.addOperation({ type: 'ReadVariableOp', name, inputs: [handle], controlInputs, attributes, shapes });
    };
    const handle = inputs[0];
    if (handle && operation.type === 'ReadVariableOp') {
      const value = read(handle, 'dtype', operation.name);
      return { operation: value, outputs: value.outputs };
    }
    if (handle && operation.type === 'ResourceGather') {
      const table = read(handle, 'dtype', `${operation.name}/params`);
      const gathered = copy.addOperation({
        type: 'GatherV2',
        name: operation.name,
        inputs: [table.output(), inputs[1]!, zero(copy, `${operation.name}/axis`)],
        controlInputs,
        attributes: new Map<string, Attribute>([
          ['Tparams', { kind: 'dtype', value: operation.dtype('dtype') }],
          ['Tindices', { kind: 'dtype', value: operation.dtype('Tindices') }],
          ['Taxis', { kind: 'dtype', value: 'int32' }],
          ['batch_dims', { kind: 'int', value: BigInt(operation.int('batch_dims')) }],
        ]),
        shapes: [operation.output().shape],
      });
      return { operation: gathered, outputs: gathered.outputs };
    }
    return undefined;
  });
  return { ...rewritten, frozen };
}
/** The variable operation behind a handle that was handed on. */
function source(handle: SymbolicTensor): Operation {
  let { operation } = handle;
  while (operation.type === 'Identity') operation = operation.input(0).operation;
  return operation;
}

function zero(graph: Graph, name: string): SymbolicTensor {
  const value = new Tensor('int32', [], Int32Array.of(0));
  const attributes = new Map<string, Attribute>([
    ['dtype', { kind: 'dtype', value: 'int32' }],
    ['value', { kind: 'tensor', value }],
  ]);
  return graph.addOperation({ type: 'Const', name, attributes, shapes: [[]] }).output();
}
