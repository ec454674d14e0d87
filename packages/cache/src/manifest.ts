import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sizeOfFile } from './module-files.js';
import { readIfPresent } from './read-if-present.js';

/** One file of a module. */
export interface FileRecord {
  /** Relative to the module's directory, with forward slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
}

/** Where a module came from. */
export interface ModuleSource {
  /** The address that answered, without credentials. */
  readonly url: string;
  /** The archive that it was unpacked from; left out where there was none. */
  readonly archive?: {
    /** Bytes. */
    readonly size: number;
    /** SHA-256, lower-case hexadecimal. */
    readonly sha256: string;
  };
}

/** What `<directory>.manifest.json` says of the directory beside it. */
export interface Manifest {
  readonly version: 1;
  readonly handle: string;
  /**
   * The descriptor written together with this manifest. Python's tensorflow_hub writes the descriptor anew when it downloads a module
   * again, and knows nothing of manifests: where the two differ, the manifest speaks of a directory that is gone.
   */
  readonly descriptor: string;
  readonly files: readonly FileRecord[];
  /** Where it came from, if whoever downloaded it asked. */
  readonly source?: ModuleSource;
}

/** How closely a module is compared with its manifest: sizes cost a stat per file, contents a read of every byte. */
export type Verification = 'sizes' | 'contents';

/** `absent`: none, or one for an earlier directory. `damaged`: there is one, but it cannot be read. */
export async function readManifest(
  manifestFile: string,
  descriptorFile: string,
): Promise<Manifest | 'absent' | 'damaged'> {
  const text = await readIfPresent(manifestFile);
  if (text === undefined) return 'absent';
  const manifest = parseManifest(text);
  if (manifest === undefined) return 'damaged';
  const descriptor = await readIfPresent(descriptorFile);
  return descriptor === undefined || descriptor === manifest.descriptor ? manifest : 'absent';
}

/** The handle that a manifest names, even one that is otherwise of no use. */
export function parseManifestHandle(text: string): string | undefined {
  try {
    const handle = (JSON.parse(text) as Partial<Manifest> | null)?.handle;
    return typeof handle === 'string' ? handle : undefined;
  } catch {
    return undefined;
  }
}

function parseManifest(text: string): Manifest | undefined {
  let value;
  try {
    value = JSON.parse(text) as Partial<Manifest> | null;
  } catch {
    return undefined;
  }
  const valid =
    value?.version === 1 &&
    typeof value.handle === 'string' &&
    typeof value.descriptor === 'string' &&
    Array.isArray(value.files) &&
    value.files.every(isFileRecord) &&
    (value.source === undefined || isModuleSource(value.source));
  return valid ? (value as Manifest) : undefined;
}

/** Whether a value out of a file is a record that can be acted upon: its path leads nowhere but below the module's directory. */
export function isFileRecord(value: unknown): value is FileRecord {
  const { path, size, sha256 } = (value ?? {}) as Partial<FileRecord>;
  return typeof path === 'string' && isPathBelow(path) && isSize(size) && isSha256(sha256);
}

/** Whether a value out of a file says where a module came from. */
export function isModuleSource(value: unknown): value is ModuleSource {
  const { url, archive } = (value ?? {}) as Partial<ModuleSource>;
  return (
    typeof url === 'string' &&
    (archive === undefined || (archive !== null && isSize(archive.size) && isSha256(archive.sha256)))
  );
}

function isPathBelow(path: string): boolean {
  const leadsAway = path.split(/[/\\]/).some((name) => name === '' || name === '.' || name === '..');
  const hasDrive = process.platform === 'win32' && path.includes(':');
  return !leadsAway && !hasDrive && !path.includes('\0');
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** What is wrong with a directory, file by file; empty where it is as its records say. */
export async function findProblems(
  directory: string,
  files: readonly FileRecord[],
  verification: Verification,
): Promise<string[]> {
  const problems: string[] = [];
  for (const file of files) {
    const path = join(directory, file.path);
    const size = await sizeOfFile(path);
    if (size === undefined) problems.push(`${file.path} is missing`);
    else if (size !== file.size) problems.push(`${file.path} has ${size} bytes instead of ${file.size}`);
    else if (verification === 'contents' && (await sha256OfFile(path)) !== file.sha256)
      problems.push(`${file.path} has other contents than were downloaded`);
  }
  return problems;
}

/** SHA-256 of a file's contents, lower-case hexadecimal. */
async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await openUnnoticed(path);
  await pipeline(file.createReadStream({ highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}

/** Looking after a module is not using it: where the system allows that, the time of last access stays. */
async function openUnnoticed(path: string) {
  // Undefined where the system has no such flag.
  const { O_RDONLY, O_NOATIME = 0 } = constants as Partial<typeof constants>;
  try {
    return await open(path, O_RDONLY! | O_NOATIME);
  } catch (error) {
    // It is for a file's owner alone.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    return open(path, 'r');
  }
}
