import type { SymbolicTensor } from '@tenon/graph';
import { Tensor, type StringArray } from '@tenon/tensor';
import { RefusedOperationError } from './errors.js';
import type { FileAccess } from './kernel.js';
import { touchOf, type Permission, type Touch } from './outside-world.js';
import { constantOf } from './partition.js';
import type { Plan } from './plan.js';

/** One operation that touches something outside of its program. */
export interface Access {
  /** The op: `ReadFile`. */
  readonly type: string;
  /** The operation's name. */
  readonly operation: string;
  readonly touch: Touch;
  /** The file, where the operation names one that is known before it runs. */
  readonly path?: string;
  /** Why the operation may not run; left out, it may. */
  readonly refusal?: string;
  /** What a session has to `allow` for a refused operation to run; left out where nothing makes it run. */
  readonly permission?: Permission;
}

/**
 * What the operations of a plan touch outside of it, those of its control-flow bodies included, and whether they may.
 *
 * A program may read files of its module. Others, and writing them, it may if `files` lets it; a path that is computed is looked at
 * when it is read. Nothing else is allowed to anybody: no kernel runs other code or reaches other processes.
 */
export function findAccesses(plan: Plan, files: FileAccess): Access[] {
  const accesses = Array.from(plan.graph.operations).flatMap((operation): Access[] => {
    const rule = touchOf(operation);
    if (!rule) return [];
    const { touch, path: place } = rule;
    const access = { type: operation.type, operation: operation.name, touch };
    if (place === undefined) return [{ ...access, refusal: `it ${DEEDS[touch]}` }];
    const path = constantText(operation.inputs[place]);
    const known = path === undefined ? access : { ...access, path };
    if (touch === 'write-files')
      return [files.mayWrite ? known : { ...known, refusal: writing(path), permission: touch }];
    if (path === undefined || files.mayRead(path)) return [known];
    return [{ ...known, refusal: outOfBounds(path), permission: 'read-files' }];
  });
  const bodies = [...plan.bodies.values()].flatMap(({ plans }) => plans);
  return [...accesses, ...bodies.flatMap((body) => findAccesses(body, files))];
}

export const DEEDS: Readonly<Record<Touch, string>> = {
  'read-files': 'reads files of its own choice',
  'write-files': 'writes files of its own choice',
  'this-process': 'ends the process that it runs in',
  'other-processes': 'reaches other processes or machines',
  'other-code': 'runs code that is not in the graph',
};

export const outOfBounds = (path: string) => `it reads "${path}", which is not among the assets of the module`;
export const writing = (path: string | undefined) => (path === undefined ? 'it writes a file' : `it writes "${path}"`);

/** @throws RefusedOperationError naming every operation that may not run. */
export function checkAccesses(accesses: readonly Access[]): void {
  const refused = accesses.flatMap(({ refusal, ...access }) => (refusal === undefined ? [] : [{ ...access, refusal }]));
  if (refused.length > 0) throw new RefusedOperationError(refused);
}

/** The text that a tensor is known to be. */
function constantText(tensor: SymbolicTensor | undefined): string | undefined {
  const value = constantOf(tensor);
  return Tensor.isTensor(value) && value.dtype === 'string' && value.size === 1
    ? (value.data as StringArray).decode(0)
    : undefined;
}
