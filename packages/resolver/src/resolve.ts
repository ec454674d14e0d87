import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FilledModule, FindOptions, LockWait, ModuleCache, ModuleSource, Verification } from '@tenon/cache';
import { sourcesOf, type Aliases } from './aliases.js';
import { displayUrl } from './display-url.js';
import {
  LockfileMismatchError,
  NoExcerptError,
  NoSourceError,
  OfflineError,
  UnsupportedHandleError,
} from './errors.js';
import { gcsResolver, type GcsResolverOptions } from './gcs-resolver.js';
import { httpResolver, type HttpResolverOptions } from './http-resolver.js';
import { LOCKFILE_NAME, readLockfile, type LockedModule, type Lockfile } from './lockfile.js';
import { pathResolver } from './path-resolver.js';
import type {
  DownloadedArchive,
  DownloadEvents,
  DownloadingResolver,
  ExcerptRequest,
  ModuleExcerpt,
  Resolver,
} from './resolver.js';
import { s3Resolver, type S3ResolverOptions } from './s3-resolver.js';
import { isOffline } from './settings.js';

export interface ResolveOptions extends DownloadEvents {
  /** Asked in this order; the first that takes the handle resolves it. Default: `defaultResolvers()`. */
  readonly resolvers?: readonly Resolver[];
  /** Default: a cache in the default place. */
  readonly cache?: ModuleCache;
  /** Where modules are really to be had from; in the cache they stay under their handles. */
  readonly aliases?: Aliases;
  /** Whether to use the cache and this machine alone. Default: whether `TENON_OFFLINE` is set. */
  readonly offline?: boolean;
  /** How closely a module that is in the cache is looked at before it is used. Default: `sizes`. */
  readonly verify?: Verification;
  /**
   * What handles must stand for: the path of a lockfile, or what `readLockfile` gave; null for none. Handles that it lacks stand for
   * anything. Default: `tenon.lock` in the current directory, if there is one.
   */
  readonly lockfile?: Lockfile | string | null;
  readonly signal?: AbortSignal;
  /** Called when another process is downloading the same module, which is then waited for. */
  readonly onWait?: (wait: LockWait) => void;
}

/** Options for each kind of place. */
export interface DefaultResolversOptions {
  readonly http?: HttpResolverOptions;
  readonly gcs?: GcsResolverOptions;
  readonly s3?: S3ResolverOptions;
}

/** Modules on web servers, in Google's and Amazon's object stores, and on this machine. */
export function defaultResolvers({ http, gcs, s3 }: DefaultResolversOptions = {}): readonly Resolver[] {
  return [httpResolver(http), gcsResolver(gcs), s3Resolver(s3), pathResolver()];
}

/**
 * The local directory of a module. A module that is elsewhere is downloaded to the cache, once.
 *
 * @param handle a path, or a `file:`, `http://`, `https://`, `gs://` or `s3://` URL.
 * @returns an absolute path.
 * @throws UnsupportedHandleError for any other handle; ModulePathError for a path that is no directory; OfflineError for what is not in
 *   the cache when offline; LockfileError where the lockfile cannot be understood; LockfileMismatchError for what is not as it says;
 *   NoSourceError where aliases name several places and all of them failed; for URLs the errors of this package and of the cache.
 * @example
 * const directory = await resolve('https://example.com/google/nnlm-en-dim128/1');
 */
export async function resolve(handle: string, options: ResolveOptions = {}): Promise<string> {
  return resolveLocked(handle, await lockedModule(handle, options), options);
}

/**
 * As `resolve`, by what a lockfile says that is not to be looked for; with a network, what is in the cache and not accepted is downloaded
 * again.
 */
export async function resolveLocked(
  handle: string,
  locked: LockedModule | undefined,
  options: Omit<ResolveOptions, 'lockfile'>,
  accept?: FindOptions['accept'],
): Promise<string> {
  const { offline = isOffline(), verify = 'sizes' } = options;
  return trySources(handle, options, async (source, resolver) => {
    if ('locate' in resolver) {
      const directory = await resolver.locate(source);
      if (locked) await (await checks()).checkDirectory(handle, { directory, files: undefined }, locked, verify);
      return directory;
    }
    return offline
      ? fromCache(handle, locked, options)
      : download(handle, { source, locked, accept }, resolver, options);
  });
}

/** What a handle must stand for; undefined where it is not locked. */
async function lockedModule(
  handle: string,
  { lockfile }: Pick<ResolveOptions, 'lockfile'>,
): Promise<LockedModule | undefined> {
  return (await lockfileOf(lockfile))?.modules.get(handle);
}

/** The lockfile that an option means. Of a project that one is in, it needs no mention, as those of package managers do not. */
export async function lockfileOf(option: ResolveOptions['lockfile']): Promise<Lockfile | undefined> {
  if (option === null || typeof option === 'object') return option ?? undefined;
  return option === undefined && !existsSync(LOCKFILE_NAME) ? undefined : readLockfile(option);
}

/** Loaded when needed: most have no lockfile. */
function checks() {
  return import('./lockfile-check.js');
}

/** Asks the places of a handle one after the other. */
async function trySources<T>(
  handle: string,
  options: Omit<ResolveOptions, 'lockfile'>,
  attempt: (source: string, resolver: Resolver) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  const failures: { source: string; error: unknown }[] = [];
  for (const source of sourcesOf(handle, options.aliases)) {
    signal?.throwIfAborted();
    try {
      return await attempt(source, resolverOf(source, options));
    } catch (error) {
      if (signal?.aborted || isOfCache(error)) throw error;
      failures.push({ source: displayUrl(source), error });
    }
  }
  // What they say does not depend on the place.
  const verdict = failures.find(({ error }) => error instanceof OfflineError || error instanceof LockfileMismatchError);
  if (verdict !== undefined) throw verdict.error;
  if (failures.length === 1) throw failures[0]!.error;
  throw new NoSourceError(displayUrl(handle), failures);
}

