import type { Shape } from '@tenon/tensor';

/** Values do not go together, which only shows when a segment runs. */
export class ShapesError extends Error {
  override readonly name = 'ShapesError';
  readonly code = 'ERR_TOY_SHAPES';
  constructor(
    readonly left: Shape,
    readonly right: Shape,
  ) {
    super(`Values of the shapes [${left.join()}] and [${right.join()}] do not go together.`);
  }
}

/** A compiled segment was used after `dispose`. */
export class DisposedError extends Error {
  override readonly name = 'DisposedError';
  readonly code = 'ERR_DISPOSED';
  constructor() {
    super('This compiled segment was disposed; it cannot run any more.');
  }
}
