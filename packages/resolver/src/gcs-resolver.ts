import { DEFAULT_LIMITS, type ArchiveLimits } from './archive-limits.js';
import type { TransferOptions } from './download-archive.js';
import type { HttpClientOptions } from './http-client.js';
import type { Bucket } from './object-store.js';
import type { DownloadingResolver } from './resolver.js';

export interface GcsResolverOptions extends TransferOptions, HttpClientOptions {
  /** Who is asking, and where: passed to `Storage` of `@google-cloud/storage`: `projectId`, `keyFilename`, `apiEndpoint`, … */
  readonly client?: Readonly<Record<string, unknown>>;
}

/**
 * Modules in Google Cloud Storage: `gs://bucket/path/to/module`, or an archive, `gs://bucket/path/to/module.tar.gz`. They are read through
 * `@google-cloud/storage`, which has to be installed; it finds credentials on its own, and reads public buckets without.
 */
export function gcsResolver(options: GcsResolverOptions = {}): Required<DownloadingResolver> {
  const accepts = 'a module in Google Cloud Storage (gs://bucket/path)';
  const withBucket = async <T>(
    source: string,
    handle: string,
    use: (store: typeof import('./object-store.js'), bucket: Bucket, path: string, limits: ArchiveLimits) => Promise<T>,
  ): Promise<T> => {
    const [store, { openGcsBucket }, { openHttpClient }] = await Promise.all([
      import('./object-store.js'),
      import('./gcs-bucket.js'),
      import('./http-client.js'),
    ]);
    const { bucket, path } = store.parseLocation(source, accepts, handle);
    const { client: clientOptions, connectTimeout = 15_000 } = options;
    const http = openHttpClient(options);
    try {
      const opened = await openGcsBucket(handle, bucket, { clientOptions, http, connectTimeout });
      return await use(store, opened, path, { ...DEFAULT_LIMITS, ...options.limits });
    } finally {
      http.close();
    }
  };
  return {
    accepts,
    supports: (handle) => /^gs:\/\//i.test(handle),
    download: (source, directory, context) =>
      withBucket(source, context.handle, (store, bucket, path, limits) =>
        store.downloadFromBucket(bucket, path, directory, context, { ...options, limits }),
      ),
    readExcerpt: (source, request, context) =>
      withBucket(source, context.handle, (store, bucket, path, limits) =>
        store.readBucketExcerpt(bucket, path, request, context, { ...options, limits }),
      ),
  };
}
