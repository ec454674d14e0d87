import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModulePathError, UnsupportedHandleError } from './errors.js';
import type { LocatingResolver } from './resolver.js';

/** Directories on this machine, by path or `file:` URL. They are used where they are, not copied to the cache. */
export function pathResolver(): LocatingResolver {
  const accepts = 'the path or file: URL of a module directory';
  return {
    accepts,
    supports: (handle) => isFileUrl(handle) || !/^[a-z][a-z0-9+.-]+:\/\//i.test(handle),
    async locate(handle) {
      let path;
      try {
        path = isFileUrl(handle) ? fileURLToPath(handle) : resolve(handle);
      } catch (error) {
        throw new UnsupportedHandleError(handle, [accepts], (error as Error).message);
      }
      await checkDirectory(handle, path);
      return path;
    },
  };
}

function isFileUrl(handle: string): boolean {
  return /^file:/i.test(handle);
}

async function checkDirectory(handle: string, path: string): Promise<void> {
  let status;
  try {
    status = await stat(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ModulePathError(handle, path, code === 'ENOENT' ? 'does not exist' : `cannot be opened (${message})`);
  }
  if (!status.isDirectory()) throw new ModulePathError(handle, path, 'is not a directory');
}
