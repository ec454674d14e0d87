import { ModuleCache, type FileRecord } from '@tenon/cache';
import { displayUrl } from './display-url.js';
import { LockfileFrozenError, LockfileHandleError, PrefetchError } from './errors.js';
import { licenseOf } from './lockfile-license.js';
import { readLockfileAt, readLockfileIfPresent, sizeOf } from './lockfile-text.js';
import { updateLockfile } from './lockfile-update.js';
import { LOCKFILE_NAME, type InstalledModule, type InstallOptions, type LockedModule } from './lockfile.js';
import { mapConcurrently } from './map-concurrently.js';
import { recordFiles } from './record-files.js';
import { resolveLocked } from './resolve.js';

/** Does what `install` says. */
export async function installModules(
  handles: readonly string[] | undefined,
  { lockfile: path = LOCKFILE_NAME, change = 'add', concurrency = 4, ...resolving }: InstallOptions,
): Promise<InstalledModule[]> {
  const needsLockfile = handles === undefined || change === 'never';
  const present = needsLockfile ? await readLockfileAt(path) : await readLockfileIfPresent(path);
  const lockfile = present ?? { modules: new Map<string, LockedModule>() };
  const wanted = [...new Set(handles ?? lockfile.modules.keys())];

  const lacking = wanted.filter((handle) => !lockfile.modules.has(handle));
  if (change === 'never' && lacking.length > 0) throw new LockfileFrozenError(path, lacking.map(displayUrl));
  const secret = wanted.find((handle) => displayUrl(handle) !== handle);
  if (secret !== undefined) throw new LockfileHandleError(path, displayUrl(secret));

  const options = { ...resolving, cache: resolving.cache ?? new ModuleCache(), verify: 'contents' } as const;
  const installed = new Map<string, InstalledModule>();
  const failures = new Map<string, Error>();
  await mapConcurrently(wanted, concurrency, async (handle) => {
    const before = lockfile.modules.get(handle);
    try {
      if (before !== undefined && change !== 'update') {
        const directory = await resolveLocked(handle, before, options);
        installed.set(handle, { handle, directory, locked: before, change: 'none' });
      } else {
        installed.set(handle, await lockModule(handle, before, change === 'update', options));
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.set(handle, error as Error);
    }
  });
  const [failure] = failures.values();
  if (failures.size === 1) throw failure!;
  if (failures.size > 0)
    throw new PrefetchError(failures, new Map([...installed].map(([handle, { directory }]) => [handle, directory])));

  const changes = new Map<string, LockedModule>();
  for (const { handle, locked, change } of installed.values()) if (change !== 'none') changes.set(handle, locked);
  if (changes.size > 0) await updateLockfile(path, changes, options.signal);
  return wanted.map((handle) => installed.get(handle)!);
}

/** Gets what the host has now, and says what it is. */
async function lockModule(
  handle: string,
  before: LockedModule | undefined,
  isUpdate: boolean,
  options: Parameters<typeof resolveLocked>[2] & { readonly cache: ModuleCache },
): Promise<InstalledModule> {
  const { onArchive = () => undefined } = options;
  // What is in the cache is as good where it is known what it came from.
  const directory = await resolveLocked(
    handle,
    undefined,
    { ...options, onArchive },
    ({ source }) => !isUpdate && source !== undefined,
  );
  const cached = await options.cache.findModule(handle);
  const isCached = cached?.directory === directory;
  const files = sorted((isCached ? cached.files : undefined) ?? (await recordFiles(directory)));
  const source = isCached ? cached.source : undefined;
  const isSame = before !== undefined && JSON.stringify(sorted(before.files)) === JSON.stringify(files);
  const locked: LockedModule = {
    resolved: source?.url,
    archive: source?.archive,
    size: sizeOf(files),
    // What somebody has found out and written down is not forgotten.
    license: (await licenseOf(directory, files)) ?? (isSame ? before.license : undefined),
    files,
  };
  const isUnchanged =
    isSame && before.archive?.sha256 === locked.archive?.sha256 && before.resolved === locked.resolved;
  if (isUnchanged) return { handle, directory, locked: before, change: 'none' };
  return { handle, directory, locked, change: before === undefined ? 'added' : 'updated' };
}

function sorted(files: readonly FileRecord[]): FileRecord[] {
  return files.map(({ path, size, sha256 }) => ({ path, size, sha256 })).sort((a, b) => (a.path < b.path ? -1 : 1));
}
