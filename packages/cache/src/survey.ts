import { readdir, stat } from 'node:fs/promises';
import { entryKey, entryPathsOfKey, type EntryPaths } from './entry-paths.js';
import { parseManifestHandle } from './manifest.js';
import { isNotFound, readIfPresent } from './read-if-present.js';

/** What there is under the name of one handle. */
export interface SurveyedEntry {
  /** SHA-1 of the handle. */
  readonly key: string;
  readonly paths: EntryPaths;
  /** Which of its files there are. */
  readonly has: Readonly<Record<Part, boolean>>;
  /** Directories that modules are, or were, made in. */
  readonly temporaries: readonly { readonly id: string; readonly path: string }[];
  /** Beginnings of archives, for later downloads to go on with. */
  readonly partials: readonly string[];
  /** Files that were about to become one of the others when their writer died. */
  readonly halfWritten: readonly string[];
  /** What has the name of one of its files and is no file, or far too large a one. */
  readonly obstacles: readonly string[];
}

export interface Survey {
  readonly entries: readonly SurveyedEntry[];
  /** Names of what is neither Tenon's nor tensorflow_hub's; they may hold anything that a file system takes. */
  readonly foreign: readonly string[];
}

type Part = 'directory' | 'lock' | 'descriptor' | 'manifest' | 'pin';

const SUFFIXES: ReadonlyMap<string, Part> = new Map([
  ['.lock', 'lock'],
  ['.descriptor.txt', 'descriptor'],
  ['.manifest.json', 'manifest'],
  ['.pin', 'pin'],
]);
const TEMPORARY = /^\.([0-9a-f]{32})\.tmp$/;
const PARTIAL = /^\.[0-9a-f]{32}\.partial$/;
/** Ours, and those of tensorflow_hub: `.tmp` and the digits of a UUID. */
const HALF_WRITTEN = /^\.(lock|descriptor\.txt|manifest\.json|pin)\.?(tmp)?\.?[0-9a-f-]{32,36}$/;
/** Bytes. No record of a module that can be downloaded is as large. */
const MAX_RECORD = 2 ** 28;

/**
 * Looks at everything in a cache directory, by name; nothing is there where the directory is not.
 * @param key looks at this entry alone.
 */
export async function survey(cacheDirectory: string, key?: string): Promise<Survey> {
  let names;
  try {
    names = await readdir(cacheDirectory);
  } catch (error) {
    if (isNotFound(error)) return { entries: [], foreign: [] };
    throw error;
  }
  const foreign: string[] = [];
  const suffixes = new Map<string, string[]>();
  for (const name of names.sort()) {
    const [, owner, suffix] = /^([0-9a-f]{40})(.*)$/s.exec(name) ?? [];
    if (owner === undefined || suffix === undefined || !isSuffix(suffix)) foreign.push(name);
    else if (key === undefined || owner === key) suffixes.set(owner, [...(suffixes.get(owner) ?? []), suffix]);
  }
  const entries: SurveyedEntry[] = [];
  for (const [owner, its] of suffixes)
    entries.push(await surveyEntry(entryPathsOfKey(cacheDirectory, owner), owner, its));
  return { entries, foreign };
}

function isSuffix(suffix: string): boolean {
  return suffix === '' || SUFFIXES.has(suffix) || [TEMPORARY, PARTIAL, HALF_WRITTEN].some((form) => form.test(suffix));
}

async function surveyEntry(paths: EntryPaths, key: string, suffixes: readonly string[]): Promise<SurveyedEntry> {
  const has = { directory: false, lock: false, descriptor: false, manifest: false, pin: false };
  const temporaries: { id: string; path: string }[] = [];
  const partials: string[] = [];
  const halfWritten: string[] = [];
  const obstacles: string[] = [];
  for (const suffix of suffixes) {
    const path = `${paths.directory}${suffix}`;
    const part = SUFFIXES.get(suffix);
    if (suffix === '') has.directory = true;
    else if (part !== undefined) {
      if (await isRecord(path)) has[part] = true;
      else obstacles.push(path);
    } else if (PARTIAL.test(suffix)) partials.push(path);
    else if (HALF_WRITTEN.test(suffix)) halfWritten.push(path);
    else temporaries.push({ id: TEMPORARY.exec(suffix)![1]!, path });
  }
  return { key, paths, has, temporaries, partials, halfWritten, obstacles };
}

/** A pipe in the place of a file would be waited for without end. */
async function isRecord(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && status.isFile() && status.size <= MAX_RECORD;
}

/**
 * The handle of an entry, where a file beside it names one that its key is the hash of: whatever else these files may say, that is true.
 */
export async function handleOf({ key, paths, has }: SurveyedEntry): Promise<string | undefined> {
  const manifest = has.manifest ? await readIfPresent(paths.manifest).catch(() => undefined) : undefined;
  const descriptor = has.descriptor ? await readIfPresent(paths.descriptor).catch(() => undefined) : undefined;
  const pin = has.pin ? await readIfPresent(paths.pin).catch(() => undefined) : undefined;
  const candidates = [
    manifest === undefined ? undefined : parseManifestHandle(manifest),
    /^Module: (.*)\nDownload Time: /s.exec(descriptor ?? '')?.[1],
    pin,
  ];
  return candidates.find((handle) => handle !== undefined && entryKey(handle) === key);
}

/** The entry that a handle, or a key itself, names; undefined where there is nothing of it. */
export async function findEntry(cacheDirectory: string, handleOrKey: string): Promise<SurveyedEntry | undefined> {
  for (const key of [entryKey(handleOrKey), handleOrKey]) {
    const [entry] = (await survey(cacheDirectory, key)).entries;
    if (entry !== undefined) return entry;
  }
  return undefined;
}
