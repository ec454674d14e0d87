import { DEFAULT_LIMITS } from './archive-limits.js';
import type { TransferOptions } from './download-archive.js';
import type { HttpClientOptions } from './http-client.js';
import type { DownloadingResolver } from './resolver.js';

export interface GcsResolverOptions extends TransferOptions, HttpClientOptions {
  /** Who is asking, and where: passed to `Storage` of `@google-cloud/storage`: `projectId`, `keyFilename`, `apiEndpoint`, … */
  readonly client?: Readonly<Record<string, unknown>>;
}

/**
 * Modules in Google Cloud Storage: `gs://bucket/path/to/module`, or an archive, `gs://bucket/path/to/module.tar.gz`. They are read through
 * `@google-cloud/storage`, which has to be installed; it finds credentials on its own, and reads public buckets without.
 */
export function gcsResolver(options: GcsResolverOptions = {}): DownloadingResolver {
  const accepts = 'a module in Google Cloud Storage (gs://bucket/path)';
  return {
    accepts,
    supports: (handle) => /^gs:\/\//i.test(handle),
    async download(source, directory, context) {
      const [{ downloadFromBucket, parseLocation }, { openGcsBucket }, { openHttpClient }] = await Promise.all([
        import('./object-store.js'),
        import('./gcs-bucket.js'),
        import('./http-client.js'),
      ]);
      const { bucket, path } = parseLocation(source, accepts, context.handle);
      const limits = { ...DEFAULT_LIMITS, ...options.limits };
      const { client: clientOptions, connectTimeout = 15_000 } = options;
      const http = await openHttpClient(options);
      try {
        const opened = await openGcsBucket(context.handle, bucket, { clientOptions, http, connectTimeout });
        return await downloadFromBucket(opened, path, directory, context, { ...options, limits });
      } finally {
        await http.close();
      }
    },
  };
}
