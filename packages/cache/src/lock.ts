import { randomUUID } from 'node:crypto';
import { readFileSync, unlinkSync } from 'node:fs';
import { link, open, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { isNotFound, readIfPresent } from './read-if-present.js';

/** Who holds a lock, as the lock file says it: `<hostname>.<pid>.<uuid4 in hex>`. */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** Also the middle of the name of the directory that the holder downloads to. */
  readonly id: string;
}

/** A new holder: this process, for one download. */
export function newHolder(): LockHolder {
  return { host: hostname(), pid: process.pid, id: randomUUID().replaceAll('-', '') };
}

export function formatHolder({ host, pid, id }: LockHolder): string {
  return `${host}.${pid}.${id}`;
}

/** Undefined for a text that no tensorflow_hub or Tenon wrote, and for an empty lock. */
export function parseHolder(text: string): LockHolder | undefined {
  const [, host, pid, id] = /^(.+)\.(\d{1,15})\.([0-9a-f]{32})$/s.exec(text) ?? [];
  return host === undefined || pid === undefined || id === undefined ? undefined : { host, pid: Number(pid), id };
}

/** File systems without hard links, and those that allow none. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];

/**
 * Creates the lock file, or answers false where it exists. The creation is exclusive: two can never both succeed.
 *
 * It gets its name when its text is in it: a process that is killed in between leaves no lock that nobody knows the holder of.
 */
export async function tryAcquire(lockFile: string, text: string): Promise<boolean> {
  const written = `${lockFile}.${randomUUID()}`;
  try {
    await writeFile(written, text, { flag: 'wx' });
    await link(written, lockFile);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'link') throw error;
    // A server that was asked twice has done it the first time.
    if (code === 'EEXIST') return (await readIfPresent(lockFile)) === text;
    if (NO_LINKS.includes(code)) return await tryCreate(lockFile, text);
    throw error;
  } finally {
    await rm(written, { force: true }).catch(() => undefined);
  }
}

/** As `tryAcquire`, where there are no links: the lock is empty for an instant. */
export async function tryCreate(lockFile: string, text: string): Promise<boolean> {
  let file;
  try {
    file = await open(lockFile, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(text);
  } catch (error) {
    await unlink(lockFile);
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

/** Removes the lock if it still is the one with this text; another process may have declared us dead and taken over. */
export async function release(lockFile: string, text: string): Promise<void> {
  if ((await readIfPresent(lockFile)) === text) await rm(lockFile, { force: true });
}

/** As `release`, for a process that is about to exit. */
export function releaseSync(lockFile: string, text: string): void {
  try {
    if (readFileSync(lockFile, 'utf8') === text) unlinkSync(lockFile);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * True where the holder ran on this host and runs no more. Of other hosts' processes nothing is known.
 *
 * Process ids are given anew: a lock from before this machine was started is nobody's. A restarted container, too, has its predecessor's
 * host name and, often, its process id: a lock with our own id that is older than we are is not ours.
 */
export async function isDead({ host, pid }: LockHolder, lockFile: string): Promise<boolean> {
  if (host.toLowerCase() !== hostname().toLowerCase()) return false;
  if (await isOlderThan(lockFile, uptime())) return true;
  if (pid === process.pid) return isOlderThan(lockFile, process.uptime());
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

const CLOCK_SLACK = 2000;

async function isOlderThan(lockFile: string, seconds: number): Promise<boolean> {
  const startedAt = Date.now() - seconds * 1000;
  try {
    return (await stat(lockFile)).mtimeMs < startedAt - CLOCK_SLACK;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/**
 * Removes a dead holder's lock. Between our look at the lock and now another waiter may have done the same and made a lock of its own,
 * so the file is moved aside first and put back if it is not the one that was meant.
 */
export async function removeDeadLock(lockFile: string, text: string): Promise<void> {
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  // A third process may have locked in this instant; its lock stands then, and publication is safe with two downloads, too.
  if ((await readIfPresent(aside)) !== text) await link(aside, lockFile).catch(() => undefined);
  await rm(aside, { force: true });
}
