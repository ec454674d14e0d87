import { createRequire } from 'node:module';
import type { CommandIO } from '../command-io.js';
import { checkCandidate } from '../doctor/check-candidate.js';
import { candidateNames } from '../doctor/candidates.js';
import { formatReport } from '../doctor/format-report.js';
import type { CheckReport } from '../doctor/report.js';
import { MARK, runCheck } from '../doctor/run-check.js';
import { DoctorError, UsageError } from '../errors.js';
import { parseList, parseOptions } from '../parse-options.js';

const OPTIONS = {
  only: { type: 'string' },
  json: { type: 'boolean' },
  // How the command calls itself, once for each check.
  check: { type: 'string' },
} as const;

/** @throws UsageError; DoctorError where something computes other than TensorFlow, or was asked for and does not load. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const { values: options, positionals } = parseOptions(args, OPTIONS);
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is too much: it takes options only.`);
  if (options.check !== undefined) {
    io.stdout.write(`\n${MARK}${JSON.stringify(await checkCandidate(options.check))}\n`);
    return;
  }
  const known = await candidateNames();
  const asked = options.only === undefined ? undefined : parseList(options.only);
  const strange = asked?.filter((name) => !known.includes(name)) ?? [];
  if (strange.length > 0 || asked?.length === 0)
    throw new UsageError(
      `${strange.map((name) => `"${name}"`).join(', ') || 'Nothing'} cannot be checked; there are ${known.join(', ')}.`,
    );
  const checks: CheckReport[] = [];
  // One after the other: they would slow each other down.
  for (const name of asked ?? known) checks.push(await runCheck(name, io.env));
  const { version } = createRequire(import.meta.url)('@tenon/cli/package.json') as { readonly version: string };
  const report = {
    tenon: version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    checks,
  };
  io.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : formatReport(report));
  const failed = checks.filter(
    ({ outcome }) => outcome === 'wrong' || outcome === 'crashed' || (outcome === 'unavailable' && asked !== undefined),
  );
  if (failed.length > 0) throw new DoctorError(failed);
}
