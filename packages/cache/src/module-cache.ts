import { rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defaultCacheDirectory } from './cache-directory.js';
import { descriptorText } from './descriptor.js';
import { entryPaths, type EntryPaths } from './entry-paths.js';
import { checkEntry } from './entry-state.js';
import { explainSystemError, IncompleteModuleError } from './errors.js';
import { noteUse } from './last-use.js';
import { formatHolder, newHolder, release, releaseSync, tryAcquire } from './lock.js';
import {
  findProblems,
  isFileRecord,
  type FileRecord,
  type Manifest,
  type ModuleSource,
  type Verification,
} from './manifest.js';
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
  /** Asked about a module that is complete: one that is not accepted counts as not being there. Default: any is accepted. */
  readonly accept?: (module: CachedModule) => boolean | Promise<boolean>;
}

/** A module in the cache, and what is recorded of it. */
export interface CachedModule {
  /** Absolute. */
  readonly directory: string;
  /** Undefined for what Python downloaded. */
  readonly files: readonly FileRecord[] | undefined;
  /** Undefined where whoever downloaded it did not ask, or was Python. */
  readonly source: ModuleSource | undefined;
}

export interface GetOrCreateOptions extends FindOptions {
  readonly signal?: AbortSignal;
  /** Called when another process is found to be downloading the same module, once per such process. */
  readonly onWait?: (wait: LockWait) => void;
}

/** Puts a module's files into `directory`, which exists and is empty, and says what it wrote. */
export type Fill = (directory: string, signal: AbortSignal) => Promise<readonly FileRecord[] | FilledModule>;

/** What was written, and where it came from. */
export interface FilledModule {
  readonly files: readonly FileRecord[];
  readonly source?: ModuleSource;
}

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
    return (await this.findModule(handle, options))?.directory;
  }

  /**
   * As `find`, with what is recorded of the module.
   * @throws CachePermissionError where the cache cannot be read.
   */
  async findModule(handle: string, options: FindOptions = {}): Promise<CachedModule | undefined> {
    const paths = entryPaths(this.directory, handle);
    try {
      const module = await findAcceptable(paths, options);
      if (module !== undefined) await noteUse(module.files === undefined ? paths.descriptor : paths.manifest);
      return module;
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
    const { signal = new AbortController().signal } = options;
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
      if ((await findAcceptable(paths, options)) !== undefined) return paths.directory;
      await mkdir(temporary);
      const filled = await fill(temporary, signal);
      signal.throwIfAborted();
      const { files, source }: FilledModule = 'files' in filled ? filled : { files: filled };
      const problems = await findProblems(temporary, files.filter(isFileRecord), 'sizes');
      for (const file of files) if (!isFileRecord(file)) problems.push(`${JSON.stringify(file)} describes no file`);
      if (problems.length > 0) throw new IncompleteModuleError(handle, problems);
      await publish(handle, paths, temporary, { files, ...(source && { source }) }, garbage);
      return paths.directory;
    } catch (error) {
      // A process that wrongly took us for dead (same host name, other container) may have made the module meanwhile.
      const made = signal.aborted ? undefined : await findAcceptable(paths, options).catch(() => undefined);
      if (made !== undefined) return made.directory;
      throw error;
    } finally {
      stayed();
      for (const path of garbage) await rm(path, { recursive: true, force: true }).catch(() => undefined);
      await release(paths.lock, lockText).catch(() => undefined);
    }
  }
}

async function findAcceptable(
  paths: EntryPaths,
  { verify = 'sizes', accept }: FindOptions,
): Promise<CachedModule | undefined> {
  const { state, manifest } = await checkEntry(paths, verify);
  if (state === 'damaged') return undefined;
  const module = { directory: paths.directory, files: manifest?.files, source: manifest?.source };
  return accept === undefined || (await accept(module)) ? module : undefined;
}

/**
 * What was there goes first: for as long as descriptor and manifest are not both those of the new module, there is none that they could be
 * taken to speak of, should this process be killed. They are there before it: whoever sees the directory appear can check it.
 */
async function publish(
  handle: string,
  paths: EntryPaths,
  temporary: string,
  filled: FilledModule,
  garbage: string[],
): Promise<void> {
  // What a cleaner of temporary files left of an earlier download, an empty directory, or a module that was not accepted.
  const old = paths.temporary(newHolder().id);
  garbage.push(old);
  try {
    await rename(paths.directory, old);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const descriptor = descriptorText(handle);
  const manifest: Manifest = { version: 1, handle, descriptor, ...filled };
  await writeAtomically(paths.descriptor, descriptor);
  await writeAtomically(paths.manifest, `${JSON.stringify(manifest, undefined, 1)}\n`);
  await rename(temporary, paths.directory);
}
