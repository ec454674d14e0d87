import type { FileRecord, ModuleSource } from '@tenon/cache';
import type { PrefetchOptions } from './prefetch.js';

/** What a handle stood for when it was locked. */
export interface LockedModule {
  /** The address that answered, after aliases and redirects, without credentials; for people. Undefined for what was on this machine already. */
  readonly resolved: string | undefined;
  /** The archive that it came in; undefined where it came in none, or was on this machine already. */
  readonly archive: ModuleSource['archive'];
  /** Bytes of all files. */
  readonly size: number;
  /** An SPDX identifier, or `SEE LICENSE IN <file>`; undefined where the module says nothing. */
  readonly license: string | undefined;
  /** All files of the module, by their paths. */
  readonly files: readonly FileRecord[];
}

/** What handles must stand for: `tenon.lock`. */
export interface Lockfile {
  readonly modules: ReadonlyMap<string, LockedModule>;
}

/** What a lockfile is called. */
export const LOCKFILE_NAME = 'tenon.lock';

/**
 * Reads a lockfile, for the option `lockfile` of `resolve`, which otherwise reads it each time.
 * @throws LockfileError where there is none, or it cannot be understood.
 */
export async function readLockfile(path: string = LOCKFILE_NAME): Promise<Lockfile> {
  // Loaded when needed, as is what installs: most have no lockfile.
  const { readLockfileAt } = await import('./lockfile-text.js');
  return readLockfileAt(path);
}

export interface InstallOptions extends Omit<PrefetchOptions, 'verify' | 'lockfile'> {
  /** Path of the lockfile. Default: `tenon.lock` in the current directory. */
  readonly lockfile?: string;
  /**
   * What may happen to the lockfile. `add` (default): handles that it lacks are added; the others must be what it says. `never`: it must have all
   * handles. `update`: it gets what the hosts give now.
   */
  readonly change?: 'add' | 'never' | 'update';
}

export interface InstalledModule {
  readonly handle: string;
  /** Where the module is. */
  readonly directory: string;
  /** What the lockfile says of it. */
  readonly locked: LockedModule;
  /** What happened to the lockfile. */
  readonly change: 'none' | 'added' | 'updated';
}

/**
 * Gets modules to this machine and makes sure that they are, byte for byte, what a lockfile says; or adds to the lockfile what it lacks. Every
 * byte is read, also of what is in the cache: something else there is replaced by what was locked, if that is to be had.
 *
 * The lockfile is written once all modules are there, and left as it was if any failed.
 *
 * @param handles Default: those in the lockfile.
 * @throws LockfileError where the lockfile cannot be understood, or is needed and not there; LockfileFrozenError where it lacks handles and
 *   must not change; LockfileHandleError for a handle with a password in it; LockfileBusyError; LockfileMismatchError where a module is not
 *   what was locked, and what `resolve` throws, if one handle failed; PrefetchError if several did.
 */
export async function install(
  handles: readonly string[] | undefined,
  options: InstallOptions = {},
): Promise<InstalledModule[]> {
  const { installModules } = await import('./lockfile-install.js');
  return installModules(handles, options);
}
