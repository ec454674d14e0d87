import { openCheckpoint, type Checkpoint, type MetaGraphDef, type SavedObjectGraph } from '@tenon/format';
import { importGraphDef, Operation, type Graph } from '@tenon/graph';
import { substituteAssets } from './assets.js';
import { CheckpointValues } from './checkpoint-values.js';
import { Collections, operationsIn, readCollections } from './collections.js';
import { InvalidModuleError } from './errors.js';
import { readHubVariables } from './hub-state.js';
import type { ModuleDirectory } from './module-directory.js';
import type { ModuleGraph, ModuleVariable } from './module-graph.js';
import { bindObjects } from './object-bindings.js';
import { findObjectKeys, OBJECT_GRAPH_KEY } from './object-keys.js';
import { parseSavedFunctions } from './saved-functions.js';
import { attachInitializers, readSavedModelState } from './saved-model-state.js';
import { pruneToCalls } from './prune-to-calls.js';
import { isState } from './trace-calls.js';
import { UnreadValues } from './unread-values.js';

const CHECKPOINT = 'variables/variables';

/** The collections that calls need. */
const CALLED = [Collections.tableInitializers];

export interface ReadOptions {
  readonly isHubModule: boolean;
  readonly part: 'all' | 'calls';
}

/** Builds the graph of one variant and attaches its state. */
export async function readModuleGraph(
  directory: ModuleDirectory,
  definition: MetaGraphDef,
  { isHubModule, part }: ReadOptions,
): Promise<ModuleGraph> {
  const { graphDef, assets } = substituteAssets(directory, definition);
  const checkpoint = await openModuleCheckpoint(directory);
  const values = checkpoint ? new CheckpointValues(checkpoint) : valuesWithoutCheckpoint(directory);
  // The graphs of other formats hold little beside what their functions and savers need.
  const isWhole = part === 'all' || !isHubModule;
  const graph = importGraphDef(isWhole ? graphDef : pruneToCalls(definition, graphDef, values !== undefined));
  const problems = readCollections(definition, graph, isWhole ? undefined : CALLED);
  keepAssetPaths(graph, new Set(assets.map(({ operation }) => operation)));
  let variables: readonly ModuleVariable[];
  if (isHubModule) {
    const read = readHubVariables(definition, graph, values);
    variables = read.variables;
    problems.push(...read.problems);
    if (problems.length > 0) throw new InvalidModuleError(directory.name, problems);
    attachInitializers(graph, operationsIn(graph, Collections.tableInitializers));
  } else {
    variables = await readSavedModelState(definition, graph, values);
  }
  await values?.finish();
  const objects = definition.objectGraphDef;
  return {
    graph,
    ...(checkpoint && { checkpoint }),
    ...(await describeObjects(graph, variables, objects, checkpoint, definition)),
    tables: [...graph.operations].filter((operation) => isState(operation) && operation.type.includes('HashTable')),
    assets: assets.flatMap(({ operation, filename }) => {
      const tensor = graph.operation(operation)?.outputs[0];
      return tensor ? [{ tensor, filename }] : [];
    }),
  };
}

/** Only paths that were put there are paths of the module's files: what else a file lists as one could be any path. */
function keepAssetPaths(graph: Graph, substituted: ReadonlySet<string>): void {
  const listed = graph.collections.get(Collections.assetPaths);
  if (!listed) return;
  const isKept = (member: (typeof listed)[number]): boolean =>
    substituted.has(member instanceof Operation ? member.name : member.operation.name);
  graph.collections.set(Collections.assetPaths, listed.filter(isKept));
}

async function describeObjects(
  graph: Graph,
  variables: readonly ModuleVariable[],
  objects: SavedObjectGraph | undefined,
  checkpoint: Checkpoint | undefined,
  definition: MetaGraphDef,
): Promise<Pick<ModuleGraph, 'variables' | 'functions' | 'objects'>> {
  if (!objects || objects.nodes.length === 0) return { variables, functions: new Map() };
  const stored = checkpoint?.has(OBJECT_GRAPH_KEY) ? await checkpoint.read(OBJECT_GRAPH_KEY) : undefined;
  const keys = stored?.is('string') ? findObjectKeys(objects, stored) : new Map<number, string>();
  const bindings = bindObjects(graph, objects, definition, keys, variables);
  return { variables: bindings.variables, functions: parseSavedFunctions(objects), objects: bindings };
}

async function openModuleCheckpoint(directory: ModuleDirectory): Promise<Checkpoint | undefined> {
  if (!(await directory.exists(`${CHECKPOINT}.index`))) return undefined;
  return openCheckpoint(CHECKPOINT, directory);
}

function valuesWithoutCheckpoint({ isExcerpt, name }: ModuleDirectory): UnreadValues | undefined {
  return isExcerpt ? new UnreadValues(name) : undefined;
}
