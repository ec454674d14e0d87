import { Header } from 'tar';

/** Every piece of a tar archive is so many bytes long, or a multiple. */
export const BLOCK = 512;

/** What one block of a tar archive says of what follows it. */
export interface TarHeader {
  /** The type flag, one character; `'0'` where there is none. */
  readonly type: string;
  /** As it is in the header; headers before it may say otherwise. */
  readonly path: string;
  /** Bytes that follow; undefined where the field holds no such number. */
  readonly size: number | undefined;
}

/** What a header that extends the next one says of it. */
export interface TarExtension {
  readonly path?: string;
  readonly size?: number;
}

/**
 * Decodes a header, of the formats of POSIX.1-1988 and 2001, of GNU, or of Unix version 7.
 *
 * @param block 512 bytes.
 * @returns undefined where its checksum is wrong: it is not a header, or not the one that was written.
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 */
export function decodeTarHeader(block: Buffer): TarHeader | undefined {
  let header: Header;
  try {
    header = new Header(block);
  } catch {
    // Its numbers are beyond reason.
    return undefined;
  }
  if (!header.cksumValid) return undefined;
  const { path = '', size } = header;
  return { type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!), path, size };
}

/**
 * Decodes the records of an extended header of POSIX.1-2001, `<length> <keyword>=<value>\n`, where the length is that of all of the record.
 * What concerns neither names nor sizes is left out. A value may hold anything, line breaks too: it ends where its length says, which the
 * `tar` package, reading lines, does not heed.
 *
 * @throws Error, saying what is wrong.
 */
export function decodePaxRecords(bytes: Buffer): TarExtension & { readonly isSparse: boolean } {
  const extension: { path?: string; size?: number } = {};
  let isSparse = false;
  for (let start = 0; start < bytes.length;) {
    const [head, digits] = /^(\d{1,8}) /.exec(bytes.toString('latin1', start, start + 9)) ?? [];
    const end = start + Number(digits);
    if (head === undefined || end > bytes.length || end < start + head.length + 2 || bytes[end - 1] !== 0x0a)
      throw new Error('a record has not the length that it says');
    const record = bytes.subarray(start + head.length, end - 1);
    const equals = record.indexOf('=');
    if (equals < 1) throw new Error('a record has no keyword');
    const keyword = record.toString('utf8', 0, equals);
    const value = record.toString('utf8', equals + 1);
    if (keyword === 'path') extension.path = value;
    else if (keyword === 'size') extension.size = /^\d{1,20}$/.test(value) ? Number(value) : NaN;
    else if (keyword.startsWith('GNU.sparse.')) isSparse = true;
    start = end;
  }
  return { ...extension, isSparse };
}
