import type { Backend } from '@tenon/backend';
import { FunctionLibrary, Graph } from '@tenon/graph';
import { Session } from '@tenon/runtime';
import { Tensor } from '@tenon/tensor';
import { messageOf, type ConformanceCase, type Finding, type Surroundings } from './case.js';
import { difference, differences } from './compare.js';
import { placeholder } from './operation-case.js';
import { findProgram, isStateless, readProgramCases, readRuns } from './program-case.js';
import { checkPrograms, whyWrong, withSession } from './program-checks.js';
import { addUnknown } from './unknown-operation.js';

/** Sessions on a backend that do several things at once, or fail, or end. */
export function sessionChecks(): ConformanceCase[] {
  return [
    ...readProgramCases()
      .filter(isStateless)
      .map((program) => ({
        family: 'concurrency',
        title: `runs of one session overlap: ${program.title}`,
        check: (backend: Backend) =>
          withSession(program, backend, async (session, runs) => {
            const all = Array.from({ length: 4 }, () => runs).flat();
            return (await Promise.all(all.map((run) => whyWrong(session, run)))).flat();
          }),
      })),
    {
      family: 'concurrency',
      title: 'two sessions have variables of their own, at the same time',
      check: (backend) => inTwoSessions('a counter counts every run that asks for it', backend),
    },
    {
      family: 'concurrency',
      title: 'runs see a variable as it was before or after an assignment, never between',
      check: overlapsAssignments,
    },
    { family: 'concurrency', title: 'sessions in worker threads', check: runsInWorkers },
    {
      family: 'disposal',
      title: 'a session that is disposed finishes its runs, keeps nothing, and runs no more',
      check: disposesWhileRunning,
    },
    { family: 'disposal', title: 'a hundred sessions, one after the other, keep nothing', check: opensManySessions },
    {
      family: 'errors',
      title: 'operations that nothing can run are named, all of them, before anything runs',
      check: namesWhatCannotRun,
    },
    {
      family: 'errors',
      title: 'a run that is called off ends, and the next one is as if it had not been',
      check: aborts,
    },
  ];
}

const IN_ONE_WAY = 'If runs one of its branches';
const UPDATED = 'a variable is read, assigned and read again';

async function inTwoSessions(title: string, backend: Backend): Promise<Finding> {
  const program = findProgram(title);
  const one = async () =>
    withSession(program, backend, async (session, runs) => {
      const problems: string[] = [];
      for (const run of runs) problems.push(...(await whyWrong(session, run)));
      return problems;
    });
  const findings = await Promise.all([one(), one()]);
  return { ...findings[0], problems: findings.flatMap(({ problems }) => problems) };
}

async function overlapsAssignments(backend: Backend): Promise<Finding> {
  const program = findProgram(UPDATED);
  const [read, double] = readRuns(program);
  const expected = read!.expected![0] as Tensor<'float32'>;
  // The result follows the variable, which is doubled once.
  const allowed = [1, 2].map(
    (times) =>
      new Tensor(
        'float32',
        expected.shape,
        expected.data.map((x) => x * times),
      ),
  );
  return withSession(program, backend, async (session) => {
    const runs = Array.from({ length: 12 }, async (_, index): Promise<string[]> => {
      const { feeds, fetches } = index === 5 ? double! : read!;
      const [value] = await session.run(fetches, { feeds });
      if (!value) return [];
      return allowed.some((tensor) => difference(value, tensor) === undefined)
        ? []
        : ['a result of no state there was'];
    });
    const problems = (await Promise.all(runs)).flat();
    const [last] = await session.run(read!.fetches, { feeds: read!.feeds });
    return [...problems, ...differences([last!], [allowed[1]!], ['after all of them'])];
  });
}

async function runsInWorkers(backend: Backend, { inWorker }: Surroundings): Promise<Finding> {
  if (!inWorker) return { problems: [], status: 'not run', placements: [] };
  const [here, ...there] = await Promise.all([checkPrograms(backend), inWorker(), inWorker()]);
  const problems = [
    ...here.map((problem) => `here: ${problem}`),
    ...there.flatMap((problems, index) => problems.map((problem) => `in worker ${index + 1}: ${problem}`)),
  ];
  return { problems, status: 'declared', placements: [] };
}

async function disposesWhileRunning(backend: Backend): Promise<Finding> {
  const program = findProgram(IN_ONE_WAY);
  return withSession(program, backend, async (session, [run]) => {
    const before = await whyWrong(session, run!);
    const running = whyWrong(session, run!);
    await session.dispose();
    // What has not begun to compute may be called off.
    const inFlight = (await running).filter((problem) => !problem.startsWith('SessionDisposedError'));
    const problems = [...before, ...inFlight];
    const late = await session.run(run!.fetches, { feeds: run!.feeds }).then(
      () => 'it ran after it was disposed',
      (error: unknown) => messageOf(error),
    );
    return late.startsWith('SessionDisposedError') ? problems : [...problems, late];
  });
}

async function opensManySessions(backend: Backend): Promise<Finding> {
  const program = findProgram(IN_ONE_WAY);
  const findings: Finding[] = [];
  for (let session = 0; session < 100; session++)
    findings.push(await withSession(program, backend, (opened, [run]) => whyWrong(opened, run!)));
  return { ...findings[0]!, problems: findings.flatMap(({ problems }) => problems) };
}

async function namesWhatCannotRun(backend: Backend): Promise<Finding> {
  const graph = new Graph(new FunctionLibrary());
  const x = placeholder(graph, { dtype: 'float32' }, [null]);
  const first = addUnknown(graph, 'first', x);
  const second = addUnknown(graph, 'second', first.output());
  const session = new Session(graph, { backend });
  try {
    const feeds = new Map([[x, new Tensor('float32', [1], Float32Array.of(1))]]);
    const error: unknown = await session.run([second.output()], { feeds }).catch((thrown: unknown) => thrown);
    const operations = (error as { operations?: readonly { readonly operation: string }[] }).operations ?? [];
    const named = operations.map(({ operation }) => operation).join();
    const problems = named === 'first,second' ? [] : [`the error names ${named || 'nothing'}: ${messageOf(error)}`];
    return { problems, status: 'declared', placements: [] };
  } finally {
    await session.dispose();
  }
}

async function aborts(backend: Backend): Promise<Finding> {
  const program = findProgram('While runs as often as its condition says');
  return withSession(program, backend, async (session, runs) => {
    const { feeds, fetches } = runs[2]!;
    const problems: string[] = [];
    const signal = AbortSignal.abort(new Error('enough'));
    const results = await session.run(fetches, { feeds, signal }).catch(() => undefined);
    if (results) problems.push('it ran although it was called off');
    for (const run of runs) problems.push(...(await whyWrong(session, run)));
    return problems;
  });
}
