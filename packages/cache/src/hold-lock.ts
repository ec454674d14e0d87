import {
  formatHolder,
  isDead,
  newHolder,
  parseHolder,
  release,
  releaseSync,
  removeDeadLock,
  tryAcquire,
} from './lock.js';
import { readIfPresent } from './read-if-present.js';
import { runAtExit } from './run-at-exit.js';

/** What came of trying to work under a lock: the result, or the text of the lock of whoever holds it. */
export type LockAttempt<T> =
  { readonly acquired: true; readonly value: T } | { readonly acquired: false; readonly holder: string };

/**
 * Does something while holding a lock, or does not where somebody else holds it. The lock of a process of this host that is gone is taken over.
 *
 * @param lockFile Its folder must exist.
 * @param isAbandoned Says of the lock of a holder of whom nothing is known whether it may be taken, too. Default: never.
 * @param work Gets the id that is in the lock.
 */
export async function tryWithLock<T>(
  lockFile: string,
  work: (id: string) => Promise<T>,
  isAbandoned: (text: string) => Promise<boolean> = () => Promise.resolve(false),
): Promise<LockAttempt<T>> {
  const holder = newHolder();
  const text = formatHolder(holder);
  while (!(await tryAcquire(lockFile, text))) {
    const other = await readIfPresent(lockFile);
    if (other === undefined) continue;
    const otherHolder = parseHolder(other);
    const isGone = otherHolder !== undefined && (await isDead(otherHolder, lockFile));
    if (!isGone && !(await isAbandoned(other))) return { acquired: false, holder: other };
    await removeDeadLock(lockFile, other);
  }
  const stayed = runAtExit(() => releaseSync(lockFile, text));
  try {
    return { acquired: true, value: await work(holder.id) };
  } finally {
    stayed();
    await release(lockFile, text).catch(() => undefined);
  }
}
