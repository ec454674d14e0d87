import type { Attribute, Attributes } from './attributes.js';
import { ColocationError } from './errors.js';
import type { Graph } from './graph.js';
import type { Operation, SymbolicTensor } from './operation.js';

/** How the attribute `_class` says that an operation runs where another one does. */
const PREFIX = 'loc:@';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Rewrites what operations are colocated with while a graph is copied into another one: names get the scope of the copies, and an
 * operation that is replaced gives way to what its substitute is colocated with.
 */
export class Colocation {
  /** For operations with outputs that are replaced, by name: the groups that stand for each of their outputs. */
  private readonly substitutes = new Map<string, string[][]>();

  constructor(
    private readonly source: Graph,
    private readonly target: Graph,
    private readonly scope: string,
    inputMap: ReadonlyMap<SymbolicTensor, SymbolicTensor>,
  ) {
    for (const { operation } of inputMap.keys()) {
      if (this.substitutes.has(operation.name)) continue;
      this.substitutes.set(
        operation.name,
        operation.outputs.map((output) => {
          const substitute = inputMap.get(output);
          return substitute ? groupsOf(substitute.operation) : [scope + operation.name];
        }),
      );
    }
  }

  /** `attributes`, those of the copy of `original`, with colocation rewritten. */
  rewrite(original: Operation, attributes: Attributes): Attributes {
    const attribute = attributes.get('_class');
    if (attribute?.kind !== 'list' || (this.scope === '' && this.substitutes.size === 0)) return attributes;
    const groups = this.groups(original);
    const rewritten: Attribute[] = [
      ...attribute.value.filter((item) => !isGroup(item)),
      ...groups.map((group): Attribute => ({ kind: 'bytes', value: encoder.encode(PREFIX + group) })),
    ];
    return new Map([...attributes, ['_class', { kind: 'list', value: rewritten }]]);
  }

  /** Where the copy of `original` runs: where what it is colocated with does. */
  device(original: Operation): string {
    const explicit = explicitGroups(original);
    if (explicit.length === 0) return original.device;
    for (const name of explicit) {
      const device = this.substitutes.has(name)
        ? this.groupsFor(original, name).map((group) => this.target.operation(group)?.device)
        : [this.source.operation(name)?.device];
      const found = device.find((candidate) => candidate !== undefined && candidate !== '');
      if (found !== undefined) return found;
    }
    return '';
  }

  private groups(original: Operation): string[] {
    const groups = explicitGroups(original).flatMap((name) => this.groupsFor(original, name));
    return [...new Set(groups)].sort();
  }

  private groupsFor(original: Operation, name: string): readonly string[] {
    const [first, ...others] = this.substitutes.get(name) ?? [[this.scope + name]];
    const other = others.find((groups) => groups.join('\0') !== first!.join('\0'));
    if (other) {
      throw new ColocationError(
        original.name,
        name,
        `its outputs are replaced by tensors of different places: ${first!.join(', ')} and ${other.join(', ')}`,
      );
    }
    return first!;
  }
}

/** What an operation is colocated with: itself if it says nothing. */
function groupsOf(operation: Operation): string[] {
  const groups = explicitGroups(operation);
  return groups.length > 0 ? groups : [operation.name];
}

function explicitGroups({ attributes }: Operation): string[] {
  const attribute = attributes.get('_class');
  if (attribute?.kind !== 'list') return [];
  return attribute.value.filter(isGroup).map(groupOf);
}

/** `attributes` with the scope before the names of what they say an operation is colocated with. */
export function prefixColocation(attributes: Attributes, scope: string): Attributes {
  const attribute = attributes.get('_class');
  if (attribute?.kind !== 'list') return attributes;
  const value = attribute.value.map((item): Attribute =>
    isGroup(item) ? { kind: 'bytes', value: encoder.encode(PREFIX + scope + groupOf(item)) } : item,
  );
  return new Map([...attributes, ['_class', { kind: 'list', value }]]);
}

type GroupAttribute = Extract<Attribute, { kind: 'bytes' }>;

function groupOf({ value }: GroupAttribute): string {
  return decoder.decode(value).slice(PREFIX.length);
}

function isGroup(item: Attribute): item is GroupAttribute {
  return item.kind === 'bytes' && decoder.decode(item.value.subarray(0, PREFIX.length)) === PREFIX;
}
