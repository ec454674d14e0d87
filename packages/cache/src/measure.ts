import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stats } from 'node:fs';

/** What a file, or a directory with everything below it, comes to. */
export interface Measure {
  /** Bytes of its files. */
  readonly size: number;
  /** Paths of its files relative to the directory, with forward slashes; links are not followed, and count as files. */
  readonly files: readonly string[];
  /** When anything of it was last changed, moved included; milliseconds since 1970. */
  readonly changed: number;
}

/** Measures what can be read; what is gone meanwhile, or belongs to others, counts as nothing. */
export async function measure(path: string): Promise<Measure> {
  let size = 0;
  let changed = 0;
  const files: string[] = [];
  // Not a recursion: how deep folders are is for whoever made them to say.
  const pending = [''];
  for (let inner; (inner = pending.pop()) !== undefined;) {
    const status = await lstat(join(path, inner)).catch(() => undefined);
    if (status === undefined) continue;
    changed = Math.max(changed, lastChange(status));
    if (status.isDirectory()) {
      const names = await readdir(join(path, inner)).catch(() => []);
      for (const name of names) pending.push(inner === '' ? name : `${inner}/${name}`);
    } else {
      size += status.size;
      files.push(inner);
    }
  }
  return { size, files: files.sort(), changed };
}

/** Moving something changes its status, and not its contents. */
function lastChange({ mtimeMs, ctimeMs }: Stats): number {
  return Math.max(mtimeMs, ctimeMs);
}
