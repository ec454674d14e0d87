import { access, constants, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { isBusy, type CacheEntry } from './cache-entry.js';
import { describeHolder, explainSystemError } from './errors.js';
import { leftoversOf } from './leftovers.js';
import { describeModules, type ListOptions } from './list-entries.js';
import type { ModuleCache } from './module-cache.js';
import { isNotFound } from './read-if-present.js';
import { survey } from './survey.js';

/** Something about a cache that its owner should know. */
export interface Finding {
  /**
   * `damaged-module`, `missing-module` (pinned), `leftover`, `obstacle`: of one entry. `busy-entry`: somebody is at work there.
   * `foreign-files`: of somebody else. `temporary-place`, `read-only`, `open-to-others`, `no-cache`: of the cache as a whole.
   */
  readonly kind:
    | 'damaged-module'
    | 'missing-module'
    | 'leftover'
    | 'obstacle'
    | 'busy-entry'
    | 'foreign-files'
    | 'temporary-place'
    | 'read-only'
    | 'open-to-others'
    | 'no-cache';
  /** A `notice` is no reason to do anything. */
  readonly severity: 'problem' | 'notice';
  readonly path: string;
  /** SHA-1 of the handle of the entry that it is about. */
  readonly key?: string;
  /** Where it is known. */
  readonly handle?: string;
  /** Bytes that are free once it is mended. */
  readonly size: number;
  /** What is the matter. */
  readonly explanation: string;
  /** What mending does, or what to do oneself. */
  readonly remedy: string;
  /** Whether `mendCache` does it. */
  readonly isMendable: boolean;
}

/**
 * Everything about a cache that its owner should know. Nothing is changed.
 * @throws CachePermissionError, CacheNotADirectoryError where there is no looking.
 */
export async function examineCache(cache: ModuleCache, { verify = 'sizes' }: ListOptions = {}): Promise<Finding[]> {
  try {
    return [...(await examinePlace(cache.directory)), ...(await examineContents(cache.directory, verify))];
  } catch (error) {
    throw explainSystemError(error, cache.directory);
  }
}

async function examinePlace(directory: string): Promise<Finding[]> {
  const found: Finding[] = [];
  const add = (kind: Finding['kind'], severity: Finding['severity'], explanation: string, remedy: string) =>
    found.push({ kind, severity, path: directory, size: 0, explanation, remedy, isMendable: false });
  const status = await stat(directory).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (status === undefined) {
    add('no-cache', 'notice', 'There is no cache here yet.', 'The first download makes it.');
    return found;
  }
  if (isBelow(directory, tmpdir())) {
    add(
      'temporary-place',
      'notice',
      'The cache is in a place for temporary files, which the system may delete. Modules that it has deleted, in part or as a whole, are downloaded again.',
      'To keep them, name another place in TFHUB_CACHE_DIR.',
    );
  }
  if (
    await access(directory, constants.W_OK).then(
      () => false,
      () => true,
    )
  ) {
    add(
      'read-only',
      'notice',
      'The cache cannot be written: what it holds can be used, and nothing can be downloaded, removed or mended.',
      'To download, name another place in TFHUB_CACHE_DIR, or change the permissions.',
    );
  }
  const others = whoElseMayChange(status);
  if (others !== undefined) {
    add(
      'open-to-others',
      'problem',
      `The cache belongs to ${others}, who can replace modules by others of their making; modules are programs.`,
      'Take away the right to write (chmod go-w), or name a place of your own in TFHUB_CACHE_DIR.',
    );
  }
  return found;
}

function isBelow(path: string, parent: string): boolean {
  return path.startsWith(parent.endsWith(sep) ? parent : parent + sep);
}

/** Where users have no numbers, directories have no modes that would say it. */
function whoElseMayChange({ uid, mode }: { uid: number; mode: number }): string | undefined {
  const self = process.getuid?.();
  if (self === undefined) return undefined;
  const STICKY = 0o1000;
  if (uid !== self && uid !== 0) return `user ${uid}`;
  return (mode & 0o002) !== 0 && (mode & STICKY) === 0 ? 'everybody on this machine' : undefined;
}

async function examineContents(directory: string, verify: 'sizes' | 'contents'): Promise<Finding[]> {
  const { entries, foreign } = await survey(directory);
  const found: Finding[] = [];
  for (const surveyed of entries) {
    for (const { kind, path, key, handle, size, reason } of await leftoversOf(surveyed)) {
      found.push({
        kind: 'leftover',
        severity: 'problem',
        path,
        key,
        ...(handle !== undefined && { handle }),
        size,
        explanation: `${LEFTOVERS[kind]} is of no use: ${reason}.`,
        remedy: 'Remove it.',
        isMendable: true,
      });
    }
    for (const path of surveyed.obstacles) {
      found.push({
        kind: 'obstacle',
        severity: 'problem',
        path,
        key: surveyed.key,
        size: 0,
        explanation:
          'Something that is no file, or far too large a one, is where Tenon and tensorflow_hub look for a file of theirs.',
        remedy: 'See what it is, and move it away.',
        isMendable: false,
      });
    }
  }
  for (const entry of await describeModules(entries, verify)) found.push(...examineModule(entry));
  if (foreign.length > 0) {
    found.push({
      kind: 'foreign-files',
      severity: 'notice',
      path: join(directory, foreign[0]!),
      size: 0,
      explanation:
        foreign.length === 1
          ? 'This is not of the cache, and left alone.'
          : `This and ${foreign.length - 1} more are not of the cache, and left alone.`,
      remedy: 'Nothing needs to be done.',
      isMendable: false,
    });
  }
  return found;
}

const LEFTOVERS = {
  temporary: 'What was downloaded of a module',
  lock: 'A lock',
  partial: 'The beginning of an archive',
  record: 'A note on a module',
  'half-written': 'A note on a module',
} as const;

function examineModule(entry: CacheEntry): Finding[] {
  const { key, handle, directory, state, problems, lock, pinned, size } = entry;
  const common = { key, ...(handle !== undefined && { handle }), path: directory };
  if (isBusy(entry)) {
    return [
      {
        ...common,
        kind: 'busy-entry',
        severity: 'notice',
        path: `${directory}.lock`,
        size: 0,
        explanation: `${sentence(describeHolder(lock!.text))} is working on this module.`,
        remedy:
          lock!.state === 'running'
            ? 'Wait for it.'
            : `If that process is gone, remove ${basename(directory)}.lock; after a day without a sign of it, mending does.`,
        isMendable: false,
      },
    ];
  }
  if (state === 'damaged') {
    return [
      {
        ...common,
        kind: 'damaged-module',
        severity: 'problem',
        size,
        explanation: `The module is damaged: ${listed(problems)}.`,
        remedy: 'Remove it; when it is asked for, it is downloaded again.',
        isMendable: true,
      },
    ];
  }
  if (state === 'missing' && pinned) {
    return [
      {
        ...common,
        kind: 'missing-module',
        severity: 'problem',
        size: 0,
        explanation: 'The module is pinned, and gone.',
        remedy: 'Download it again (tenon pull), or unpin it.',
        isMendable: false,
      },
    ];
  }
  return [];
}

function sentence(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

function listed(problems: readonly string[]): string {
  const LISTED = 5;
  const more = problems.length - LISTED;
  return problems.slice(0, LISTED).join(', ') + (more > 0 ? `, and ${more} more` : '');
}
