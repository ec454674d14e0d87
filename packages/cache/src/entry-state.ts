import type { EntryPaths } from './entry-paths.js';
import { findProblems, readManifest, type Manifest, type Verification } from './manifest.js';
import { looksLikeModule, MODULE_FILES } from './module-files.js';

/**
 * `complete`: as its manifest says. `unrecorded`: it has none, since Python made it, but holds a model file. `damaged`: neither; it is not
 * handed out.
 */
export type EntryState =
  | { readonly state: 'complete'; readonly manifest: Manifest; readonly problems: readonly [] }
  | { readonly state: 'unrecorded'; readonly manifest: undefined; readonly problems: readonly [] }
  | { readonly state: 'damaged'; readonly manifest: Manifest | undefined; readonly problems: readonly string[] };

/** Compares a module with what is known of it. */
export async function checkEntry(paths: EntryPaths, verification: Verification): Promise<EntryState> {
  const manifest = await readManifest(paths.manifest, paths.descriptor);
  if (manifest === 'damaged')
    return { state: 'damaged', manifest: undefined, problems: ['its record of files (.manifest.json) cannot be read'] };
  if (manifest === 'absent') {
    if (await looksLikeModule(paths.directory)) return { state: 'unrecorded', manifest: undefined, problems: [] };
    return { state: 'damaged', manifest: undefined, problems: [`it holds none of ${MODULE_FILES.join(', ')}`] };
  }
  const problems = await findProblems(paths.directory, manifest.files, verification);
  return problems.length > 0 ? { state: 'damaged', manifest, problems } : { state: 'complete', manifest, problems: [] };
}
