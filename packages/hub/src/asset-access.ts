import { readFileSync, realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { ASSETS_FOLDER } from '@tenon/module-spec';
import { FileAccessError, type FileAccess } from '@tenon/runtime';

/** Lets programs read the assets of these modules, and no other file: not through `..`, and not through symbolic links. */
export function assetAccess(directories: Iterable<string>): FileAccess {
  return {
    allows: (path) =>
      [...directories].some((directory) => resolve(path).startsWith(resolve(directory, ASSETS_FOLDER) + sep)),
    readFile(path) {
      const real = realPath(path);
      for (const directory of directories) {
        const folder = realPath(join(directory, ASSETS_FOLDER));
        if (real !== undefined && folder !== undefined && real.startsWith(folder + sep)) return read(path, real);
      }
      // A file that is missing and one that is out of bounds get the same answer: programs cannot probe for files.
      throw new FileAccessError(path, 'it is not among the assets of the module.');
    },
  };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function read(path: string, real: string): Uint8Array {
  try {
    return readFileSync(real);
  } catch (error) {
    throw new FileAccessError(path, error instanceof Error ? error.message : String(error));
  }
}
