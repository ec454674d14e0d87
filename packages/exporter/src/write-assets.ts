import { readFile } from 'node:fs/promises';
import { ASSETS_FOLDER } from '@tenon/module-spec';
import { AssetFilesError } from './errors.js';
import type { DirectoryWriter } from './write-directory.js';

/** A file: where it is, and what it is to be called in the assets folder. */
export interface AssetPath {
  readonly path: string;
  readonly filename: string;
}

/** @throws AssetFilesError naming every file that cannot be read. */
export async function writeAssets(assets: readonly AssetPath[], writer: DirectoryWriter): Promise<void> {
  await writer.makeFolder(ASSETS_FOLDER);
  const unreadable: string[] = [];
  let cause: unknown;
  const written = new Set<string>();
  for (const { path, filename } of assets) {
    if (written.has(filename)) continue;
    written.add(filename);
    const bytes = await readFile(path).catch((error: unknown) => {
      unreadable.push(path);
      cause ??= error;
    });
    if (!bytes) continue;
    const folder = filename.lastIndexOf('/');
    if (folder > 0) await writer.makeFolder(`${ASSETS_FOLDER}/${filename.slice(0, folder)}`);
    await writer.writeFile(`${ASSETS_FOLDER}/${filename}`, bytes);
  }
  if (unreadable.length > 0) throw new AssetFilesError(unreadable, { cause });
}
