import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRecord } from '@tenon/cache';
import type { ArchiveLimits } from './archive-limits.js';
import { checkDiskSpace } from './disk-space.js';
import { checkModule, downloadArchive, type TransferOptions } from './download-archive.js';
import { EntryNames } from './entry-names.js';
import {
  ArchiveLimitError,
  DownloadInterruptedError,
  HttpStatusError,
  NotAModuleError,
  UnsupportedHandleError,
} from './errors.js';
import { MAX_FILE, readArchiveExcerpt } from './excerpt-of-archive.js';
import { fetchArchive, StartOverError } from './fetch-archive.js';
import { Folders } from './folders.js';
import { mapConcurrently } from './map-concurrently.js';
import type { RemoteFile } from './remote-file.js';
import type { DownloadContext, ExcerptRequest, ModuleExcerpt } from './resolver.js';
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

const isArchive = (path: string) => /\.(tar|tar\.gz|tgz)$/.test(path);

const CONCURRENT_FILES = 4;

/** Downloads a module from a bucket: an archive, by its name, or else the files below the path. */
export async function downloadFromBucket(
  bucket: Bucket,
  path: string,
  directory: string,
  context: DownloadContext,
  options: StoreDownloadOptions,
): Promise<readonly FileRecord[]> {
  if (isArchive(path)) return downloadArchive(bucket.file(path), directory, context, options);
  const { handle, signal, onProgress, onRetry } = context;
  const objects = await listFiles(bucket, path, context, options);
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  await checkDiskSpace(handle, directory, total);

  const received = new Map<string, number>();
  const files: FileRecord[] = [];
  const folders = new Folders(directory);
  const report = (name: string, bytes: number) => {
    received.set(name, bytes);
    onProgress?.({ handle, received: [...received.values()].reduce((sum, part) => sum + part, 0), total });
  };
  // One failure ends the others.
  const failed = new AbortController();
  await mapConcurrently(objects, CONCURRENT_FILES, async ({ name, file, size }) => {
    const target = join(directory, file);
    await folders.makeFor(file);
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

/** Reads files of a module in a bucket: those below the path by themselves, those of an archive out of it. */
export async function readBucketExcerpt(
  bucket: Bucket,
  path: string,
  request: ExcerptRequest,
  context: Omit<DownloadContext, 'partials'>,
  options: StoreDownloadOptions,
): Promise<ModuleExcerpt> {
  if (isArchive(path)) return readArchiveExcerpt(bucket.file(path), request, context, options);
  const { handle, signal, onProgress, onRetry } = context;
  const objects = await listFiles(bucket, path, context, options);
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  const files = new Map<string, Uint8Array>();
  let received = 0;
  for (const { name, file, size } of objects) {
    if (!request.files.includes(file)) continue;
    if (size > MAX_FILE) throw new ArchiveLimitError(handle, 'maxBytes', MAX_FILE);
    const parts: Uint8Array[] = [];
    await readObject(
      bucket.file(name),
      size,
      {
        handle,
        responseTimeout: options.responseTimeout ?? 60_000,
        idleTimeout: options.idleTimeout ?? 60_000,
        limits: options.limits,
        retries: new Retries(handle, options, signal, onRetry),
        onProgress: undefined,
        signal,
      },
      async (body) => {
        parts.length = 0;
        for await (const chunk of body) parts.push(chunk);
        return parts.reduce((sum, { length }) => sum + length, 0);
      },
    );
    files.set(file, Buffer.concat(parts));
    received += size;
    onProgress?.({ handle, received, total });
  }
  if (request.until.some((file) => files.has(file))) return { files, received, total };
  throw new NotAModuleError(
    handle,
    objects.map(({ file }) => file),
    request.until,
  );
}

interface ListedFile extends StoredObject {
  /** Relative to the module's directory. */
  readonly file: string;
}

async function listFiles(
  bucket: Bucket,
  path: string,
  { handle, signal, onRetry }: Pick<DownloadContext, 'handle' | 'signal' | 'onRetry'>,
  options: StoreDownloadOptions,
): Promise<ListedFile[]> {
  const { limits } = options;
  const prefix = `${path}/`;
  const retries = new Retries(handle, options, signal, onRetry);
  for (;;) {
    const names = new EntryNames(handle, limits.maxEntries);
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
  let sha256 = '';
  await readObject(file, size, options, async (body) => {
    const hash = createHash('sha256');
    const output = await open(target, 'w');
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        await output.writeFile(chunk);
      }
      sha256 = hash.digest('hex');
      return (await output.stat()).size;
    } finally {
      await output.close();
    }
  });
  return sha256;
}

/** @param take Takes the bytes from the first one on, once more for each attempt, and says how many there were. */
async function readObject(
  file: RemoteFile,
  size: number,
  options: Parameters<typeof fetchArchive>[1],
  take: (body: AsyncIterable<Uint8Array>) => Promise<number>,
): Promise<void> {
  for (;;) {
    try {
      const { body } = await fetchArchive(file, options);
      const taken = await take(body);
      if (taken === size) return;
      const { handle, retries } = options;
      await retries.next(new DownloadInterruptedError(handle, file.url, taken, size, undefined, retries.attempt));
    } catch (error) {
      if (!(error instanceof StartOverError)) throw error;
    }
  }
}
