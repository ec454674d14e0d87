import { basename, dirname, join } from 'node:path';
import type { LockWait, ModuleCache, Verification } from '@tenon/cache';
import { sourcesOf, type Aliases } from './aliases.js';
import { displayUrl } from './display-url.js';
import { NoExcerptError, NoSourceError, OfflineError, UnsupportedHandleError } from './errors.js';
import { gcsResolver, type GcsResolverOptions } from './gcs-resolver.js';
import { httpResolver, type HttpResolverOptions } from './http-resolver.js';
import { pathResolver } from './path-resolver.js';
import type { DownloadEvents, DownloadingResolver, ExcerptRequest, ModuleExcerpt, Resolver } from './resolver.js';
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
 *   the cache when offline; NoSourceError where aliases name several places and all of them failed; for URLs the errors of this package
 *   and of the cache.
 * @example
 * const directory = await resolve('https://example.com/google/nnlm-en-dim128/1');
 */
export async function resolve(handle: string, options: ResolveOptions = {}): Promise<string> {
  const { offline = isOffline() } = options;
  return trySources(handle, options, async (source, resolver) => {
    if ('locate' in resolver) return resolver.locate(source);
    return offline ? fromCache(handle, options) : download(handle, source, resolver, options);
  });
}

/** Asks the places of a handle one after the other. */
async function trySources<T>(
  handle: string,
  options: ResolveOptions,
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
  const offlineFailure = failures.find(({ error }) => error instanceof OfflineError);
  if (offlineFailure !== undefined) throw offlineFailure.error;
  if (failures.length === 1) throw failures[0]!.error;
  throw new NoSourceError(displayUrl(handle), failures);
}

/**
 * Reads some files of a module that is elsewhere, and as little as can be of the others. The cache is neither asked nor written to.
 *
 * @param handle A URL: what is on this machine, or in the cache, has a directory, which `resolve` gives.
 * @throws OfflineError; NoExcerptError where the resolver cannot read single files; NotAModuleError; what `resolve` throws for URLs.
 */
export async function readExcerpt(
  handle: string,
  request: ExcerptRequest,
  options: Omit<ResolveOptions, 'verify' | 'onWait' | 'onArchive'> = {},
): Promise<ModuleExcerpt> {
  const { offline = isOffline(), signal = new AbortController().signal, onProgress, onRetry } = options;
  return trySources(handle, options, async (source, resolver) => {
    if ('locate' in resolver) throw new NoExcerptError(displayUrl(handle), resolver.accepts);
    if (offline) throw new OfflineError(displayUrl(handle), (await openCache(options)).directory);
    if (!resolver.readExcerpt) throw new NoExcerptError(displayUrl(handle), resolver.accepts);
    return resolver.readExcerpt(source, request, { handle: displayUrl(handle), signal, onProgress, onRetry });
  });
}

/**
 * Whether `resolve` would answer without a network: the module is on this machine, or in the cache and complete.
 * @throws UnsupportedHandleError; CachePermissionError where the cache cannot be read.
 */
export async function isCached(
  handle: string,
  options: Pick<ResolveOptions, 'resolvers' | 'cache' | 'aliases' | 'verify'> = {},
): Promise<boolean> {
  const found = resolve(handle, { ...options, offline: true });
  return found.then(
    () => true,
    (error: unknown) => {
      const { code } = error as { code?: unknown };
      if (code === 'ERR_OFFLINE' || code === 'ERR_MODULE_PATH') return false;
      throw error;
    },
  );
}

function resolverOf(source: string, { resolvers = defaultResolvers() }: ResolveOptions): Resolver {
  const resolver = resolvers.find((candidate) => candidate.supports(source));
  if (resolver !== undefined) return resolver;
  throw new UnsupportedHandleError(
    displayUrl(source),
    resolvers.map(({ accepts }) => accepts),
  );
}

async function openCache(options: ResolveOptions): Promise<ModuleCache> {
  if (options.cache !== undefined) return options.cache;
  // Loaded when needed: a module named by its path should not wait for a cache.
  const { ModuleCache } = await import('@tenon/cache');
  return new ModuleCache();
}

async function fromCache(handle: string, options: ResolveOptions): Promise<string> {
  const { verify = 'sizes' } = options;
  const cache = await openCache(options);
  const found = await cache.find(handle, { verify });
  if (found === undefined) throw new OfflineError(displayUrl(handle), cache.directory);
  return found;
}

async function download(
  handle: string,
  source: string,
  resolver: DownloadingResolver,
  options: ResolveOptions,
): Promise<string> {
  const { verify = 'sizes', signal, onWait, onProgress, onRetry, onArchive } = options;
  const cache = await openCache(options);
  return cache.getOrCreate(
    handle,
    async (directory, signal) => {
      const files = await resolver.download(source, directory, {
        handle: displayUrl(handle),
        signal,
        partials: join(dirname(directory), entryName(directory)),
        onProgress,
        onRetry,
        onArchive,
      });
      if (files) return files;
      const { recordFiles } = await import('./record-files.js');
      return recordFiles(directory);
    },
    { verify, ...(signal && { signal }), ...(onWait && { onWait }) },
  );
}

/** A temporary directory is called `<entry>.<id>.tmp`, in every cache that Python shares. */
function entryName(temporary: string): string {
  return basename(temporary).replace(/\..*$/, '');
}

/** No other source helps where the cache is the problem. */
function isOfCache(error: unknown): boolean {
  return String((error as { code?: unknown } | null)?.code).startsWith('ERR_CACHE_');
}
