import type { Backend } from '@tenon/backend';
import { Session, type Placement } from '@tenon/runtime';
import { messageOf, type ConformanceCase, type Finding } from './case.js';
import { differences } from './compare.js';
import { buildProgram, readProgramCases, readRuns, type ProgramCase, type ProgramRun } from './program-case.js';
import { WatchedBackend } from './watched-backend.js';

/** Every program case, run by a session. */
export function programChecks(): ConformanceCase[] {
  return readProgramCases().map((program) => ({
    family: program.family,
    title: program.title,
    check: (backend) => checkProgram(program, backend),
  }));
}

/**
 * Runs whole programs, with control flow, variables and tables, in sessions on a backend, one after the other. For threads other than the
 * one that the suite runs in: see `ConformanceOptions.inWorker`.
 *
 * @returns what is wrong; empty if every result is TensorFlow's.
 */
export async function checkPrograms(backend: Backend): Promise<string[]> {
  const problems: string[] = [];
  for (const program of readProgramCases()) {
    const found = await checkProgram(program, backend);
    problems.push(...found.problems.map((problem) => `${program.title}: ${problem}`));
  }
  return problems;
}

async function checkProgram(program: ProgramCase, backend: Backend): Promise<Finding> {
  return withSession(program, backend, async (session, runs) => {
    const problems: string[] = [];
    for (const [index, run] of runs.entries()) {
      const wrong = await whyWrong(session, run);
      problems.push(...wrong.map((what) => `run ${index + 1}: ${what}`));
    }
    return problems;
  });
}

/** Lets `use` have a session of a program, and looks whether the session keeps anything when it is disposed. */
export async function withSession(
  program: ProgramCase,
  backend: Backend,
  use: (session: Session, runs: readonly ProgramRun[]) => Promise<readonly string[]>,
): Promise<Finding> {
  const runs = readRuns(program);
  const watched = new WatchedBackend(backend);
  const session = new Session(buildProgram(program), { backend: watched });
  const problems: string[] = [];
  const placements = placementsOf(session, runs);
  try {
    problems.push(...(await use(session, runs)));
  } finally {
    await session.dispose();
  }
  return { problems: [...problems, ...watched.problems], status: 'declared', placements };
}

/** Where a session runs the operations of all runs. */
function placementsOf(session: Session, runs: readonly ProgramRun[]): Placement[] {
  const all = runs.flatMap(({ fetches, feeds }) => session.callable(fetches, [...feeds.keys()]).preview().placements);
  return [...new Map(all.map((placement) => [`${placement.operation} ${placement.place}`, placement])).values()];
}

/** What is wrong with one run of a session. */
export async function whyWrong(session: Session, { feeds, fetches, expected }: ProgramRun): Promise<string[]> {
  let results;
  try {
    results = await session.run(fetches, { feeds });
  } catch (error) {
    if (expected) return [messageOf(error)];
    const code = error instanceof Error && (error as { code?: unknown }).code;
    return typeof code === 'string' && code.startsWith('ERR_')
      ? []
      : [`it failed with "${messageOf(error)}", which is no typed error`];
  }
  if (!expected) return ['it did not fail'];
  return differences(
    results,
    expected,
    fetches.filter((name) => name.includes(':')),
  );
}
