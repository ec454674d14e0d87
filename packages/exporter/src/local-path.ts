import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { UnwritableTargetError } from './errors.js';

/**
 * Where on this machine something is to be written: a path as it is, or what a `file:` URL says. Other URLs would be taken for folders
 * called `gs:` or `https:`, in which nobody looks for what was exported.
 *
 * @throws UnwritableTargetError
 */
export function localPath(target: string): string {
  if (typeof target !== 'string' || target === '') throw notLocal(inspect(target, { depth: 0 }));
  if (/^file:/i.test(target)) {
    try {
      return fileURLToPath(target);
    } catch (error) {
      throw new UnwritableTargetError(target, error as Error);
    }
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(target)) throw notLocal(target);
  return target;
}

function notLocal(target: string): UnwritableTargetError {
  return new UnwritableTargetError(target, new Error('exports go to folders of this machine, by path or file: URL'));
}
