import { DEFAULT_LIMITS, type ArchiveLimits } from './archive-limits.js';
import type { TransferOptions } from './download-archive.js';
import type { Bucket } from './object-store.js';
import type { DownloadingResolver } from './resolver.js';

export interface S3ResolverOptions extends TransferOptions {
  /** Passed to `S3Client` of `@aws-sdk/client-s3`: `region`, `endpoint`, `forcePathStyle`, `credentials`, … */
  readonly client?: Readonly<Record<string, unknown>>;
}

/**
 * Modules in Amazon S3, or what speaks its protocol: `s3://bucket/path/to/module`, or an archive, `s3://bucket/path/to/module.tar.gz`.
 * They are read through `@aws-sdk/client-s3`, which has to be installed; it finds credentials on its own. Where there are none, public
 * buckets are read without.
 */
export function s3Resolver(options: S3ResolverOptions = {}): DownloadingResolver {
  const accepts = 'a module in Amazon S3 (s3://bucket/path)';
  const withBucket = async <T>(
    source: string,
    handle: string,
    use: (store: typeof import('./object-store.js'), bucket: Bucket, path: string, limits: ArchiveLimits) => Promise<T>,
  ): Promise<T> => {
    const [store, { openS3Bucket }] = await Promise.all([import('./object-store.js'), import('./s3-bucket.js')]);
    const { bucket, path } = store.parseLocation(source, accepts, handle);
    const { close, ...opened } = await openS3Bucket(handle, bucket, options.client);
    try {
      return await use(store, opened, path, { ...DEFAULT_LIMITS, ...options.limits });
    } finally {
      close();
    }
  };
  return {
    accepts,
    supports: (handle) => /^s3:\/\//i.test(handle),
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
