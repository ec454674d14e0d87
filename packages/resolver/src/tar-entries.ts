import type { ByteReader } from './byte-reader.js';
import { CorruptArchiveError, UnsafeArchiveError } from './errors.js';
import { BLOCK, decodePaxRecords, decodeTarHeader, type TarExtension, type TarHeader } from './tar-header.js';

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

/** A header that extends the next one is held in memory; no sensible name comes near this. */
const MAX_EXTENSION = 2 ** 20;
/** One for its name, one for all else, and some for all entries at once: more than these extend nothing. */
const MAX_EXTENSIONS = 8;

/**
 * The entries of a tar archive, in order, to the end of the archive. Anything but files and directories is refused, and so is an archive
 * without its end mark, or with anything but zeros behind it: both are what is left of a broken download, or bait.
 */
export async function* readTarEntries(reader: ByteReader, handle: string): AsyncGenerator<TarEntry> {
  let extension: TarExtension = {};
  let forAll: TarExtension = {};
  let extensions = 0;

  for (;;) {
    const header = await readHeader(reader, handle);
    if (header === undefined) break;
    const { type } = header;
    switch (type) {
      case '0':
      case '7':
      case '5': {
        const path = extension.path ?? forAll.path ?? header.path;
        // Before there was a type for directories, their names told.
        const isDirectory = type === '5' || path.endsWith('/');
        const size = type === '5' ? 0 : checkSize(handle, path, extension.size ?? forAll.size ?? header.size);
        if (isDirectory && size > 0) throw new UnsafeArchiveError(handle, path, 'is a directory with contents');
        const content = readContent(reader, handle, path, size);
        yield { path, type: isDirectory ? 'directory' : 'file', size, content };
        extension = {};
        extensions = 0;
        continue;
      }
      case 'x':
      case 'X':
        extension = { ...extension, ...(await readPaxRecords(reader, handle, header)) };
        break;
      case 'g':
        forAll = { ...forAll, ...(await readPaxRecords(reader, handle, header)) };
        break;
      case 'L':
      case 'N':
        extension = {
          ...extension,
          path: (await readExtension(reader, handle, header)).toString('utf8').replace(/\0.*$/s, ''),
        };
        break;
      default:
        throw new UnsafeArchiveError(
          handle,
          extension.path ?? header.path,
          `is ${describeType(type)}; modules hold files and directories only`,
        );
    }
    extensions += 1;
    if (extensions > MAX_EXTENSIONS)
      throw new UnsafeArchiveError(handle, header.path, `is the ${extensions}th extended header in a row`);
  }
  for await (const chunk of reader.rest()) {
    if (chunk.some((byte) => byte !== 0))
      throw new CorruptArchiveError(handle, 'something follows the end of the tar archive');
  }
}

/** Undefined at the archive's end mark, which is two blocks of zeros. */
async function readHeader(reader: ByteReader, handle: string): Promise<TarHeader | undefined> {
  const block = await reader.upTo(BLOCK);
  if (block.length < BLOCK) throw new CorruptArchiveError(handle, 'the tar archive has no end mark; it was cut short');
  if (isZero(block)) {
    const second = await reader.upTo(BLOCK);
    if (second.length < BLOCK || !isZero(second))
      throw new CorruptArchiveError(handle, 'the end mark of the tar archive is broken');
    return undefined;
  }
  const header = decodeTarHeader(block);
  if (header === undefined)
    throw new CorruptArchiveError(
      handle,
      'a tar header is broken: its checksum is wrong, or a number in it beyond reason',
    );
  return header;
}

/** Whether a block can be the first of a tar archive. */
export function isTarHeader(block: Buffer): boolean {
  return block.length === BLOCK && (isZero(block) || decodeTarHeader(block) !== undefined);
}

function checkSize(handle: string, path: string, size: number | undefined): number {
  if (size === undefined || !Number.isSafeInteger(size))
    throw new CorruptArchiveError(handle, `${JSON.stringify(path)} has no valid size`);
  return size;
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

async function readExtension(reader: ByteReader, handle: string, { path, size }: TarHeader): Promise<Buffer> {
  const length = checkSize(handle, path, size);
  if (length > MAX_EXTENSION) throw new UnsafeArchiveError(handle, path, `is an extended header of ${length} bytes`);
  const parts: Uint8Array[] = [];
  for await (const chunk of readContent(reader, handle, path, length)) parts.push(chunk);
  return Buffer.concat(parts);
}

async function readPaxRecords(reader: ByteReader, handle: string, header: TarHeader): Promise<TarExtension> {
  const bytes = await readExtension(reader, handle, header);
  let records;
  try {
    records = decodePaxRecords(bytes);
  } catch (error) {
    throw new CorruptArchiveError(handle, `an extended tar header cannot be read: ${(error as Error).message}`, error);
  }
  const { isSparse, ...extension } = records;
  // Such a file's content is a map of holes and data; taken for the data itself it would be silently wrong.
  if (isSparse) throw new UnsafeArchiveError(handle, header.path, 'describes a sparse file, which is not supported');
  return extension;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function describeType(type: string): string {
  switch (type) {
    case '1':
      return 'a hard link';
    case '2':
    case 'K':
      return 'a symbolic link';
    case '3':
    case '4':
      return 'a device';
    case '6':
      return 'a pipe';
    case 'S':
      return 'a sparse file';
    default:
      return `of an unknown type (${JSON.stringify(type)})`;
  }
}
