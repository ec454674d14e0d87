import { displayUrl } from './display-url.js';
import { PrefetchError } from './errors.js';
import { mapConcurrently } from './map-concurrently.js';
import { lockfileOf, resolve, type ResolveOptions } from './resolve.js';

export interface PrefetchOptions extends ResolveOptions {
  /** How many modules are downloaded at the same time. Default: 4. */
  readonly concurrency?: number;
}

/**
 * Resolves many handles, each once, and goes on where some fail.
 *
 * @returns the directory of each handle.
 * @throws PrefetchError with everything that failed, and what did not; the reason of the signal where it was aborted.
 */
export async function prefetch(
  handles: Iterable<string>,
  { concurrency = 4, ...options }: PrefetchOptions = {},
): Promise<Map<string, string>> {
  const directories = new Map<string, string>();
  const failures = new Map<string, Error>();
  const wanted = [...new Set(handles)];
  const lockfile = (await lockfileOf(options.lockfile)) ?? null;
  await mapConcurrently(wanted, concurrency, async (handle) => {
    options.signal?.throwIfAborted();
    try {
      directories.set(handle, await resolve(handle, { ...options, lockfile }));
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.set(displayUrl(handle), error as Error);
    }
  });
  if (failures.size > 0) throw new PrefetchError(failures, directories);
  // In the order asked for, not that of their arrival.
  return new Map(wanted.map((handle) => [handle, directories.get(handle)!]));
}
