import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DerivedDirectories } from './derived-directories.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tenon-derived-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const acquire = (directories: DerivedDirectories, identity: string) =>
  directories.acquire([bytes(identity)], (path) => {
    return new Map([
      ['assets/0', bytes('words')],
      ['saved_model.pb', bytes(`${identity} ${path}`)],
    ]);
  });
const setUsed = (path: string, daysAgo: number): void => {
  const when = new Date(Date.now() - daysAgo * 24 * 3600 * 1000);
  utimesSync(path, when, when);
};

describe('DerivedDirectories', () => {
  it('writes what is not there, with paths that its files know', () => {
    const { path } = acquire(new DerivedDirectories(root), 'a');
    expect(readFileSync(join(path, 'saved_model.pb'), 'utf8')).toBe(`a ${path}`);
    expect(readFileSync(join(path, 'assets/0'), 'utf8')).toBe('words');
  });

  it('writes equal contents once', () => {
    const first = acquire(new DerivedDirectories(root), 'a');
    const { ino } = statSync(first.path);
    expect(acquire(new DerivedDirectories(root), 'a').path).toBe(first.path);
    expect(statSync(first.path).ino).toBe(ino);
    expect(acquire(new DerivedDirectories(root), 'b').path).not.toBe(first.path);
  });

  it.each([
    ['empty', (file: string) => writeFileSync(file, '')],
    ['cut short', (file: string) => truncateSync(file, 3)],
    ['missing', (file: string) => rmSync(file)],
  ])('writes anew what is %s', (_, damage) => {
    for (const file of ['saved_model.pb', 'assets/0']) {
      const lease = acquire(new DerivedDirectories(root), 'a');
      const { path } = lease;
      lease.release();
      damage(join(path, file));
      acquire(new DerivedDirectories(root), 'a').release();
      expect(readFileSync(join(path, 'saved_model.pb'), 'utf8')).toBe(`a ${path}`);
      expect(readFileSync(join(path, 'assets/0'), 'utf8')).toBe('words');
      expect(readdirSync(root)).toHaveLength(1);
    }
  });

  it('tells parts apart that are the same together', () => {
    const directories = new DerivedDirectories(root);
    const path = (...parts: string[]) =>
      directories.acquire(parts.map(bytes), () => new Map([['saved_model.pb', bytes('')]])).path;
    expect(new Set([path('ab', 'c'), path('a', 'bc'), path('abc')]).size).toBe(3);
  });

  it('removes what was not used for long, but not what a running process uses', () => {
    const directories = new DerivedDirectories(root);
    const [old, used, recent] = ['old', 'used', 'recent'].map((name) => acquire(directories, name));
    old!.release();
    recent!.release();
    setUsed(old!.path, 40);
    setUsed(used!.path, 40);
    acquire(new DerivedDirectories(root), 'another');
    expect([old, used, recent].map((lease) => existsSync(lease!.path))).toEqual([false, true, true]);
  });

  it('removes what a process used that is no more', () => {
    const lease = acquire(new DerivedDirectories(root), 'a');
    lease.release();
    const { path } = lease;
    // No process has so high a number.
    writeFileSync(join(path, `in-use-by-2000000000-0@${hostname()}`), '');
    setUsed(path, 40);
    acquire(new DerivedDirectories(root), 'b');
    expect(existsSync(path)).toBe(false);
  });

  it('keeps what a process of another host said that it uses, for as long', () => {
    const lease = acquire(new DerivedDirectories(root), 'a');
    lease.release();
    const other = join(lease.path, 'in-use-by-2000000000-0@elsewhere');
    writeFileSync(other, '');
    setUsed(lease.path, 40);
    acquire(new DerivedDirectories(root), 'b');
    expect(existsSync(lease.path)).toBe(true);
    setUsed(other, 40);
    setUsed(lease.path, 40);
    acquire(new DerivedDirectories(root), 'c');
    expect(existsSync(lease.path)).toBe(false);
  });

  it('keeps a directory until the last of several uses ends', () => {
    const directories = new DerivedDirectories(root);
    const [one, other] = [acquire(directories, 'a'), acquire(directories, 'a')];
    one.release();
    one.release();
    expect(readdirSync(one.path).some((name) => name.startsWith('in-use'))).toBe(true);
    other.release();
    expect(readdirSync(one.path).some((name) => name.startsWith('in-use'))).toBe(false);
  });

  it('leaves nothing behind that is half written', () => {
    const directories = new DerivedDirectories(root);
    expect(() => directories.acquire([bytes('a')], () => new Map([['a/b', bytes('')], ['a', bytes('')]]))).toThrow(); // prettier-ignore
    expect(readdirSync(root)).toEqual([]);
  });
});
