import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Fill } from '../module-cache.js';

/** Makes a module of these files. */
export function fillWith(contents: Readonly<Record<string, string>>): Fill {
  return async (directory) => {
    const records = [];
    for (const [path, text] of Object.entries(contents)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      records.push({ path, size: Buffer.byteLength(text), sha256 });
    }
    return records;
  };
}
