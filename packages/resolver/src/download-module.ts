import { looksLikeModule, MODULE_FILES, type FileRecord } from '@tenon/cache';
import { compressedUrl } from './compressed-url.js';
import { NotAModuleError } from './errors.js';
import { fetchArchive, type FetchOptions } from './fetch-archive.js';
import { unpackArchive } from './unpack-archive.js';

/** Downloads a module's archive and unpacks it into an empty directory as it arrives. */
export async function downloadModule(
  handle: string,
  directory: string,
  options: FetchOptions,
): Promise<readonly FileRecord[]> {
  const archive = await fetchArchive(handle, compressedUrl(handle), options);
  const files = await unpackArchive(archive, directory, options.limits);
  if (await looksLikeModule(directory)) return files;
  throw new NotAModuleError(
    handle,
    files.map(({ path }) => path),
    MODULE_FILES,
  );
}
