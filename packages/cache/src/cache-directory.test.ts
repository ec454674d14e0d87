import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defaultCacheDirectory } from './cache-directory.js';

describe('defaultCacheDirectory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-cache-directory-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is what TFHUB_CACHE_DIR says, made absolute', () => {
    expect(defaultCacheDirectory({ TFHUB_CACHE_DIR: '/some/where' })).toBe(resolve('/some/where'));
    expect(defaultCacheDirectory({ TFHUB_CACHE_DIR: 'some/where' })).toBe(resolve('some/where'));
  });

  it('is in the temporary directory otherwise, found in the order in which Python looks', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const expected = join(directory, 'tfhub_modules');
    expect(defaultCacheDirectory({ TFHUB_CACHE_DIR: '', TMPDIR: directory, TEMP: tmpdir() })).toBe(expected);
    expect(defaultCacheDirectory({ TMPDIR: file, TEMP: directory, TMP: tmpdir() })).toBe(expected);
    expect(defaultCacheDirectory({})).toBe(join(tmpdir(), 'tfhub_modules'));
  });
});
