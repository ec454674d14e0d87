import { NotInGraphError } from './errors.js';
import type { Graph } from './graph.js';
import type { Operation, SymbolicTensor } from './operation.js';

/** A graph made from another one, and what became of each operation and tensor. */
export interface RewrittenGraph {
  readonly graph: Graph;
  /**
   * What stands for a tensor of the original graph.
   *
   * @throws NotInGraphError if nothing does.
   */
  readonly tensor: (original: SymbolicTensor) => SymbolicTensor;
  /**
   * What stands for an operation of the original graph.
   *
   * @throws NotInGraphError if nothing does.
   */
  readonly operation: (original: Operation) => Operation;
}

/** Keeps what became of operations and tensors while a graph is being rewritten. */
export class Replacements implements RewrittenGraph {
  private readonly operations = new Map<Operation, Operation>();
  private readonly tensors = new Map<SymbolicTensor, SymbolicTensor>();

  constructor(
    readonly graph: Graph,
    /** Why an operation may have no replacement, to go into the error. */
    private readonly whyMissing: (original: Operation) => string,
  ) {}

  // Fields, so that they can be passed on as functions.
  readonly tensor = (original: SymbolicTensor): SymbolicTensor => {
    const found = this.findTensor(original);
    if (!found) throw new NotInGraphError(original.name, this.whyMissing(original.operation));
    return found;
  };

  readonly operation = (original: Operation): Operation => {
    const found = this.operations.get(original);
    if (!found) throw new NotInGraphError(original.name, this.whyMissing(original));
    return found;
  };

  findOperation(original: Operation): Operation | undefined {
    return this.operations.get(original);
  }

  findTensor(original: SymbolicTensor): SymbolicTensor | undefined {
    return this.tensors.get(original) ?? this.operations.get(original.operation)?.outputs[original.index];
  }

  /** Says what stands for an operation, and for those of its outputs for which nothing else does. */
  setOperation(original: Operation, replacement: Operation): void {
    this.operations.set(original, replacement);
  }

  setTensor(original: SymbolicTensor, replacement: SymbolicTensor): void {
    this.tensors.set(original, replacement);
  }
}

/** What stands for everything when there was nothing to rewrite: itself. */
export function unchanged(graph: Graph): RewrittenGraph {
  return { graph, tensor: (original) => original, operation: (original) => original };
}
