import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileRecord } from '@tenon/cache';

/** What is in a directory, with its hashes. */
export async function recordFiles(directory: string): Promise<FileRecord[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files: FileRecord[] = [];
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    // Some stores of models hold links to the files.
    if (!entry.isFile() && !(entry.isSymbolicLink() && (await stat(file).catch(() => undefined))?.isFile())) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    files.push({
      path: relative(directory, file).split(sep).join('/'),
      size: (await stat(file)).size,
      sha256: hash.digest('hex'),
    });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
