import type { Graph } from '@tenon/graph';
import { Session } from '@tenon/runtime';
import { assetAccess } from './asset-access.js';
import { chooseBackend, type BackendOptions } from './default-backend.js';
import { moduleDirectories } from './graph-module.js';

/**
 * A session over a graph. Its programs may read the assets of the modules that are in the graph.
 *
 * @throws BackendLoadError
 * @example
 * const [value] = await (await session(graph)).run([vectors], { feeds });
 */
export async function session(graph: Graph, { backend }: BackendOptions = {}): Promise<Session> {
  return new Session(graph, { backend: await chooseBackend(backend), files: moduleAssets(graph) });
}

/** Modules may be added to the graph after the session was made. */
function moduleAssets(graph: Graph): ReturnType<typeof assetAccess> {
  const access = (): ReturnType<typeof assetAccess> => assetAccess(moduleDirectories(graph));
  return { allows: (path) => access().allows(path), readFile: (path) => access().readFile(path) };
}
