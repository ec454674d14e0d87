import { readFile } from 'node:fs/promises';
import { create, ModuleDef_Format, ModuleDefSchema, SavedModelSchema, serialize, writeCheckpoint } from '@tenon/format';
import { ASSETS_FOLDER, defineVariant, UnexportableModuleError, type ModuleInstance } from '@tenon/module-spec';
import type { Session } from '@tenon/runtime';
import { AssetFilesError, MissingVariablesError, SessionGraphError } from './errors.js';
import { variableValues } from './variable-values.js';
import { writeDirectory, type DirectoryWriter } from './write-directory.js';

const VARIABLES_FOLDER = 'variables';

/**
 * Writes a module with the values that its variables have in a session, in the TF1 Hub format: what `hub.load` reads, and Python's `hub.Module`.
 *
 * All variants are written; the variables are those of the variant that was instantiated. The folder is there as a whole or not at all, and
 * equal modules are equal files.
 *
 * @param path Where to: a folder that is not there yet. Folders above it are made.
 * @throws TargetExistsError, SessionGraphError, MissingVariablesError, AssetFilesError, UnexportableModuleError, UninitializedError,
 *   UnwritableGraphError.
 */
export async function exportModule(instance: ModuleInstance, path: string, session: Session): Promise<void> {
  const { spec, scope, graph, variables } = instance;
  if (session.graph !== graph) throw new SessionGraphError(scope);
  if (spec.format !== 'hub-module') {
    throw new UnexportableModuleError([`"${spec.name}" is a SavedModel, and not a TF1 Hub module.`]);
  }
  await checkVariables(instance);
  const metaGraphs = await Promise.all(spec.variants.map(defineVariant));
  await writeDirectory(path, async (writer) => {
    await writeAssets(instance, writer);
    await writer.makeFolder(VARIABLES_FOLDER);
    if (variables.length > 0) {
      const tensors = await variableValues(variables, session);
      await writeCheckpoint(`${VARIABLES_FOLDER}/variables`, tensors, writer);
    }
    const model = serialize(SavedModelSchema, create(SavedModelSchema, { metaGraphs }));
    await writer.writeFile('saved_model.pb', model);
    // Last, since it is what tells a module from other folders.
    const module = create(ModuleDefSchema, { format: ModuleDef_Format.V3 });
    await writer.writeFile('tfhub_module.pb', serialize(ModuleDefSchema, module));
  });
}

/** Every variant is restored from the one checkpoint. */
async function checkVariables({ spec, variant, variables }: ModuleInstance): Promise<void> {
  const keys = new Set(variables.map(({ key }) => key));
  const problems: string[] = [];
  for (const other of spec.variants) {
    if (other === variant) continue;
    const missing = (await other.load()).variables.filter(({ key }) => !keys.has(key));
    for (const { name } of missing) problems.push(`"${name}" of the variant [${other.tags.join(', ')}]`);
  }
  if (problems.length > 0) throw new MissingVariablesError(variant.tags, problems);
}

async function writeAssets({ assetFiles }: ModuleInstance, writer: DirectoryWriter): Promise<void> {
  await writer.makeFolder(ASSETS_FOLDER);
  const unreadable: string[] = [];
  let cause: unknown;
  const written = new Set<string>();
  for (const { path, filename } of assetFiles) {
    if (written.has(filename)) continue;
    written.add(filename);
    try {
      const bytes = await readFile(path);
      const folder = filename.lastIndexOf('/');
      if (folder > 0) await writer.makeFolder(`${ASSETS_FOLDER}/${filename.slice(0, folder)}`);
      await writer.writeFile(`${ASSETS_FOLDER}/${filename}`, bytes);
    } catch (error) {
      unreadable.push(path);
      cause ??= error;
    }
  }
  if (unreadable.length > 0) throw new AssetFilesError(unreadable, { cause });
}
