import { afterAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleBreaker } from './testing/broken/break-module.js';
import { isTyped } from './testing/broken/is-typed.js';
import { Random } from './testing/broken/random.js';
import { tryModule } from './testing/broken/try-module.js';
import { fixturePath } from './testing/golden.js';

/** Small ones, of every kind; `tools/fuzz` breaks all the fixtures, and as often as it is told to. */
const MODULES = [
  'modules/half-plus-two',
  'modules/nnlm-small',
  'modules/sparse-input',
  'modules/table-classifier',
  'saved_models/tf2-hash-table',
  'saved_models/tf2-multi-signature',
  'unusual/saved_models/tf1-legacy-init',
  'unusual/saved_models/tf2-structures',
];
const RUNS = 30;

describe('a module that is broken', () => {
  const root = mkdtempSync(join(tmpdir(), 'broken-'));
  afterAll(() => rmSync(root, { recursive: true }));

  for (const module of MODULES) {
    it(`gives results or errors with codes, as ${module} does`, async () => {
      const breaker = new ModuleBreaker(fixturePath(module));
      const directory = join(root, module);
      cpSync(fixturePath(module), directory, { recursive: true });
      const failures: unknown[] = [];
      for (let seed = 0; seed < RUNS; seed++) {
        const random = new Random(seed);
        const broken = breaker.break(random);
        for (const [path, bytes] of broken) put(join(directory, path), bytes);
        await tryModule(directory, {
          random,
          backend: null,
          makeSignal: () => AbortSignal.timeout(10_000),
          report: (what, error) => {
            if (error !== undefined && !isTyped(error)) failures.push({ seed, what, error });
          },
        });
        for (const path of broken.keys()) put(join(directory, path), breaker.files.get(path));
      }
      expect(failures).toEqual([]);
    }, 120_000);
  }
});

function put(path: string, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) rmSync(path);
  else writeFileSync(path, bytes);
}
