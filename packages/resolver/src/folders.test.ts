import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Folders } from './folders.js';

describe('Folders', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tenon-folders-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('makes folders within folders, for many files at once', async () => {
    const folders = new Folders(root);
    await Promise.all(
      ['a/b/c/file', 'a/b/file', 'file', 'a/d/file', 'a/b/c/other'].map((file) => folders.makeFor(file)),
    );
    await folders.make('a/e');
    await folders.make('');
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(['a', 'a/b', 'a/b/c', 'a/d', 'a/e']);
  });

  it('fails as the system does', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(new Folders(root).makeFor('file/a/b')).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(new Folders(join(root, 'missing')).make('a')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
