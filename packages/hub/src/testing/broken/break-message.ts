import type { Message } from '@tenon/format';
import { EDGES, writeEdge } from './break-bytes.js';
import type { Random } from './random.js';

type Fields = Record<string, unknown>;

/** A place in a message where a value stands. */
interface Site {
  readonly holder: Fields | unknown[];
  readonly key: string | number;
}

/** Kinds of places whose values can stand for each other, by a name: `tensorflow.NodeDef.input`. */
type Sites = Map<string, Site[]>;

/**
 * Changes messages where their structure is right, and what they say is not: names that nothing has, types and shapes that do not fit,
 * lists with items too many or too few, numbers at the edges of what they can be, nodes in the place of others.
 */
export class MessageBreaker {
  private readonly sites: Sites = new Map();
  private readonly kinds: readonly string[];
  /** Those of graphs: there is most to go wrong. */
  private readonly graphKinds: readonly string[];

  constructor(private readonly message: Message) {
    collect(message, message.$typeName, this.sites);
    this.kinds = [...this.sites.keys()];
    const graphKinds = this.kinds.filter((kind) => /NodeDef|AttrValue|TensorProto|TensorShape|FunctionDef/.test(kind));
    this.graphKinds = graphKinds.length > 0 ? graphKinds : this.kinds;
  }

  /** Calls `use` with the message broken, and mends it again. */
  break<T>(random: Random, use: () => T): T {
    const undo: (() => void)[] = [];
    try {
      for (let times = 1 + random.below(random.pick([1, 1, 2, 4])); times > 0; times--) {
        undo.push(this.breakOnce(random));
      }
      return use();
    } finally {
      for (const mend of undo.reverse()) mend();
    }
  }

  private breakOnce(random: Random): () => void {
    // By kind first: else most changes would be made to what there is most of.
    const kind = random.pick(random.chance(0.5) ? this.graphKinds : this.kinds);
    const sites = this.sites.get(kind)!;
    const { holder, key } = random.pick(sites);
    const fields = holder as Fields;
    const had = Object.hasOwn(fields, key);
    const before = fields[key];
    const other = random.pick(sites);
    const after = broken(before, (other.holder as Fields)[other.key], kind, random);
    // No file holds a message that is in itself.
    if (!contains(after, holder, new Set())) fields[key] = after;
    return () => {
      if (had) fields[key] = before;
      else delete fields[key];
    };
  }
}

function contains(value: unknown, wanted: object, seen: Set<unknown>): boolean {
  if (value === wanted) return true;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || seen.has(value)) return false;
  seen.add(value);
  return Object.values(value).some((item) => contains(item, wanted, seen));
}

function isSmall(value: unknown): boolean {
  const seen = new Set<unknown>();
  contains(value, seen, seen);
  return seen.size < 50;
}

function collect(value: unknown, kind: string, sites: Sites): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => add(sites, `${kind}[]`, { holder: value, key: index }));
    for (const item of value) collect(item, `${kind}[]`, sites);
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const own = (value as Partial<Message>).$typeName ?? kind;
  for (const [key, item] of Object.entries(value)) {
    if (key === '$typeName' || key === '$unknown') continue;
    // The keys of a map are not fields, and a oneof is a field with a value.
    const isField = (value as Partial<Message>).$typeName !== undefined;
    const name = isField ? `${own}.${key}` : `${own}*`;
    if (key !== 'case') add(sites, key === 'value' ? `${own}.value:${String((value as Fields)['case'])}` : name, { holder: value as Fields, key }); // prettier-ignore
    collect(item, name, sites);
  }
}

function add(sites: Sites, kind: string, site: Site): void {
  const known = sites.get(kind);
  if (known) known.push(site);
  else sites.set(kind, [site]);
}

