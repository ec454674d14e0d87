import { MalformedFileError } from './errors.js';
import { MetaGraphOutlineSchema, SavedModelOutlineSchema } from './generated/tenon/outline_pb.js';
import {
  fromBinary,
  GraphDefSchema,
  MetaGraphDefSchema,
  ModuleDefSchema,
  SavedModelSchema,
  toBinary,
  type GraphDef,
  type Message,
  type MetaGraphDef,
  type ModuleDef,
  type SavedModel,
  type Schema,
} from './messages.js';

/**
 * Parses a message. Fields that the schema does not know are kept, and written again by `serialize`.
 *
 * What it returns refers to `bytes`: they must not change while it is used.
 *
 * @param file What to call the bytes in errors.
 * @throws MalformedFileError if the bytes are not such a message, or nest deeper than 100 messages.
 */
export function parse<M extends Message>(schema: Schema<M>, bytes: Uint8Array, file: string): M {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw malformed(file, nameOf(schema), bytes, error);
  }
}

/** Writes a message, with the unknown fields that it was read with. */
export function serialize<M extends Message>(schema: Schema<M>, message: M): Uint8Array {
  return toBinary(schema, message);
}

/**
 * Parses `saved_model.pb`.
 *
 * @throws MalformedFileError if it is none, or holds no graph.
 */
export function parseSavedModel(bytes: Uint8Array, file = 'saved_model.pb'): SavedModel {
  const model = parse(SavedModelSchema, bytes, file);
  checkHasGraphs(model.metaGraphs, bytes, file);
  return model;
}

/** One graph of a SavedModel, parsed when it is asked for. */
export interface MetaGraphEntry {
  /** The set that the graph is chosen by; often `['serve']`, or none. */
  readonly tags: readonly string[];
  /** @throws MalformedFileError if its bytes are damaged. */
  parse(): MetaGraphDef;
}

/**
 * Finds the graphs in `saved_model.pb` without parsing them: a hub module has one for training and one for inference,
 * and most programs need one of them.
 *
 * @throws MalformedFileError if it is no SavedModel, or holds no graph.
 */
export function listMetaGraphs(bytes: Uint8Array, file = 'saved_model.pb'): MetaGraphEntry[] {
  const { metaGraphs } = parse(SavedModelOutlineSchema, bytes, file);
  checkHasGraphs(metaGraphs, bytes, file);
  return metaGraphs.map((graph) => ({
    tags: parse(MetaGraphOutlineSchema, graph, file).metaInfoDef?.tags ?? [],
    parse: () => parse(MetaGraphDefSchema, graph, file),
  }));
}

function checkHasGraphs(graphs: readonly unknown[], bytes: Uint8Array, file: string): void {
  if (graphs.length === 0) {
    throw new MalformedFileError(file, 'SavedModel', `it holds no graph${describeOther(bytes)}.`);
  }
}

/** Parses a `.meta` file, or the graph of a SavedModel that is stored apart. */
export function parseMetaGraph(bytes: Uint8Array, file = 'model.meta'): MetaGraphDef {
  return parse(MetaGraphDefSchema, bytes, file);
}

/** Parses a GraphDef, frozen or not (`graph.pb`). */
export function parseGraphDef(bytes: Uint8Array, file = 'graph.pb'): GraphDef {
  return parse(GraphDefSchema, bytes, file);
}

/** Parses `tfhub_module.pb`. */
export function parseModuleDef(bytes: Uint8Array, file = 'tfhub_module.pb'): ModuleDef {
  return parse(ModuleDefSchema, bytes, file);
}

function nameOf(schema: Schema): string {
  return schema.typeName.slice(schema.typeName.lastIndexOf('.') + 1).replace(/Outline$/, '');
}

function malformed(file: string, expected: string, bytes: Uint8Array, cause: unknown): MalformedFileError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const reason = `its ${bytes.length} bytes cannot be parsed (${detail})${describeOther(bytes)}.`;
  return new MalformedFileError(file, expected, reason, { cause });
}

/** What people mistake for a model: the page of an error, a pointer to a large file, an archive. */
const OTHER_KINDS: readonly (readonly [start: string, kind: string])[] = [
  ['\x1f\x8b', 'a gzip archive'],
  ['PK\x03\x04', 'a zip archive'],
  ['version https://git-lfs', 'a Git LFS pointer, not the file itself'],
  ['<', 'an HTML or XML page'],
  ['{', 'JSON'],
  ['\x89HDF', 'an HDF5 file'],
];

/** What the bytes look like instead of what was expected, as the end of a sentence; often empty. */
export function describeOther(bytes: Uint8Array): string {
  if (bytes.length === 0) return '; the file is empty';
  const start = String.fromCharCode(...bytes.subarray(0, 32)).trimStart();
  const other = OTHER_KINDS.find(([prefix]) => start.startsWith(prefix));
  return other ? `; it looks like ${other[1]}` : '';
}
