import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TransformOptions } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type ZlibOptions } from 'node:zlib';
import type { FileRecord } from '@tenon/cache';
import { RATIO_GRACE, type ArchiveLimits } from './archive-limits.js';
import { ByteReader } from './byte-reader.js';
import { EntryNames } from './entry-names.js';
import { ArchiveLimitError, CorruptArchiveError, NotAnArchiveError } from './errors.js';
import type { IncomingArchive } from './fetch-archive.js';
import { Folders } from './folders.js';
import { previewOf } from './preview.js';
import { isTarHeader, readTarEntries, type TarEntry } from './tar-entries.js';

/**
 * Unpacks a tar archive, gzipped or not, as it arrives: what is in memory at any time is a chunk. Whether it is gzipped is told from its
 * first bytes, since hosts say it in many ways or not at all. Only names and contents are taken over, no modes, owners or times.
 *
 * @returns what was written, with the hashes taken on the way.
 */
export async function unpackArchive(
  archive: IncomingArchive,
  directory: string,
  limits: ArchiveLimits,
): Promise<FileRecord[]> {
  const reader = new ByteReader(archive.body);
  try {
    const head = await reader.upTo(512);
    const whole = chain(head, reader.rest());
    if (isGzip(head)) return await unpackGzip(archive, whole, directory, limits);
    if (isTarHeader(head)) return await unpackTar(archive.handle, whole, directory, limits);
    throw new NotAnArchiveError(archive.handle, archive.url, archive.status, archive.contentType, previewOf(head));
  } finally {
    await reader.close();
  }
}

/** The decoder works on while others hash and write; each of its steps is large, since it waits for this thread between them. */
const READ_AHEAD: ZlibOptions & TransformOptions = {
  chunkSize: 2 ** 19,
  readableHighWaterMark: 2 ** 19,
  writableHighWaterMark: 2 ** 18,
};

async function unpackGzip(
  { handle }: IncomingArchive,
  compressed: AsyncIterable<Uint8Array>,
  directory: string,
  limits: ArchiveLimits,
): Promise<FileRecord[]> {
  const gunzip = createGunzip(READ_AHEAD);
  let packed = 0;
  let unpacked = 0;
  // Whatever stage fails first, the pipeline may report what that made of another one.
  let broken: unknown;
  async function* counted() {
    try {
      for await (const chunk of compressed) {
        packed += chunk.length;
        yield chunk;
      }
    } catch (error) {
      broken = error;
      throw error;
    }
  }
  async function* checked(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      if (unpacked > RATIO_GRACE && unpacked > packed * limits.maxRatio)
        throw new ArchiveLimitError(handle, 'maxRatio', limits.maxRatio);
      yield chunk;
    }
  }
  let failure: unknown;
  let unpacking: Promise<unknown> | undefined;
  const unpackChecked = (chunks: AsyncIterable<Uint8Array>) => {
    const work = unpackTar(handle, checked(chunks), directory, limits);
    unpacking = work.catch((error: unknown) => {
      failure = error;
    });
    return work;
  };
  let files;
  try {
    files = await pipeline(counted, gunzip, unpackChecked);
  } catch (error) {
    // Where an earlier stage fails, the last one may still be at a file; nothing may be written once this has thrown.
    await unpacking;
    throw explainGzipError(broken ?? failure ?? error, handle);
  }
  if (gunzip.bytesWritten !== packed) throw new CorruptArchiveError(handle, TRAILING);
  return files;
}

const TRAILING = 'something follows the end of the gzip data';

function explainGzipError(error: unknown, handle: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'Z_BUF_ERROR':
      return new CorruptArchiveError(handle, 'the gzip data was cut short', error);
    case 'Z_DATA_ERROR':
      return new CorruptArchiveError(
        handle,
        `the gzip data is broken, or something follows it (${(error as Error).message})`,
        error,
      );
    // The decoder closes at the end of the data, and what feeds it still has some.
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return new CorruptArchiveError(handle, TRAILING, error);
    default:
      return error;
  }
}

async function unpackTar(
  handle: string,
  chunks: AsyncIterable<Uint8Array>,
  directory: string,
  limits: ArchiveLimits,
): Promise<FileRecord[]> {
  const names = new EntryNames(handle, limits.maxEntries);
  const folders = new Folders(directory);
  const files: FileRecord[] = [];
  let entries = 0;
  for await (const entry of readTarEntries(new ByteReader(limitBytes(handle, chunks, limits.maxBytes)), handle)) {
    entries += 1;
    if (entries > limits.maxEntries) throw new ArchiveLimitError(handle, 'maxEntries', limits.maxEntries);
    if (entry.size > limits.maxBytes) throw new ArchiveLimitError(handle, 'maxBytes', limits.maxBytes);
    const path = names.accept(entry.path, entry.type);
    if (entry.type === 'directory') {
      await folders.make(path);
    } else {
      await folders.makeFor(path);
      files.push({ path, size: entry.size, sha256: await writeHashed(join(directory, path), entry) });
    }
  }
  return files;
}

async function writeHashed(path: string, { content }: TarEntry): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function* limitBytes(
  handle: string,
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new ArchiveLimitError(handle, 'maxBytes', maxBytes);
    yield chunk;
  }
}

/** Puts what was read ahead in front of the rest again. */
export async function* chain(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}
