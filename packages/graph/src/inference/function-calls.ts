import type { PartialShape } from '@tenon/tensor';
import type { Attribute, FunctionReference } from '../attributes.js';
import type { FunctionGraph } from '../function-library.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { factsKey, joinFacts, sameFacts, withShape, type TensorFacts } from './facts.js';
import { ContradictionError } from './partial-shape.js';

/** Runs inference over a function's body. */
export type InferBody = (
  body: FunctionGraph,
  known: ReadonlyMap<SymbolicTensor, TensorFacts>,
  calls: FunctionCalls,
) => readonly TensorFacts[];

/** How deep functions may call each other; a function that calls itself ends here. */
const DEEPEST_CALL = 64;

/** Operations inferred within functions, all calls together: a file of a few kilobytes may call for 2^64 of them. */
const MOST_OPERATIONS = 2_000_000;

/** Follows what is known into the functions that operations call, and back. */
export class FunctionCalls {
  private readonly bodies = new Map<string, FunctionGraph>();
  private readonly results = new Map<string, readonly TensorFacts[] | undefined>();
  private depth = 0;
  private operations = 0;

  constructor(private readonly inferBody: InferBody) {}

  /** What the outputs of a call or of functional control flow are; `undefined` if the operation is neither. */
  infer(operation: Operation, inputs: readonly TensorFacts[]): readonly TensorFacts[] | undefined {
    switch (operation.type) {
      case 'PartitionedCall':
      case 'StatefulPartitionedCall':
      case 'BatchFunction':
        return this.call(operation, functionOf(operation, 'f'), inputs) ?? unknownOutputs(operation);
      case 'If':
      case 'StatelessIf':
        return this.branches(
          operation,
          inputs,
          ['else_branch', 'then_branch'].map((name) => functionOf(operation, name)),
        );
      case 'Case':
      case 'StatelessCase':
        return this.branches(operation, inputs, operation.list('branches', 'function'));
      case 'While':
      case 'StatelessWhile':
        return this.loop(operation, inputs);
      default: {
        if (!operation.graph.functions.find(operation.type)) return undefined;
        const { type: name, attributes } = operation;
        return this.call(operation, { name, attributes }, inputs) ?? unknownOutputs(operation);
      }
    }
  }

  private branches(
    operation: Operation,
    inputs: readonly TensorFacts[],
    functions: readonly FunctionReference[],
  ): readonly TensorFacts[] {
    const [index, ...captured] = inputs;
    const taken = index?.shape?.length === 0 ? index.value?.[0] : undefined;
    // An index beyond the last branch takes the last.
    const chosen = taken == null ? functions : [functions[taken] ?? functions.at(-1)!];
    const results = chosen.map((branch) => this.call(operation, branch, captured));
    if (!results.every((result) => result !== undefined)) return unknownOutputs(operation);
    return declared(
      operation,
      results.reduce((a, b) => a.map((facts, output) => joinFacts(facts, b[output]!))),
    );
  }

  /** Loop variables hold what is true of them before the first iteration and after each. */
  private loop(operation: Operation, inputs: readonly TensorFacts[]): readonly TensorFacts[] {
    const body = functionOf(operation, 'body');
    let state = inputs;
    for (;;) {
      const after = this.call(operation, body, state);
      if (after?.length !== state.length) return unknownOutputs(operation);
      const before = state;
      const next = before.map((facts, index) => joinFacts(facts, after[index]!));
      // Joining only ever forgets, so that this ends.
      if (next.every((facts, index) => sameFacts(facts, before[index]!))) return declared(operation, next);
      state = next;
    }
  }

  /** `undefined` if the function is not there, gives other outputs than the operation, or is too deep down. */
  private call(
    operation: Operation,
    reference: FunctionReference,
    inputs: readonly TensorFacts[],
  ): readonly TensorFacts[] | undefined {
    const entry = operation.graph.functions.find(reference.name);
    if (!entry || this.depth >= DEEPEST_CALL || this.operations > MOST_OPERATIONS) return undefined;
    const name = `${reference.name}\0${describeAttributes(reference.attributes)}`;
    const key = `${name}\0${inputs.map(factsKey).join()}`;
    if (this.results.has(key)) return this.results.get(key);
    let body = this.bodies.get(name);
    if (!body) this.bodies.set(name, (body = entry.instantiate(reference.attributes)));
    if (body.inputs.length !== inputs.length || !gives(body, operation)) return undefined;
    // For a call of the same with the same, further down: it never returns.
    this.results.set(key, undefined);
    this.operations += body.graph.size;
    this.depth++;
    const result = this.inferBody(body, new Map(body.inputs.map((input, index) => [input, inputs[index]!])), this);
    this.depth--;
    this.results.set(key, result);
    return result;
  }
}

/** Whether what a function gives can be what the operation that calls it does. */
function gives({ outputs }: FunctionGraph, operation: Operation): boolean {
  return operation.outputs.every(({ dtype }, index) => outputs[index]?.dtype === dtype);
}

function functionOf(operation: Operation, attribute: string): FunctionReference {
  return operation.attribute(attribute, 'function');
}

function declaredShapes(operation: Operation): readonly PartialShape[] {
  const shapes = operation.find('output_shapes');
  return shapes?.kind === 'list' ? shapes.value.map((item) => (item.kind === 'shape' ? item.value : null)) : [];
}

function unknownOutputs(operation: Operation): TensorFacts[] {
  const shapes = declaredShapes(operation);
  return operation.outputs.map((_, index) => ({ shape: shapes[index] ?? null }));
}

/** What the functions give, and what whoever wrote the graph said of it, where that does not contradict it. */
function declared(operation: Operation, outputs: readonly TensorFacts[]): readonly TensorFacts[] {
  const shapes = declaredShapes(operation);
  return outputs.map((facts, index) => {
    try {
      return withShape(facts, shapes[index] ?? null);
    } catch (error) {
      if (error instanceof ContradictionError) return facts;
      throw error;
    }
  });
}

function describeAttributes(attributes: ReadonlyMap<string, Attribute>): string {
  return JSON.stringify([...attributes], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Map ? [...(value as Map<string, unknown>)] : value,
  );
}
