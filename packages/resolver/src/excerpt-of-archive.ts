import { decodeContent } from './content-encoding.js';
import type { ArchiveLimits } from './archive-limits.js';
import { ByteReader } from './byte-reader.js';
import type { TransferOptions } from './download-archive.js';
import { EntryNames } from './entry-names.js';
import { ArchiveLimitError, NotAModuleError, NotAnArchiveError } from './errors.js';
import { fetchArchive, StartOverError, type IncomingArchive } from './fetch-archive.js';
import { previewOf } from './preview.js';
import type { RemoteFile } from './remote-file.js';
import type { DownloadContext, DownloadProgress, ExcerptRequest, ModuleExcerpt } from './resolver.js';
import { Retries } from './retries.js';
import { isTarHeader, readTarEntries } from './tar-entries.js';
import { chain, isGzip } from './unpack-archive.js';

/** A file is held in memory; protocol buffers, which these are, end here. */
export const MAX_FILE = 2 ** 31 - 1;

/** Reads files of a module out of its archive as it arrives, and hangs up when it has them. */
export async function readArchiveExcerpt(
  file: RemoteFile,
  request: ExcerptRequest,
  { handle, signal, onProgress, onRetry }: Omit<DownloadContext, 'partials'>,
  options: TransferOptions & { readonly limits: ArchiveLimits },
): Promise<ModuleExcerpt> {
  const { responseTimeout = 60_000, idleTimeout = 60_000, limits } = options;
  const retries = new Retries(handle, options, signal, onRetry);
  let progress: DownloadProgress | undefined;
  const fetchOptions = {
    handle,
    responseTimeout,
    idleTimeout,
    limits,
    retries,
    signal,
    onProgress: (news: DownloadProgress) => {
      progress = news;
      onProgress?.(news);
    },
  };
  for (;;) {
    try {
      const files = await readFiles(await fetchArchive(file, fetchOptions), request, limits);
      return { files, received: progress?.received ?? 0, total: progress?.total };
    } catch (error) {
      if (!(error instanceof StartOverError)) throw error;
    }
  }
}

async function readFiles(
  archive: IncomingArchive,
  { files: wanted, until }: ExcerptRequest,
  limits: ArchiveLimits,
): Promise<Map<string, Uint8Array>> {
  const { handle } = archive;
  const outer = new ByteReader(archive.body);
  let reader = outer;
  try {
    const head = await outer.upTo(512);
    const whole = chain(head, outer.rest());
    const isPacked = isGzip(head);
    if (!isPacked && !isTarHeader(head))
      throw new NotAnArchiveError(handle, archive.url, archive.status, archive.contentType, previewOf(head));
    reader = new ByteReader(isPacked ? decodeContent(handle, 'gzip', whole, limits) : whole);
    const names = new EntryNames(handle, limits.maxEntries);
    const files = new Map<string, Uint8Array>();
    const seen: string[] = [];
    let bytes = 0;
    let isEnough = false;
    for await (const { path, type, size, content } of readTarEntries(reader, handle)) {
      const name = names.accept(path, type);
      const isWanted = type === 'file' && wanted.includes(name);
      // Archives list names in order: what else is wanted often stands right behind.
      if (isEnough && type === 'file' && !isWanted) return files;
      seen.push(name);
      if (seen.length > limits.maxEntries) throw new ArchiveLimitError(handle, 'maxEntries', limits.maxEntries);
      bytes += size;
      if (bytes > limits.maxBytes) throw new ArchiveLimitError(handle, 'maxBytes', limits.maxBytes);
      if (isWanted && size > MAX_FILE) throw new ArchiveLimitError(handle, 'maxBytes', MAX_FILE);
      const parts: Uint8Array[] = [];
      for await (const chunk of content) if (isWanted) parts.push(chunk);
      if (isWanted) files.set(name, Buffer.concat(parts));
      if (isWanted && until.includes(name)) isEnough = true;
    }
    if (isEnough) return files;
    throw new NotAModuleError(handle, seen, until);
  } finally {
    await reader.close();
    await outer.close();
  }
}
