import { rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defaultCacheDirectory } from './cache-directory.js';
import { descriptorText } from './descriptor.js';
import { entryPaths, type EntryPaths } from './entry-paths.js';
import { explainSystemError, IncompleteModuleError } from './errors.js';
import { formatHolder, newHolder, release, releaseSync, tryAcquire } from './lock.js';
import { findProblems, readManifest, type FileRecord, type Manifest, type Verification } from './manifest.js';
import { looksLikeModule } from './module-files.js';
import { isNotFound } from './read-if-present.js';
import { runAtExit } from './run-at-exit.js';
import { waitForLock, type LockWait } from './wait-for-lock.js';
import { writeAtomically } from './write-atomically.js';

export interface ModuleCacheOptions {
  /** Default: `TFHUB_CACHE_DIR`, else `tfhub_modules` in the system's temporary directory. Made when first needed. */
  readonly directory?: string;
  /** How long to wait for another process's download that makes no progress, in milliseconds. Default: ten minutes. */
  readonly waitTimeout?: number;
  /** How often to look at another process's lock, in milliseconds. Default: 200. */
  readonly pollInterval?: number;
}

export interface FindOptions {
  /**
   * `sizes` (default): every file is there and has its size. `contents`: its SHA-256, too, which reads every byte.
   * Modules that Python downloaded have no record of either; they count when they hold a model file.
   */
  readonly verify?: Verification;
}

export interface GetOrCreateOptions extends FindOptions {
  readonly signal?: AbortSignal;
  /** Called when another process is found to be downloading the same module, once per such process. */
  readonly onWait?: (wait: LockWait) => void;
}

/** Puts a module's files into `directory`, which exists and is empty, and says what it wrote. */
export type Fill = (directory: string, signal: AbortSignal) => Promise<readonly FileRecord[]>;

/**
 * Module directories on local disk, one per handle, shared between processes and with Python's tensorflow_hub.
 *
 * A directory that is handed out is complete: modules are made in a temporary directory of their own and appear by a rename. Locks only
 * spare a second download; nothing breaks without them. A module that is there is found without any lock, so a cache that cannot be
 * written serves what it holds.
 *
 * Names and algorithm follow "Download and cache" of tensorflow_hub 0.16.
 */
export class ModuleCache {
  /** Absolute. */
  readonly directory: string;
  readonly #waitTimeout: number;
  readonly #pollInterval: number;

  constructor(options: ModuleCacheOptions = {}) {
    this.directory = options.directory === undefined ? defaultCacheDirectory() : resolve(options.directory);
    this.#waitTimeout = options.waitTimeout ?? 10 * 60_000;
    this.#pollInterval = options.pollInterval ?? 200;
  }

  /**
   * The directory of a module that is in the cache and complete, or undefined.
   * @throws CachePermissionError where the cache cannot be read.
   */
  async find(handle: string, options: FindOptions = {}): Promise<string | undefined> {
    const paths = entryPaths(this.directory, handle);
    try {
      return (await isComplete(paths, options.verify ?? 'sizes')) ? paths.directory : undefined;
    } catch (error) {
      throw explainSystemError(error, this.directory);
    }
  }

  /**
   * The directory of a module; where it is not in the cache, or no longer whole, `fill` makes it. However many processes ask at
   * once, one of them fills and the others wait for it. If `fill` throws, its error is passed on and nothing of the attempt stays behind.
   *
   * @throws LockTimeoutError where another process holds the module's lock and stands still.
   * @throws CachePermissionError, CacheFullError, CacheNotADirectoryError where the cache's place is no good.
   * @throws IncompleteModuleError where `fill` did not write what it says it did.
   */
  async getOrCreate(handle: string, fill: Fill, options: GetOrCreateOptions = {}): Promise<string> {
    const found = await this.find(handle, options);
    if (found !== undefined) return found;
    try {
      return await this.#create(handle, fill, options);
    } catch (error) {
      throw explainSystemError(error, this.directory);
    }
  }

  async #create(handle: string, fill: Fill, options: GetOrCreateOptions): Promise<string> {
    const { signal = new AbortController().signal, verify = 'sizes' } = options;
    signal.throwIfAborted();
    await mkdir(this.directory, { recursive: true });

    const paths = entryPaths(this.directory, handle);
    const holder = newHolder();
    const lockText = formatHolder(holder);
    const temporary = paths.temporary(holder.id);
    const garbage = [temporary];
    const stayed = runAtExit(() => {
      releaseSync(paths.lock, lockText);
      for (const path of garbage) rmSync(path, { recursive: true, force: true });
    });
    try {
      while (!(await tryAcquire(paths.lock, lockText))) {
        const abandoned = await waitForLock({
          handle,
          paths,
          timeout: this.#waitTimeout,
          pollInterval: this.#pollInterval,
          onWait: options.onWait,
          signal,
        });
        garbage.push(...abandoned);
      }
      // Another process may have made the module between our look and our lock.
      if (await isComplete(paths, verify)) return paths.directory;
      await mkdir(temporary);
      const files = await fill(temporary, signal);
      signal.throwIfAborted();
      const problems = await findProblems(temporary, files, 'sizes');
      if (problems.length > 0) throw new IncompleteModuleError(handle, problems);
      await publish(handle, paths, temporary, files, garbage);
      return paths.directory;
    } catch (error) {
      // A process that wrongly took us for dead (same host name, other container) may have made the module meanwhile.
      if (!signal.aborted && (await isComplete(paths, verify).catch(() => false))) return paths.directory;
      throw error;
    } finally {
      stayed();
      for (const path of garbage) await rm(path, { recursive: true, force: true }).catch(() => undefined);
      await release(paths.lock, lockText).catch(() => undefined);
    }
  }
}

async function isComplete(paths: EntryPaths, verification: Verification): Promise<boolean> {
  const manifest = await readManifest(paths.manifest, paths.descriptor);
  if (manifest === 'damaged') return false;
  if (manifest === 'absent') return looksLikeModule(paths.directory);
  return (await findProblems(paths.directory, manifest.files, verification)).length === 0;
}

/** Descriptor and manifest first: whoever sees the directory appear can check it. */
async function publish(
  handle: string,
  paths: EntryPaths,
  temporary: string,
  files: readonly FileRecord[],
  garbage: string[],
): Promise<void> {
  const descriptor = descriptorText(handle);
  const manifest: Manifest = { version: 1, handle, descriptor, files };
  await writeAtomically(paths.descriptor, descriptor);
  await writeAtomically(paths.manifest, `${JSON.stringify(manifest, undefined, 1)}\n`);
  // What a cleaner of temporary files left of an earlier download, or an empty directory.
  const old = paths.temporary(newHolder().id);
  garbage.push(old);
  try {
    await rename(paths.directory, old);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await rename(temporary, paths.directory);
}
