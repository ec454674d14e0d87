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
  if (!isChecksumRight(block)) return undefined;
  const name = text(block, 0, 100);
  // Others have something else in this field.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 500) : '';
  return {
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    path: prefix === '' ? name : `${prefix}/${name}`,
    size: number(block.subarray(124, 136)),
  };
}

/** The sum of all bytes, with spaces in the place of the sum itself; some old programs took bytes for signed numbers. */
function isChecksumRight(block: Buffer): boolean {
  const expected = number(block.subarray(148, 156));
  let unsigned = 8 * 0x20;
  let signed = unsigned;
  for (let index = 0; index < BLOCK; index += 1) {
    if (index >= 148 && index < 156) continue;
    const byte = block[index]!;
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  return expected === unsigned || expected === signed;
}

/** Octal digits, or, with its highest bit set, a number of 95 bits with the most significant byte first. */
function number(field: Buffer): number | undefined {
  if ((field[0]! & 0x80) === 0) {
    const digits = field.toString('latin1').replace(/\0.*$/s, '').trim();
    return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : undefined;
  }
  // The sign.
  if ((field[0]! & 0x40) !== 0) return undefined;
  let value = field[0]! & 0x3f;
  for (const byte of field.subarray(1)) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** To the first zero. Bytes that are not UTF-8 become U+FFFD. */
function text(block: Buffer, start: number, end: number): string {
  const zero = block.indexOf(0, start);
  return block.toString('utf8', start, zero === -1 || zero > end ? end : zero);
}

/**
 * Decodes the records of an extended header of POSIX.1-2001, `<length> <keyword>=<value>\n`, where the length is that of all of the record.
 * What concerns neither names nor sizes is left out. A value may hold anything, line breaks too: it ends where its length says.
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
