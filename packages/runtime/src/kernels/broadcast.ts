import type { Shape } from '@tenon/tensor';
import { InvalidArgumentError } from './errors.js';

/**
 * How two operands meet under broadcasting: `rows` rows of `inner` elements each. Within a row an operand advances by its step, 0 or 1;
 * where each row starts in it is listed, unless there is only one row.
 */
export interface Broadcast {
  readonly shape: Shape;
  readonly rows: number;
  readonly inner: number;
  readonly leftStep: 0 | 1;
  readonly rightStep: 0 | 1;
  readonly leftStarts: Int32Array;
  readonly rightStarts: Int32Array;
}

const ONE_ROW = new Int32Array(1);

/** @returns `undefined` if the shapes do not broadcast together. */
export function tryBroadcast(left: Shape, right: Shape): Broadcast | undefined {
  const rank = Math.max(left.length, right.length);
  const shape = new Array<number>(rank);
  // Neighbouring axes that both operands have, or the same one lacks, count as one: the groups, outermost first.
  const sizes: number[] = [];
  const leftSteps: (0 | 1)[] = [];
  const rightSteps: (0 | 1)[] = [];
  let size = 1;
  for (let axis = 0; axis < rank; axis++) {
    const l = axis < rank - left.length ? 1 : left[axis - rank + left.length]!;
    const r = axis < rank - right.length ? 1 : right[axis - rank + right.length]!;
    if (l !== r && l !== 1 && r !== 1) return undefined;
    const dimension = l === 1 ? r : l;
    shape[axis] = dimension;
    size *= dimension;
    if (dimension === 1) continue;
    const leftStep = l === 1 ? 0 : 1;
    const rightStep = r === 1 ? 0 : 1;
    const last = sizes.length - 1;
    if (last >= 0 && leftSteps[last] === leftStep && rightSteps[last] === rightStep) {
      sizes[last]! *= dimension;
    } else {
      sizes.push(dimension);
      leftSteps.push(leftStep);
      rightSteps.push(rightStep);
    }
  }
  const groups = sizes.length;
  if (groups <= 1) {
    const leftStep = leftSteps[0] ?? 0;
    const rightStep = rightSteps[0] ?? 0;
    return { shape, rows: 1, inner: size, leftStep, rightStep, leftStarts: ONE_ROW, rightStarts: ONE_ROW };
  }
  const inner = sizes[groups - 1]!;
  const rows = size === 0 ? 0 : size / inner;
  return {
    shape,
    rows,
    inner,
    leftStep: leftSteps[groups - 1]!,
    rightStep: rightSteps[groups - 1]!,
    leftStarts: rowStarts(sizes, leftSteps, rows),
    rightStarts: rowStarts(sizes, rightSteps, rows),
  };
}

function rowStarts(sizes: readonly number[], steps: readonly (0 | 1)[], rows: number): Int32Array {
  const starts = new Int32Array(rows);
  let stride = steps.at(-1) === 1 ? sizes.at(-1)! : 1;
  let filled = 1;
  // From the innermost outer axis outwards: what is filled so far repeats, a stride further each time.
  for (let group = sizes.length - 2; group >= 0 && rows > 0; group--) {
    const step = steps[group] === 1 ? stride : 0;
    const size = sizes[group]!;
    for (let i = 1; i < size; i++) {
      for (let j = 0; j < filled; j++) starts[i * filled + j] = starts[j]! + i * step;
    }
    if (steps[group] === 1) stride *= size;
    filled *= size;
  }
  return starts;
}

/** @throws InvalidArgumentError if the shapes do not broadcast together. */
export function broadcast(left: Shape, right: Shape): Broadcast {
  const plan = tryBroadcast(left, right);
  if (!plan) {
    throw new InvalidArgumentError(`Shapes [${left.join(', ')}] and [${right.join(', ')}] do not broadcast together.`);
  }
  return plan;
}
