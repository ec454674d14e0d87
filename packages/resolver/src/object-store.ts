import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileRecord } from '@tenon/cache';
import type { ArchiveLimits } from './archive-limits.js';
import { checkDiskSpace } from './disk-space.js';
import { checkModule, downloadArchive, type TransferOptions } from './download-archive.js';
import { EntryNames } from './entry-names.js';
import { ArchiveLimitError, DownloadInterruptedError, HttpStatusError, UnsupportedHandleError } from './errors.js';
import { fetchArchive, StartOverError } from './fetch-archive.js';
import { mapConcurrently } from './map-concurrently.js';
import type { RemoteFile } from './remote-file.js';
import type { DownloadContext } from './resolver.js';
import { Retries } from './retries.js';

/** An object in a bucket. */
export interface StoredObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** One bucket, by way of its store's client. */
export interface Bucket {
  /** The objects whose names begin so. Fails as the opening of files does. */
  list(prefix: string, signal: AbortSignal, attempt: number): AsyncIterable<StoredObject>;
  file(name: string): RemoteFile;
}

export type StoreDownloadOptions = TransferOptions & { readonly limits: ArchiveLimits };

/** The bucket and the name or prefix of objects that a `gs://` or `s3://` URL names. */
export function parseLocation(url: string, accepts: string, handle: string): { bucket: string; path: string } {
  const [, bucket, path] = /^[a-z0-9]+:\/\/([^/?#]+)\/(.+?)\/*$/i.exec(url) ?? [];
  if (bucket === undefined || path === undefined)
    throw new UnsupportedHandleError(handle, [accepts], 'a bucket and a path in it are needed');
  return { bucket, path };
}

const CONCURRENT_FILES = 4;

/** Downloads a module from a bucket: an archive, by its name, or else the files below the path. */
export async function downloadFromBucket(
  bucket: Bucket,
  path: string,
  directory: string,
  context: DownloadContext,
  options: StoreDownloadOptions,
): Promise<readonly FileRecord[]> {
  if (/\.(tar|tar\.gz|tgz)$/.test(path)) return downloadArchive(bucket.file(path), directory, context, options);
  const { handle, signal, onProgress, onRetry } = context;
  const objects = await listFiles(bucket, path, context, options);
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  await checkDiskSpace(handle, directory, total);

  const received = new Map<string, number>();
  const files: FileRecord[] = [];
  const report = (name: string, bytes: number) => {
    received.set(name, bytes);
    onProgress?.({ handle, received: [...received.values()].reduce((sum, part) => sum + part, 0), total });
  };
  // One failure ends the others.
  const failed = new AbortController();
  await mapConcurrently(objects, CONCURRENT_FILES, async ({ name, file, size }) => {
    const target = join(directory, file);
    await mkdir(dirname(target), { recursive: true });
    const retries = new Retries(handle, options, signal, onRetry);
    const sha256 = await copyObject(bucket.file(name), target, size, {
      handle,
      responseTimeout: options.responseTimeout ?? 60_000,
      idleTimeout: options.idleTimeout ?? 60_000,
      limits: options.limits,
      retries,
      onProgress: (progress) => report(name, progress.received),
      signal: AbortSignal.any([signal, failed.signal]),
    }).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
    files.push({ path: file, size, sha256 });
  });
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  await checkModule(handle, directory, files);
  return files;
}

interface ListedFile extends StoredObject {
  /** Relative to the module's directory. */
  readonly file: string;
}

async function listFiles(
  bucket: Bucket,
  path: string,
  { handle, signal, onRetry }: DownloadContext,
  options: StoreDownloadOptions,
): Promise<ListedFile[]> {
  const { limits } = options;
  const prefix = `${path}/`;
  const retries = new Retries(handle, options, signal, onRetry);
  for (;;) {
    const names = new EntryNames(handle);
    const files: ListedFile[] = [];
    let entries = 0;
    let bytes = 0;
    try {
      for await (const object of bucket.list(prefix, signal, retries.attempt)) {
        entries += 1;
        bytes += object.size;
        if (entries > limits.maxEntries) throw new ArchiveLimitError(handle, 'maxEntries', limits.maxEntries);
        if (bytes > limits.maxBytes) throw new ArchiveLimitError(handle, 'maxBytes', limits.maxBytes);
        const name = object.name.slice(prefix.length);
        // Tools that show stores as folders leave empty objects in the place of these.
        if (name === '' || name.endsWith('/')) continue;
        files.push({ ...object, file: names.accept(name, 'file') });
      }
      if (files.length > 0) return files;
    } catch (error) {
      await retries.next(error as Error);
      continue;
    }
    throw new HttpStatusError(handle, bucket.file(prefix).url, 404, 'Not Found', 'nothing below this path');
  }
}

/** @returns the file's SHA-256. */
async function copyObject(
  file: RemoteFile,
  target: string,
  size: number,
  options: Parameters<typeof fetchArchive>[1],
): Promise<string> {
  for (;;) {
    const hash = createHash('sha256');
    const output = await open(target, 'w');
    try {
      const { body } = await fetchArchive(file, options);
      for await (const chunk of body) {
        hash.update(chunk);
        await output.writeFile(chunk);
      }
      const written = (await output.stat()).size;
      if (written === size) return hash.digest('hex');
      const { handle, retries } = options;
      await retries.next(new DownloadInterruptedError(handle, file.url, written, size, undefined, retries.attempt));
    } catch (error) {
      if (!(error instanceof StartOverError)) throw error;
    } finally {
      await output.close();
    }
  }
}
