import { resolve, sep } from 'node:path';
import type { Graph } from '@tenon/graph';
import { ASSETS_FOLDER, type ModuleInstance } from '@tenon/module-spec';

/** What the programs of a graph may read. */
interface ModuleFiles {
  /** Of modules that were read: all their assets. */
  readonly directories: Set<string>;
  /** Of modules that were made here: what the functions that made them named. */
  readonly files: Set<string>;
}

const filesOfGraphs = new WeakMap<Graph, ModuleFiles>();

/** The files of the modules that are in a graph. Modules may be added to it later: then this has theirs, too. */
export function moduleFiles(graph: Graph): ModuleFiles {
  let files = filesOfGraphs.get(graph);
  if (!files) {
    files = { directories: new Set(), files: new Set() };
    filesOfGraphs.set(graph, files);
  }
  return files;
}

/**
 * Adds the files of a module to those of its graph.
 *
 * @param directory Where it was read from; undefined for one that was made here.
 */
export async function addModuleFiles(instance: ModuleInstance, directory: string | undefined): Promise<void> {
  const target = moduleFiles(instance.graph);
  if (directory !== undefined) {
    target.directories.add(directory);
    return;
  }
  // Modules that the function used are parts of what it made, and their files are in folders of their own.
  const used = moduleFiles((await instance.variant.load()).graph);
  for (const folder of used.directories) target.directories.add(folder);
  for (const file of used.files) target.files.add(file);
  const folders = [...used.directories].map((folder) => resolve(folder, ASSETS_FOLDER) + sep);
  for (const { path } of instance.assetFiles) {
    const file = resolve(path);
    if (!folders.some((folder) => file.startsWith(folder))) target.files.add(file);
  }
}
