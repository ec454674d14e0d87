import { rm } from 'node:fs/promises';
import { uptime } from 'node:os';
import { isHeld, lockOf, tryWithEntryLock, type EntryLock } from './entry-lock.js';
import { describeHolder } from './errors.js';
import { checkEntry } from './entry-state.js';
import { measure } from './measure.js';
import { handleOf, type SurveyedEntry } from './survey.js';

/** Something that nobody will use any more. */
export interface Leftover {
  /**
   * `temporary`: a download that was never finished. `lock`: of a process that is gone. `partial`: the beginning of an archive. `record`: a
   * note on a module that is gone. `half-written`: a note that was never finished.
   */
  readonly kind: 'temporary' | 'lock' | 'partial' | 'record' | 'half-written';
  readonly path: string;
  /** SHA-1 of the handle that it is of. */
  readonly key: string;
  readonly handle: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** Why it is of no use, in words. */
  readonly reason: string;
}

/** Milliseconds without a change, after which nobody can be at it: a process whose lock was taken from it shows itself sooner. */
const STILL = 60 * 60_000;
/** Milliseconds for which the beginning of an archive is kept for a later attempt. */
const PARTIAL_KEPT = 24 * 60 * 60_000;

/** What is left over under one entry's name: nothing while somebody works on it. */
export async function leftoversOf(entry: SurveyedEntry): Promise<Leftover[]> {
  const { key, paths, has } = entry;
  const lock = has.lock ? await lockOf(paths) : undefined;
  if (isHeld(lock)) return [];
  const handle = await handleOf(entry);
  const found: Leftover[] = [];
  const add = async (kind: Leftover['kind'], path: string, reason: string) => {
    found.push({ kind, path, key, handle, size: (await measure(path)).size, reason });
  };
  if (lock !== undefined) await add('lock', paths.lock, whyLockIsVoid(lock));

  for (const { id, path } of entry.temporaries) {
    const isOfLock = lock?.holder?.id === id;
    if (isOfLock || (await isStill(path, STILL))) await add('temporary', path, 'its download was never finished');
  }
  if (entry.partials.length > 0) {
    const isThere = has.directory && (await isUsable(entry));
    for (const path of entry.partials) {
      const reason = isThere ? 'the module is there' : await whyPartialIsVoid(path);
      if (reason !== undefined) await add('partial', path, reason);
    }
  }
  for (const path of entry.halfWritten)
    if (await isStill(path, STILL)) await add('half-written', path, 'it was never finished');

  if (!has.directory && !has.pin) {
    for (const part of ['manifest', 'descriptor'] as const) {
      if (has[part] && (await isStill(paths[part], STILL))) await add('record', paths[part], 'the module is gone');
    }
  }
  return found;
}

/**
 * Removes what is left over under one entry's name, holding its lock.
 * @returns what was removed; nothing where somebody has begun to work on it.
 */
export async function removeLeftovers(entry: SurveyedEntry): Promise<Leftover[]> {
  const leftovers = await leftoversOf(entry);
  if (leftovers.length === 0) return [];
  const attempt = await tryWithEntryLock(entry.paths, async () => {
    const { directory } = entry.paths;
    const isMade = (await measure(directory)).changed > 0;
    // Somebody may have made the module since: the records are its own then.
    const still = leftovers.filter(({ kind }) => kind !== 'record' || !isMade);
    for (const { kind, path } of still) if (kind !== 'lock') await rm(path, { recursive: true, force: true });
    return still;
  });
  return attempt.acquired ? attempt.value : [];
}

function whyLockIsVoid({ state, text }: EntryLock): string {
  if (text === '') return 'whoever made it was gone before writing its name';
  return state === 'dead'
    ? `${describeHolder(text)} is gone`
    : `nothing was heard of ${describeHolder(text)} for a day`;
}

async function whyPartialIsVoid(path: string): Promise<string | undefined> {
  const { changed } = await measure(path);
  // After a crash of the machine, a file may have its length and not its bytes.
  if (changed < Date.now() - uptime() * 1000) return 'it was written before this machine was started';
  return Date.now() - changed > PARTIAL_KEPT ? 'nobody went on with it for a day' : undefined;
}

async function isStill(path: string, milliseconds: number): Promise<boolean> {
  return Date.now() - (await measure(path)).changed > milliseconds;
}

async function isUsable({ paths }: SurveyedEntry): Promise<boolean> {
  return (await checkEntry(paths, 'sizes').catch(() => undefined))?.state !== 'damaged';
}
