import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BundleEntryProtoSchema,
  BundleHeaderProtoSchema,
  DataType,
  ModuleDefSchema,
  parse,
  SavedModelSchema,
  serialize,
  TrackableObjectGraphSchema,
  type BundleEntryProto,
  type Message,
  type Schema,
} from '@tenon/format';
import { breakBytes, writeEdge } from './break-bytes.js';
import { MessageBreaker } from './break-message.js';
import {
  maskedChecksum,
  readTable,
  storedString,
  storedStringValue,
  writeTable,
  type TableEntry,
} from './checkpoint-table.js';
import type { Random } from './random.js';

/** The files of a module by their paths; `undefined` for one that was taken away. */
export type Files = ReadonlyMap<string, Uint8Array | undefined>;

/** Breaks one module, differently each time. */
export class ModuleBreaker {
  /** As they are. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  private readonly paths: readonly string[];
  private readonly messages = new Map<string, { readonly schema: Schema; readonly message: Message; readonly breaker: MessageBreaker }>(); // prettier-ignore

  constructor(directory: string) {
    const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1));
    this.files = new Map(paths.map((path) => [path, readFileSync(join(directory, path))]));
    this.paths = paths.sort();
  }

  /** The files that are broken, with what they hold now. */
  break(random: Random): Files {
    const broken = new Map<string, Uint8Array | undefined>();
    // Most of what there is to go wrong is in the graph.
    const graph = this.paths.find((path) => path.startsWith('saved_model.'))!;
    const path = random.chance(0.6) ? graph : random.pick(this.paths);
    if (path.includes('.data-') && random.chance(0.9)) {
      for (const [name, bytes] of this.breakCheckpoint(path, random)) broken.set(name, bytes);
      return broken;
    }
    broken.set(path, random.chance(0.01) ? undefined : this.breakFile(path, random));
    if (random.chance(0.05)) {
      const other = random.pick(this.paths);
      broken.set(other, this.breakFile(other, random));
    }
    return broken;
  }

  private breakFile(path: string, random: Random): Uint8Array {
    const bytes = this.files.get(path)!;
    if (path === 'saved_model.pb') {
      return random.chance(0.15) ? breakBytes(bytes, random) : this.breakMessage(path, SavedModelSchema, random);
    }
    if (path === 'tfhub_module.pb') {
      return random.chance(0.5) ? breakBytes(bytes, random) : this.breakMessage(path, ModuleDefSchema, random);
    }
    if (path.endsWith('.pbtxt')) return random.chance(0.3) ? breakBytes(bytes, random) : breakText(bytes, random);
    if (path.endsWith('.index')) return random.chance(0.2) ? breakBytes(bytes, random) : breakIndex(bytes, random);
    return breakBytes(bytes, random);
  }

  /** Other data under right checksums. */
  private breakCheckpoint(path: string, random: Random): [path: string, bytes: Uint8Array][] {
    const indexPath = `${path.slice(0, path.indexOf('.data-'))}.index`;
    const index = this.files.get(indexPath);
    if (!index) return [];
    const entries = readTable(Buffer.from(index));
    const [key, value] = random.pick(entries);
    if (key === '') return [];
    const entry = parse(BundleEntryProtoSchema, value, key);
    const shard = this.files.get(path)!;
    const bytes = shard.subarray(Number(entry.offset), Number(entry.offset + entry.size));
    const stored = key === OBJECT_GRAPH ? breakObjectGraph(bytes, random) : breakStored(bytes, entry, random);
    const moved = {
      ...entry,
      offset: BigInt(shard.length),
      size: BigInt(stored.bytes.length),
      crc32c: stored.checksum,
    };
    const changed = entries.map((at): TableEntry =>
      at[0] === key ? [key, serialize(BundleEntryProtoSchema, moved)] : at,
    );
    return [
      [indexPath, writeTable(changed)],
      [path, Buffer.concat([shard, stored.bytes])],
    ];
  }

  private breakMessage(path: string, schema: Schema, random: Random): Uint8Array {
    let known = this.messages.get(path);
    if (!known) {
      const message = parse(schema, this.files.get(path)!, path);
      known = { schema, message, breaker: new MessageBreaker(message) };
      this.messages.set(path, known);
    }
    const { message, breaker } = known;
    return breaker.break(random, () => serialize(schema, message));
  }
}

const OBJECT_GRAPH = '_CHECKPOINTABLE_OBJECT_GRAPH';

interface Stored {
  readonly bytes: Uint8Array;
  readonly checksum: number;
}

function breakObjectGraph(bytes: Uint8Array, random: Random): Stored {
  const message = parse(TrackableObjectGraphSchema, storedStringValue(bytes), OBJECT_GRAPH);
  const serialized = new MessageBreaker(message).break(random, () => serialize(TrackableObjectGraphSchema, message));
  return storedString(random.chance(0.2) ? breakBytes(serialized, random) : serialized);
}

function breakStored(bytes: Uint8Array, { dtype }: BundleEntryProto, random: Random): Stored {
  if (dtype === DataType.DT_STRING) return storedString(breakBytes(storedStringValue(bytes), random));
  let changed = new Uint8Array(bytes);
  if (random.chance(0.1)) changed = new Uint8Array(breakBytes(bytes, random));
  else for (let times = 8; times > 0; times--) writeEdge(changed, random.below(changed.length + 1), random);
  return { bytes: changed, checksum: maskedChecksum(changed) };
}

/** Exchanges words of a text for each other. */
function breakText(bytes: Uint8Array, random: Random): Uint8Array {
  const words = Buffer.from(bytes).toString('latin1').split(/\b/);
  for (let times = 1 + random.below(4); times > 0; times--) {
    const others = random.chance(0.5) ? words : ['{', '}', '-1', '"', '1e400', ''];
    words[random.below(words.length)] = random.pick(others);
  }
  return Buffer.from(words.join(''), 'latin1');
}

/** An index whose checksums are right, and whose entries are not. */
function breakIndex(bytes: Uint8Array, random: Random): Uint8Array {
  let entries = readTable(Buffer.from(bytes));
  for (let times = 1 + random.below(3); times > 0; times--) entries = breakEntries(entries, random);
  // As a rule in order: else nothing but the order is ever found wrong.
  if (random.chance(0.9)) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return writeTable(entries);
}

function breakEntries(entries: readonly TableEntry[], random: Random): TableEntry[] {
  const changed = [...entries];
  const at = random.below(changed.length);
  const [key, value] = changed[at] ?? ['', new Uint8Array()];
  const other = changed.length > 0 ? random.pick(changed) : ([key, value] as const);
  switch (random.below(6)) {
    case 0:
      changed.splice(at, 1);
      return changed;
    case 1:
      changed[at] = [key, other[1]];
      return changed;
    case 2:
      changed[at] = [random.pick([`${key}x`, key.slice(1), '\0', other[0], 'é', '']), value];
      return changed;
    case 3:
      changed[at] = [key, breakBytes(value, random)];
      return changed;
    default:
      changed[at] = [key, breakValue(key, value, random)];
      return changed;
  }
}

function breakValue(key: string, value: Uint8Array, random: Random): Uint8Array {
  const schema: Schema = key === '' ? BundleHeaderProtoSchema : BundleEntryProtoSchema;
  try {
    const message = parse(schema, value, key);
    return new MessageBreaker(message).break(random, () => serialize(schema, message));
  } catch {
    return breakBytes(value, random);
  }
}
