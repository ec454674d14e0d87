import { Header, Pax, type HeaderData } from 'tar';
import type { ByteReader } from './byte-reader.js';
import { CorruptArchiveError, UnsafeArchiveError } from './errors.js';

/** One file or directory of a tar archive. */
export interface TarEntry {
  /** As the archive has it. */
  readonly path: string;
  readonly type: 'file' | 'directory';
  /** Bytes. */
  readonly size: number;
  /** Must be read to its end before the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** A header that extends the next one is held in memory; no sensible name comes near this. */
const MAX_EXTENSION = 2 ** 20;

/**
 * The entries of a tar archive, in order, to the end of the archive. Anything but files and directories is refused, and so is an archive
 * without its end mark, or with anything but zeros behind it: both are what is left of a broken download, or bait.
 */
export async function* readTarEntries(reader: ByteReader, handle: string): AsyncGenerator<TarEntry> {
  let extension: HeaderData | undefined;
  let globalExtension: HeaderData | undefined;

  for (;;) {
    const header = await readHeader(reader, handle, (block) => new Header(block, 0, extension, globalExtension));
    if (header === undefined) break;
    const { type, path = '', size } = header;
    switch (type) {
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        yield { path, type: 'file', ...contentOf(reader, handle, path, checkSize(handle, path, size)) };
        extension = undefined;
        break;
      case 'Directory':
        yield { path, type: 'directory', ...contentOf(reader, handle, path, 0) };
        extension = undefined;
        break;
      case 'ExtendedHeader':
      case 'OldExtendedHeader':
        extension = Pax.parse(await readExtension(reader, handle, path, size), extension, false);
        break;
      case 'GlobalExtendedHeader':
        globalExtension = Pax.parse(await readExtension(reader, handle, path, size), globalExtension, true);
        break;
      case 'NextFileHasLongPath':
      case 'OldGnuLongPath':
        extension = { ...extension, path: (await readExtension(reader, handle, path, size)).replace(/\0.*$/s, '') };
        break;
      default:
        throw new UnsafeArchiveError(handle, path, `is ${describeType(type)}; modules hold files and directories only`);
    }
  }
  for await (const chunk of reader.rest()) {
    if (chunk.some((byte) => byte !== 0))
      throw new CorruptArchiveError(handle, 'something follows the end of the tar archive');
  }
}

/** Undefined at the archive's end mark, which is two blocks of zeros. */
async function readHeader(
  reader: ByteReader,
  handle: string,
  decode: (block: Buffer) => Header,
): Promise<Header | undefined> {
  const block = await reader.upTo(BLOCK);
  if (block.length < BLOCK) throw new CorruptArchiveError(handle, 'the tar archive has no end mark; it was cut short');
  if (isZero(block)) {
    const second = await reader.upTo(BLOCK);
    if (second.length < BLOCK || !isZero(second))
      throw new CorruptArchiveError(handle, 'the end mark of the tar archive is broken');
    return undefined;
  }
  let header;
  try {
    header = decode(block);
  } catch (error) {
    throw new CorruptArchiveError(handle, `a tar header cannot be read (${(error as Error).message})`, error);
  }
  if (!header.cksumValid) throw new CorruptArchiveError(handle, 'the checksum of a tar header is wrong');
  return header;
}

/** Whether a block can be the first of a tar archive. */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < BLOCK) return false;
  try {
    const header = new Header(block);
    return header.cksumValid || header.nullBlock;
  } catch {
    return false;
  }
}

function checkSize(handle: string, path: string, size: number | undefined): number {
  if (size === undefined || !Number.isSafeInteger(size))
    throw new CorruptArchiveError(handle, `${JSON.stringify(path)} has no valid size`);
  return size;
}

function contentOf(reader: ByteReader, handle: string, path: string, size: number): Pick<TarEntry, 'size' | 'content'> {
  return { size, content: readContent(reader, handle, path, size) };
}

async function* readContent(
  reader: ByteReader,
  handle: string,
  path: string,
  size: number,
): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0;) {
    const chunk = await reader.some(left);
    if (chunk === undefined) throw new CorruptArchiveError(handle, `it was cut short within ${JSON.stringify(path)}`);
    left -= chunk.length;
    yield chunk;
  }
  // Left unchecked where it is short: the next header is then missing as well.
  await reader.upTo((BLOCK - (size % BLOCK)) % BLOCK);
}

async function readExtension(
  reader: ByteReader,
  handle: string,
  path: string,
  size: number | undefined,
): Promise<string> {
  const length = checkSize(handle, path, size);
  if (length > MAX_EXTENSION) throw new UnsafeArchiveError(handle, path, `is an extended header of ${length} bytes`);
  const parts: Uint8Array[] = [];
  for await (const chunk of readContent(reader, handle, path, length)) parts.push(chunk);
  const text = Buffer.concat(parts).toString('utf8');
  // Such a file's content is a map of holes and data; taken for the data itself it would be silently wrong.
  if (/^\d+ GNU\.sparse\./m.test(text))
    throw new UnsafeArchiveError(handle, path, 'describes a sparse file, which is not supported');
  return text;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function describeType(type: string | undefined): string {
  switch (type) {
    case 'Link':
      return 'a hard link';
    case 'SymbolicLink':
    case 'NextFileHasLongLinkpath':
      return 'a symbolic link';
    case 'CharacterDevice':
    case 'BlockDevice':
      return 'a device';
    case 'FIFO':
      return 'a pipe';
    case 'SparseFile':
      return 'a sparse file';
    default:
      return `of an unknown type${type === undefined ? '' : ` (${type})`}`;
  }
}
