import {
  ModuleAttachmentSchema,
  ModuleDef_Format,
  SavedModelSchema,
  listMetaGraphs,
  parse,
  parseModuleDef,
  type MetaGraphDef,
  type MetaGraphEntry,
} from '@tenon/format';
import { Collections, getUnsupportedCollections } from './collections.js';
import {
  NoSavedModelError,
  UnsupportedCollectionsError,
  UnsupportedFeaturesError,
  UnsupportedModuleFormatError,
} from './errors.js';
import type { ModuleDirectory } from './module-directory.js';
import { ModuleSpec } from './module-spec.js';
import { ModuleVariant, type VariantDescription } from './module-variant.js';
import { readModuleGraph } from './read-module-graph.js';
import { parseSignatures } from './signature.js';

const MODULE_FILE = 'tfhub_module.pb';
const MODEL_FILE = 'saved_model.pb';
const TEXT_MODEL_FILE = 'saved_model.pbtxt';

/**
 * Reads what a module is: a TF1 Hub module (its `tfhub_module.pb` tells it), or a SavedModel of TensorFlow 1 or 2.
 *
 * Only `tfhub_module.pb` and `saved_model.pb`, or `saved_model.pbtxt`, are read. Variants are parsed when they are first used, and
 * their graphs built and checkpoints opened when `ModuleVariant.load` asks for them.
 *
 * @throws NoSavedModelError if the directory holds neither.
 * @throws UnsupportedModuleFormatError, UnsupportedFeaturesError, RepeatedTagsError; UnsupportedCollectionsError when a variant with some
 *   is first used.
 * @throws MalformedFileError, TextFormatError if a file cannot be parsed.
 */
export async function loadModuleSpec(directory: ModuleDirectory): Promise<ModuleSpec> {
  const hasModuleFile = await directory.exists(MODULE_FILE);
  if (hasModuleFile) await checkModuleFile(directory);
  const graphs = await listGraphs(directory);
  const isHubModule = hasModuleFile || (directory.isExcerpt === true && graphs.some(looksLikeHubModule));
  const definitions = new Map<MetaGraphEntry, MetaGraphDef>();
  const define = (entry: MetaGraphEntry): MetaGraphDef => {
    let definition = definitions.get(entry);
    if (!definition) {
      definition = entry.parse();
      if (isHubModule) checkCollections(directory.name, Object.keys(definition.collectionDef));
      definitions.set(entry, definition);
    }
    return definition;
  };
  const variants = graphs.map(
    (entry) =>
      new ModuleVariant({
        tags: entry.tags,
        describe: () => describeVariant(define(entry)),
        read: async (part) => readModuleGraph(directory, define(entry), { isHubModule, part }),
      }),
  );
  const hasObjects = (entry: MetaGraphEntry): boolean => (define(entry).objectGraphDef?.nodes.length ?? 0) > 0;
  const format = isHubModule ? 'hub-module' : graphs.some(hasObjects) ? 'saved-model-v2' : 'saved-model-v1';
  return new ModuleSpec(directory.name, format, variants);
}

/** Of the formats only this one has neither a saver nor objects. */
function looksLikeHubModule(entry: MetaGraphEntry): boolean {
  const { saverDef, objectGraphDef } = entry.parse();
  return saverDef === undefined && objectGraphDef === undefined;
}

/** @throws NoSavedModelError */
export async function listGraphs(directory: ModuleDirectory): Promise<MetaGraphEntry[]> {
  if (await directory.exists(MODEL_FILE)) {
    return listMetaGraphs(await directory.readFile(MODEL_FILE), `${directory.name}/${MODEL_FILE}`);
  }
  if (!(await directory.exists(TEXT_MODEL_FILE))) {
    throw new NoSavedModelError(directory.name, `there is neither ${MODEL_FILE} nor ${TEXT_MODEL_FILE} in it.`);
  }
  const file = `${directory.name}/${TEXT_MODEL_FILE}`;
  const [{ textToBinary }, text] = await Promise.all([
    // Few models are text: the others do not pay for what reads it.
    import('@tenon/format/text'),
    directory.readFile(TEXT_MODEL_FILE),
  ]);
  return listMetaGraphs(textToBinary(SavedModelSchema, text, file), file);
}

/** @throws UnsupportedCollectionsError */
export function checkCollections(directory: string, names: Iterable<string>): void {
  const unsupported = getUnsupportedCollections(new Set(names));
  if (unsupported.length > 0) throw new UnsupportedCollectionsError(directory, unsupported);
}

/** What a variant says of itself. */
export function describeVariant(definition: MetaGraphDef): VariantDescription {
  return {
    signatures: parseSignatures(definition.signatureDef),
    attachments: readAttachments(definition),
    definition,
  };
}

async function checkModuleFile(directory: ModuleDirectory): Promise<void> {
  const bytes = await directory.readFile(MODULE_FILE);
  const { format, requiredFeatures } = parseModuleDef(bytes, `${directory.name}/${MODULE_FILE}`);
  if (format !== ModuleDef_Format.V3) throw new UnsupportedModuleFormatError(directory.name, format);
  if (requiredFeatures.length > 0) throw new UnsupportedFeaturesError(directory.name, requiredFeatures);
}

/** Keys are unique; if a file repeats one, the last counts. */
function readAttachments({ collectionDef }: MetaGraphDef): Map<string, Uint8Array> {
  const kind = collectionDef[Collections.attachments]?.kind;
  const messages = kind?.case === 'bytesList' ? kind.value.value : [];
  return new Map(
    messages.map((bytes) => {
      const { key, value } = parse(ModuleAttachmentSchema, bytes, Collections.attachments);
      return [key, value];
    }),
  );
}
