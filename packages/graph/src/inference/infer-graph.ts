import type { Graph } from '../graph.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { isBackEdge, topologicalOrder } from '../topological-order.js';
import { conditionalOperations } from './conditional-operations.js';
import { problemOf, type ShapeProblem } from './errors.js';
import { joinFacts, NOTHING, sameFacts, withShape, type TensorFacts } from './facts.js';
import { FunctionCalls } from './function-calls.js';
import { inferOperation } from './infer-operation.js';
import { ContradictionError } from './partial-shape.js';

/** What is known of a graph's tensors. */
export interface GraphFacts {
  readonly facts: (tensor: SymbolicTensor) => TensorFacts;
  /** Of operations that always run. */
  readonly problems: readonly ShapeProblem[];
}

/** Goes through a graph once, and through its version 1 loops until nothing changes any more. Changes nothing. */
export function inferGraph(
  graph: Graph,
  known: ReadonlyMap<SymbolicTensor, TensorFacts> = new Map(),
  calls: FunctionCalls = functionCalls(),
): GraphFacts {
  const order = topologicalOrder(graph.operations);
  const conditional = conditionalOperations(order);
  const loops = order.filter((operation) => operation.inputs.some((input) => isBackEdge(input.operation, operation)));
  const inferred = new Map<SymbolicTensor, TensorFacts>();
  /** For the `Merge` of each loop variable, what it was found to be in earlier passes: it may only widen. */
  const before = new Map<Operation, TensorFacts>();
  let problems: ShapeProblem[] = [];

  const inputsOf = (operation: Operation) => operation.inputs.map((input) => inferred.get(input));
  const visit = (operation: Operation) => {
    const { outputs, problem } = inferOperation(operation, inputsOf(operation), calls);
    if (problem !== undefined && !conditional.has(operation)) {
      problems.push(
        problemOf(
          operation,
          inputsOf(operation).map((facts) => facts?.shape ?? null),
          problem,
        ),
      );
    }
    const wider = before.get(operation);
    operation.outputs.forEach((output, index) => {
      const facts = index === 0 && wider ? joinFacts(wider, outputs[index]!) : outputs[index]!;
      const given = known.get(output);
      inferred.set(output, given ? withDeclared(given, output) : facts);
    });
  };

  for (let pass = 1; ; pass++) {
    problems = [];
    order.forEach(visit);
    let isStable = true;
    for (const merge of loops) {
      const assumed = inferred.get(merge.output())!;
      const found =
        pass < MOST_PASSES
          ? inputsOf(merge).reduce<TensorFacts>((a, b) => joinFacts(a, b ?? NOTHING), assumed)
          : NOTHING;
      if (known.has(merge.output()) || sameFacts(found, assumed)) continue;
      before.set(merge, found);
      isStable = false;
    }
    // Beyond that, nothing is assumed of loop variables, and the next pass is the last.
    if (isStable || pass > MOST_PASSES) break;
  }
  return { facts: (tensor) => inferred.get(tensor) ?? NOTHING, problems };
}

/** Follows calls by going through the functions' graphs in the same way. */
export function functionCalls(): FunctionCalls {
  return new FunctionCalls((body, inputs, calls) => {
    const { facts } = inferGraph(body.graph, inputs, calls);
    return body.outputs.map(facts);
  });
}

/** Loops within loops widen each other, each pass a little; honest ones are through after a handful. */
const MOST_PASSES = 32;

function withDeclared(given: TensorFacts, { shape }: SymbolicTensor): TensorFacts {
  try {
    return withShape(given, shape);
  } catch (error) {
    if (error instanceof ContradictionError) return given;
    throw error;
  }
}