/** @param other What stands at a place of the same kind. */
function broken(value: unknown, other: unknown, kind: string, random: Random): unknown {
  if (random.chance(0.35)) return other;
  switch (typeof value) {
    case 'boolean':
      return !value;
    case 'bigint':
      return random.chance(0.3) ? value + BigInt(random.below(3) - 1) : BigInt.asIntN(64, random.pick(EDGES));
    case 'number':
      return brokenNumber(value, random);
    case 'string':
      return brokenString(value, other as string, random);
    case 'object':
      if (value === null) return value;
      if (value instanceof Uint8Array) return brokenContent(value, random);
      if (Array.isArray(value)) return brokenList(value as unknown[], other as unknown[], random);
      return brokenObject(value as Fields, other as Fields, kind, random);
    default:
      return value;
  }
}

function brokenNumber(value: number, random: Random): number {
  if (!Number.isInteger(value)) return random.pick([NaN, Infinity, -Infinity, 0, -value, value * 1e30]);
  if (random.chance(0.3)) return value + random.pick([-1, 1]);
  // Data types and other enums are small.
  return random.chance(0.5) ? random.below(30) : Number(BigInt.asIntN(32, random.pick(EDGES)));
}

function brokenString(value: string, other: string | undefined, random: Random): string {
  switch (random.below(8)) {
    case 0:
      return '';
    case 1:
      return `${value}:${random.pick(['0', '1', '7', '-1', '99999999999', 'x'])}`;
    case 2:
      return `^${value}`;
    case 3:
      return value.replace(/^\^|:.*$/g, '');
    case 4:
      return value.slice(0, random.below(value.length + 1));
    case 5:
      return random.pick([
        '__proto__',
        'constructor',
        '../x',
        '/etc/passwd',
        'a/b',
        '\0',
        'é',
        '\u{1f600}',
        'x'.repeat(300),
      ]);
    case 6:
      return random.pick(['Identity', 'Const', 'Placeholder', 'Switch', 'Merge', 'Enter', 'NextIteration', 'Exit', 'While', 'StatelessIf', 'PartitionedCall', 'VarHandleOp', 'NoOp', 'Fill', 'Range', 'Tile', 'OneHot']); // prettier-ignore
    default:
      return value + (other ?? '');
  }
}

function brokenContent(value: Uint8Array, random: Random): Uint8Array {
  const bytes = new Uint8Array(value);
  if (bytes.length === 0) return Uint8Array.of(random.word());
  switch (random.below(4)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length));
    case 1:
      return new Uint8Array(Buffer.concat([bytes, bytes]));
    case 2:
      bytes[random.below(bytes.length)] = random.word();
      return bytes;
    default:
      return writeEdge(bytes, random.below(bytes.length), random);
  }
}

function brokenList(items: readonly unknown[], other: readonly unknown[], random: Random): unknown[] {
  const list = [...items];
  const at = random.below(list.length + 1);
  const item = list[random.below(list.length)];
  switch (random.below(6)) {
    case 0:
      return [];
    case 1:
      list.splice(at, 1);
      return list;
    case 2:
      if (item !== undefined) list.splice(at, 0, item);
      return list;
    case 3:
      return list.reverse();
    case 4:
      return [...list, ...(Array.isArray(other) ? (other as readonly unknown[]).slice(0, 100) : [])];
    default:
      // Many, where there is one; not of what is large.
      return [...list, ...new Array<unknown>(item === undefined ? 0 : random.pick(isSmall(item) ? [10, 300, 5000] : [2])).fill(item)].slice(0, 6000); // prettier-ignore
  }
}

function brokenObject(value: Fields, other: Fields | undefined, kind: string, random: Random): unknown {
  // A oneof of which nothing is set, or a message that is not there.
  if ('case' in value) return { case: undefined };
  if (value['$typeName'] !== undefined) return /\[\]$|\*$|:/.test(kind) ? other : undefined;
  const copy = { ...value };
  const keys = Object.keys(copy);
  if (keys.length === 0) return other === undefined ? copy : { ...other };
  const [key, second] = [random.pick(keys), random.pick(keys)];
  switch (random.below(4)) {
    case 0:
      delete copy[key];
      return copy;
    case 1:
      [copy[key], copy[second]] = [copy[second], copy[key]];
      return copy;
    case 2:
      copy[`${key}x`] = copy[key];
      delete copy[key];
      return copy;
    default:
      return { ...copy, ...other };
  }
}
