import { hostname } from 'node:os';
import type { EntryPaths } from './entry-paths.js';
import { tryWithLock, type LockAttempt } from './hold-lock.js';
import { isDead, parseHolder, type LockHolder } from './lock.js';
import { measure } from './measure.js';
import { readIfPresent } from './read-if-present.js';

/**
 * `running`: a process of this host. `elsewhere`: one of another host, or nobody knows whose. `dead`: a process of this host that is gone.
 * `abandoned`: one elsewhere that has written nothing for a day, or nothing at all.
 */
export type LockState = 'running' | 'elsewhere' | 'dead' | 'abandoned';

export interface EntryLock {
  /** Undefined where the lock's text is not of the form that tensorflow_hub writes. */
  readonly holder: LockHolder | undefined;
  /** The lock as it is in its file. */
  readonly text: string;
  readonly state: LockState;
}

/** Milliseconds; Python takes a lock over after some twenty minutes of silence. */
const ABANDONED_AFTER = 24 * 60 * 60_000;
/** Milliseconds, for a lock that nobody wrote to: that takes an instant. */
const EMPTY_FOR = 60_000;

/** Who holds an entry's lock; undefined where nobody does. */
export async function lockOf(paths: EntryPaths): Promise<EntryLock | undefined> {
  // One that may not be read is somebody's all the same.
  const text = await readIfPresent(paths.lock).catch(() => 'unreadable');
  return text === undefined ? undefined : examineLock(paths, text);
}

/** Does something while holding an entry's lock, which the dead and those who were not heard of for a day lose. */
export function tryWithEntryLock<T>(paths: EntryPaths, work: (id: string) => Promise<T>): Promise<LockAttempt<T>> {
  return tryWithLock(paths.lock, work, async (text) => !isHeld(await examineLock(paths, text)));
}

/** Whether a lock keeps others away. */
export function isHeld(lock: EntryLock | undefined): boolean {
  return lock?.state === 'running' || lock?.state === 'elsewhere';
}

async function examineLock(paths: EntryPaths, text: string): Promise<EntryLock> {
  const holder = parseHolder(text);
  if (holder !== undefined) {
    if (await isDead(holder, paths.lock)) return { holder, text, state: 'dead' };
    if (holder.host.toLowerCase() === hostname().toLowerCase()) return { holder, text, state: 'running' };
  }
  const traces = [paths.lock, ...(holder === undefined ? [] : [paths.temporary(holder.id)])];
  const changes = await Promise.all(traces.map(async (path) => (await measure(path)).changed));
  const silence = Date.now() - Math.max(...changes);
  return { holder, text, state: silence > (text === '' ? EMPTY_FOR : ABANDONED_AFTER) ? 'abandoned' : 'elsewhere' };
}
