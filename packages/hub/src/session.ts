import type { Graph } from '@tenon/graph';
import { Session } from '@tenon/runtime';
import { chooseBackend, type BackendOptions } from './default-backend.js';
import { fileAccess, type PermissionOptions } from './file-access.js';
import { moduleFiles } from './module-files.js';

/**
 * A session over a graph. Its programs may read the assets of the modules that are in the graph, and no other file.
 *
 * @throws BackendLoadError
 * @example
 * const [value] = await (await session(graph)).run([vectors], { feeds });
 */
export async function session(
  graph: Graph,
  { backend, allow }: BackendOptions & PermissionOptions = {},
): Promise<Session> {
  return new Session(graph, { backend: await chooseBackend(backend), files: fileAccess(moduleFiles(graph), allow) });
}
