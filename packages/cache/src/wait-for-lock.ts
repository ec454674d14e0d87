import { setTimeout as sleep } from 'node:timers/promises';
import type { EntryPaths } from './entry-paths.js';
import { LockTimeoutError } from './errors.js';
import { isDead, parseHolder, removeDeadLock, type LockHolder } from './lock.js';
import { measure } from './measure.js';
import { readIfPresent } from './read-if-present.js';

/** Told when a download of the same module by another process is found. */
export interface LockWait {
  readonly handle: string;
  readonly lockFile: string;
  /** Undefined where the lock's text is not of the form that tensorflow_hub writes. */
  readonly holder: LockHolder | undefined;
}

/**
 * Milliseconds. Where there are no hard links, a lock is empty between its creation and its first bytes, and stays so if its writer is
 * killed there.
 */
const EMPTY_FOR = 5000;

/**
 * Returns when the lock is gone: released, or its holder was a process of this host that is dead, whose lock is removed at once.
 * A holder that shows progress, by the size of its temporary directory, is waited for without limit.
 *
 * @returns the temporary directories that dead holders left behind.
 * @throws LockTimeoutError after `timeout` milliseconds without progress.
 */
export async function waitForLock(options: {
  handle: string;
  paths: EntryPaths;
  timeout: number;
  pollInterval: number;
  onWait: ((wait: LockWait) => void) | undefined;
  signal: AbortSignal;
}): Promise<string[]> {
  const { handle, paths, timeout, pollInterval, onWait, signal } = options;
  let lastText: string | undefined;
  let lastSize = 0;
  let lastChange = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const text = await readIfPresent(paths.lock);
    if (text === undefined) return [];
    const holder = parseHolder(text);
    if (holder !== undefined && (await isDead(holder, paths.lock))) {
      await removeDeadLock(paths.lock, text);
      return [paths.temporary(holder.id)];
    }
    if (text === '' && lastText === '' && performance.now() - lastChange > EMPTY_FOR) {
      await removeDeadLock(paths.lock, text);
      return [];
    }
    const size = holder === undefined ? 0 : (await measure(paths.temporary(holder.id))).size;
    if (text !== lastText || size !== lastSize) {
      // A lock is empty for the instant between its creation and its first bytes: nobody to be told of yet.
      if (text !== lastText && text !== '') onWait?.({ handle, lockFile: paths.lock, holder });
      lastText = text;
      lastSize = size;
      lastChange = performance.now();
    } else if (performance.now() - lastChange > timeout) {
      throw new LockTimeoutError(handle, paths.lock, text, performance.now() - lastChange);
    }
    await sleep(pollInterval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
