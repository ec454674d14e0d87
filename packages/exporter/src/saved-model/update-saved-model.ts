import type { CheckpointTensor } from '@tenon/format';
import { UnexportableModuleError, type ModuleInstance } from '@tenon/module-spec';
import type { Session } from '@tenon/runtime';
import { checkpointTensors, variableValues } from '../variable-values.js';
import type { ModelFiles } from './export-saved-model.js';

/**
 * A SavedModel that was read, with other values of its variables: graphs, objects, files and all else that its checkpoint holds stay as they were.
 */
export async function updateSavedModel(instance: ModuleInstance, session: Session): Promise<ModelFiles> {
  const { spec, variant, variables, assetFiles } = instance;
  const metaGraphs = spec.variants.map(({ definition }) => {
    if (!definition) throw new UnexportableModuleError([`"${spec.name}" was not read from files.`]);
    return definition;
  });
  const { checkpoint } = await variant.load();
  if (!checkpoint) return { metaGraphs, checkpoint: [], assets: assetFiles };
  const stored = variables.filter(({ key }) => checkpoint.has(key));
  const tensors = checkpointTensors(stored, await variableValues(stored, session));
  const changed = new Set(tensors.map(({ key }) => key));
  const kept: CheckpointTensor[] = [];
  for (const key of checkpoint.keys()) {
    if (!changed.has(key)) kept.push({ key, value: checkpoint.reference(key) ?? (await checkpoint.read(key)) });
  }
  return { metaGraphs, checkpoint: [...tensors, ...kept], assets: assetFiles };
}
