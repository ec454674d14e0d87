import {
  create,
  SavedModelSchema,
  serialize,
  writeCheckpoint,
  type CheckpointTensor,
  type MetaGraphDef,
} from '@tenon/format';
import type { ModuleInstance, ModuleSpec, ModuleVariant } from '@tenon/module-spec';
import type { Session } from '@tenon/runtime';
import { checkVariables } from '../check-variables.js';
import { SessionGraphError } from '../errors.js';
import { variableValues } from '../variable-values.js';
import { writeAssets, type AssetPath } from '../write-assets.js';
import { writeDirectory } from '../write-directory.js';
import { buildSavedModel } from './saved-model-builder.js';
import { updateSavedModel } from './update-saved-model.js';

const VARIABLES_FOLDER = 'variables';

export interface ExportSavedModelOptions {
  /** The variant whose signatures are written: by default the one without tags, or the one tagged `serve`, or the one in use. */
  readonly tags?: Iterable<string> | undefined;
  /** The variant that calls with `training=True` run: by default the one tagged `train`, if there is one. */
  readonly trainingTags?: Iterable<string> | undefined;
}

/**
 * Writes a module with the values that its variables have in a session as a SavedModel: what `tf.saved_model.load`, `hub.load`,
 * `hub.KerasLayer` and TensorFlow Serving read. The folder is there as a whole or not at all, and equal modules are equal files.
 *
 * A TF1 Hub module becomes an object that is called and trained; a SavedModel stays what it was, but for the values.
 *
 * @param path Where to: a folder that is not there yet. Folders above it are made.
 * @throws TargetExistsError, UnwritableTargetError, SessionGraphError, VariantNotFoundError, MissingVariablesError, AssetFilesError, UninitializedError;
 *   UnexportableModuleError naming every operation that holds state which SavedModels have no objects for.
 */
export async function exportSavedModel(
  instance: ModuleInstance,
  path: string,
  session: Session,
  options: ExportSavedModelOptions = {},
): Promise<void> {
  if (session.graph !== instance.graph) throw new SessionGraphError(instance.scope);
  await writeDirectory(path, async (writer) => {
    const model = await (instance.spec.format === 'hub-module'
      ? makeModel(instance, session, options)
      : updateSavedModel(instance, session));
    await writeAssets(model.assets, writer);
    await writer.makeFolder(VARIABLES_FOLDER);
    if (model.checkpoint.length > 0) await writeCheckpoint(`${VARIABLES_FOLDER}/variables`, model.checkpoint, writer);
    // Last: it is what tells a SavedModel from other folders.
    const proto = create(SavedModelSchema, { savedModelSchemaVersion: 1n, metaGraphs: model.metaGraphs });
    await writer.writeFile('saved_model.pb', serialize(SavedModelSchema, proto));
  });
}

/** What is to be written. */
export interface ModelFiles {
  readonly metaGraphs: MetaGraphDef[];
  readonly checkpoint: readonly CheckpointTensor[];
  readonly assets: readonly AssetPath[];
}

async function makeModel(
  instance: ModuleInstance,
  session: Session,
  { tags, trainingTags }: ExportSavedModelOptions,
): Promise<ModelFiles> {
  const { spec } = instance;
  const inference = tags === undefined ? inferenceVariant(instance) : spec.variant(tags);
  const training = trainingTags === undefined ? find(spec, ['train']) : spec.variant(trainingTags);
  const used = [...new Set([inference, ...(training ? [training] : [])])];
  await checkVariables(instance, used);
  const own = await (training ?? inference).load();
  const trainable = new Set(own.variables.filter((variable) => variable.trainable).map(({ name }) => name));
  const values = await variableValues(instance.variables, session);
  const { metaGraph, checkpoint, assets } = await buildSavedModel({
    inference: await describe(inference),
    training: training && training !== inference ? await describe(training) : undefined,
    variables: instance.variables.map((variable, index) => ({
      variable: { ...variable, trainable: trainable.has(variable.name) },
      value: values[index]!,
    })),
  });
  return { metaGraphs: [metaGraph], checkpoint, assets };
}

async function describe(variant: ModuleVariant) {
  return { module: await variant.load(), signatures: variant.signatures };
}

function inferenceVariant({ spec, variant }: ModuleInstance): ModuleVariant {
  return find(spec, []) ?? find(spec, ['serve']) ?? variant;
}

function find({ variants }: ModuleSpec, tags: readonly string[]): ModuleVariant | undefined {
  return variants.find((variant) => variant.tags.join() === tags.join());
}
