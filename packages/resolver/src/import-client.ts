import { MissingClientError } from './errors.js';

/** Loads a package that is installed by those who need it. */
export async function importClient<T>(handle: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    // The package may be there, and one that it needs may not.
    if (isMissing && message.includes(name)) throw new MissingClientError(handle, name, error);
    throw error;
  }
}
