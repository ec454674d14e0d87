import type { Tensor } from '@tenon/tensor';
import { unzipSync, zipSync, type Zippable } from 'fflate';
import { MalformedFileError } from '../errors.js';
import { readNpy, writeNpy } from './npy.js';

const FILE_KIND = '.npz file';
const ENDING = '.npy';
/** What the arrays of one file may have in all, unpacked. */
const MAX_BYTES = 2 ** 31;
/** Deflate's best is 1032 to 1. */
const MAX_RATIO = 1032;
/** As old as a zip file can say, so that the same arrays make the same file. */
const MODIFIED = new Date(1980, 0, 1);

/**
 * Reads a .npz file: a zip archive of .npy files, compressed or not.
 *
 * @param file What to call it in errors.
 * @returns The arrays by name, as `numpy.load` names them. Entries that are not .npy files are left out.
 * @throws MalformedFileError if it is no such archive, unpacks to more than 2 GiB, or an array in it is damaged.
 * @throws UnsupportedDTypeError if the data type of an array is not a tensor's.
 */
export function readNpz(bytes: Uint8Array, file = 'arrays.npz'): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, array] of Object.entries(unzip(bytes, file))) {
    tensors.set(name.slice(0, -ENDING.length), readNpy(array, `${name} in ${file}`));
  }
  return tensors;
}

/**
 * Writes a .npz file, uncompressed, as `numpy.savez` does. The same tensors make the same bytes.
 *
 * @throws UnsupportedDTypeError for `resource` and `variant`.
 */
export function writeNpz(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const files: Zippable = {};
  for (const [name, tensor] of tensors) files[name + ENDING] = writeNpy(tensor);
  return zipSync(files, { level: 0, mtime: MODIFIED });
}

function unzip(bytes: Uint8Array, file: string): Record<string, Uint8Array> {
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!name.endsWith(ENDING)) return false;
        total += originalSize;
        if (total > MAX_BYTES) throw new RangeError(`it unpacks to more than ${MAX_BYTES} bytes`);
        if (originalSize > MAX_RATIO * size) throw new RangeError(`${name} claims more bytes than it can hold`);
        return true;
      },
    });
  } catch (error) {
    // Of the many ways in which a broken archive can fail to unpack, none matters to the caller.
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedFileError(file, FILE_KIND, `${reason}.`, { cause: error });
  }
}