/**
 * Reads some files of a module that is elsewhere, and as little as can be of the others. The cache is neither asked nor written to.
 *
 * @param handle A URL: what is on this machine, or in the cache, has a directory, which `resolve` gives.
 * @throws OfflineError; NoExcerptError where the resolver cannot read single files; NotAModuleError; LockfileMismatchError where a file is
 *   not as the lockfile says; what `resolve` throws for URLs.
 */
export async function readExcerpt(
  handle: string,
  request: ExcerptRequest,
  options: Omit<ResolveOptions, 'verify' | 'onWait' | 'onArchive'> = {},
): Promise<ModuleExcerpt> {
  const { offline = isOffline(), signal = new AbortController().signal, onProgress, onRetry } = options;
  const locked = await lockedModule(handle, options);
  return trySources(handle, options, async (source, resolver) => {
    if ('locate' in resolver) throw new NoExcerptError(displayUrl(handle), resolver.accepts);
    if (offline) throw new OfflineError(displayUrl(handle), (await openCache(options)).directory);
    if (!resolver.readExcerpt) throw new NoExcerptError(displayUrl(handle), resolver.accepts);
    const context = { handle: displayUrl(handle), signal, onProgress, onRetry };
    const excerpt = await resolver.readExcerpt(source, request, context);
    if (locked) (await checks()).checkExcerpt(handle, excerpt.files, locked);
    return excerpt;
  });
}

/**
 * Whether `resolve` would answer without a network: the module is on this machine, or in the cache and complete, and as the lockfile says.
 * @throws UnsupportedHandleError; CachePermissionError where the cache cannot be read.
 */
export async function isCached(
  handle: string,
  options: Pick<ResolveOptions, 'resolvers' | 'cache' | 'aliases' | 'verify' | 'lockfile'> = {},
): Promise<boolean> {
  const found = resolve(handle, { ...options, offline: true });
  return found.then(
    () => true,
    (error: unknown) => {
      const { code } = error as { code?: unknown };
      if (code === 'ERR_OFFLINE' || code === 'ERR_MODULE_PATH' || code === 'ERR_LOCKFILE_MISMATCH') return false;
      throw error;
    },
  );
}

function resolverOf(source: string, { resolvers = defaultResolvers() }: Pick<ResolveOptions, 'resolvers'>): Resolver {
  const resolver = resolvers.find((candidate) => candidate.supports(source));
  if (resolver !== undefined) return resolver;
  throw new UnsupportedHandleError(
    displayUrl(source),
    resolvers.map(({ accepts }) => accepts),
  );
}

async function openCache(options: Pick<ResolveOptions, 'cache'>): Promise<ModuleCache> {
  if (options.cache !== undefined) return options.cache;
  // Loaded when needed: a module named by its path should not wait for a cache.
  const { ModuleCache } = await import('@tenon/cache');
  return new ModuleCache();
}

async function fromCache(
  handle: string,
  locked: LockedModule | undefined,
  options: Pick<ResolveOptions, 'cache' | 'verify'>,
): Promise<string> {
  const { verify = 'sizes' } = options;
  const cache = await openCache(options);
  const found = await cache.findModule(handle, { verify });
  if (found === undefined) throw new OfflineError(displayUrl(handle), cache.directory);
  if (locked) await (await checks()).checkDirectory(handle, found, locked, verify);
  return found.directory;
}

async function download(
  handle: string,
  {
    source,
    locked,
    accept = () => true,
  }: {
    readonly source: string;
    readonly locked: LockedModule | undefined;
    readonly accept: FindOptions['accept'];
  },
  resolver: DownloadingResolver,
  options: Omit<ResolveOptions, 'lockfile'>,
): Promise<string> {
  const { verify = 'sizes', signal, onWait, onProgress, onRetry, onArchive } = options;
  const cache = await openCache(options);
  const fill = async (directory: string, signal: AbortSignal): Promise<FilledModule> => {
    let archive: DownloadedArchive | undefined;
    const isAskedFor = onArchive !== undefined || locked?.archive !== undefined;
    const files =
      (await resolver.download(source, directory, {
        handle: displayUrl(handle),
        signal,
        partials: join(dirname(directory), entryName(directory)),
        onProgress,
        onRetry,
        onArchive: isAskedFor ? (downloaded) => (archive = downloaded) : undefined,
      })) ?? (await (await import('./record-files.js')).recordFiles(directory));
    if (locked) (await checks()).checkDownload(handle, { files, archive }, locked);
    if (archive !== undefined) onArchive?.(archive);
    return isAskedFor ? { files, source: sourceOf(archive, source) } : { files };
  };
  return cache.getOrCreate(handle, fill, {
    verify,
    accept: async (module) => {
      if (!(await accept(module))) return false;
      return locked === undefined || (await (await checks()).differencesOf(module, locked, verify)).length === 0;
    },
    ...(signal && { signal }),
    ...(onWait && { onWait }),
  });
}

function sourceOf(archive: DownloadedArchive | undefined, source: string): ModuleSource {
  if (archive === undefined) return { url: displayUrl(source) };
  const { url, size, sha256 } = archive;
  return { url, archive: { size, sha256 } };
}

/** A temporary directory is called `<entry>.<id>.tmp`, in every cache that Python shares. */
function entryName(temporary: string): string {
  return basename(temporary).replace(/\..*$/, '');
}

/** No other source helps where the cache is the problem. */
function isOfCache(error: unknown): boolean {
  return String((error as { code?: unknown } | null)?.code).startsWith('ERR_CACHE_');
}
