import {
  AnySchema,
  AssetFileDefSchema,
  create,
  MetaGraphDefSchema,
  serialize,
  type CollectionDef,
  type GraphDef,
  type Init,
  type MetaGraphDef,
} from '@tenon/format';
import { ASSET_PLACEHOLDER, assetConstant, assetFiles, assetProblem } from './assets.js';
import { Collections, operationName } from './collections.js';
import { UnsuitableSavedModelError } from './errors.js';
import { checkCollections, describeVariant, listGraphs } from './load-module-spec.js';
import type { ModuleDirectory } from './module-directory.js';
import { ModuleSpec } from './module-spec.js';
import { ModuleVariant } from './module-variant.js';
import { readModuleGraph } from './read-module-graph.js';

export interface FromSavedModelOptions {
  /** Collections to leave out, since a module may not have them: `losses`, `train_op`, … See `getUnsupportedCollections`. */
  readonly dropCollections?: Iterable<string> | undefined;
}

/** Collections that a SavedModel has and a module never: dropped without being asked for (TF1 Hub contract, API checklist). */
const ALWAYS_DROPPED = ['global_step', 'legacy_init_op', 'saved_model_main_op'];

/** Those that say which files a graph reads: written anew. */
const ASSET_COLLECTIONS: readonly string[] = [Collections.assets, Collections.assetPaths];

/** Signatures that name an operation, and are not to be applied. */
const OPERATION_SIGNATURES = ['__saved_model_init_op', '__saved_model_train_op'];

/**
 * Takes a SavedModel that TensorFlow 1 wrote for a TF1 Hub module: it can be instantiated, trained and exported as one. Variants keep
 * their tags, so that most are used with the tag `serve`; savers and init operations are ignored, since tables are listed in a collection.
 *
 * @throws UnsupportedCollectionsError naming every collection, of all graphs, that a module may not have and that is not dropped.
 * @throws UnsuitableSavedModelError if it is one of TensorFlow 2. NoSavedModelError, RepeatedTagsError, MalformedFileError, AssetError.
 */
export async function moduleSpecFromSavedModel(
  directory: ModuleDirectory,
  { dropCollections = [] }: FromSavedModelOptions = {},
): Promise<ModuleSpec> {
  const dropped = new Set([...ALWAYS_DROPPED, ...dropCollections]);
  const definitions = (await listGraphs(directory)).map((entry) => entry.parse());
  if (definitions.some(({ objectGraphDef }) => (objectGraphDef?.nodes.length ?? 0) > 0))
    throw new UnsuitableSavedModelError(directory.name);
  const kept = definitions.map((definition) => asModule(directory, definition, dropped));
  checkCollections(
    directory.name,
    kept.flatMap(({ collectionDef }) => Object.keys(collectionDef)),
  );
  const variants = kept.map(
    (definition) =>
      new ModuleVariant({
        tags: definition.metaInfoDef?.tags ?? [],
        describe: () => describeVariant(definition),
        read: (part) => readModuleGraph(directory, definition, { isHubModule: true, part }),
      }),
  );
  return new ModuleSpec(directory.name, 'hub-module', variants);
}

/** What `saved_model.pb` is to say of the graph when it is a module's (TF1 Hub contract, Bytes on disk). */
function asModule(directory: ModuleDirectory, definition: MetaGraphDef, dropped: ReadonlySet<string>): MetaGraphDef {
  const assets = assetFiles(directory, definition);
  const collections = Object.entries(definition.collectionDef).filter(
    ([name]) => !dropped.has(name) && !ASSET_COLLECTIONS.includes(name),
  );
  const signatures = Object.entries(definition.signatureDef).filter(([name]) => !OPERATION_SIGNATURES.includes(name));
  const { metaInfoDef, graphDef } = definition;
  return create(MetaGraphDefSchema, {
    ...(metaInfoDef && { metaInfoDef }),
    ...(graphDef && { graphDef: withoutPaths(graphDef, assets) }),
    collectionDef: { ...Object.fromEntries(collections), ...assetCollections(assets) },
    signatureDef: Object.fromEntries(signatures),
  });
}

type AssetFiles = ReturnType<typeof assetFiles>;

const tensorOf = ({ tensorInfo }: AssetFiles[number]): string =>
  tensorInfo?.encoding.case === 'name' ? tensorInfo.encoding.value : '';

/** A SavedModel may list its files in a field of its own; a module does in collections. */
function assetCollections(assets: AssetFiles): Record<string, Init<CollectionDef>> {
  if (assets.length === 0) return {};
  const value = assets.map(({ filename, tensorInfo }) =>
    create(AnySchema, {
      typeUrl: 'type.googleapis.com/tensorflow.AssetFileDef',
      value: serialize(AssetFileDefSchema, create(AssetFileDefSchema, { ...(tensorInfo && { tensorInfo }), filename })),
    }),
  );
  return {
    [Collections.assets]: { kind: { case: 'anyList', value: { value } } },
    [Collections.assetPaths]: { kind: { case: 'nodeList', value: { value: assets.map(tensorOf) } } },
  };
}

/** The paths of whoever made the SavedModel are nobody's business. */
function withoutPaths(graphDef: GraphDef, assets: AssetFiles): GraphDef {
  const names = new Set(assets.map((asset) => operationName(tensorOf(asset))));
  const node = graphDef.node.map((original) =>
    names.has(original.name) && assetProblem(original) === undefined
      ? assetConstant(original.name, ASSET_PLACEHOLDER)
      : original,
  );
  return { ...graphDef, node };
}
