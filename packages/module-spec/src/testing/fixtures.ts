import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileSource } from '@tenon/tensor/node';
import type { ModuleDirectory } from '../module-directory.js';

const FIXTURES = resolve(__dirname, '../../../../tools/fixtures');

/** A module or SavedModel of the fixtures: `modules/half-plus-two`. */
export function fixture(path: string): ModuleDirectory {
  const name = join(FIXTURES, path);
  const at = (file: string): string => join(name, file);
  return {
    name,
    exists: (file) => access(at(file)).then(() => true, () => false), // prettier-ignore
    readFile: (file) => readFile(at(file)),
    open: async (file) => new FileSource(at(file)),
    resolvePath: at,
  };
}
