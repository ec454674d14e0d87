import type { Attribute, Attributes } from './attributes.js';
import type { FunctionEntry, FunctionGraph, FunctionLibrary } from './function-library.js';
import type { OperationDefinition } from './operation-definition.js';

/** A function of another library, under a name that was free in this one. Its body still finds what it calls in its own library. */
class RenamedFunction implements FunctionEntry {
  constructor(
    readonly name: string,
    readonly original: FunctionEntry,
  ) {}

  get definition(): OperationDefinition {
    return { ...this.original.definition, name: this.name };
  }

  get attributes(): Attributes {
    return this.original.attributes;
  }

  instantiate(attributes: Attributes): FunctionGraph {
    return { ...this.original.instantiate(attributes), name: this.name };
  }
}

/** Says how to call the functions of one library in another. */
export class AdoptedFunctions {
  /** The new names of those functions that got one. */
  private readonly renamed = new Map<string, string>();

  /** Adds the functions of `source` to `target`. One whose name stands for another function there gets a new name. */
  constructor(source: FunctionLibrary, target: FunctionLibrary) {
    if (source === target) return;
    for (const name of source.names) {
      const adopted = adopt(source.find(name)!, target);
      if (adopted !== name) this.renamed.set(name, adopted);
    }
    for (const [name, gradient] of source.gradients) target.gradients.set(this.name(name), this.name(gradient));
  }

  /** What a function is called in the target; other names stay as they are. */
  name(name: string): string {
    return this.renamed.get(name) ?? name;
  }

  /** Attributes with the names that functions have in the target. */
  attributes(attributes: Attributes): Attributes {
    if (this.renamed.size === 0) return attributes;
    return new Map([...attributes].map(([name, attribute]) => [name, this.attribute(attribute)]));
  }

  private attribute(attribute: Attribute): Attribute {
    if (attribute.kind === 'list') return { kind: 'list', value: attribute.value.map((item) => this.attribute(item)) };
    if (attribute.kind !== 'function') return attribute;
    const { name, attributes } = attribute.value;
    return { kind: 'function', value: { name: this.name(name), attributes: this.attributes(attributes) } };
  }
}

function adopt(entry: FunctionEntry, target: FunctionLibrary): string {
  for (let suffix = 0; ; suffix++) {
    const name = suffix === 0 ? entry.name : `${entry.name}_${suffix}`;
    const known = target.find(name);
    if (!known) {
      target.add(suffix === 0 ? entry : new RenamedFunction(name, entry));
      return name;
    }
    if (known === entry || (known instanceof RenamedFunction && known.original === entry)) return name;
  }
}
