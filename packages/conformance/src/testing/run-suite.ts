import { deepStrictEqual } from 'node:assert/strict';
import type { CaseReport, ConformanceReport } from '../report.js';
import { testBackend, type ConformanceOptions } from '../test-backend.js';

/** What became of the suite in a framework of a few lines. */
export interface SuiteRun {
  readonly report: ConformanceReport;
  /** `family / title` of the tests that are red. */
  readonly red: readonly string[];
  readonly find: (title: string) => CaseReport;
}

type Options = Omit<ConformanceOptions, 'describe' | 'it' | 'expect' | 'report'>;

/** @param isWanted Which tests run, by `family / title`: all by default. */
export async function runSuite(options: Options, isWanted: (id: string) => boolean = () => true): Promise<SuiteRun> {
  const tests: [string, () => Promise<void>][] = [];
  let family = '';
  let report: ConformanceReport | undefined;
  testBackend({
    ...options,
    describe: (name, body) => {
      family = name;
      body();
    },
    it: (title, body) => tests.push([`${family} / ${title}`, body]),
    expect: (actual) => ({ toEqual: (expected) => deepStrictEqual(actual, expected) }),
    report: (found) => (report = found),
  });
  const red: string[] = [];
  for (const [id, body] of tests) {
    if (!isWanted(id) && !id.startsWith('known failures')) continue;
    await body().catch(() => red.push(id));
  }
  const found = report!;
  return { report: found, red, find: (title) => found.cases.find((one) => one.title === title)! };
}
