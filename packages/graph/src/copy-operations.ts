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
}

/**
 * Copies operations into the graph of `replacements`, reading what stands for their inputs there, and says that the copies stand for them.
 *
 * @param operations In topological order.
 * @throws NotInGraphError if nothing stands for something that an operation needs.
 */
export function copyOperations(
  operations: Iterable<Operation>,
  replacements: Replacements,
  changes: CopyChanges = {},
): void {
  const { graph } = replacements;
  let adopted: AdoptedFunctions | undefined;
  /** Inputs of copied `Merge`s that come from operations which are copied later. */
  const backEdges: { readonly merge: Operation; readonly index: number }[] = [];

  for (const original of operations) {
    adopted ??= new AdoptedFunctions(original.graph.functions, graph.functions);
    const inputs = original.inputs.map((input, index) => {
      const known = replacements.findTensor(input);
      if (known || !isBackEdge(input.operation, original)) return known ?? replacements.tensor(input);
      backEdges.push({ merge: original, index });
      return replacements.tensor(original.inputs.find(({ operation }) => !isBackEdge(operation, original)) ?? input);
    });
    const copiedControls = original.controlInputs.map(replacements.operation);
    const addedControls = changes.controlInputs?.(original) ?? [];
    const copy = graph.addOperation({
      type: adopted.name(original.type),
      definition: original.definition,
      name: changes.name?.(original) ?? original.name,
      inputs,
      controlInputs:
        copiedControls.length + addedControls.length < 2
          ? [...copiedControls, ...addedControls]
          : [...new Set([...copiedControls, ...addedControls])],
      attributes: adopted.attributes(changes.attributes?.(original) ?? original.attributes),
      device: changes.device?.(original) ?? original.device,
      shapes: original.outputs.map(({ shape }) => shape),
    });
    replacements.setOperation(original, copy);
  }
  for (const { merge, index } of backEdges) {
    graph.replaceInput(replacements.operation(merge), index, replacements.tensor(merge.input(index)));
  }
}
