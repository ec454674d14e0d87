import { setTimeout as sleep } from 'node:timers/promises';
import { tryWithLock, writeAtomically } from '@tenon/cache';
import { LockfileBusyError } from './errors.js';
import { formatLockfile, readLockfileIfPresent } from './lockfile-text.js';
import type { LockedModule } from './lockfile.js';

/** Milliseconds. A lock is held for as long as it takes to read a file and write it. */
const PATIENCE = 10_000;
const POLL = 20;

/**
 * Puts modules into a lockfile, and leaves the others that it has by then: another process may have added some. Readers see the old text or
 * the new one.
 *
 * @throws LockfileBusyError where another process does not finish writing it; LockfileError where it cannot be understood.
 */
export async function updateLockfile(
  path: string,
  changes: ReadonlyMap<string, LockedModule>,
  signal?: AbortSignal,
): Promise<void> {
  const lockFile = `${path}.lock`;
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    signal?.throwIfAborted();
    const attempt = await tryWithLock(lockFile, async () => {
      const present = await readLockfileIfPresent(path);
      const modules = new Map([...(present?.modules ?? []), ...changes]);
      await writeAtomically(path, formatLockfile({ modules }));
    });
    if (attempt.acquired) return;
    if (performance.now() > deadline) throw new LockfileBusyError(path, lockFile, attempt.holder);
    await sleep(POLL);
  }
}
