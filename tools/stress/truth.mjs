import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** A module as it should be, and the archive that hosts send of it. */
export function makeModule(random, weightBytes) {
  const files = new Map([
    ['saved_model.pb', random.bytes(random.integer(1, 5000))],
    ['variables/variables.index', random.bytes(400)],
    ['variables/variables.data-00000-of-00001', random.bytes(weightBytes)],
    ['assets/vocabulary.txt', Buffer.from('the quick brown fox '.repeat(100))],
  ]);
  const parts = [];
  for (const [path, bytes] of files) {
    const header = Buffer.alloc(512);
    new Header({ path, size: bytes.length, type: 'File', mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }).encode(
      header,
    );
    parts.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  const tar = Buffer.concat([...parts, Buffer.alloc(1024)]);
  return { files, archive: gzipSync(tar, { level: 1 }) };
}

/** What a directory holds that it should not, or lacks; empty where it is the module. */
export function differences(directory, { files }) {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  const problems = found.filter((path) => !files.has(path)).map((path) => `${path} should not be there`);
  for (const [path, bytes] of files) {
    if (!found.includes(path)) problems.push(`${path} is missing`);
    else if (!readFileSync(join(directory, path)).equals(bytes)) problems.push(`${path} has other bytes`);
  }
  return problems;
}

/** The names in a cache folder that belong to a handle, without what they have in common; `''` is the module itself. */
export function namesOf(cache, handle) {
  const key = createHash('sha1').update(handle).digest('hex');
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith(key))
    .map((name) => name.slice(key.length));
}

/** What there is besides a module and its records. */
export function leftovers(cache, handle) {
  return namesOf(cache, handle).filter((name) => !['', '.descriptor.txt', '.manifest.json'].includes(name));
}

export function directoryOf(cache, handle) {
  return join(cache, createHash('sha1').update(handle).digest('hex'));
}
