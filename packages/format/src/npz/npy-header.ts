import { MalformedFileError } from '../errors.js';

export interface NpyHeader {
  /** numpy's description of the data type: `<f4`. */
  readonly descr: string;
  /** Whether the first axis varies fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly dataOffset: number;
}

const MAGIC = '\x93NUMPY';
/** The elements begin at a multiple of this. */
const ALIGNMENT = 64;
/** More than a shape of 32 axes, numpy's most, can take. */
const MAX_HEADER_BYTES = 65_536;

/** @throws MalformedFileError if this is not a .npy file. */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const fail = (reason: string): never => {
    throw new MalformedFileError(file, '.npy file', reason);
  };
  if (latin1(bytes.subarray(0, MAGIC.length)) !== MAGIC) fail('it does not begin as one.');
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) fail(`its version ${major} is not known.`);
  // Versions 2 and 3 have four bytes for the length, version 1 has two.
  const textOffset = major === 1 ? 10 : 12;
  if (bytes.length < textOffset) fail('its header is cut short.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES || textOffset + length > bytes.length) fail('its header is longer than it can be.');
  const text = latin1(bytes.subarray(textOffset, textOffset + length));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const axes = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(text)?.[1];
  if (descr === undefined) return fail(`its header does not name one data type: ${text.trim().slice(0, 200)}`);
  if (order === undefined || axes === undefined) return fail(`its header is incomplete: ${text.trim().slice(0, 200)}`);
  const shape = axes
    .split(',')
    .map((axis) => axis.trim())
    .filter((axis) => axis !== '')
    // Python 2 wrote long integers with an L.
    .map((axis) => Number(axis.replace(/L$/, '')));
  return { descr, fortranOrder: order === 'True', shape, dataOffset: textOffset + length };
}

/** The bytes before the elements. */
export function formatNpyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const axes = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${axes}, }`;
  const prefix = MAGIC.length + 4;
  const total = Math.ceil((prefix + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(total).fill(' '.charCodeAt(0));
  header.set(Uint8Array.from(`${MAGIC}\x01\x00`, (character) => character.charCodeAt(0)));
  new DataView(header.buffer).setUint16(prefix - 2, total - prefix, true);
  header.set(new TextEncoder().encode(text), prefix);
  header[total - 1] = '\n'.charCodeAt(0);
  return header;
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
