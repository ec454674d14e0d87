import { DEFAULT_LIMITS } from './archive-limits.js';
import type { TransferOptions } from './download-archive.js';
import type { HttpDownloadOptions } from './download-over-http.js';
import { UnsupportedHandleError } from './errors.js';
import type { GcsResolverOptions } from './gcs-resolver.js';
import type { HttpClientOptions } from './http-client.js';
import type { Tokens } from './http-credentials.js';
import type { DownloadingResolver } from './resolver.js';
import { loadFormat, type LoadFormat } from './settings.js';

export interface HttpResolverOptions extends TransferOptions, HttpClientOptions {
  readonly tokens?: Tokens;
  /** Whether a host that is asked over https may redirect to one without. Default: false. */
  readonly allowInsecureRedirects?: boolean;
  /**
   * `compressed`: hosts are asked for archives. `uncompressed`: they are asked where in Google's object store the module's files lie,
   * which are then read one by one. Default: as `TFHUB_MODEL_LOAD_FORMAT` says, else `compressed`.
   */
  readonly format?: LoadFormat;
  /** For modules that are to be had uncompressed. */
  readonly gcs?: GcsResolverOptions;
}

/**
 * Modules on web servers that speak TensorFlow Hub's hosting protocol: the handle with `tf-hub-format=compressed` in its query answers
 * with a tar archive, gzipped or not, that has the module at its root. Archives are unpacked into the cache as they arrive.
 *
 * @see https://www.tensorflow.org/hub/hosting
 */
export function httpResolver(options: HttpResolverOptions = {}): DownloadingResolver {
  const accepts = 'the URL of a module (https://… or http://…)';
  const overHttp = async <T>(
    source: string,
    handle: string,
    use: (http: typeof import('./download-over-http.js'), options: HttpDownloadOptions) => Promise<T>,
  ): Promise<T> => {
    if (!URL.canParse(source)) throw new UnsupportedHandleError(handle, [accepts], 'the URL is malformed');
    const format = options.format ?? loadFormat();
    // Loaded when needed: a module that is in the cache should not wait for what downloads and unpacks others.
    const http = await import('./download-over-http.js');
    return use(http, { ...options, format, limits: { ...DEFAULT_LIMITS, ...options.limits } });
  };
  return {
    accepts,
    supports: (handle) => /^https?:\/\//i.test(handle),
    download: (source, directory, context) =>
      overHttp(source, context.handle, (http, options) => http.downloadOverHttp(source, directory, context, options)),
    readExcerpt: (source, request, context) =>
      overHttp(source, context.handle, (http, options) => http.readExcerptOverHttp(source, request, context, options)),
  };
}
