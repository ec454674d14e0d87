import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CheckpointOutput, FileSink } from '@tenon/format';
import { TargetExistsError } from './errors.js';

/** A folder that is being written. Paths are relative to it. */
export interface DirectoryWriter extends CheckpointOutput {
  makeFolder(path: string): Promise<void>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  create(path: string): Promise<FileSink>;
}

/**
 * Writes a folder that is there as a whole or not at all: what `write` makes lies beside the target until it is complete, and on the disk,
 * and is then given its name.
 *
 * @throws TargetExistsError, and what `write` throws; nothing is left then.
 */
export async function writeDirectory(path: string, write: (writer: DirectoryWriter) => Promise<void>): Promise<void> {
  const target = resolve(path);
  if (await exists(target)) throw new TargetExistsError(target);
  const parent = dirname(target);
  await mkdir(parent, { recursive: true });
  const work = join(parent, `.${basename(target)}.${randomUUID()}.tmp`);
  const folders = new Set([work]);
  await mkdir(work);
  try {
    await write({
      makeFolder: async (folder) => {
        await mkdir(join(work, folder), { recursive: true });
        folders.add(join(work, folder));
      },
      writeFile: async (file, bytes) => {
        const sink = await createFile(join(work, file));
        try {
          await sink.write(bytes);
        } finally {
          await sink.close();
        }
      },
      create: (file) => createFile(join(work, file)),
    });
    for (const folder of folders) await flush(folder);
    if (await exists(target)) throw new TargetExistsError(target);
    await rename(work, target).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? new TargetExistsError(target) : error;
    });
    await flush(parent);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  // A link that leads nowhere is something, too.
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function createFile(path: string): Promise<FileSink> {
  const file = await open(path, 'wx');
  return {
    write: async (bytes) => {
      let offset = 0;
      while (offset < bytes.length) offset += (await file.write(bytes, offset)).bytesWritten;
    },
    close: async () => {
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

/** Brings names of files to the disk. Windows cannot, and does not need to. */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}
