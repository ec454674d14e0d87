import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
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

function parseManifest(text: string): Manifest | undefined {
  let value;
  try {
    value = JSON.parse(text) as Partial<Manifest> | null;
  } catch {
    return undefined;
  }
  const valid =
    value?.version === 1 &&
    typeof value.descriptor === 'string' &&
    Array.isArray(value.files) &&
    value.files.every(isFileRecord);
  return valid ? (value as Manifest) : undefined;
}

function isFileRecord(value: unknown): value is FileRecord {
  const { path, size, sha256 } = (value ?? {}) as Partial<FileRecord>;
  return typeof path === 'string' && typeof size === 'number' && typeof sha256 === 'string';
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

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
