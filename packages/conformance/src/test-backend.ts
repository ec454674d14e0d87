import type { Backend } from '@tenon/backend';
import { idOf, messageOf, type ConformanceCase, type Finding } from './case.js';
import { interfaceChecks } from './interface-checks.js';
import { KnownFailures } from './known-failures.js';
import { operationChecks } from './operation-checks.js';
import { programChecks } from './program-checks.js';
import type { CaseReport, ConformanceReport } from './report.js';
import { sessionChecks } from './session-checks.js';

/** What a test framework offers, and what is tested. */
export interface ConformanceOptions {
  /** Groups tests: that of jest, vitest, mocha, `node:test`. */
  readonly describe: (name: string, body: () => void) => void;
  /** Adds a test. Tests run one after the other, in the order in which they were added. */
  readonly it: (name: string, body: () => Promise<void>) => void;
  /** Compares by value. */
  readonly expect: (actual: unknown) => { toEqual(expected: unknown): void };
  /** Makes the backend, for every case anew. */
  readonly setup: () => Backend | Promise<Backend>;
  /** Frees what `setup` made, when the case is over. */
  readonly teardown?: (backend: Backend) => void | Promise<void>;
  /**
   * What the backend is known not to do right: lines of `family / title: reason`. Such cases must fail: one that passes is an error, so that
   * the list only shrinks.
   */
  readonly knownFailures?: string;
  /**
   * How much the backend holds: numbers of tensors, say. After a case it must hold what it held before. It is asked after `setup`, and before
   * `teardown`.
   */
  readonly held?: () => unknown;
  /**
   * Starts a thread that makes the backend there and gives it to `checkPrograms`; resolves to what that returned. Without it, the case that
   * needs threads counts as not run.
   */
  readonly inWorker?: () => Promise<readonly string[]>;
  /** Told at the end what became of every case. */
  readonly report?: (report: ConformanceReport) => void;
}

/**
 * Adds the tests that every backend passes: what it declares (`supports`) gives what TensorFlow gives, and compiling what it does not declare
 * throws `UnsupportedOperationError`. Sessions on the backend are tested, too: state, tables, control flow, concurrency, disposal, errors.
 *
 * Expected values are TensorFlow's own, and stored in this package.
 *
 * @example
 * ```ts
 * import { describe, expect, it } from 'vitest';
 *
 * testBackend({ describe, it, expect, setup: () => onnx() });
 * ```
 */
export function testBackend(options: ConformanceOptions): void {
  const cases = [...interfaceChecks(), ...operationChecks(), ...programChecks(), ...sessionChecks()];
  const known = new KnownFailures(options.knownFailures ?? '', cases.map(idOf));
  const reports: CaseReport[] = [];
  let backendName = '';
  const { describe, it, expect } = options;
  for (const family of new Set(cases.map((one) => one.family))) {
    describe(family, () => {
      for (const one of cases.filter((other) => other.family === family)) {
        it(one.title, async () => {
          const { name, problems, status, placements } = await run(one, options);
          backendName = name;
          const { title } = one;
          const reason = known.reasonOf(idOf(one));
          const failed = reason === undefined ? 'failed' : 'known';
          const result = problems.length > 0 ? failed : status === 'declared' ? 'passed' : status;
          reports.push({ family, title, result, problems, placements });
          if (reason === undefined) expect(problems).toEqual([]);
          else
            expect(problems.length > 0 ? 'it fails' : `It passes now: take it out of the list. (${reason})`).toEqual(
              'it fails',
            );
        });
      }
    });
  }
  describe('known failures', () => {
    it('are cases of the suite', async () => {
      options.report?.({ backend: backendName, cases: reports });
      expect(known.strays).toEqual([]);
    });
  });
}

async function run(one: ConformanceCase, options: ConformanceOptions): Promise<Finding & { readonly name: string }> {
  const backend = await options.setup();
  try {
    const before = JSON.stringify(options.held?.());
    const finding = await one
      .check(backend, { inWorker: options.inWorker })
      .catch((error: unknown): Finding => ({ problems: [messageOf(error)], status: 'declared', placements: [] }));
    const after = JSON.stringify(options.held?.());
    const left = before === after ? [] : [`it held ${before} before and holds ${after} now`];
    return { ...finding, problems: [...finding.problems, ...left], name: backend.name };
  } finally {
    await options.teardown?.(backend);
  }
}
