import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { CachedModule, FileRecord, Verification } from '@tenon/cache';
import { displayUrl } from './display-url.js';
import { LockfileMismatchError } from './errors.js';
import type { LockedModule } from './lockfile.js';
import { recordFiles } from './record-files.js';
import type { DownloadedArchive } from './resolver.js';

/**
 * What a directory on this machine has that the lockfile does not say, and the other way round, file by file.
 *
 * A module whose files were hashed when they were downloaded is compared by what was recorded of them then, unless its contents are to be
 * verified; of any other all files are read.
 */
export async function differencesOf(
  { directory, files }: Pick<CachedModule, 'directory' | 'files'>,
  locked: LockedModule,
  verification: Verification,
): Promise<string[]> {
  if (files === undefined || verification === 'contents')
    return differencesOfFiles(await recordFiles(directory), locked.files);
  const known = new Set(files.map(({ path }) => path));
  const added = (await listFiles(directory)).filter((path) => !known.has(path));
  return [...differencesOfFiles(files, locked.files), ...added.map(describeAddition)];
}

/** @throws LockfileMismatchError where the module in a directory is not the one that was locked. */
export async function checkDirectory(
  handle: string,
  module: Pick<CachedModule, 'directory' | 'files'>,
  locked: LockedModule,
  verification: Verification,
): Promise<void> {
  const differences = await differencesOf(module, locked, verification);
  if (differences.length > 0) throw new LockfileMismatchError(displayUrl(handle), differences);
}

/** @throws LockfileMismatchError where what was downloaded is not what was locked. */
export function checkDownload(
  handle: string,
  { files, archive }: { readonly files: readonly FileRecord[]; readonly archive: DownloadedArchive | undefined },
  locked: LockedModule,
): void {
  const differences = differencesOfFiles(files, locked.files);
  // The same module may be had elsewhere without an archive, from an object store.
  if (archive !== undefined && locked.archive !== undefined && archive.sha256 !== locked.archive.sha256)
    differences.unshift(`its archive has the SHA-256 ${archive.sha256} instead of ${locked.archive.sha256}`);
  if (differences.length > 0) throw new LockfileMismatchError(displayUrl(handle), differences);
}

/** @throws LockfileMismatchError where files of a module are not those that were locked. */
export function checkExcerpt(handle: string, files: ReadonlyMap<string, Uint8Array>, locked: LockedModule): void {
  const records = [...files].map(([path, bytes]) => ({
    path,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  const differences = differencesOfFiles(
    records,
    locked.files.filter(({ path }) => files.has(path)),
  );
  if (differences.length > 0) throw new LockfileMismatchError(displayUrl(handle), differences);
}

function differencesOfFiles(actual: readonly FileRecord[], locked: readonly FileRecord[]): string[] {
  const found = new Map(actual.map((file) => [file.path, file]));
  const differences: string[] = [];
  for (const { path, size, sha256 } of locked) {
    const file = found.get(path);
    found.delete(path);
    if (file === undefined) differences.push(`${path} is missing`);
    else if (file.size !== size) differences.push(`${path} has ${file.size} bytes instead of ${size}`);
    else if (file.sha256 !== sha256) differences.push(`${path} has the SHA-256 ${file.sha256} instead of ${sha256}`);
  }
  return [...differences, ...[...found.keys()].sort().map(describeAddition)];
}

function describeAddition(path: string): string {
  return `${path} is not in the lockfile`;
}

async function listFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)).split(sep).join('/'));
}
