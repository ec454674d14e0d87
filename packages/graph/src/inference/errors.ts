import { formatShape, type PartialShape } from '@tenon/tensor';
import type { Operation } from '../operation.js';

/** What is wrong with one operation. */
export interface ShapeProblem {
  /** The operation's name. */
  readonly operation: string;
  /** The operation's op: `MatMul`. */
  readonly type: string;
  /** What is known of its inputs' shapes. */
  readonly inputShapes: readonly PartialShape[];
  /** One clause: `the inner dimensions 3 and 4 differ`. */
  readonly problem: string;
}

/** Operations cannot take inputs of the shapes that they are given, whatever values those will have. Names every such operation. */
export class ShapeInferenceError extends Error {
  override readonly name = 'ShapeInferenceError';
  readonly code = 'ERR_SHAPE_INFERENCE';
  constructor(readonly problems: readonly ShapeProblem[]) {
    const lines = problems.slice(0, MOST_LISTED).map(describe);
    const rest = problems.length - lines.length;
    super(
      lines.length === 1
        ? lines[0]
        : `Shapes contradict each other:\n${lines.map((line) => `  - ${line}`).join('\n')}${rest > 0 ? `\n  and ${rest} more.` : ''}`,
    );
  }
}

/** More than these would bury the message; the error's field has them all. */
const MOST_LISTED = 20;

function describe({ operation, type, inputShapes, problem }: ShapeProblem): string {
  const inputs = inputShapes.length > 0 ? ` of ${inputShapes.slice(0, MOST_LISTED).map(formatShape).join(', ')}` : '';
  return `${type} "${operation}"${inputs}: ${problem}.`;
}

export function problemOf(operation: Operation, inputShapes: readonly PartialShape[], problem: string): ShapeProblem {
  return { operation: operation.name, type: operation.type, inputShapes, problem };
}
