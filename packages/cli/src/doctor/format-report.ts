import { formatColumns } from '../format-columns.js';
import { printable } from '../printable.js';
import type { CheckReport, DoctorReport } from './report.js';

const OUTCOMES: Readonly<Record<CheckReport['outcome'], string>> = {
  right: 'computes what TensorFlow computes',
  wrong: 'WRONG',
  unavailable: 'does not load here',
  crashed: 'CRASHED',
};

/** A report for people to read. */
export function formatReport({ tenon, node, platform, checks }: DoctorReport): string {
  const head = formatColumns(
    [
      ['tenon', tenon],
      ['node', node],
      ['system', platform],
    ],
    { indent: '' },
  );
  return head + checks.map((check) => `\n${formatCheck(check)}`).join('');
}

function formatCheck({ name, outcome, version, reason, modules = [] }: CheckReport): string {
  const title = `${name}${version === undefined ? '' : ` ${version}`}: ${OUTCOMES[outcome]}\n`;
  const why = reason === undefined ? '' : `  ${printable(reason.split('\n').join(' '))}\n`;
  if (modules.length === 0) return title + why;
  const rows = modules.map(({ name, largestDifference, onBackend, operations, firstCall, nextCall, error }) =>
    error === undefined
      ? [
          name,
          largestDifference === null ? '∞' : largestDifference === 0 ? '0' : largestDifference.toExponential(1),
          `${onBackend} of ${operations}`,
          `${firstCall.toFixed(0)} ms`,
          `${nextCall.toFixed(1)} ms`,
        ]
      : [name, 'failed', '', '', ''],
  );
  const header = ['', 'largest difference', 'operations on the backend', 'first call', 'next call'];
  return title + why + formatColumns([header, ...rows], { alignRight: (column) => column > 0 });
}
