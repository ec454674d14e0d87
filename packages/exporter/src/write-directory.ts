import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CheckpointOutput, FileSink } from '@tenon/format';
import { TargetExistsError, UnwritableTargetError } from './errors.js';
import { localPath } from './local-path.js';

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
 * @throws TargetExistsError, UnwritableTargetError, and what `write` throws; nothing is left then.
 */
export async function writeDirectory(path: string, write: (writer: DirectoryWriter) => Promise<void>): Promise<void> {
  const target = resolve(localPath(path));
  if (await exists(target)) throw new TargetExistsError(target);
  const parent = dirname(target);
  const work = join(parent, `.${basename(target)}.${randomUUID()}.tmp`);
  const folders = new Set([work]);
  /** What goes wrong while files are written is not what goes wrong while others are read. */
  const writing = async <T>(action: Promise<T>): Promise<T> =>
    action.catch((error: unknown) => {
      throw new UnwritableTargetError(target, error as Error);
    });
  const create = async (file: string): Promise<FileSink> => {
    const sink = await writing(createFile(join(work, file)));
    return { write: (bytes) => writing(sink.write(bytes)), close: () => writing(sink.close()) };
  };
  await writing(mkdir(parent, { recursive: true }));
  await writing(mkdir(work));
  try {
    await write({
      makeFolder: async (folder) => {
        await writing(mkdir(join(work, folder), { recursive: true }));
        folders.add(join(work, folder));
      },
      writeFile: async (file, bytes) => {
        const sink = await create(file);
        try {
          await sink.write(bytes);
        } finally {
          await sink.close();
        }
      },
      create,
    });
    for (const folder of folders) await writing(flush(folder));
    if (await exists(target)) throw new TargetExistsError(target);
    await rename(work, target).catch((error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'ENOTEMPTY' || error.code === 'EEXIST' || error.code === 'ENOTDIR';
      throw isTaken ? new TargetExistsError(target) : new UnwritableTargetError(target, error);
    });
    await writing(flush(parent));
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
