import { isFullyKnown } from '@tenon/tensor';
import type { Operation, SymbolicTensor } from '../operation.js';
import { sortByDependencies } from '../topological-order.js';
import { type PartialValue, type TensorFacts } from './facts.js';
import { FunctionCalls } from './function-calls.js';
import { inferOperation } from './infer-operation.js';
import { isFew, isFollowed } from './values.js';

/** Ops whose elements follow from the shapes of their inputs alone. */
const OF_SHAPES: ReadonlySet<string> = new Set(['Shape', 'ShapeN', 'Size', 'Rank', 'ZerosLike', 'OnesLike']);

/**
 * What is known of the elements of a small integer or bool tensor, going back from it through the operations that made it, with the shapes
 * that their tensors have now (after `inferShapes`, all that can be known). Row by row, `null` where one is not known; `undefined` if
 * nothing is. So the target of a `Reshape` is known to be `[?, 4, 4, 6]`.
 */
export function partialValue(tensor: SymbolicTensor): PartialValue | undefined {
  const known = new Map<SymbolicTensor, TensorFacts>();
  const factsOf = (input: SymbolicTensor): TensorFacts => known.get(input) ?? { shape: input.shape };
  // Functions are not looked into: what they give is known by its shape.
  const calls = new FunctionCalls(({ outputs }) => outputs.map(({ shape }) => ({ shape })));
  for (const operation of sortByDependencies([tensor.operation], sourcesOf)) {
    if (!isSmall(operation)) continue;
    const { outputs } = inferOperation(operation, operation.inputs.map(factsOf), calls);
    operation.outputs.forEach((output, index) => known.set(output, outputs[index]!));
  }
  return known.get(tensor)?.value;
}

function sourcesOf(operation: Operation): Operation[] {
  if (!isSmall(operation) || OF_SHAPES.has(operation.type) || /Merge$/.test(operation.type)) return [];
  return operation.inputs.map((input) => input.operation);
}

function isSmall({ outputs }: Operation): boolean {
  return outputs.every(({ dtype, shape }) => isFollowed(dtype) && isFullyKnown(shape) && isFew(shape));
}
