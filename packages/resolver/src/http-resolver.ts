import { DEFAULT_LIMITS, type ArchiveLimits } from './archive-limits.js';
import { UnsupportedHandleError } from './errors.js';
import type { Resolver } from './resolver.js';

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
    async resolve(handle, { onProgress, ...context }) {
      if (!URL.canParse(handle)) throw new UnsupportedHandleError(handle, [accepts], 'the URL is malformed');
      // Loaded when needed: a module named by its path should not wait for a cache, nor one in the cache for what unpacks archives.
      const { ModuleCache } = await import('@tenon/cache');
      const { cache = new ModuleCache() } = context;
      return cache.getOrCreate(
        handle,
        async (directory, signal) => {
          const { downloadModule } = await import('./download-module.js');
          return downloadModule(handle, directory, { responseTimeout, idleTimeout, limits, onProgress, signal });
        },
        context,
      );
    },
  };
}
