import { formatShape, isFullyKnown, type PartialShape, type Shape } from '@tenon/tensor';
import type { Operation } from '../operation.js';
import { ELEMENTS_FUNCTIONS } from './elements.js';
import { joinFacts, makeFacts, NOTHING, withShape, type PartialValue, type TensorFacts } from './facts.js';
import type { FunctionCalls } from './function-calls.js';
import { ContradictionError } from './partial-shape.js';
import { SHAPE_FUNCTIONS } from './registry.js';
import { MOST_DIMENSIONS, ShapeContext } from './shape-context.js';
import { fit, isFew, isFollowed, VALUE_FUNCTIONS } from './values.js';

/** Ops that hand on what they are given: every output is the first input. */
const HANDS_ON: ReadonlySet<string> = new Set([
  'Identity',
  'RefIdentity',
  'Snapshot',
  'StopGradient',
  'PreventGradient',
  'GuaranteeConst',
  'DisableCopyOnRead',
  'Enter',
  'RefEnter',
  'Exit',
  'RefExit',
  'NextIteration',
  'RefNextIteration',
  'Switch',
  'RefSwitch',
  '_SwitchN',
]);

/** What is known of an operation's outputs, given what is known of its inputs; and what is wrong with it, if something is. */
export interface InferredOperation {
  readonly outputs: readonly TensorFacts[];
  readonly problem?: string;
}

/** @param inputs One per input; `undefined` for a back edge of a loop that nothing is known of yet. */
export function inferOperation(
  operation: Operation,
  inputs: readonly (TensorFacts | undefined)[],
  calls: FunctionCalls,
): InferredOperation {
  let inferred: readonly TensorFacts[];
  try {
    inferred = outputsOf(operation, inputs, calls);
  } catch (error) {
    // An axis that is not there, a length that no list has: what a broken file says.
    if (!(error instanceof ContradictionError || error instanceof RangeError)) throw error;
    return { outputs: operation.outputs.map(({ shape }) => ({ shape })), problem: error.message };
  }
  let problem: string | undefined;
  const outputs = operation.outputs.map(({ dtype, shape }, index) => {
    const facts = inferred[index] ?? NOTHING;
    // Of handles, versions of TensorFlow do not agree whether they are scalars, and nothing depends on it.
    if (shape === null || dtype === 'resource' || dtype === 'variant') return facts;
    try {
      return withShape(facts, shape);
    } catch (error) {
      if (!(error instanceof ContradictionError)) throw error;
      problem ??= `what is said of output ${index} contradicts what follows: ${error.message}`;
      return facts;
    }
  });
  return problem === undefined ? { outputs } : { outputs, problem };
}

function outputsOf(
  operation: Operation,
  inputs: readonly (TensorFacts | undefined)[],
  calls: FunctionCalls,
): readonly TensorFacts[] {
  const { type } = operation;
  if (type === 'Merge' || type === 'RefMerge') {
    const known = inputs.filter((facts) => facts !== undefined);
    return [known.length > 0 ? known.reduce(joinFacts) : NOTHING, { shape: [] }];
  }
  const facts = inputs.map((input) => input ?? NOTHING);
  if (HANDS_ON.has(type)) return operation.outputs.map(() => facts[0] ?? NOTHING);
  if (type === 'IdentityN') return facts;
  const called = calls.infer(operation, facts);
  if (called) return called;
  const context = new ShapeContext(operation, facts);
  const shapes = SHAPE_FUNCTIONS.get(type)?.(context) ?? [];
  shapes.forEach(checkShape);
  const values = valuesOf(context, shapes);
  const elements = ELEMENTS_FUNCTIONS.get(type)?.(context);
  return operation.outputs.map((_, index) =>
    makeFacts(shapes[index] ?? null, values[index], index === 0 ? elements : undefined),
  );
}

/** Nonsense in a file, a negative padding say, must not go on as a shape. */
function checkShape(shape: PartialShape): void {
  if (shape === null) return;
  if (shape.length > MOST_DIMENSIONS) throw new ContradictionError(`its result would have ${shape.length} dimensions`);
  if (shape.some((dimension) => dimension !== null && !(Number.isSafeInteger(dimension) && dimension >= 0))) {
    throw new ContradictionError(`its result would have the shape ${formatShape(shape)}`);
  }
}

/** The elements of the outputs, as far as they can be worked out from the inputs'. */
function valuesOf(context: ShapeContext, shapes: readonly PartialShape[]): readonly (PartialValue | undefined)[] {
  const { operation } = context;
  const valueFunction = VALUE_FUNCTIONS.get(operation.type);
  if (!valueFunction || !operation.outputs.every(({ dtype }) => isFollowed(dtype))) return [];
  const known = operation.outputs.map((_, index) => shapes[index] ?? null);
  if (!known.every((shape): shape is Shape => isFullyKnown(shape) && isFew(shape))) return [];
  return valueFunction(context, known).map((value, index) => value && fit(value, operation.outputs[index]!.dtype));
}
