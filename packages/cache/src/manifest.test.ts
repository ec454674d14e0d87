import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findProblems, readManifest } from './manifest.js';

describe('a manifest', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-manifest-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is damaged, and never an exception, whatever is in the file', async () => {
    const file = join(directory, 'broken.manifest.json');
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        writeFileSync(file, text);
        expect(await readManifest(file, join(directory, 'none'))).toBe('damaged');
      }),
    );
  });

  it('finds everything that is wrong at once', async () => {
    const sha256 = '0000000000000000000000000000000000000000000000000000000000000000';
    writeFileSync(join(directory, 'changed'), 'weights');
    writeFileSync(join(directory, 'short'), 'wei');
    const files = ['changed', 'short', 'missing'].map((path) => ({ path, size: 7, sha256 }));
    expect(await findProblems(directory, files, 'contents')).toEqual([
      'changed has other contents than were downloaded',
      'short has 3 bytes instead of 7',
      'missing is missing',
    ]);
    expect(await findProblems(directory, files, 'sizes')).toHaveLength(2);
  });
});
