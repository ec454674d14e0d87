import { describe, expect, it } from '@jest/globals';
import { formatReport, testBackend, type ConformanceReport } from '@tenon/conformance';
import { inWorker } from '../../packages/conformance/src/testing/in-worker.js';
import { OPS } from './ops.js';
import { toy } from './toy-backend.js';

/** Machines may be busy. */
const TIMEOUT = 120_000;

let report: ConformanceReport | undefined;
testBackend({
  describe,
  it: (name, body) => it(name, body, TIMEOUT),
  expect: (actual) => expect(actual),
  setup: toy,
  inWorker: inWorker('toy', 'toy()', './examples/toy-backend/toy-backend.ts'),
  report: (made) => (report = made),
});

describe('the report', () => {
  it('says that each op of the backend ran there, and the rest on the host', () => {
    const { cases } = report!;
    const ran = new Set(
      cases.flatMap(({ placements }) => placements.flatMap(({ type, place }) => (place === 'toy' ? type : []))),
    );
    expect([...ran].sort()).toEqual(Object.keys(OPS).sort());
    const results = new Set(cases.map(({ result }) => result));
    expect([...results].sort()).toEqual(['passed', 'undeclared']);
    expect(formatReport(report!)).toMatch(/^on toy: AddV2 MatMul Mul Neg Relu Square Sub$/m);
  });

  it('says that sessions ran products of matrices on the backend, within control flow too', () => {
    const places = (family: string) =>
      new Set(
        report!.cases
          .filter((one) => one.family === family)
          .flatMap(({ placements }) => placements.map(({ place }) => place)),
      );
    for (const family of ['state', 'tables', 'control flow'])
      expect([...places(family)].sort()).toEqual(['host', 'toy']);
  });
});
