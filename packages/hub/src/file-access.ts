import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { ASSETS_FOLDER } from '@tenon/module-spec';
import { FileAccessError, type FileAccess, type Permission } from '@tenon/runtime';

/** What modules may do beyond computing. */
export interface PermissionOptions {
  /**
   * What the module's operations may do beyond reading the module's own assets: read any file (`read-files`), write files (`write-files`).
   * A module is a program of whoever published it: allow only what you would let that person do. Default: nothing.
   */
  readonly allow?: readonly Permission[] | undefined;
}

/** What programs may read: the assets of modules by their folders, and single files. Looked at whenever a program asks. */
export interface ReadableFiles {
  readonly directories: Iterable<string>;
  /** Absolute paths. */
  readonly files?: ReadonlySet<string>;
}

/**
 * Lets programs read the assets of these modules, these files, and no other: not through `..`, and not through symbolic links; and what is
 * allowed besides.
 */
export function fileAccess(
  { directories, files = new Set() }: ReadableFiles,
  allow: readonly Permission[] = [],
): FileAccess {
  const mayReadAll = allow.includes('read-files');
  const mayWrite = allow.includes('write-files');
  return {
    mayRead: (path) =>
      mayReadAll ||
      files.has(resolve(path)) ||
      [...directories].some((directory) => resolve(path).startsWith(resolve(directory, ASSETS_FOLDER) + sep)),
    mayWrite,
    readFile(path) {
      if (mayReadAll || files.has(resolve(path))) return attempt(path, () => readFileSync(path));
      const real = realPath(path);
      for (const directory of directories) {
        const module = realPath(directory);
        // The folder of the assets may be a link, too.
        if (real !== undefined && module !== undefined && real.startsWith(join(module, ASSETS_FOLDER) + sep))
          return attempt(path, () => readFileSync(real));
      }
      // A file that is missing and one that is out of bounds get the same answer: programs cannot probe for files.
      throw new FileAccessError(path, 'it is not among the assets of the module.');
    },
    writeFile(path, contents) {
      if (!mayWrite) throw new FileAccessError(path, 'the module may not write files.');
      attempt(path, () => {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, contents);
      });
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

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new FileAccessError(path, error instanceof Error ? error.message : String(error));
  }
}
