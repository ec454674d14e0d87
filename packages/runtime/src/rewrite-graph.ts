import { Graph, type Operation, type OperationOptions, type RewrittenGraph, type SymbolicTensor } from '@tenon/graph';

/** An operation of the original graph, seen by a rule, with what its inputs became. */
export interface Rewriting {
  /** The copy, to which the rule adds what it needs. */
  readonly graph: Graph;
  readonly inputs: readonly SymbolicTensor[];
  readonly controlInputs: readonly Operation[];
  /** Copies the operation as it is, but for what is given. */
  readonly copy: (changes?: Partial<OperationOptions>) => Operation;
}

/** What stands for an operation: its outputs, in order, and what to depend on for its effect. */
export interface Replacement {
  readonly outputs: readonly SymbolicTensor[];
  readonly operation: Operation;
}

/**
 * Copies a graph operation by operation, in topological order, so that each may become something else.
 *
 * @param rule Returns what stands for an operation, or `undefined` to copy it as it is.
 */
export function rewriteGraph(
  source: Graph,
  rule: (operation: Operation, rewriting: Rewriting) => Replacement | undefined,
): RewrittenGraph {
  const graph = new Graph(source.functions);
  const replacements = new Map<Operation, Replacement>();
  const tensor = (original: SymbolicTensor) => replacements.get(original.operation)!.outputs[original.index]!;
  for (const operation of source.operations) {
    const inputs = operation.inputs.map(tensor);
    const controlInputs = operation.controlInputs.map((input) => replacements.get(input)!.operation);
    const copy = (changes?: Partial<OperationOptions>) =>
      graph.addOperation({
        type: operation.type,
        name: operation.name,
        inputs,
        controlInputs,
        attributes: operation.attributes,
        device: operation.device,
        // Another op has a definition of its own.
        ...(changes?.type === undefined && { definition: operation.definition }),
        shapes: operation.outputs.map(({ shape }) => shape),
        ...changes,
      });
    let replacement = rule(operation, { graph, inputs, controlInputs, copy });
    if (!replacement) {
      const copied = copy();
      replacement = { operation: copied, outputs: copied.outputs };
    }
    replacements.set(operation, replacement);
  }
  return { graph, tensor, operation: (original) => replacements.get(original)!.operation };
}
