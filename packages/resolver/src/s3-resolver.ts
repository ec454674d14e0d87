import { DEFAULT_LIMITS } from './archive-limits.js';
import type { TransferOptions } from './download-archive.js';
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
  return {
    accepts,
    supports: (handle) => /^s3:\/\//i.test(handle),
    async download(source, directory, context) {
      const [{ downloadFromBucket, parseLocation }, { openS3Bucket }] = await Promise.all([
        import('./object-store.js'),
        import('./s3-bucket.js'),
      ]);
      const { bucket, path } = parseLocation(source, accepts, context.handle);
      const limits = { ...DEFAULT_LIMITS, ...options.limits };
      const { close, ...opened } = await openS3Bucket(context.handle, bucket, options.client);
      try {
        return await downloadFromBucket(opened, path, directory, context, { ...options, limits });
      } finally {
        close();
      }
    },
  };
}
