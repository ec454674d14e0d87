import type { CacheEntry } from '@tenon/cache';
import { displayUrl } from '@tenon/resolver';
import { printable } from '../../printable.js';

/** What an entry is called on a terminal: its handle without passwords, or the name of its directory where nothing says more. */
export function nameOf({ handle, key }: Pick<CacheEntry, 'handle' | 'key'>): string {
  return handle === undefined ? key : printable(displayUrl(handle));
}

/** An entry as `--json` prints it. */
export function entryJson({ handle, lastUsed, lock, ...entry }: CacheEntry): object {
  return {
    handle: handle === undefined ? null : displayUrl(handle),
    ...entry,
    lastUsed: lastUsed?.toISOString() ?? null,
    lock:
      lock === undefined ? null : { state: lock.state, host: lock.holder?.host ?? null, pid: lock.holder?.pid ?? null },
  };
}

/** What is to be said of a module in a word or two; nothing of one that is as it should be. */
export function remarksOn({ state, pinned, lock, additions }: CacheEntry): string[] {
  return [
    ...(state === 'complete' ? [] : [state]),
    ...(additions.length > 0 ? ['added to'] : []),
    ...(pinned ? ['pinned'] : []),
    ...(lock === undefined ? [] : ['locked']),
  ];
}

/** Everything that is wrong with a module, a line each. */
export function problemsOf({ problems, additions }: CacheEntry): string[] {
  return [...problems, ...additions.map((path) => `${path} was not downloaded with it`)].map(printable);
}
