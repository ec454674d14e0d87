import { UnsupportedHandleError } from './errors.js';
import { httpResolver } from './http-resolver.js';
import { pathResolver } from './path-resolver.js';
import type { ResolveContext, Resolver } from './resolver.js';

export interface ResolveOptions extends ResolveContext {
  /** Asked in this order; the first that takes the handle resolves it. Default: `defaultResolvers`. */
  readonly resolvers?: readonly Resolver[];
}

/** Modules on web servers, and on this machine. */
export const defaultResolvers: readonly Resolver[] = [httpResolver(), pathResolver()];

/**
 * The local directory of a module. A module on a web server is downloaded to the cache, once.
 *
 * @param handle a path, a `file:` URL, or an `http://` or `https://` URL.
 * @returns an absolute path.
 * @throws UnsupportedHandleError for any other handle; ModulePathError for a path that is no directory; for URLs the errors of this
 *   package and of the cache.
 * @example
 * const directory = await resolve('https://example.com/google/nnlm-en-dim128/1');
 */
export async function resolve(handle: string, options: ResolveOptions = {}): Promise<string> {
  const { resolvers = defaultResolvers, ...context } = options;
  const resolver = resolvers.find((candidate) => candidate.supports(handle));
  if (resolver === undefined) {
    throw new UnsupportedHandleError(
      handle,
      resolvers.map(({ accepts }) => accepts),
    );
  }
  context.signal?.throwIfAborted();
  return resolver.resolve(handle, context);
}
