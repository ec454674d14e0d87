import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModuleCache } from '@tenon/cache';
import { modulePath, tenon } from '../testing/run-command.js';

const HANDLE = 'https://models.invalid/half-plus-two/1';
const SHA = 'eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d'; // sha256sum of graph
const folder = process.cwd();

describe('tenon install', () => {
  const variable = process.env['TFHUB_CACHE_DIR'];
  const local = modulePath('half-plus-two');
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tenon-install-command-'));
    process.env['TFHUB_CACHE_DIR'] = join(directory, 'cache');
    process.chdir(directory);
  });
  afterEach(() => {
    process.chdir(folder);
    if (variable === undefined) delete process.env['TFHUB_CACHE_DIR'];
    else process.env['TFHUB_CACHE_DIR'] = variable;
    rmSync(directory, { recursive: true });
  });
  const putIntoCache = (handle: string) =>
    new ModuleCache().getOrCreate(handle, async (made) => {
      await writeFile(join(made, 'saved_model.pb'), 'graph');
      return [{ path: 'saved_model.pb', size: 5, sha256: SHA }];
    });

  it('locks modules, and verifies them from then on', async () => {
    const found = await putIntoCache(HANDLE);
    expect(await tenon(['install', HANDLE, '--offline'])).toEqual({
      status: 0,
      stdout: `added  5 B  ${HANDLE}\n1 module; tenon.lock was written.\n`,
      stderr: '',
    });
    const text = readFileSync('tenon.lock', 'utf8');
    expect(JSON.parse(text)).toEqual({
      version: 1,
      modules: {
        [HANDLE]: {
          resolved: null,
          archive: null,
          size: 5,
          license: null,
          files: [{ path: 'saved_model.pb', size: 5, sha256: SHA }],
        },
      },
    });
    expect(await tenon(['install', '--frozen', '--offline'])).toMatchObject({
      status: 0,
      stdout: `verified  5 B  ${HANDLE}\n1 module; tenon.lock was not changed.\n`,
    });
    expect(JSON.parse((await tenon(['install', '--json', '--offline'])).stdout)).toEqual({
      lockfile: 'tenon.lock',
      written: false,
      modules: [
        {
          handle: HANDLE,
          directory: found,
          change: 'none',
          resolved: null,
          archive: null,
          size: 5,
          license: null,
          files: [{ path: 'saved_model.pb', size: 5, sha256: SHA }],
        },
      ],
    });
    expect(readFileSync('tenon.lock', 'utf8')).toBe(text);

    rmSync(join(found, '..'), { recursive: true });
    expect(await tenon(['install', '--offline'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^tenon install: ERR_OFFLINE: /) as unknown,
    });
  });

  it('ends with 1 where a module is not what was locked, and says how', async () => {
    expect(await tenon(['install', local, '--lockfile', 'other.lock'])).toMatchObject({ status: 0 });
    expect(existsSync('tenon.lock')).toBe(false);
    const text = readFileSync('other.lock', 'utf8');
    const [hash] = /(?<="saved_model.pb".*)[0-9a-f]{64}/.exec(text)!;
    expect(hash).toBe(
      createHash('sha256')
        .update(readFileSync(join(local, 'saved_model.pb')))
        .digest('hex'),
    );
    writeFileSync('other.lock', text.replace(hash, SHA));
    const { status, stdout, stderr } = await tenon(['install', '--lockfile', 'other.lock']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^tenon install: ERR_LOCKFILE_MISMATCH: .*half-plus-two is not what the lockfile says/);
    expect(stderr).toContain(`saved_model.pb has the SHA-256 ${hash} instead of ${SHA}`);
    expect(await tenon(['install', '--lockfile', 'other.lock', '--update'])).toMatchObject({ status: 0 });
    expect(readFileSync('other.lock', 'utf8')).toBe(text);
  });

  it.each([
    ['run', local, '1'],
    ['inspect', local],
    ['inspect', local, '--preflight'],
    ['types', local],
    ['pull', local],
  ])('checks what tenon %s loads', async (...args) => {
    await tenon(['install', local]);
    const good = await tenon(args);
    expect(good.status).toBe(0);
    const broken = readFileSync('tenon.lock', 'utf8').replace(/(?<="saved_model.pb".*)[0-9a-f]{64}/, SHA);
    writeFileSync('tenon.lock', broken);
    expect(await tenon(args)).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/ERR_LOCKFILE_MISMATCH: .*half-plus-two is not what the lockfile says/) as unknown,
    });
    expect(await tenon([...args, '--no-lockfile'])).toEqual(good);
    rmSync('tenon.lock');
    expect(await tenon(args)).toEqual(good);
    writeFileSync('other.lock', broken);
    expect(await tenon([...args, '--lockfile', 'other.lock'])).toMatchObject({ status: 1, stdout: '' });
    expect(await tenon([...args, '--lockfile', 'none.lock'])).toMatchObject({ status: 1, stdout: '' });
    expect(await tenon([...args, '--lockfile', 'other.lock', '--no-lockfile'])).toMatchObject({ status: 2 });
  });

  it('never changes a frozen lockfile', async () => {
    expect(await tenon(['install', local, '--frozen'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/ERR_LOCKFILE: .*tenon.lock does not exist/) as unknown,
    });
    await tenon(['install', local]);
    const text = readFileSync('tenon.lock', 'utf8');
    expect(await tenon(['install', local, HANDLE, '--frozen'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/ERR_LOCKFILE_FROZEN: .*models\.invalid/) as unknown,
    });
    expect(readFileSync('tenon.lock', 'utf8')).toBe(text);
  });

  it.each([[['--frozen', '--update']], [['--frob']]])('ends with 2 for %j', async (args) => {
    expect(await tenon(['install', ...args])).toMatchObject({ status: 2, stdout: '' });
  });

  it('says that there is no lockfile, or that it is broken', async () => {
    expect(await tenon(['install'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/ERR_LOCKFILE: .*does not exist.*tenon install HANDLE/) as unknown,
    });
    writeFileSync('tenon.lock', '<<<<<<< HEAD\n{}');
    for (const args of [['install'], ['install', local], ['cache', 'prune']]) {
      expect(await tenon(args)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/ERR_LOCKFILE: .*both sides of a merge/) as unknown,
      });
    }
  });

  it('keeps what is locked from being pruned', async () => {
    await putIntoCache(HANDLE);
    await putIntoCache('https://models.invalid/other');
    await tenon(['install', HANDLE, '--offline']);
    expect(await tenon(['cache', 'prune', '--max-size', '0'])).toMatchObject({
      stdout: '5 B  too much  https://models.invalid/other\n5 B removed, 5 B of modules remain.\n',
    });
    expect(await new ModuleCache().find(HANDLE)).toBeDefined();
    await tenon(['install', local, '--lockfile', 'other.lock']);
    expect(await tenon(['cache', 'prune', '--max-size', '0', '--lockfile', 'none.lock'])).toMatchObject({ status: 1 });
    await tenon(['cache', 'prune', '--max-size', '0', '--lockfile', 'other.lock']);
    expect(await new ModuleCache().find(HANDLE)).toBeUndefined();
  });
});
