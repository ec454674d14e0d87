import { writeCheckpoint, type Checkpoint, type CheckpointOutput } from '@tenon/format';
import type { Attribute, Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { formatShape, isCompatible, type DType, type PartialShape, type Tensor } from '@tenon/tensor';
import { RestoreVariablesError } from '../errors.js';

/** What runs a graph and holds the values of its variables: a `Session`. */
export interface VariableHolder {
  readonly graph: Graph;
  run(
    fetches: readonly (SymbolicTensor | Operation)[],
    options?: { readonly feeds?: ReadonlyMap<SymbolicTensor, Tensor> },
  ): Promise<Tensor[]>;
}

/** The operations by which one variable is read and set; added to its graph once. */
interface Access {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: PartialShape;
  readonly value: SymbolicTensor;
  readonly input: SymbolicTensor;
  readonly assign: Operation;
}

const accesses = new WeakMap<Operation, Access>();

/**
 * Writes the values of a graph's variables into a checkpoint, by their names: those in the collection `variables`, what optimizers keep and the
 * variables of modules among them. TensorFlow's savers read it.
 *
 * @param prefix What the names of the files begin with: `model.ckpt-100`.
 */
export async function saveVariables(session: VariableHolder, prefix: string, files: CheckpointOutput): Promise<void> {
  const variables = variablesIn(session.graph);
  const values = await session.run(variables.map(({ value }) => value));
  const tensors = variables.map(({ name }, index) => ({ key: name, value: values[index]! }));
  await writeCheckpoint(prefix, tensors, files);
}

/**
 * Sets a graph's variables to what a checkpoint holds under their names. What else the checkpoint holds does not matter.
 *
 * @throws RestoreVariablesError naming every variable that the checkpoint lacks, or has in another type or shape; nothing is set then.
 */
export async function restoreVariables(session: VariableHolder, checkpoint: Checkpoint): Promise<void> {
  const variables = variablesIn(session.graph);
  const problems = variables.flatMap((variable) => problemOf(variable, checkpoint) ?? []);
  if (problems.length > 0) throw new RestoreVariablesError(checkpoint.prefix, problems);
  const feeds = new Map<SymbolicTensor, Tensor>();
  for (const { name, input } of variables) feeds.set(input, await checkpoint.read(name));
  await session.run(
    variables.map(({ assign }) => assign),
    { feeds },
  );
}

function problemOf({ name, dtype, shape }: Access, checkpoint: Checkpoint): string | undefined {
  if (!checkpoint.has(name)) return `"${name}" is not in it.`;
  const stored = checkpoint.entry(name);
  if (stored.dtype === dtype && isCompatible(stored.shape, shape)) return undefined;
  const [is, wanted] = [`${stored.dtype} ${formatShape(stored.shape)}`, `${dtype} ${formatShape(shape)}`];
  return `"${name}" is ${is} in it; the variable is ${wanted}.`;
}

function variablesIn(graph: Graph): Access[] {
  const members = graph.collections.get('variables') ?? [];
  return [...new Set(members.map((member) => ('operation' in member ? member.operation : member)))].map(accessTo);
}

function accessTo(variable: Operation): Access {
  let access = accesses.get(variable);
  if (!access) {
    access = addAccess(variable);
    accesses.set(variable, access);
  }
  return access;
}

function addAccess(variable: Operation): Access {
  const { graph, name } = variable;
  const handle = variable.output();
  const dtype = variable.dtype('dtype');
  const shape = variable.shape('shape');
  const isResource = handle.dtype === 'resource';
  const type: Attribute = { kind: 'dtype', value: dtype };
  const add = (op: string, inputs: readonly SymbolicTensor[], attribute: string, shapes?: PartialShape[]): Operation =>
    graph.addOperation({
      type: op,
      name: `save/${name}/${op}`,
      inputs,
      attributes: new Map<string, Attribute>([[attribute, type]]),
      ...(shapes && { shapes }),
    });
  const input = add('Placeholder', [], 'dtype', [shape]).output();
  return {
    name,
    dtype,
    shape,
    // A reference variable is fetched itself.
    value: isResource ? add('ReadVariableOp', [handle], 'dtype', [shape]).output() : handle,
    input,
    assign: isResource ? add('AssignVariableOp', [handle, input], 'dtype') : add('Assign', [handle, input], 'T'),
  };
}
