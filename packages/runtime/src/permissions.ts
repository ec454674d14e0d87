import type { SymbolicTensor } from '@tenon/graph';
import { Tensor, type StringArray } from '@tenon/tensor';
import { RefusedOperationError } from './errors.js';
import type { FileAccess } from './kernel.js';
import { touchOf, type Touch } from './outside-world.js';
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
}

/**
 * What the operations of a plan touch outside of it, those of its control-flow bodies included, and whether they may.
 *
 * A program may read files of its module, where `files` lets it; one whose path is computed is looked at when it is read. Nothing else is
 * allowed, and there is no option for it: no kernel writes files, runs other code or reaches other processes.
 */
export function findAccesses(plan: Plan, files: FileAccess): Access[] {
  const accesses = Array.from(plan.graph.operations).flatMap((operation): Access[] => {
    const rule = touchOf(operation);
    if (!rule) return [];
    const { touch } = rule;
    const access = { type: operation.type, operation: operation.name, touch };
    if (rule.path === undefined) return [{ ...access, refusal: `it ${DEEDS[touch]}, which Tenon never does` }];
    const path = constantText(operation.inputs[rule.path]);
    if (path === undefined) return [access];
    return [{ ...access, path, ...(!files.allows(path) && { refusal: outOfBounds(path) }) }];
  });
  const bodies = [...plan.bodies.values()].flatMap(({ plans }) => plans);
  return [...accesses, ...bodies.flatMap((body) => findAccesses(body, files))];
}

const DEEDS: Readonly<Record<Touch, string>> = {
  'read-files': 'reads files of its own choice',
  'write-files': 'writes files',
  'other-processes': 'reaches other processes or machines',
  'other-code': 'runs code that is not in the graph',
};

const outOfBounds = (path: string) => `it reads "${path}", which is not among the assets of the module`;

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
