import {
  ModuleAttachmentSchema,
  ModuleDef_Format,
  parse,
  parseModuleDef,
  parseSavedModel,
  type MetaGraphDef,
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
import { ModuleVariant } from './module-variant.js';
import { readModuleGraph } from './read-module-graph.js';
import { parseSignatures } from './signature.js';

const MODULE_FILE = 'tfhub_module.pb';
const MODEL_FILE = 'saved_model.pb';

/**
 * Reads what a module is: a TF1 Hub module (its `tfhub_module.pb` tells it), or a SavedModel of TensorFlow 1 or 2.
 *
 * Only `tfhub_module.pb` and `saved_model.pb` are read; graphs are built and checkpoints opened when `ModuleVariant.load` asks for them.
 *
 * @throws NoSavedModelError if the directory holds neither.
 * @throws UnsupportedModuleFormatError, UnsupportedFeaturesError, UnsupportedCollectionsError, RepeatedTagsError
 * @throws MalformedFileError if a file cannot be parsed.
 */
export async function loadModuleSpec(directory: ModuleDirectory): Promise<ModuleSpec> {
  const isHubModule = await directory.exists(MODULE_FILE);
  if (isHubModule) await checkModuleFile(directory);
  if (!(await directory.exists(MODEL_FILE))) {
    const text = (await directory.exists('saved_model.pbtxt'))
      ? 'it holds its SavedModel as text; write it in binary form.'
      : undefined;
    throw new NoSavedModelError(directory.name, text ?? `there is no ${MODEL_FILE} in it.`);
  }
  const { metaGraphs } = parseSavedModel(await directory.readFile(MODEL_FILE), `${directory.name}/${MODEL_FILE}`);
  if (isHubModule) {
    const unsupported = getUnsupportedCollections(
      new Set(metaGraphs.flatMap(({ collectionDef }) => Object.keys(collectionDef))),
    );
    if (unsupported.length > 0) throw new UnsupportedCollectionsError(directory.name, unsupported);
  }
  const hasObjects = metaGraphs.some(({ objectGraphDef }) => (objectGraphDef?.nodes.length ?? 0) > 0);
  return new ModuleSpec(
    directory.name,
    isHubModule ? 'hub-module' : hasObjects ? 'saved-model-v2' : 'saved-model-v1',
    metaGraphs.map(
      (definition) =>
        new ModuleVariant({
          tags: definition.metaInfoDef?.tags ?? [],
          signatures: parseSignatures(definition.signatureDef),
          attachments: readAttachments(definition),
          definition,
          read: (part) => readModuleGraph(directory, definition, { isHubModule, part }),
        }),
    ),
  );
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
