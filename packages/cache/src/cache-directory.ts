import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where modules live when nobody says otherwise: `TFHUB_CACHE_DIR`, else `tfhub_modules` in the system's temporary directory.
 * An empty variable counts as unset.
 *
 * Python's tensorflow_hub looks for the temporary directory in TMPDIR, TEMP and TMP, in this order and skipping what is not a
 * directory; Node's own order differs, and both must find one cache.
 */
export function defaultCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['TFHUB_CACHE_DIR'];
  if (named) return resolve(named);
  const temporary = ['TMPDIR', 'TEMP', 'TMP']
    .map((name) => environment[name])
    .find((path) => path && isDirectory(path));
  return join(resolve(temporary ?? tmpdir()), 'tfhub_modules');
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
