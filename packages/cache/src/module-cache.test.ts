import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { entryPaths, type EntryPaths } from './entry-paths.js';
import type { FileRecord } from './manifest.js';
import { ModuleCache, type Fill } from './module-cache.js';
import { bundleCache, outputOf, startProgram, untilPrinted } from './testing/child-program.js';
import type { LockWait } from './wait-for-lock.js';

const HANDLE = 'https://example.com/half-plus-two/1';

// Hashes: sha256sum of the contents.
const FILES: Record<string, { contents: string; sha256: string }> = {
  'saved_model.pb': { contents: 'graph', sha256: 'eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d' },
  'variables/variables.index': {
    contents: 'index',
    sha256: '1bc04b5291c26a46d918139138b992d2de976d6851d0893b0476b85bfbdfc6e6',
  },
};
const RECORDS: FileRecord[] = Object.entries(FILES).map(([path, { contents, sha256 }]) => ({
  path,
  size: contents.length,
  sha256,
}));

const fill: Fill = async (directory) => {
  for (const [path, { contents }] of Object.entries(FILES)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), contents);
  }
  return RECORDS;
};
const mustNotFill: Fill = () => Promise.reject(new Error('filled again'));

describe('ModuleCache', () => {
  let programs: string;
  let directory: string;
  let cache: ModuleCache;
  let paths: EntryPaths;
  let name: string;

  beforeAll(() => {
    programs = mkdtempSync(join(tmpdir(), 'tenon-cache-programs-'));
    bundleCache(programs);
  });
  afterAll(() => rmSync(programs, { recursive: true }));
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'tenon-cache-')), 'modules é 試');
    cache = new ModuleCache({ directory, pollInterval: 1 });
    paths = entryPaths(directory, HANDLE);
    name = basename(paths.directory);
  });
  afterEach(() => rmSync(dirname(directory), { recursive: true }));

  const expectWhole = () => {
    for (const [path, { contents }] of Object.entries(FILES))
      expect(readFileSync(join(paths.directory, path), 'utf8')).toBe(contents);
    expect(readdirSync(directory).sort()).toEqual([name, `${name}.descriptor.txt`, `${name}.manifest.json`]);
  };
  const putPythonMade = (...files: string[]) => {
    mkdirSync(join(paths.directory, 'assets'), { recursive: true });
    for (const file of files) writeFileSync(join(paths.directory, file), 'made by Python');
  };

  describe('keeping modules', () => {
    it('makes a module once and finds it from then on', async () => {
      expect(await cache.find(HANDLE)).toBeUndefined();
      expect(existsSync(directory)).toBe(false);
      expect(await cache.getOrCreate(HANDLE, fill)).toBe(paths.directory);
      expect(await cache.getOrCreate(HANDLE, mustNotFill)).toBe(paths.directory);
      expect(await cache.find(HANDLE, { verify: 'contents' })).toBe(paths.directory);
      expectWhole();
    });

    it('describes the module beside its directory, for people and for itself', async () => {
      await cache.getOrCreate(HANDLE, fill);
      const descriptor = readFileSync(paths.descriptor, 'utf8');
      expect(descriptor.split('\n')).toEqual([
        `Module: ${HANDLE}`,
        expect.stringMatching(/^Download Time: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/),
        `Downloader Hostname: ${hostname()} (PID:${process.pid})`,
      ]);
      expect(JSON.parse(readFileSync(paths.manifest, 'utf8'))).toEqual({
        version: 1,
        handle: HANDLE,
        descriptor,
        files: RECORDS,
      });
    });

    it('fills once for many that ask together', async () => {
      let fills = 0;
      const counting: Fill = (...given) => {
        fills += 1;
        return fill(...given);
      };
      const found = await Promise.all(Array.from({ length: 12 }, () => cache.getOrCreate(HANDLE, counting)));
      expect(new Set(found)).toEqual(new Set([paths.directory]));
      expect(fills).toBe(1);
      expectWhole();
    });

    it('leaves nothing behind when filling fails, and passes the error on', async () => {
      const failing: Fill = async (...given) => {
        await fill(...given);
        throw new Error('the download broke off');
      };
      await expect(cache.getOrCreate(HANDLE, failing)).rejects.toThrow('the download broke off');
      expect(readdirSync(directory)).toEqual([]);
    });

    it('publishes nothing that is not what was said to be written', async () => {
      const lying: Fill = async (...given) => [
        ...((await fill(...given)) as readonly FileRecord[]),
        { path: 'assets/vocab.txt', size: 3, sha256: '0'.repeat(64) },
        { path: '../other', size: 3, sha256: '0'.repeat(64) },
      ];
      await expect(cache.getOrCreate(HANDLE, lying)).rejects.toMatchObject({
        code: 'ERR_INCOMPLETE_MODULE',
        problems: [
          'assets/vocab.txt is missing',
          expect.stringMatching(/"\.\.\/other".* describes no file/) as unknown,
        ],
      });
      expect(readdirSync(directory)).toEqual([]);
    });

    it('stops when told to, with the reason given', async () => {
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      const aborting: Fill = async (...given) => {
        controller.abort(reason);
        return fill(...given);
      };
      await expect(cache.getOrCreate(HANDLE, aborting, { signal: controller.signal })).rejects.toBe(reason);
      expect(readdirSync(directory)).toEqual([]);
      await expect(cache.getOrCreate(HANDLE, mustNotFill, { signal: controller.signal })).rejects.toBe(reason);
    });
  });

  describe('finding damage', () => {
    beforeEach(async () => {
      await cache.getOrCreate(HANDLE, fill);
    });
    const damages: [string, () => void][] = [
      ['lost a file', () => unlinkSync(join(paths.directory, 'variables/variables.index'))],
      ['lost a directory', () => rmSync(join(paths.directory, 'variables'), { recursive: true })],
      ['was cut short', () => writeFileSync(join(paths.directory, 'saved_model.pb'), 'gra')],
      ['lost everything', () => rmSync(paths.directory, { recursive: true })],
      ['was emptied', () => (rmSync(paths.directory, { recursive: true }), mkdirSync(paths.directory))],
      ['became a file', () => (rmSync(paths.directory, { recursive: true }), writeFileSync(paths.directory, ''))],
      ['lost its manifest in part', () => writeFileSync(paths.manifest, '{"version": 1, "fi')],
    ];

    it.each(damages)('makes a module anew that %s', async (_, damage) => {
      damage();
      expect(await cache.find(HANDLE)).toBeUndefined();
      expect(await cache.getOrCreate(HANDLE, fill)).toBe(paths.directory);
      expectWhole();
    });

    it.each(damages)('never hands out a module that %s, even when there is no other', async (_, damage) => {
      damage();
      await expect(cache.getOrCreate(HANDLE, () => Promise.reject(new Error('offline')))).rejects.toThrow('offline');
    });

    it('finds changed contents when asked to look', async () => {
      writeFileSync(join(paths.directory, 'saved_model.pb'), 'GRAPH');
      expect(await cache.find(HANDLE)).toBe(paths.directory);
      expect(await cache.find(HANDLE, { verify: 'contents' })).toBeUndefined();
      await cache.getOrCreate(HANDLE, fill, { verify: 'contents' });
      expectWhole();
    });
  });

  describe('sharing with Python', () => {
    it.each(['saved_model.pb', 'saved_model.pbtxt', 'tfhub_module.pb'])(
      'finds what Python downloaded, by its %s',
      async (file) => {
        putPythonMade(file);
        expect(await cache.getOrCreate(HANDLE, mustNotFill)).toBe(paths.directory);
      },
    );

    it('downloads anew where Python would be content with an empty assets directory', async () => {
      putPythonMade();
      await cache.getOrCreate(HANDLE, fill);
      expectWhole();
    });

    it('believes no manifest that is older than what Python downloaded since', async () => {
      await cache.getOrCreate(HANDLE, fill);
      rmSync(paths.directory, { recursive: true });
      putPythonMade('saved_model.pb');
      expect(await cache.find(HANDLE)).toBeUndefined();
      writeFileSync(
        paths.descriptor,
        `Module: ${HANDLE}\nDownload Time: 2024-05-06 07:08:09.123456\nDownloader Hostname: h (PID:1)`,
      );
      expect(await cache.find(HANDLE)).toBe(paths.directory);
    });
  });

  describe('waiting for others', () => {
    const ID = '0cc175b9c0f1b6a831c399e269772661';
    const putLock = (text: string) => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(paths.lock, text);
    };

    it('waits for another host, and uses what it made', async () => {
      putLock(`elsewhere.example.com.17.${ID}`);
      const waits: LockWait[] = [];
      const onWait = (wait: LockWait) => {
        waits.push(wait);
        putPythonMade('saved_model.pb');
        unlinkSync(paths.lock);
      };
      expect(await cache.getOrCreate(HANDLE, mustNotFill, { onWait })).toBe(paths.directory);
      expect(waits).toEqual([
        { handle: HANDLE, lockFile: paths.lock, holder: { host: 'elsewhere.example.com', pid: 17, id: ID } },
      ]);
    });

    it('makes the module itself when the other gives up', async () => {
      putLock(`elsewhere.17.${ID}`);
      await cache.getOrCreate(HANDLE, fill, { onWait: () => unlinkSync(paths.lock) });
      expectWhole();
    });

    it('gives up on one that stands still, naming it', async () => {
      putLock(`elsewhere.17.${ID}`);
      const impatient = new ModuleCache({ directory, pollInterval: 1, waitTimeout: 1 });
      await expect(impatient.getOrCreate(HANDLE, mustNotFill)).rejects.toMatchObject({
        code: 'ERR_CACHE_LOCK_TIMEOUT',
        lockFile: paths.lock,
        message: expect.stringMatching(/process 17 on elsewhere holds .*\.lock/),
      });
      expect(readFileSync(paths.lock, 'utf8')).toBe(`elsewhere.17.${ID}`);
    });

    it('stops waiting when told to', async () => {
      putLock(`elsewhere.17.${ID}`);
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      const onWait = () => controller.abort(reason);
      await expect(cache.getOrCreate(HANDLE, mustNotFill, { signal: controller.signal, onWait })).rejects.toBe(reason);
    });

    it('does not wait for one that was killed before it could write its name', async () => {
      putLock('');
      let now = 0;
      const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
      await cache.getOrCreate(HANDLE, fill);
      clock.mockRestore();
      expectWhole();
    });

    it('finds without looking at locks', async () => {
      await cache.getOrCreate(HANDLE, fill);
      putLock(`elsewhere.17.${ID}`);
      expect(await cache.getOrCreate(HANDLE, mustNotFill)).toBe(paths.directory);
    });

    it('takes over at once from a process of this host that is gone, and cleans up after it', async () => {
      const child = startProgram(programs, 'gone', '');
      await once(child, 'exit');
      putLock(`${hostname()}.${child.pid}.${ID}`);
      mkdirSync(paths.temporary(ID));
      writeFileSync(join(paths.temporary(ID), 'saved_model.pb'), 'gr');
      const onWait = () => {
        throw new Error('waited');
      };
      await cache.getOrCreate(HANDLE, fill, { onWait });
      expectWhole();
    });

    it('takes over at once from an earlier process that had its own id', async () => {
      putLock(`${hostname()}.${process.pid}.${ID}`);
      utimesSync(paths.lock, 0, 0);
      await cache.getOrCreate(HANDLE, fill);
      expectWhole();
    });

    it('takes over from a process that ran before this machine was started, though its id was given anew', async () => {
      putLock(`${hostname()}.${process.ppid}.${ID}`);
      utimesSync(paths.lock, 0, 0);
      const onWait = () => {
        throw new Error('waited');
      };
      await cache.getOrCreate(HANDLE, fill, { onWait });
      expectWhole();
    });

    it('waits for a live process of this host until that dies', async () => {
      const child = startProgram(programs, 'live', `console.log('up'); process.stdin.resume();`);
      await untilPrinted(child, 'up');
      putLock(`${hostname()}.${child.pid}.${ID}`);
      let waited = 0;
      await cache.getOrCreate(HANDLE, fill, {
        onWait: () => {
          waited += 1;
          child.kill('SIGKILL');
        },
      });
      expect(waited).toBe(1);
      expectWhole();
    });
  });

  describe('with other processes', () => {
    const downloading = (ending: string) => `
      import { writeFileSync } from 'node:fs';
      import { join } from 'node:path';
      import { ModuleCache } from './cache.mjs';
      await new ModuleCache({ directory: ${JSON.stringify(directory)} }).getOrCreate(${JSON.stringify(HANDLE)}, async (directory) => {
        writeFileSync(join(directory, 'saved_model.pb'), 'gr');
        console.log('half');
        ${ending}
      });`;

    it('leaves nothing when it exits in the middle of a download', async () => {
      const child = startProgram(programs, 'exits', downloading('process.exit(3);'));
      const [status] = (await once(child, 'exit')) as [number];
      expect(status).toBe(3);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('hands out nothing of what a killed process left, and cleans up after it', async () => {
      const child = startProgram(programs, 'killed', downloading('await new Promise(() => process.stdin.resume());'));
      await untilPrinted(child, 'half');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(readdirSync(directory)).toHaveLength(2);
      expect(await cache.find(HANDLE)).toBeUndefined();
      await cache.getOrCreate(HANDLE, fill);
      expectWhole();
    });
  });

  describe('killed while it replaces a module', () => {
    /** Makes the module, and dies instead of renaming for the nth time. */
    const dying = (nth: number) => `
      import promises from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      import { dirname, join } from 'node:path';
      const { mkdir, rename, writeFile } = promises;
      let renames = 0;
      promises.rename = async (...names) => {
        renames += 1;
        if (renames === ${nth}) process.kill(process.pid, 'SIGKILL');
        return rename(...names);
      };
      syncBuiltinESMExports();
      const { ModuleCache } = await import('./cache.mjs');
      await new ModuleCache({ directory: ${JSON.stringify(directory)} }).getOrCreate(${JSON.stringify(HANDLE)}, async (made) => {
        for (const [path, { contents }] of Object.entries(${JSON.stringify(FILES)})) {
          await mkdir(dirname(join(made, path)), { recursive: true });
          await writeFile(join(made, path), contents);
        }
        return ${JSON.stringify(RECORDS)};
      });
      console.log(renames);`;

    it.each([1, 2, 3, 4])('before the %sth step', async (nth) => {
      await cache.getOrCreate(HANDLE, fill);
      unlinkSync(join(paths.directory, 'variables/variables.index'));
      const child = startProgram(programs, `dying-${nth}`, dying(nth));
      await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      expect(await cache.find(HANDLE)).toBeUndefined();
      await cache.getOrCreate(HANDLE, fill);
      expect(await cache.find(HANDLE, { verify: 'contents' })).toBe(paths.directory);
    });

    it('at no further step', async () => {
      await cache.getOrCreate(HANDLE, fill);
      unlinkSync(join(paths.directory, 'variables/variables.index'));
      expect(await outputOf(startProgram(programs, 'dying-5', dying(5)))).toBe('4');
      expect(await cache.find(HANDLE)).toBe(paths.directory);
    });
  });

  describe('in a bad place', () => {
    const get = (handle: string) => `
      import { ModuleCache } from './cache.mjs';
      const cache = new ModuleCache({ directory: ${JSON.stringify(directory)} });
      const never = () => Promise.reject(new Error('filled'));
      console.log(await cache.getOrCreate(${JSON.stringify(handle)}, never).catch(({ code, message }) => code + ' ' + message));`;
    const onPosix = process.platform === 'win32' ? it.skip : it;

    onPosix('serves what it holds where it cannot be written, and says how to move it otherwise', async () => {
      await cache.getOrCreate(HANDLE, fill);
      chmodSync(dirname(directory), 0o755);
      chmodSync(directory, 0o555);
      try {
        expect(await outputOf(startProgram(programs, 'hit', get(HANDLE), { unprivileged: true }))).toBe(
          paths.directory,
        );
        const missed = await outputOf(startProgram(programs, 'miss', get(`${HANDLE}/`), { unprivileged: true }));
        expect(missed).toMatch(/^ERR_CACHE_PERMISSION .*TFHUB_CACHE_DIR/);
      } finally {
        chmodSync(directory, 0o755);
      }
    });

    onPosix('says so where it cannot be read', async () => {
      await cache.getOrCreate(HANDLE, fill);
      chmodSync(dirname(directory), 0o755);
      chmodSync(directory, 0o000);
      try {
        const output = await outputOf(startProgram(programs, 'unreadable', get(HANDLE), { unprivileged: true }));
        expect(output).toMatch(/^ERR_CACHE_PERMISSION .*TFHUB_CACHE_DIR/);
      } finally {
        chmodSync(directory, 0o755);
      }
    });

    it('says so where there is a file', async () => {
      writeFileSync(directory, '');
      await expect(cache.getOrCreate(HANDLE, fill)).rejects.toMatchObject({
        code: 'ERR_CACHE_NOT_A_DIRECTORY',
        directory,
      });
      const below = new ModuleCache({ directory: join(directory, 'below') });
      await expect(below.getOrCreate(HANDLE, fill)).rejects.toMatchObject({ code: 'ERR_CACHE_NOT_A_DIRECTORY' });
    });

    it('says so where there is no room', async () => {
      const failing: Fill = () =>
        Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
      await expect(cache.getOrCreate(HANDLE, failing)).rejects.toMatchObject({ code: 'ERR_CACHE_FULL', directory });
      expect(readdirSync(directory)).toEqual([]);
    });
  });
});
