import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatHolder, newHolder, parseHolder, release, removeDeadLock, tryAcquire, tryCreate } from './lock.js';

describe('a lock', () => {
  let directory: string;
  let lockFile: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-lock-'));
    lockFile = join(directory, 'module.lock');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it.each([
    ['with links', tryAcquire],
    ['without', tryCreate],
  ])('is got by exactly one of many, %s', async (_, acquire) => {
    const holders = Array.from({ length: 20 }, () => formatHolder(newHolder()));
    const acquired = await Promise.all(holders.map((text) => acquire(lockFile, text)));
    expect(acquired.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(lockFile, 'utf8')).toBe(holders[acquired.indexOf(true)]);
    expect(readdirSync(directory)).toEqual(['module.lock']);
  });

  it('is released by its holder alone', async () => {
    await tryAcquire(lockFile, 'mine');
    await release(lockFile, 'other');
    expect(readdirSync(directory)).toEqual(['module.lock']);
    await release(lockFile, 'mine');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('survives when it is not the one that was found dead', async () => {
    writeFileSync(lockFile, 'live');
    await removeDeadLock(lockFile, 'dead');
    expect(readFileSync(lockFile, 'utf8')).toBe('live');
    await removeDeadLock(lockFile, 'live');
    expect(readdirSync(directory)).toEqual([]);
    await removeDeadLock(lockFile, 'gone already');
  });

  it('names its holder in the words of Python, whatever the host is called', () => {
    // Written by tensorflow_hub 0.16.
    expect(parseHolder('worker-3.example.com.4711.0cc175b9c0f1b6a831c399e269772661')).toEqual({
      host: 'worker-3.example.com',
      pid: 4711,
      id: '0cc175b9c0f1b6a831c399e269772661',
    });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), fc.stringMatching(/^[0-9a-f]{32}$/), (host, pid, id) => {
        expect(parseHolder(formatHolder({ host, pid, id }))).toEqual({ host, pid, id });
      }),
    );
  });

  it('has no known holder where its text is anything else', () => {
    for (const text of [
      '',
      'x',
      'host.pid.0cc175b9c0f1b6a831c399e269772661',
      '.1.0cc175b9c0f1b6a831c399e269772661',
      'host.1.short',
    ]) {
      expect(parseHolder(text)).toBeUndefined();
    }
  });
});
