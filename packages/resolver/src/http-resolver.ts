import { looksLikeModule, MODULE_FILES } from '@tenon/cache';
import { DEFAULT_LIMITS, type ArchiveLimits } from './archive-limits.js';
import { compressedUrl } from './compressed-url.js';
import { fetchArchive } from './fetch-archive.js';
import { NotAModuleError, UnsupportedHandleError } from './errors.js';
import type { Resolver } from './resolver.js';
import { unpackArchive } from './unpack-archive.js';

export interface HttpResolverOptions {
  /** How long to wait for the beginning of an answer, redirects included, in milliseconds. Default: one minute. */
  readonly responseTimeout?: number;
  /** How long to wait for the next bytes of a body, in milliseconds. Default: one minute. */
  readonly idleTimeout?: number;
  readonly limits?: Partial<ArchiveLimits>;
}

/**
 * Modules on web servers that speak TensorFlow Hub's hosting protocol: the handle with `tf-hub-format=compressed` in its query answers
 * with a tar archive, gzipped or not, that has the module at its root. Archives are unpacked into the cache as they arrive.
 *
 * @see https://www.tensorflow.org/hub/hosting
 */
export function httpResolver(options: HttpResolverOptions = {}): Resolver {
  const { responseTimeout = 60_000, idleTimeout = 60_000 } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const accepts = 'the URL of a module (https://… or http://…)';
  return {
    accepts,
    supports: (handle) => /^https?:\/\//i.test(handle),
    resolve(handle, { cache, onProgress, ...context }) {
      return cache.getOrCreate(
        handle,
        async (directory, signal) => {
          const url = compressedUrl(handle);
          if (!URL.canParse(url)) throw new UnsupportedHandleError(handle, [accepts], 'the URL is malformed');
          const archive = await fetchArchive(handle, url, { responseTimeout, idleTimeout, limits, onProgress, signal });
          const files = await unpackArchive(archive, directory, limits);
          if (!(await looksLikeModule(directory))) {
            throw new NotAModuleError(
              handle,
              files.map(({ path }) => path),
              MODULE_FILES,
            );
          }
          return files;
        },
        context,
      );
    },
  };
}
