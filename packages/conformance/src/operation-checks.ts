import { UnsupportedOperationError, type Backend, type Segment } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { Session, type Placement } from '@tenon/runtime';
import { messageOf, type ConformanceCase, type Finding } from './case.js';
import { differences } from './compare.js';
import {
  buildSegment,
  computedOperations,
  readOperationCases,
  type Dimensions,
  type OperationCase,
  type OperationSegment,
} from './operation-case.js';
import { bytesOf, read, runOnHost, withExecutable } from './run-segment.js';
import { WatchedBackend } from './watched-backend.js';

/** Every operation case, with known and with unknown dimensions. */
export function operationChecks(): ConformanceCase[] {
  return readOperationCases().flatMap((given) =>
    (['known', 'unknown'] as const).map((dimensions) => ({
      family: given.family,
      title: `${given.title}, dimensions ${dimensions}`,
      check: (backend: Backend) => checkOperations(given, dimensions, backend),
    })),
  );
}

async function checkOperations(given: OperationCase, dimensions: Dimensions, backend: Backend): Promise<Finding> {
  const segment = buildSegment(given, dimensions);
  const operations = computedOperations(segment);
  const undeclared = operations.filter((operation) => !backend.supports(operation));
  const problems = operations
    .filter((operation) => backend.supports(operation) === undeclared.includes(operation))
    .map(({ type }) => `asked again, it says something else of ${type}`);
  if (undeclared.length > 0) {
    problems.push(...(await whyNotRefused(backend, segment, undeclared)));
    const { placements, problems: wrong } = await runInSession(given, dimensions, backend);
    return { problems: [...problems, ...wrong], status: 'undeclared', placements };
  }
  problems.push(...(await runOnBackend(segment, backend, given.tolerance)));
  const placements = operations.map(({ type, name }) => ({ operation: name, type, place: backend.name }));
  return { problems, status: 'declared', placements };
}

/** What is wrong with how a backend refuses a segment with operations that it does not support. */
export async function whyNotRefused(
  backend: Backend,
  segment: Segment,
  undeclared: readonly Operation[],
): Promise<string[]> {
  let error: unknown;
  try {
    await (await backend.compile(segment)).dispose();
    return ['it compiled what it does not declare'];
  } catch (thrown) {
    error = thrown;
  }
  if (!isUnsupported(error))
    return [`it refused with "${messageOf(error)}", which is no ${UnsupportedOperationError.name}`];
  const named = error.operations.map(({ operation }) => operation).sort();
  const expected = undeclared.map(({ name }) => name).sort();
  return named.join() === expected.join()
    ? []
    : [`its refusal names ${named.join(', ') || 'nothing'}; it should name ${expected.join(', ')}`];
}

/** Told by the code, so that two copies of the package understand each other. */
export function isUnsupported(error: unknown): error is UnsupportedOperationError {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_UNSUPPORTED_OPERATION';
}

async function runOnBackend(
  segment: OperationSegment,
  backend: Backend,
  tolerance: readonly [number, number] | undefined,
): Promise<string[]> {
  const { feeds, expected, outputs } = segment;
  const before = feeds.map(bytesOf);
  return withExecutable(backend, segment, async (executable) => {
    const names = outputs.map(({ name }) => name);
    const problems = differences(await runOnHost(executable, feeds), expected, names, tolerance);
    if (executable.runSync) {
      const again = differences(await read(executable.runSync(feeds)), expected, names, tolerance);
      problems.push(...again.map((wrong) => `run at once: ${wrong}`));
    }
    const changed = before.some((bytes, index) => String(bytes) !== String(bytesOf(feeds[index]!)));
    if (changed) problems.push('it changed what it was given');
    return problems;
  });
}

/** A session computes what the backend does not declare elsewhere, where it can be computed at all. */
async function runInSession(
  given: OperationCase,
  dimensions: Dimensions,
  backend: Backend,
): Promise<{ readonly placements: readonly Placement[]; readonly problems: readonly string[] }> {
  const { graph, inputs, outputs, feeds, expected } = buildSegment(given, dimensions);
  const watched = new WatchedBackend(backend);
  const session = new Session(graph, { backend: watched });
  const callable = session.callable(outputs, inputs);
  const { placements, unsupported } = callable.preview();
  const problems: string[] = [];
  try {
    if (unsupported.length > 0) return { placements, problems };
    const names = outputs.map(({ name }) => name);
    const wrong = differences(await callable.run(feeds), expected, names, given.tolerance);
    problems.push(...wrong.map((what) => `in a session: ${what}`));
  } catch (error) {
    problems.push(`in a session: ${messageOf(error)}`);
  } finally {
    await session.dispose();
  }
  return { placements, problems: [...problems, ...watched.problems] };
}
