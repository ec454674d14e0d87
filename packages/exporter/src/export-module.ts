import { create, ModuleDef_Format, ModuleDefSchema, SavedModelSchema, serialize, writeCheckpoint } from '@tenon/format';
import { defineVariant, UnexportableModuleError, type ModuleInstance } from '@tenon/module-spec';
import type { Session } from '@tenon/runtime';
import { checkVariables } from './check-variables.js';
import { SessionGraphError } from './errors.js';
import { checkpointTensors, variableValues } from './variable-values.js';
import { writeAssets } from './write-assets.js';
import { writeDirectory } from './write-directory.js';

const VARIABLES_FOLDER = 'variables';

/**
 * Writes a module with the values that its variables have in a session, in the TF1 Hub format: what `hub.load` reads, and Python's `hub.Module`.
 *
 * All variants are written; the variables are those of the variant that was instantiated. The folder is there as a whole or not at all, and
 * equal modules are equal files.
 *
 * @param path Where to: a folder that is not there yet. Folders above it are made.
 * @throws TargetExistsError, UnwritableTargetError, SessionGraphError, MissingVariablesError, AssetFilesError, UnexportableModuleError, UninitializedError,
 *   UnwritableGraphError.
 */
export async function exportModule(instance: ModuleInstance, path: string, session: Session): Promise<void> {
  const { spec, scope, graph, variables } = instance;
  if (session.graph !== graph) throw new SessionGraphError(scope);
  if (spec.format !== 'hub-module') {
    throw new UnexportableModuleError([
      `"${spec.name}" is a SavedModel, and not a TF1 Hub module: exportSavedModel writes it. Of one of TensorFlow 1, createModuleSpecFromSavedModel makes a module.`,
    ]);
  }
  await checkVariables(instance, spec.variants);
  const metaGraphs = await Promise.all(spec.variants.map(defineVariant));
  await writeDirectory(path, async (writer) => {
    await writeAssets(instance.assetFiles, writer);
    await writer.makeFolder(VARIABLES_FOLDER);
    if (variables.length > 0) {
      const tensors = checkpointTensors(variables, await variableValues(variables, session));
      await writeCheckpoint(`${VARIABLES_FOLDER}/variables`, tensors, writer);
    }
    const model = serialize(SavedModelSchema, create(SavedModelSchema, { metaGraphs }));
    await writer.writeFile('saved_model.pb', model);
    // Last, since it is what tells a module from other folders.
    const module = create(ModuleDefSchema, { format: ModuleDef_Format.V3 });
    await writer.writeFile('tfhub_module.pb', serialize(ModuleDefSchema, module));
  });
}
