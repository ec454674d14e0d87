import { hasEffect } from '../effects.js';
import type { Operation } from '../operation.js';
import type { Liveness } from './liveness.js';
import type { Loop } from './loops.js';
import { controlFlowType } from './op-types.js';

/** What must be in a branch or in the body of a loop although nothing that comes out of it needs it. */
export interface RequiredEffects {
  /** In branches outside of loops: operations, and loops with effects that nothing is read from. */
  readonly outside: readonly (Operation | Loop)[];
  /** By loop, what has an effect before it is known whether there is another iteration. */
  readonly inCondition: ReadonlyMap<Loop, readonly Operation[]>;
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
  const inCondition = new Map<Loop, Operation[]>();
  const inBody = new Map<Loop, (Operation | Loop)[]>();
  const add = <T>(map: Map<Loop, T[]>, loop: Loop, item: T) => {
    const known = map.get(loop);
    if (known) known.push(item);
    else map.set(loop, [item]);
  };

  const loopsWithEffects = new Set<Loop>();
  for (const operation of order) {
    if (!hasEffect(operation)) continue;
    for (let loop = loops.of(operation); loop && !loopsWithEffects.has(loop); loop = loop.parent)
      loopsWithEffects.add(loop);
  }
  for (const loop of loopsWithEffects) {
    if (loop.exits.length > 0) continue;
    if (loop.parent) add(inBody, loop.parent, loop);
    else outside.push(loop);
  }

  const needed = new Set<Operation>();
  for (const operation of [...order].reverse()) {
    const loop = loops.of(operation);
    const state = liveness.stateOf(operation);
    const type = controlFlowType(operation);
    if (!needed.has(operation)) {
      const isResult = (!loop && state === sets.always) || type === 'NextIteration' || type === 'LoopCond';
      const isEffect =
        hasEffect(operation) || (type === 'Exit' && loopsWithEffects.has(liveness.loopLeftBy(operation)));
      if (!isResult && (!isEffect || state === sets.never)) continue;
      needed.add(operation);
      if (!isResult) {
        if (!loop) outside.push(operation);
        else if (!state.conditions.has(loop.condition.output())) add(inCondition, loop, operation);
        else add(inBody, loop, operation);
      }
    }
    for (const dependency of liveness.dependenciesOf(operation)) needed.add(dependency);
  }
  return { outside, inCondition, inBody };
}
