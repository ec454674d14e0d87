import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { localPath, TargetExistsError } from '@tenon/exporter';
import { Graph } from '@tenon/graph';
import { latestCheckpoint, restoreCheckpoint } from './checkpoints.js';
import type { BackendOptions } from './default-backend.js';
import { ExporterArgumentError, ModuleRegistrationError, NoCheckpointError } from './errors.js';
import type { PermissionOptions } from './file-access.js';
import type { GraphModule } from './graph-module.js';
import { session } from './session.js';

/** In which second a folder of exports was made, as its name says it. */
const TIMESTAMP = /^\d{10}$/;
/** Another export may have taken the name of this second. */
const NAME_ATTEMPTS = 10;
const NAME_WAIT_MS = 1000;

const registered = new WeakMap<Graph, Map<string, GraphModule>>();

/**
 * Says that `LatestModuleExporter` is to export a module.
 *
 * @param name What the folder with the module is to be called, within that of an export.
 * @throws ModuleRegistrationError if a module of the same graph has that name, or if no folder can have it.
 */
export function registerModuleForExport(module: GraphModule, name: string): void {
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
    throw new ModuleRegistrationError(name, 'it must be the name of a folder, without a path.');
  const modules = registered.get(module.graph) ?? new Map<string, GraphModule>();
  if (modules.has(name)) throw new ModuleRegistrationError(name, 'a module of the graph is registered by that name.');
  registered.set(module.graph, modules.set(name, module));
}

/** Builds a graph for prediction, as the one that was trained but for the training, and registers the modules in it. */
export type PredictionGraph = (graph: Graph) => void | Promise<void>;

export interface LatestModuleExporterOptions extends BackendOptions, PermissionOptions {
  /** How many exports stay, the newest ones: 5 by default. */
  readonly exportsToKeep?: number | undefined;
}

/**
 * Exports the modules of a program that trains, whenever it is told to: into a folder that is called after the second in which it is made, with
 * one folder per registered module. `LatestModuleExporter` of TensorFlow Hub, without its Estimators.
 *
 * @example
 * const exporter = new LatestModuleExporter('hub', async (graph) => {
 *   const embed = await module('path/to/module', { graph, trainable: true });
 *   registerModuleForExport(embed, 'embedding');
 *   buildTheRest(graph, embed);
 * });
 * await saveCheckpoint(session, 'run', { step });
 * await exporter.export('exports', 'run'); // exports/1700000000/embedding
 */
export class LatestModuleExporter {
  private readonly exportsToKeep: number;

  /**
   * @param name What to call it in messages.
   * @throws ExporterArgumentError unless `exportsToKeep` is a whole number above 0.
   */
  constructor(
    readonly name: string,
    private readonly buildGraph: PredictionGraph,
    private readonly options: LatestModuleExporterOptions = {},
  ) {
    const { exportsToKeep = 5 } = options;
    if (!Number.isSafeInteger(exportsToKeep) || exportsToKeep <= 0) {
      throw new ExporterArgumentError('exportsToKeep', exportsToKeep, 'a whole number above 0');
    }
    this.exportsToKeep = exportsToKeep;
  }

  /**
   * Builds the graph, restores a checkpoint, and writes the registered modules. The folder gets its name when all of them are complete; then
   * the oldest ones are deleted, if there are more than are to be kept.
   *
   * @param exportPath The folder of all exports.
   * @param checkpoint What names a checkpoint, as `saveCheckpoint` gives it; or a folder of checkpoints, for the latest.
   * @returns The folder of this export; undefined, with a warning of the process, if no module is registered.
   * @throws NoCheckpointError, RestoreVariablesError, TargetExistsError (ten times in a row the name was taken), and what exporting
   *   modules throws. Nothing is left then.
   */
  async export(exportPath: string, checkpoint: string): Promise<string | undefined> {
    const folder = localPath(exportPath);
    const prefix = await findCheckpoint(checkpoint);
    const graph = new Graph();
    await this.buildGraph(graph);
    const modules = registered.get(graph);
    if (!modules) {
      process.emitWarning(
        `"${this.name}" exported nothing: no module is registered. Call registerModuleForExport where the graph is built.`,
      );
      return undefined;
    }
    await using trained = await session(graph, this.options);
    await restoreCheckpoint(trained, prefix);
    await mkdir(folder, { recursive: true });
    const { work, target } = await makeWorkFolder(folder);
    try {
      for (const [name, module] of modules) await module.export(join(work, name), trained);
      await rename(work, target);
    } catch (error) {
      await rm(work, { recursive: true, force: true });
      throw error;
    }
    await this.deleteOldest(folder);
    return target;
  }

  private async deleteOldest(exportPath: string): Promise<void> {
    const all = (await readdir(exportPath)).filter((name) => TIMESTAMP.test(name)).sort();
    for (const name of all.slice(0, -this.exportsToKeep)) {
      await rm(join(exportPath, name), { recursive: true, force: true });
    }
  }
}

/** @throws NoCheckpointError */
async function findCheckpoint(checkpoint: string): Promise<string> {
  const isFolder = await stat(checkpoint).then((found) => found.isDirectory(), () => false); // prettier-ignore
  if (!isFolder) return checkpoint;
  const latest = await latestCheckpoint(checkpoint);
  if (latest === undefined) throw new NoCheckpointError(checkpoint);
  return latest;
}

/** A folder that no one else works in: making it is what claims the name. */
async function makeWorkFolder(exportPath: string): Promise<{ readonly work: string; readonly target: string }> {
  for (let attempt = 1; ; attempt++) {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const [work, target] = [join(exportPath, `temp-${timestamp}`), join(exportPath, timestamp)];
    const isTaken = await stat(target).then(() => true, () => false); // prettier-ignore
    if (!isTaken && (await makeFolder(work))) return { work, target };
    if (attempt === NAME_ATTEMPTS) throw new TargetExistsError(target);
    await setTimeout(NAME_WAIT_MS);
  }
}

/** @returns Whether it was not there. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
