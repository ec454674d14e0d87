import type { Operation, SymbolicTensor } from '../operation.js';
import { problemOf, ShapeInferenceError } from './errors.js';
import type { TensorFacts } from './facts.js';
import { functionCalls } from './infer-graph.js';
import { inferOperation } from './infer-operation.js';
import { partialValue } from './partial-value.js';

/**
 * Works out the shapes of one operation's outputs from what its inputs' shapes say now, and writes them there: for who builds a graph
 * operation by operation. `inferShapes` knows more, but goes through all of the graph.
 *
 * @throws ShapeInferenceError if the operation cannot take its inputs.
 */
export function inferAddedOperation(operation: Operation): void {
  const inputs = operation.inputs.map((input) => factsOf(input));
  const { outputs, problem } = inferOperation(operation, inputs, functionCalls());
  if (problem !== undefined) {
    const shapes = inputs.map(({ shape }) => shape);
    throw new ShapeInferenceError([problemOf(operation, shapes, problem)]);
  }
  operation.outputs.forEach((output, index) => {
    output.shape = outputs[index]!.shape;
  });
}

function factsOf(tensor: SymbolicTensor): TensorFacts {
  const { shape, dtype, operation, index } = tensor;
  if (dtype === 'resource' || dtype === 'variant') {
    // What lies behind a handle is known from where the handle is made; where it is handed on, no more than its input is looked at.
    const inputs =
      operation.type === 'Identity' ? [factsOf(operation.input(0))] : operation.inputs.map(() => undefined);
    return { ...inferOperation(operation, inputs, functionCalls()).outputs[index]!, shape };
  }
  const value = partialValue(tensor);
  return value ? { shape, value } : { shape };
}
