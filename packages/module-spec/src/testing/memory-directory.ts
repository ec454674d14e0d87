import { MemorySource } from '@tenon/tensor';
import type { ModuleDirectory } from '../module-directory.js';

/** A module in memory: its files by path. */
export function memoryDirectory(files: Readonly<Record<string, Uint8Array>>): ModuleDirectory {
  const find = async (path: string): Promise<Uint8Array> => {
    const bytes = files[path];
    if (!bytes) throw new Error(`ENOENT: ${path}`);
    return bytes;
  };
  return {
    name: 'memory',
    exists: async (path) => path in files,
    readFile: find,
    open: async (path) => new MemorySource(await find(path), path),
    resolvePath: (path) => `/memory/${path}`,
  };
}
