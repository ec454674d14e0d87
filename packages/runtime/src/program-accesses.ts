import type { ProgramFile } from '@tenon/backend';
import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { Tensor, type StringArray } from '@tenon/tensor';
import type { FileAccess } from './kernel.js';
import { touchOf } from './outside-world.js';
import { constantOf } from './partition.js';
import { DEEDS, outOfBounds, writing, type Access } from './permissions.js';

/**
 * What the operations of a program that runs as a whole touch outside of it, and whether they may.
 *
 * Nobody can stand between such a program and its files when it runs, so a path has to be known before; `files` are then what it reads
 * there, which the backend gives to it in the place of the path.
 *
 * @param bodies The functions that operations of the graph take.
 */
export function findProgramAccesses(graph: Graph, bodies: readonly Graph[], files: FileAccess): ProgramAccesses {
  const known: ProgramFile[] = [];
  const mayReadAll = files.mayRead('/');
  const look = (operation: Operation, isInBody: boolean): Access[] => {
    const rule = touchOf(operation);
    if (!rule) return [];
    const { touch, path: place } = rule;
    const access = { type: operation.type, operation: operation.name, touch };
    if (place === undefined) return [{ ...access, refusal: `it ${DEEDS[touch]}` }];
    const path = textOf(operation.inputs[place]);
    const named = path === undefined ? access : { ...access, path };
    if (touch === 'write-files')
      return [files.mayWrite ? named : { ...named, refusal: writing(path), permission: touch }];
    if (mayReadAll) return [named];
    if (path === undefined || isInBody)
      return [{ ...named, refusal: 'it reads a file that is not known before it runs', permission: 'read-files' }];
    if (!files.mayRead(path)) return [{ ...named, refusal: outOfBounds(path), permission: 'read-files' }];
    known.push({
      operation,
      input: place,
      path,
      get contents() {
        return files.readFile(path);
      },
    });
    return [named];
  };
  const accesses = [graph, ...bodies].flatMap((at) =>
    Array.from(at.operations).flatMap((operation) => look(operation, at !== graph)),
  );
  return { accesses, files: known };
}

export interface ProgramAccesses {
  readonly accesses: readonly Access[];
  /** What is read from the module's own files. Read when someone asks for the contents. */
  readonly files: readonly ProgramFile[];
}

/** The text that a tensor is known to be: a constant, or what the one assignment gives to a variable that it is read from. */
function textOf(tensor: SymbolicTensor | undefined): string | undefined {
  const operation = handle(tensor);
  const value = constantOf(operation?.outputs[0]);
  if (Tensor.isTensor(value))
    return value.dtype === 'string' && value.size === 1 ? (value.data as StringArray).decode(0) : undefined;
  if (operation?.type !== 'ReadVariableOp') return undefined;
  const variable = handle(operation.inputs[0]);
  const assignments = Array.from(operation.graph.operations).filter(
    ({ type, inputs }) => type === 'AssignVariableOp' && handle(inputs[0]) === variable,
  );
  const [assigned] = assignments;
  const source = assignments.length === 1 ? handle(assigned!.inputs[1]) : undefined;
  return source?.type === 'Const' ? textOf(source.outputs[0]) : undefined;
}

/** The operation that a tensor comes from, where it was only handed on. */
function handle(tensor: SymbolicTensor | undefined): Operation | undefined {
  let operation = tensor?.operation;
  while (operation?.type === 'Identity') operation = operation.inputs[0]?.operation;
  return operation;
}
