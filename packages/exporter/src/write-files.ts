import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TargetExistsError } from './errors.js';

/** A file to be written, piece by piece. */
export interface FileToWrite {
  readonly path: string;
  /** Its bytes, and where they begin; gaps are zeros. */
  pieces(): AsyncIterable<{ readonly offset: number; readonly bytes: Uint8Array }>;
}

/**
 * Writes files that belong together, none of which is there: each appears complete, and the last one when all others are there.
 *
 * @throws TargetExistsError; nothing is left then, nor if anything else goes wrong.
 */
export async function writeFiles(files: readonly FileToWrite[]): Promise<void> {
  const targets = files.map(({ path }) => resolve(path));
  for (const target of targets) if (await exists(target)) throw new TargetExistsError(target);
  const works = targets.map((target) => join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`));
  const given: string[] = [];
  try {
    for (const [index, file] of files.entries()) {
      await mkdir(dirname(works[index]!), { recursive: true });
      await writeOne(works[index]!, file);
    }
    for (const [index, target] of targets.entries()) {
      await give(works[index]!, target);
      given.push(target);
    }
  } catch (error) {
    await Promise.all(given.map((target) => rm(target, { force: true })));
    throw error;
  } finally {
    await Promise.all(works.map((work) => rm(work, { force: true })));
  }
}

/** Systems of files without links say so in one of these ways. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL']);

/** Gives a file its name. A link, unlike another name, never takes the place of what is there. */
async function give(work: string, target: string): Promise<void> {
  try {
    await link(work, target);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || (await exists(target))) throw new TargetExistsError(target);
    if (!NO_LINKS.has(code)) throw error;
    await rename(work, target);
  }
}

async function writeOne(path: string, file: FileToWrite): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for await (const { offset, bytes } of file.pieces()) await writeAt(handle, offset, bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAt(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
