import type { Graph } from './graph.js';
import type { Attributes } from './attributes.js';
import type { OperationDefinition } from './operation-definition.js';
import type { Operation, SymbolicTensor } from './operation.js';

/** The body of a function: a graph whose `_Arg` operations are its inputs. */
export interface FunctionGraph {
  readonly name: string;
  readonly graph: Graph;
  /** The outputs of the `_Arg` operations, one per argument, in order. */
  readonly inputs: readonly SymbolicTensor[];
  /** What the function returns, in order. */
  readonly outputs: readonly SymbolicTensor[];
  /** Operations that run whenever the function does, for their effect. */
  readonly controlOutputs: readonly Operation[];
  /** Names of the outputs, in order. */
  readonly outputNames: readonly string[];
}

/** A function that operations can call by name. */
export interface FunctionEntry {
  readonly name: string;
  /** Its signature, as if it were an op. */
  readonly definition: OperationDefinition;
  /** Attributes beside the signature: `_XlaMustCompile`, `_input_shapes`, … */
  readonly attributes: Attributes;
  /** Builds the body; most functions of a file are never called, so none is built before. */
  instantiate(attributes: Attributes): FunctionGraph;
}

/** The functions of a graph, by name. */
export class FunctionLibrary {
  private readonly entries = new Map<string, FunctionEntry>();

  /** For functions that have one, the name of the function that computes their gradient. */
  readonly gradients = new Map<string, string>();

  constructor(entries: Iterable<FunctionEntry> = []) {
    for (const entry of entries) this.add(entry);
  }

  get names(): Iterable<string> {
    return this.entries.keys();
  }

  add(entry: FunctionEntry): void {
    this.entries.set(entry.name, entry);
  }

  /** A name that no function has: `base`, else `base_1`, `base_2`, … */
  uniqueName(base: string): string {
    let name = base;
    for (let suffix = 1; this.entries.has(name); suffix++) name = `${base}_${suffix}`;
    return name;
  }

  /** Removes a function that nothing calls. */
  remove(name: string): void {
    this.entries.delete(name);
  }

  find(name: string): FunctionEntry | undefined {
    return this.entries.get(name);
  }
}
