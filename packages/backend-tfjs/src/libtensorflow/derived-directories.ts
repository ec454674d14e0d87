import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';

/** What has not been used for so long goes. */
const KEPT_MILLISECONDS = 30 * 24 * 3600 * 1000;
/** More than these go, those first that were not used for the longest time. */
const MOST_DIRECTORIES = 256;
/** Under which a process says that it uses a directory; threads of it say so one by one. */
const LEASE = /^in-use-by-(\d+)-[0-9a-f-]+@(.*)$/;

/** Files of a directory, by paths relative to it. */
export type DirectoryContents = ReadonlyMap<string, Uint8Array>;

/** A derived directory that stays while it is in use. */
export interface DirectoryLease {
  readonly path: string;
  release(): void;
}

/**
 * Directories by what they hold: equal contents are one directory, for all processes. They appear whole, and those that nobody uses are
 * removed in time.
 */
export class DerivedDirectories {
  private readonly uses = new Map<string, number>();
  private readonly lease = `in-use-by-${process.pid}-${randomUUID()}@${hostname()}`;
  private hasSwept = false;

  /** @param root Where they are; in the user's cache folder if it is left out. */
  constructor(private readonly root: string = defaultRoot()) {}

  /**
   * @param contents Given the path of the directory, which may stand in its files.
   * @param identity What the contents follow from: equal ones have equal contents.
   */
  acquire(identity: Iterable<Uint8Array>, contents: (path: string) => DirectoryContents): DirectoryLease {
    const hash = createHash('sha256');
    for (const part of identity) hash.update(`${part.byteLength}\n`).update(part);
    const path = join(this.root, hash.digest('hex'));
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
    const wanted = contents(path);
    if (!this.renew(path, wanted)) {
      this.write(path, wanted);
      this.renew(path, wanted);
    }
    this.uses.set(path, (this.uses.get(path) ?? 0) + 1);
    if (!this.hasSwept) this.sweep();
    this.hasSwept = true;
    return { path, release: once(() => this.release(path)) };
  }

  /** Says that this process uses a directory. @returns whether it is there, and whole. */
  private renew(path: string, contents: DirectoryContents): boolean {
    try {
      writeFileSync(join(path, this.lease), '');
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      return false;
    }
    if (isWhole(path, contents)) return true;
    // Of what was written just before a machine stopped, there may be the names alone.
    this.remove(path);
    return false;
  }

  private write(path: string, contents: DirectoryContents): void {
    const made = join(this.root, `making-${process.pid}-${randomUUID()}`);
    try {
      for (const [name, bytes] of contents) {
        mkdirSync(join(made, name, '..'), { recursive: true, mode: 0o700 });
        writeFileSync(join(made, name), bytes);
      }
      renameSync(made, path);
    } catch (error) {
      rmSync(made, { recursive: true, force: true });
      // Another process was quicker; what it wrote is the same.
      if (!isWhole(path, contents)) throw error;
    }
  }

  private release(path: string): void {
    const uses = (this.uses.get(path) ?? 1) - 1;
    this.uses.set(path, uses);
    if (uses === 0) rmSync(join(path, this.lease), { force: true });
  }

  /** Removes what was not used for long, and what is too many. */
  private sweep(): void {
    const now = Date.now();
    const found = readdirSync(this.root)
      .map((name) => join(this.root, name))
      .flatMap((path) => {
        const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
        return used === undefined || isInUse(path) ? [] : [{ path, used }];
      })
      .sort((a, b) => b.used - a.used);
    for (const [index, { path, used }] of found.entries()) {
      if (index < MOST_DIRECTORIES && now - used < KEPT_MILLISECONDS) continue;
      this.remove(path);
    }
  }

  private remove(path: string): void {
    // Out of sight at once: nobody may find a part of it.
    const removed = join(this.root, `removing-${process.pid}-${randomUUID()}`);
    try {
      renameSync(path, removed);
      rmSync(removed, { recursive: true, force: true });
    } catch {
      // Another process removes it.
    }
  }
}

function isWhole(path: string, contents: DirectoryContents): boolean {
  return Array.from(contents).every(
    ([name, bytes]) => statSync(join(path, name), { throwIfNoEntry: false })?.size === bytes.byteLength,
  );
}

function isInUse(path: string): boolean {
  try {
    return readdirSync(path).some((name) => {
      const [, pid, host] = LEASE.exec(name) ?? [];
      if (host === hostname()) return isRunning(Number(pid));
      // Home folders may be shared; of another host's processes nobody knows here.
      return host !== undefined && Date.now() - statSync(join(path, name)).mtimeMs < KEPT_MILLISECONDS;
    });
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // There is one, of somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function defaultRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tenon', 'tfjs-node');
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}
