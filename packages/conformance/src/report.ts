import type { Placement } from '@tenon/runtime';

/** What became of one case. */
export interface CaseReport {
  readonly family: string;
  readonly title: string;
  /**
   * `undeclared`: the backend says that it does not support it, and refuses it as it should. `known`: it fails, and the list of known
   * failures says why. `not run`: there was nothing to run it with.
   */
  readonly result: 'passed' | 'failed' | 'known' | 'undeclared' | 'not run';
  /** What is wrong, in words. */
  readonly problems: readonly string[];
  /** Where each operation ran: the backend's name, or `host`. */
  readonly placements: readonly Placement[];
}

/** What became of all cases that ran. */
export interface ConformanceReport {
  readonly backend: string;
  readonly cases: readonly CaseReport[];
}

const RESULTS = ['passed', 'failed', 'known', 'undeclared', 'not run'] as const;

/** A report as a table for people: one line per family, and which ops ran where. */
export function formatReport({ backend, cases }: ConformanceReport): string {
  const families = [...new Set(cases.map(({ family }) => family))];
  const line = (name: string, of: readonly CaseReport[]): string[] => {
    const places = of.flatMap(({ placements }) => placements.map(({ place }) => place));
    const onHost = places.filter((place) => place === 'host').length;
    const counts = RESULTS.map((wanted) => of.filter(({ result }) => result === wanted).length);
    return [name, of.length, ...counts, places.length - onHost, onHost].map(String);
  };
  const rows = [
    [backend, 'cases', ...RESULTS, `ops on ${backend}`, 'ops on host'],
    ...families.map((name) =>
      line(
        name,
        cases.filter(({ family }) => family === name),
      ),
    ),
    line('all', cases),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const typesAt = (isHost: boolean) =>
    new Set(
      cases.flatMap(({ placements }) =>
        placements.flatMap(({ type, place }) => ((place === 'host') === isHost ? type : [])),
      ),
    );
  const [own, host] = [typesAt(false), typesAt(true)];
  const list = (types: Iterable<string>) => [...types].sort().join(' ') || 'none';
  return [
    ...table,
    '',
    `on ${backend}: ${list(own)}`,
    `on the host alone: ${list([...host].filter((type) => !own.has(type)))}`,
  ].join('\n');
}
