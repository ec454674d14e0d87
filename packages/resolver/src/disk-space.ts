import { statfs } from 'node:fs/promises';
import { DiskSpaceError } from './errors.js';

/** @throws DiskSpaceError where the directory's disk has less room than the bytes that are known to come. */
export async function checkDiskSpace(handle: string, directory: string, needed: number): Promise<void> {
  const available = await roomIn(directory);
  if (available !== undefined && available < needed) throw new DiskSpaceError(handle, directory, needed, available);
}

/** Bytes that may be written; undefined where the file system does not say. */
export async function roomIn(directory: string): Promise<number | undefined> {
  const status = await statfs(directory).catch(() => undefined);
  // Some network file systems count nothing.
  return status === undefined || status.blocks === 0 ? undefined : status.bavail * status.bsize;
}
