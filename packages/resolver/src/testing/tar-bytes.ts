/** What goes into one tar header; everything may be as wrong as a test wants it. */
export interface TarHeaderFields {
  readonly name: string | Uint8Array;
  /** '0' file, '5' directory, '1' hard link, '2' symbolic link, 'x' extended header, 'L' long name … */
  readonly type?: string;
  readonly size?: number | Uint8Array;
  readonly linkName?: string;
  readonly prefix?: string;
  readonly checksum?: number;
}

const BLOCK = 512;

/** A ustar header, byte for byte as POSIX.1-1988 lays it out. */
export function tarHeader({
  name,
  type = '0',
  size = 0,
  linkName = '',
  prefix = '',
  checksum,
}: TarHeaderFields): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(Buffer.from(name as string).subarray(0, 100), 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  if (typeof size === 'number') block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else block.set(size, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write(linkName, 157, 100);
  block.write('ustar\0' + '00', 257);
  block.write(prefix, 345, 155);
  const sum = checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

export function padded(contents: string | Uint8Array): Buffer {
  const bytes = Buffer.from(contents as string);
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

export function tarFile(
  name: string | Uint8Array,
  contents: string | Uint8Array = '',
  fields: Partial<TarHeaderFields> = {},
): Buffer {
  return Buffer.concat([tarHeader({ name, size: Buffer.byteLength(contents), ...fields }), padded(contents)]);
}

export function tarDirectory(name: string): Buffer {
  return tarHeader({ name, type: '5' });
}

/** Records of POSIX.1-2001, `<length> <key>=<value>\n`, where the length counts itself. */
export function paxRecords(records: Record<string, string>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(rest);
      while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
      return `${length}${rest}`;
    })
    .join('');
}

/** An extended header of POSIX.1-2001. */
export function paxHeader(records: Record<string, string>, type = 'x'): Buffer {
  return tarFile('PaxHeaders/x', paxRecords(records), { type });
}

/** GNU's header for a name that is longer than its field. */
export function gnuLongName(name: string): Buffer {
  return tarFile('././@LongLink', `${name}\0`, { type: 'L' });
}

export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

export const MODEL = tarFile('saved_model.pb', 'graph');

export function archiveOf(...parts: Uint8Array[]): Buffer {
  return Buffer.concat([...parts, END_OF_ARCHIVE]);
}
