import { AdoptedFunctions } from './adopt-functions.js';
import type { Attributes } from './attributes.js';
import type { Operation } from './operation.js';
import type { Replacements } from './rewritten-graph.js';
import { isBackEdge } from './topological-order.js';

/** What copies have other than their originals; what is left out stays. */
export interface CopyChanges {
  name?(original: Operation): string;
  attributes?(original: Operation): Attributes;
  device?(original: Operation): string;
  /** Operations to wait for beside the copies of those that the original waits for. */
  controlInputs?(original: Operation): readonly Operation[];
  /** Whether copies wait for the copy of an operation that their original waits for: they do, if this is left out. */
  isWaitedFor?(control: Operation): boolean;
}

/** Copies operations, one by one, into the graph of `replacements`, and says there that the copies stand for them. */
export class OperationCopier {
  private adopted: AdoptedFunctions | undefined;
  /** Inputs of copied `Merge`s that come from operations which are copied later. */
  private readonly backEdges: { readonly merge: Operation; readonly index: number }[] = [];

  constructor(
    private readonly replacements: Replacements,
    private readonly changes: CopyChanges = {},
  ) {}

  /**
   * Copies an operation, reading what stands for its inputs.
   *
   * @param original Of the same graph as those before it.
   * @throws NotInGraphError if nothing stands for something that it needs, other than what comes around a loop.
   */
  copy(original: Operation): Operation {
    const { replacements, changes } = this;
    const { graph } = replacements;
    this.adopted ??= new AdoptedFunctions(original.graph.functions, graph.functions);
    const inputs = original.inputs.map((input, index) => {
      const known = replacements.findTensor(input);
      if (known || !isBackEdge(input.operation, original)) return known ?? replacements.tensor(input);
      this.backEdges.push({ merge: original, index });
      return replacements.tensor(original.inputs.find(({ operation }) => !isBackEdge(operation, original)) ?? input);
    });
    const awaited = original.controlInputs.filter((control) => changes.isWaitedFor?.(control) ?? true);
    const controlInputs = new Set(awaited.map(replacements.operation));
    for (const added of changes.controlInputs?.(original) ?? []) controlInputs.add(added);
    const copy = graph.addOperation({
      type: this.adopted.name(original.type),
      definition: original.definition,
      name: changes.name?.(original) ?? original.name,
      inputs,
      controlInputs: [...controlInputs],
      attributes: this.adopted.attributes(changes.attributes?.(original) ?? original.attributes),
      device: changes.device?.(original) ?? original.device,
      shapes: original.outputs.map(({ shape }) => shape),
    });
    replacements.setOperation(original, copy);
    return copy;
  }

  /** To be called when all operations are copied: closes the loops. */
  closeLoops(): void {
    const { replacements } = this;
    for (const { merge, index } of this.backEdges.splice(0)) {
      const source = replacements.tensor(merge.input(index));
      replacements.graph.replaceInput(replacements.operation(merge), index, source);
    }
  }
}

/** Copies operations that are in topological order. */
export function copyOperations(
  operations: Iterable<Operation>,
  replacements: Replacements,
  changes: CopyChanges = {},
): void {
  const copier = new OperationCopier(replacements, changes);
  for (const operation of operations) copier.copy(operation);
  copier.closeLoops();
}
