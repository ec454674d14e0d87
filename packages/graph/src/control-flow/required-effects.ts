import { hasEffect } from '../effects.js';
import type { Operation } from '../operation.js';
import type { ConditionSet } from './condition-sets.js';
import type { Liveness } from './liveness.js';
import type { Loop } from './loops.js';
import { controlFlowType } from './op-types.js';

/** What must be in a branch or in the body of a loop although nothing that comes out of it needs it. */
export interface RequiredEffects {
  /** In branches outside of loops: operations, and loops with effects that nothing is read from. */
  readonly outside: readonly (Operation | Loop)[];
  /** By loop, what has an effect before it is known whether there is another iteration. */
  readonly inCondition: ReadonlyMap<Loop, readonly (Operation | Loop)[]>;
  /** By loop. */
  readonly inBody: ReadonlyMap<Loop, readonly (Operation | Loop)[]>;
}

/**
 * Finds operations with effects that would be lost if branches and bodies held only what their results need: an `Assert` or an
 * assignment in a branch that nobody waits for.
 */
export function findRequiredEffects(liveness: Liveness): RequiredEffects {
  const { order, loops, sets } = liveness;
  const outside: (Operation | Loop)[] = [];
  const inCondition = new Map<Loop, (Operation | Loop)[]>();
  const inBody = new Map<Loop, (Operation | Loop)[]>();
  const require = (subject: Operation | Loop, loop: Loop | undefined, { conditions }: ConditionSet) => {
    if (!loop) {
      outside.push(subject);
      return;
    }
    const places = conditions.has(loop.condition.output()) ? inBody : inCondition;
    const known = places.get(loop);
    if (known) known.push(subject);
    else places.set(loop, [subject]);
  };

  const withEffects = findLoopsWithEffects(liveness);
  const needed = new Set<Operation>();
  const neededLoops = new Set<Loop>();
  for (const operation of [...order].reverse()) {
    const loop = loops.of(operation);
    const state = liveness.stateOf(operation);
    const left = controlFlowType(operation) === 'Exit' ? liveness.loopLeftBy(operation) : undefined;
    const isNeeded = needed.has(operation) || isResult(operation, state === sets.always, loop, withEffects);
    if (isNeeded) {
      if (left) neededLoops.add(left);
    } else {
      if (state === sets.never || !(left ? withEffects.has(left) : hasEffect(operation))) continue;
      if (!left) require(operation, loop, state);
    }
    for (const dependency of liveness.neededFor(operation)) needed.add(dependency);
  }
  for (const loop of withEffects) {
    const state = liveness.stateOfLoop(loop);
    if (!neededLoops.has(loop) && state !== sets.never) require(loop, loop.parent, state);
  }
  return { outside, inCondition, inBody };
}

/** What runs in any case; and, in a loop that has to run although nothing leaves it, what goes around. */
function isResult(
  operation: Operation,
  isAlways: boolean,
  loop: Loop | undefined,
  withEffects: ReadonlySet<Loop>,
): boolean {
  if (!loop) return isAlways;
  const type = controlFlowType(operation);
  return loop.exits.length === 0 && withEffects.has(loop) && (type === 'NextIteration' || type === 'LoopCond');
}

function findLoopsWithEffects({ order, loops }: Liveness): ReadonlySet<Loop> {
  const withEffects = new Set<Loop>();
  for (const operation of order) {
    if (!hasEffect(operation)) continue;
    for (let loop = loops.of(operation); loop && !withEffects.has(loop); loop = loop.parent) withEffects.add(loop);
  }
  return withEffects;
}
