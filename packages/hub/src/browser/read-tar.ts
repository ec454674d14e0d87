const BLOCK = 512;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The files of a tar archive that is in memory, as views of it, by their paths without leading `./`.
 *
 * @param fail Makes the error to throw.
 */
export function readTar(
  archive: Uint8Array,
  fail: (reason: string, cause?: unknown) => Error,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  let extension: ReadonlyMap<string, string> = new Map();
  for (let offset = 0; ;) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header.length < BLOCK) throw fail('it was cut short: its end mark is missing');
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header, fail);
    const size = Number(extension.get('size') ?? octal(header, 124, 12, fail));
    const start = offset + BLOCK;
    if (!Number.isSafeInteger(size) || size < 0) throw fail('an entry has no valid size');
    if (start + size > archive.length) throw fail('it was cut short within a file');
    const content = archive.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]!);
    switch (type) {
      case 'x':
        extension = readExtension(content, fail);
        continue;
      case 'g':
        continue;
      case 'L':
        longName = text(content, 0, content.length, fail);
        continue;
      case '0':
      case '\0':
      case '7':
      case '5': {
        const path = normalize(extension.get('path') ?? longName ?? nameOf(header, fail), fail);
        if (type !== '5') {
          if (files.has(path)) throw fail(`${JSON.stringify(path)} is in it twice`);
          files.set(path, content);
        }
        break;
      }
      default:
        throw fail('it holds something that is neither a file nor a directory');
    }
    longName = undefined;
    extension = new Map();
  }
}

/** Whether bytes begin as a tar archive does. */
export function isTar(bytes: Uint8Array): boolean {
  if (bytes.length < BLOCK) return false;
  try {
    checkSum(bytes.subarray(0, BLOCK), () => new Error());
    return true;
  } catch {
    return false;
  }
}

type Fail = (reason: string, cause?: unknown) => Error;

/** The sum of a header's bytes, with blanks in the place of the sum itself. */
function checkSum(header: Uint8Array, fail: Fail): void {
  let sum = 8 * 0x20;
  header.forEach((byte, index) => (sum += index >= 148 && index < 156 ? 0 : byte));
  if (octal(header, 148, 8, fail) !== sum) throw fail('the checksum of a header is wrong');
}

function octal(bytes: Uint8Array, start: number, length: number, fail: Fail): number {
  // Sizes beyond 8 GiB are written in another way, and do not fit into memory.
  const digits = text(bytes, start, length, fail).trim();
  if (!/^[0-7]+$/.test(digits)) throw fail('a number in a header cannot be read');
  return parseInt(digits, 8);
}

/** Up to the first zero. */
function text(bytes: Uint8Array, start: number, length: number, fail: Fail): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  try {
    return decoder.decode(end < 0 ? field : field.subarray(0, end));
  } catch (error) {
    throw fail('a name is not UTF-8', error);
  }
}

function nameOf(header: Uint8Array, fail: Fail): string {
  const name = text(header, 0, 100, fail);
  const isPosix = text(header, 257, 6, fail) === 'ustar';
  const prefix = isPosix ? text(header, 345, 155, fail) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records of the form `<length> <key>=<value>\n`, where the length counts itself. */
function readExtension(content: Uint8Array, fail: Fail): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let offset = 0; offset < content.length;) {
    const space = content.indexOf(0x20, offset);
    const length = space < 0 ? NaN : Number(text(content, offset, space - offset, fail));
    const isWhole = Number.isSafeInteger(length) && length > space - offset && offset + length <= content.length;
    if (!isWhole) throw fail('an extended header is broken');
    const record = text(content, space + 1, offset + length - space - 2, fail);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return records;
}

function normalize(path: string, fail: Fail): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || path.includes('\\') || parts.includes('..'))
    throw fail(`the name ${JSON.stringify(path)} leads out of it`);
  return parts.join('/');
}
