/** Why one operation has no gradient although its op has one. Turned into a `NoGradientError`, with the path. */
export class UndifferentiableError extends Error {}
