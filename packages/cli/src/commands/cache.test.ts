import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getEntry, ModuleCache } from '@tenon/cache';
import { tenon } from '../testing/run-command.js';

const HANDLE = 'https://example.com/half-plus-two/1';
const DAY = 24 * 3_600_000;

describe('tenon cache', () => {
  const variable = process.env['TFHUB_CACHE_DIR'];
  let directory: string;
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'tenon-cache-command-')), 'modules');
    process.env['TFHUB_CACHE_DIR'] = directory;
  });
  afterEach(() => {
    if (variable === undefined) delete process.env['TFHUB_CACHE_DIR'];
    else process.env['TFHUB_CACHE_DIR'] = variable;
    rmSync(join(directory, '..'), { recursive: true });
  });

  /** A module of a number of bytes that was last used some days ago; its directory. */
  const make = async (handle: string, size: number, days = 0): Promise<string> => {
    const contents = 'x'.repeat(size);
    const found = await new ModuleCache().getOrCreate(handle, async (made) => {
      await writeFile(join(made, 'saved_model.pb'), contents);
      return [{ path: 'saved_model.pb', size, sha256: createHash('sha256').update(contents).digest('hex') }];
    });
    const then = (Date.now() - days * DAY) / 1000;
    for (const file of [`${found}.manifest.json`, `${found}.descriptor.txt`, join(found, 'saved_model.pb')])
      utimesSync(file, then, then);
    return found;
  };
  const json = async (...args: string[]) =>
    JSON.parse((await tenon(['cache', ...args, '--json'])).stdout) as Record<string, unknown>;

  it.each([
    [[]],
    [['frob']],
    [['toString']],
    [['ls', 'x']],
    [['pin']],
    [['rm']],
    [['path', 'a', 'b']],
    [['prune', 'x']],
  ])('ends with 2 for %j', async (args) => {
    expect(await tenon(['cache', ...args])).toMatchObject({ status: 2, stdout: '' });
  });

  it('lists modules, the last used first', async () => {
    expect(await tenon(['cache', 'ls'])).toEqual({ status: 0, stderr: '', stdout: `0 modules, 0 B in ${directory}\n` });
    await make('https://example.com/old/1', 1_234_000, 400);
    const found = await make(HANDLE, 12);
    await tenon(['cache', 'pin', HANDLE]);
    const { stdout } = await tenon(['cache', 'ls']);
    expect(stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TIME').split('\n')).toEqual([
      `  12 B  TIME  pinned  ${HANDLE}`,
      '1.2 MB  TIME          https://example.com/old/1',
      `2 modules, 1.2 MB in ${directory}`,
      '',
    ]);
    expect(await json('ls')).toMatchObject({
      directory,
      size: 1_234_012,
      modules: [
        { handle: HANDLE, directory: found, size: 12, files: 1, pinned: true, state: 'complete', lock: null },
        { handle: 'https://example.com/old/1', lastUsed: expect.stringMatching(/^\d{4}-.*Z$/) as unknown },
      ],
    });
  });

  it('shows neither passwords nor what would steer a terminal', async () => {
    const found = await make('https://me:secret@example.com/a\u001b[2J/1?token=hidden', 1);
    writeFileSync(`${found}.manifest.json`, '{');
    writeFileSync(join(directory, 'b\u0007'), '');
    for (const args of [['ls'], ['verify'], ['doctor'], ['prune', '--max-size', '0', '--dry-run']]) {
      for (const format of [[], ['--json']]) {
        const { stdout, stderr } = await tenon(['cache', ...args, ...format]);
        expect(stdout + stderr).not.toMatch(/secret|hidden|[^\P{Cc}\n]/u);
        expect(stdout).toContain('example.com');
      }
    }
  });

  it('says where the cache is, and modules in it', async () => {
    expect(await tenon(['cache', 'path'])).toMatchObject({ status: 0, stdout: `${directory}\n` });
    const missing = await tenon(['cache', 'path', HANDLE]);
    expect(missing).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ERR_CACHE_ENTRY_NOT_FOUND') as unknown,
    });
    const found = await make(HANDLE, 3);
    expect(await tenon(['cache', 'path', HANDLE])).toMatchObject({ status: 0, stdout: `${found}\n` });
    writeFileSync(join(found, 'saved_model.pb'), '');
    expect(await tenon(['cache', 'path', HANDLE])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/is damaged \(saved_model.pb has 0 bytes instead of 3\)/) as unknown,
    });
  });

  it('verifies by sizes or by contents, and ends with 1 where something is wrong', async () => {
    const found = await make(HANDLE, 3);
    expect(await tenon(['cache', 'verify'])).toEqual({ status: 0, stdout: `ok          ${HANDLE}\n`, stderr: '' });
    writeFileSync(join(found, 'saved_model.pb'), 'yyy');
    expect(await tenon(['cache', 'verify', HANDLE])).toMatchObject({ status: 0 });
    const { status, stdout, stderr } = await tenon(['cache', 'verify', HANDLE, '--hashes']);
    expect([status, stdout]).toEqual([
      1,
      `damaged     ${HANDLE}\n  saved_model.pb has other contents than were downloaded\n`,
    ]);
    expect(stderr).toMatch(/^tenon cache: ERR_CACHE_PROBLEMS: 1 of 1 modules/);
    expect(await json('verify', '--hashes')).toMatchObject({ verified: 'contents', modules: [{ state: 'damaged' }] });
  });

  it('tells of files that were put into a module', async () => {
    const found = await make(HANDLE, 3);
    writeFileSync(join(found, 'saved_model.pbtxt'), '');
    expect(await tenon(['cache', 'verify'])).toMatchObject({
      status: 1,
      stdout: `damaged     ${HANDLE}\n  saved_model.pbtxt was not downloaded with it\n`,
    });
  });

  it('prunes by age and size, and tells what it would do', async () => {
    await make('https://example.com/old/1', 2_000_000, 40);
    await make('https://example.com/large/1', 3_000_000, 20);
    await make(HANDLE, 10);
    expect(await tenon(['cache', 'prune', '--unused-for', '30d', '--dry-run'])).toMatchObject({
      stdout: '2.0 MB  not used  https://example.com/old/1\n2.0 MB would be removed, 3.0 MB of modules would remain.\n',
    });
    expect(await json('prune', '--max-size', '1MB')).toMatchObject({
      dryRun: false,
      freed: 5_000_000,
      remaining: 10,
      modules: [{ reason: 'size' }, { reason: 'size' }],
    });
    expect(await json('ls')).toMatchObject({ modules: [{ handle: HANDLE }] });
    expect(await tenon(['cache', 'prune'])).toMatchObject({ stdout: '0 B removed, 10 B of modules remain.\n' });
  });

  it.each([
    ['--max-size', '10 parsecs'],
    ['--max-size', '-1'],
    ['--max-size', '1constructor'],
    ['--unused-for', '30'],
    ['--unused-for', 'd'],
  ])('does not guess what %s %s means', async (option, value) => {
    await make(HANDLE, 10, 9);
    expect(await tenon(['cache', 'prune', `${option}=${value}`])).toMatchObject({ status: 2 });
    expect(await new ModuleCache().find(HANDLE)).toBeDefined();
  });

  it('removes modules that are not pinned, by their handles or the names of their directories', async () => {
    await make(HANDLE, 10);
    await make('x:y', 20);
    await tenon(['cache', 'pin', HANDLE]);
    expect(await tenon(['cache', 'rm', HANDLE])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/ERR_CACHE_PINNED/) as unknown,
    });
    expect(await tenon(['cache', 'unpin', HANDLE])).toMatchObject({ status: 0, stdout: `unpinned ${HANDLE}\n` });
    const { key } = await getEntry(new ModuleCache(), 'x:y');
    expect(await tenon(['cache', 'rm', HANDLE, key])).toEqual({
      status: 0,
      stdout: `removed  ${HANDLE} (10 B)\nremoved  x:y (20 B)\n`,
      stderr: '',
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('explains what is the matter, and mends it', async () => {
    const found = await make(HANDLE, 10);
    writeFileSync(`${found}.manifest.json`, '{');
    const sick = await tenon(['cache', 'doctor']);
    expect(sick).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/One problem with .*doctor --mend/) as unknown,
    });
    expect(sick.stdout).toMatch(/problem: https:.*\n {2}The module is damaged: .*\n {2}Remove it; .*downloaded again/);
    const mended = await tenon(['cache', 'doctor', '--mend']);
    expect(mended).toMatchObject({ status: 0, stderr: '' });
    expect(mended.stdout).toMatch(/mended: https:.*half-plus-two/);
    expect(await json('doctor')).toMatchObject({ mended: [], findings: [{ kind: 'temporary-place' }] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('says so where the cache is a file', async () => {
    writeFileSync(directory, '');
    for (const command of ['ls', 'verify', 'prune', 'doctor']) {
      expect(await tenon(['cache', command])).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(/ERR_CACHE_NOT_A_DIRECTORY: .*TFHUB_CACHE_DIR/) as unknown,
      });
    }
  });
});
