import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { looksLikeModule, MODULE_FILES, type FileRecord } from '@tenon/cache';
import type { ArchiveLimits } from './archive-limits.js';
import { checkDiskSpace } from './disk-space.js';
import { CorruptArchiveError, NotAModuleError } from './errors.js';
import { fetchArchive, StartOverError, type IncomingArchive } from './fetch-archive.js';
import { PartialArchives } from './partial-archives.js';
import type { RemoteFile } from './remote-file.js';
import type { DownloadContext } from './resolver.js';
import { mayPass, Retries, type RetryOptions } from './retries.js';
import { unpackArchive } from './unpack-archive.js';

/** What holds for every download, whoever the host is. */
export interface TransferOptions extends RetryOptions {
  /** How long to wait for the beginning of an answer, redirects included, in milliseconds. Default: one minute. */
  readonly responseTimeout?: number;
  /** How long to wait for the next bytes of a body, in milliseconds. Default: one minute. */
  readonly idleTimeout?: number;
  readonly limits?: Partial<ArchiveLimits>;
}

/** Downloads a module's archive and unpacks it into an empty directory as it arrives. */
export async function downloadArchive(
  file: RemoteFile,
  directory: string,
  context: DownloadContext,
  options: TransferOptions & { readonly limits: ArchiveLimits },
): Promise<readonly FileRecord[]> {
  const { handle, signal, onProgress, onRetry, onArchive } = context;
  const { responseTimeout = 60_000, idleTimeout = 60_000, limits } = options;
  const retries = new Retries(handle, options, signal, onRetry);
  const copies = new PartialArchives(context.partials, file.url);
  try {
    for (;;) {
      const earlier = await copies.find();
      const onLength = (total: number) => checkDiskSpace(handle, directory, total);
      try {
        const archive = await fetchArchive(file, {
          handle,
          responseTimeout,
          idleTimeout,
          limits,
          retries,
          onProgress,
          signal,
          onLength,
          copies,
          earlier,
        });
        const hashed = onArchive === undefined ? undefined : hashArchive(archive);
        const files = await unpackArchive(hashed?.archive ?? archive, directory, limits);
        await checkModule(handle, directory, files);
        await copies.discard();
        if (hashed !== undefined) onArchive?.({ handle, url: archive.url, ...hashed.result() });
        return files;
      } catch (error) {
        // Of an earlier process's part nobody knows more than its length.
        const isStale =
          error instanceof StartOverError || (earlier !== undefined && error instanceof CorruptArchiveError);
        if (!isStale) throw error;
        await copies.discard();
        await rm(directory, { recursive: true });
        await mkdir(directory);
      }
    }
  } catch (error) {
    await (signal.aborted || mayPass(error) ? copies.keep() : copies.discard());
    throw error;
  }
}

/** @throws NotAModuleError where what was downloaded is something else. */
export async function checkModule(handle: string, directory: string, files: readonly FileRecord[]): Promise<void> {
  if (await looksLikeModule(directory)) return;
  throw new NotAModuleError(
    handle,
    files.map(({ path }) => path),
    MODULE_FILES,
  );
}

function hashArchive(archive: IncomingArchive): {
  archive: IncomingArchive;
  result: () => { size: number; sha256: string };
} {
  const hash = createHash('sha256');
  let size = 0;
  async function* body() {
    for await (const chunk of archive.body) {
      size += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  }
  return { archive: { ...archive, body: body() }, result: () => ({ size, sha256: hash.digest('hex') }) };
}
