import type { CheckpointTensor } from '@tenon/format';
import type { Attribute, Operation, SymbolicTensor } from '@tenon/graph';
import type { ModuleVariable } from '@tenon/module-spec';
import type { Session } from '@tenon/runtime';
import type { Tensor } from '@tenon/tensor';

/**
 * What a session holds in variables of a module.
 *
 * @throws UninitializedError
 */
export async function variableValues(variables: readonly ModuleVariable[], session: Session): Promise<Tensor[]> {
  if (variables.length === 0) return [];
  const readers = findReaders(variables);
  return session.run(variables.map((variable) => readers.get(variable.operation) ?? addReader(variable)));
}

/** Variables and their values as a checkpoint has them. */
export function checkpointTensors(variables: readonly ModuleVariable[], values: readonly Tensor[]): CheckpointTensor[] {
  return variables.map(({ key, part }, index) => ({
    key,
    value: values[index]!,
    ...(part && { part: { fullShape: part.fullShape, slice: { offset: part.offset, shape: part.shape } } }),
  }));
}

/** Tensors that are the variables' values and nothing else: most graphs have one for each. */
function findReaders(variables: readonly ModuleVariable[]): Map<Operation, SymbolicTensor> {
  const readers = new Map<Operation, SymbolicTensor>();
  for (const { type, inputs, controlInputs, outputs } of variables[0]?.operation.graph.operations ?? []) {
    const variable = inputs[0]?.operation;
    if (type === 'ReadVariableOp' && variable && controlInputs.length === 0) readers.set(variable, outputs[0]!);
  }
  return readers;
}

function addReader({ operation, dtype, shape }: ModuleVariable): SymbolicTensor {
  const variable = operation.output();
  // A reference variable is fetched itself.
  if (variable.dtype !== 'resource') return variable;
  return operation.graph
    .addOperation({
      type: 'ReadVariableOp',
      name: `${operation.name}/ReadVariableOp`,
      inputs: [variable],
      attributes: new Map<string, Attribute>([['dtype', { kind: 'dtype', value: dtype }]]),
      shapes: [shape],
    })
    .output();
}
