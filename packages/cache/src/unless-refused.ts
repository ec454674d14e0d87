import { CachePermissionError, explainSystemError } from './errors.js';

/**
 * Does something below a cache directory, and tells of it instead of failing where it is not permitted: in a cache that several people
 * share, what others own is no reason to leave one's own.
 *
 * @returns undefined where it was refused.
 */
export async function unlessRefused<T>(
  directory: string,
  onRefusal: (error: CachePermissionError) => void,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const explained = explainSystemError(error, directory);
    if (!(explained instanceof CachePermissionError)) throw explained;
    onRefusal(explained);
    return undefined;
  }
}
