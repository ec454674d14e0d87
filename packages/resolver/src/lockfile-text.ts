import { readFile, stat } from 'node:fs/promises';
import { isFileRecord, isModuleSource, type FileRecord, type ModuleSource } from '@tenon/cache';
import { LockfileError } from './errors.js';
import type { LockedModule, Lockfile } from './lockfile.js';

/** Bytes; a million files have fewer. */
const MAX_SIZE = 2 ** 28;

/** @throws LockfileError where there is no lockfile, or it cannot be understood. */
export async function readLockfileAt(path: string): Promise<Lockfile> {
  const lockfile = await readLockfileIfPresent(path);
  if (lockfile === undefined) throw new LockfileError(path, 'does not exist');
  return lockfile;
}

export async function readLockfileIfPresent(path: string): Promise<Lockfile | undefined> {
  let text;
  try {
    const status = await stat(path);
    // A pipe would be waited for without end.
    if (!status.isFile()) throw new Error('it is no file');
    if (status.size > MAX_SIZE) throw new Error(`it has more than ${MAX_SIZE} bytes`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LockfileError(path, `cannot be read (${(error as Error).message})`, error);
  }
  return parseLockfile(text, path);
}

/**
 * Reads the text of a lockfile.
 * @throws LockfileError where anything of it cannot be understood: what is half understood protects from nothing.
 */
export function parseLockfile(text: string, path: string): Lockfile {
  const value = parseJson(text, path);
  if (!isObject(value)) throw new LockfileError(path, 'holds no object');
  if (value['version'] !== 1)
    throw new LockfileError(path, `is of version ${JSON.stringify(value['version'])}; this program knows version 1`);
  const { modules } = value;
  if (!isObject(modules)) throw new LockfileError(path, 'has no "modules"');
  // Not an object, for whose own properties a handle might be taken.
  return {
    modules: new Map(Object.entries(modules).map(([handle, module]) => [handle, parseModule(handle, module, path)])),
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const isConflict = /^(<{7}|={7}|>{7})/m.test(text);
    const reason = isConflict ? 'holds both sides of a merge' : `is no JSON (${(error as Error).message})`;
    throw new LockfileError(path, reason, error);
  }
}

function parseModule(handle: string, value: unknown, path: string): LockedModule {
  const refuse = (reason: string) => new LockfileError(path, `says of ${JSON.stringify(handle)} ${reason}`);
  if (!isObject(value)) throw refuse('nothing');
  const { resolved, archive, size, license, files } = value;
  if (!isTextOrNull(resolved)) throw refuse('a "resolved" that is no text');
  if (!isTextOrNull(license)) throw refuse('a "license" that is no text');
  if (archive !== null && !isModuleSource({ url: '', archive })) throw refuse('an "archive" without size and sha256');
  if (!Array.isArray(files) || files.length === 0) throw refuse('no "files"');
  const records: FileRecord[] = files.map((file: unknown) => {
    if (!isFileRecord(file))
      throw refuse(`a file without a path inside of it, size and sha256: ${JSON.stringify(file)}`);
    return { path: file.path, size: file.size, sha256: file.sha256 };
  });
  if (new Set(records.map((record) => record.path)).size < records.length) throw refuse('a file twice');
  if (size !== sizeOf(records)) throw refuse('a "size" that its files do not have');
  return {
    resolved: resolved ?? undefined,
    archive: (archive as ModuleSource['archive'] | null) ?? undefined,
    size: sizeOf(records),
    license: license ?? undefined,
    files: records.sort(byPath),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

/** Bytes of all files. */
export function sizeOf(files: readonly FileRecord[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/**
 * The text of a lockfile: the same for the same modules, in whatever order they were locked, and with a line for each file, so that changes can be
 * read and merged.
 */
export function formatLockfile({ modules }: Lockfile): string {
  const sorted = [...modules].sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = sorted.map(([handle, module]) => `    ${JSON.stringify(handle)}: ${formatModule(module)}`);
  return `{\n  "version": 1,\n  "modules": {${entries.length === 0 ? '' : `\n${entries.join(',\n')}\n  `}}\n}\n`;
}

function formatModule({ resolved, archive, size, license, files }: LockedModule): string {
  const lines = [
    `"resolved": ${JSON.stringify(resolved ?? null)}`,
    `"archive": ${
      archive === undefined
        ? 'null'
        : formatRecord([
            ['size', archive.size],
            ['sha256', archive.sha256],
          ])
    }`,
    `"size": ${size}`,
    `"license": ${JSON.stringify(license ?? null)}`,
    `"files": [\n${[...files]
      .sort(byPath)
      .map((file) => `        ${formatFile(file)}`)
      .join(',\n')}\n      ]`,
  ];
  return `{\n${lines.map((line) => `      ${line}`).join(',\n')}\n    }`;
}

function formatFile({ path, size, sha256 }: FileRecord): string {
  return formatRecord([
    ['path', path],
    ['size', size],
    ['sha256', sha256],
  ]);
}

function formatRecord(fields: readonly (readonly [string, string | number])[]): string {
  return `{ ${fields.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(', ')} }`;
}

/** By code units: what is sorted for a language is sorted otherwise on the next machine. */
function byPath(a: FileRecord, b: FileRecord): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
