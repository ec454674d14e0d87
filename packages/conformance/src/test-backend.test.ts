import { describe, expect, it } from '@jest/globals';
import { formatReport } from './report.js';
import { NegatingBackend, type Mistake } from './testing/negating-backend.js';
import { runSuite } from './testing/run-suite.js';

/** All cases of the suite run. */
const TIMEOUT = 120_000;

describe('the suite', () => {
  it(
    'is green for a backend that is right, and says what it declares',
    async () => {
      const { red, report, find } = await runSuite({ setup: () => new NegatingBackend() });
      expect(red).toEqual([]);
      expect(find('Neg float32[2,3], dimensions unknown')).toEqual({
        family: 'elementwise',
        title: 'Neg float32[2,3], dimensions unknown',
        result: 'passed',
        problems: [],
        placements: [{ operation: 'Neg', type: 'Neg', place: 'negating' }],
      });
      expect(find('Abs float32[2,3], dimensions known')).toMatchObject({
        result: 'undeclared',
        placements: [{ operation: 'Abs', type: 'Abs', place: 'host' }],
      });
      expect(find('sessions in worker threads').result).toBe('not run');
      expect(report.cases.length).toBeGreaterThan(1000);
      expect(new Set(report.cases.map(({ title, family }) => `${family} / ${title}`)).size).toBe(report.cases.length);
      expect(formatReport(report)).toContain('on negating: Neg\n');
    },
    TIMEOUT,
  );

  it.each<[Mistake, string]>([
    ['adds one', 'elementwise / Neg float32[2,3], dimensions known'],
    ['changes its input', 'interface / neither changes nor keeps what it is given'],
    ['shares its memory', 'interface / neither changes nor keeps what it is given'],
    ['gives the first result again', 'interface / runs with every size of an unknown dimension'],
    ['knows one size', 'interface / runs with every size of an unknown dimension'],
    ['compiles anything', 'elementwise / Abs float32[2,3], dimensions known'],
    ['compiles anything', 'interface / compiles nothing that it does not support, and names all of it'],
    ['names nothing', 'interface / compiles nothing that it does not support, and names all of it'],
    ['throws what it likes', 'interface / compiles nothing that it does not support, and names all of it'],
    ['runs when disposed', 'interface / waits with disposal for runs in flight, and runs no more after it'],
    ['drops runs when disposed', 'interface / waits with disposal for runs in flight, and runs no more after it'],
    ['cannot make up its mind', 'elementwise / Neg float32[2,3], dimensions known'],
  ])('is red for a backend that %s', async (mistake, id) => {
    const { red } = await runSuite({ setup: () => new NegatingBackend(mistake) }, (one) => one === id);
    expect(red).toEqual([id]);
  });

  const NEGATION = 'elementwise / Neg float32[2,3], dimensions known';

  it('takes failures that are known, with a reason', async () => {
    const { red, find } = await runSuite(
      { setup: () => new NegatingBackend('adds one'), knownFailures: `# Known.\n\n${NEGATION}: it adds one\n` },
      (id) => id === NEGATION,
    );
    expect(red).toEqual([]);
    expect(find('Neg float32[2,3], dimensions known').result).toBe('known');
  });

  it('is red for failures that are known and do not happen, and for such of cases that there are not', async () => {
    const { red } = await runSuite(
      { setup: () => new NegatingBackend(), knownFailures: `${NEGATION}: it adds one\nelsewhere / nothing: no` },
      (id) => id === NEGATION,
    );
    expect(red).toEqual([NEGATION, 'known failures / are cases of the suite']);
  });

  it('is red for what is held after a case that was not held before', async () => {
    let held = 0;
    const { red } = await runSuite({ setup: () => new NegatingBackend(), held: () => held++ }, (id) => id === NEGATION);
    expect(red).toEqual([NEGATION]);
  });

  it('is red for what goes wrong in worker threads', async () => {
    const id = 'concurrency / sessions in worker threads';
    const options = { setup: () => new NegatingBackend(), inWorker: async () => ['it went wrong'] };
    const { red, find } = await runSuite(options, (one) => one === id);
    expect(red).toEqual([id]);
    expect(find('sessions in worker threads').problems).toEqual([
      'in worker 1: it went wrong',
      'in worker 2: it went wrong',
    ]);
  });
});
