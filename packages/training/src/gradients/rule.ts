import type { Operation, SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from './gradient-builder.js';
import type { Gradient } from './indexed-slices.js';

export { UndifferentiableError } from './undifferentiable-error.js';

/** What is known of the gradients of an operation's outputs. */
export interface OutputGradients {
  /** The gradient of an output; zeros where nothing depends on it. */
  (index?: number): SymbolicTensor;
  /** As it came: `undefined` where nothing depends on that output. */
  raw(index: number): Gradient | undefined;
}

/** Makes the gradient of one input; called only if it is wanted. `undefined`: nothing flows there. */
export type InputGradient = (() => Gradient | undefined) | undefined;

/**
 * How gradients flow back through the operations of one op.
 *
 * @returns One per input, in order; those that are left out get none.
 * @throws UndifferentiableError if there is no gradient for this operation.
 */
export type GradientRule = (
  operation: Operation,
  gradient: OutputGradients,
  build: GradientBuilder,
) => readonly InputGradient[];

/** What is made once, when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Attributes of an operation, for its gradient's operation: those that it has. */
export function attributesOf(operation: Operation, ...names: readonly string[]) {
  return Object.fromEntries(
    names.flatMap((name) => {
      const attribute = operation.find(name);
      return attribute ? [[name, attribute]] : [];
    }),
  );
}
