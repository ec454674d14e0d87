import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotFound } from './read-if-present.js';

/** A directory that is a module holds at least one of these. */
export const MODULE_FILES = ['saved_model.pb', 'saved_model.pbtxt', 'tfhub_module.pb'] as const;

/** True where the directory holds a file that only a module has. */
export async function looksLikeModule(directory: string): Promise<boolean> {
  const found = await Promise.all(
    MODULE_FILES.map(async (name) => (await sizeOfFile(join(directory, name))) !== undefined),
  );
  return found.includes(true);
}

/** A file where a directory should be, links in a circle, or a name that no file can have. */
const NO_SUCH_FILE: readonly unknown[] = ['ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

/** The size of a file in bytes; undefined where there is none, or something that is not a file. */
export async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    const status = await stat(path);
    return status.isFile() ? status.size : undefined;
  } catch (error) {
    if (isNotFound(error) || NO_SUCH_FILE.includes((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}
