// Resolves modules under bad circumstances, and looks at what is left: processes that are killed, many at once, hosts that break off,
// stall and lie, and disks that are full. Prints counts; exits with 1 if anything is not as it should be.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Checks } from '../ci/checks.mjs';
import { runFaults } from './faults.mjs';
import { runFullDisks } from './full-disk.mjs';
import { runHerds } from './herd.mjs';
import { startHost } from './host.mjs';
import { runKills } from './kills.mjs';
import { Random } from './random.mjs';

const HELP = `Usage: node tools/stress/stress.mjs [--kills N] [--herds N] [--faults N] [--seed N] [--directory PATH]

Needs a build. --kills: how many processes to kill (250); --herds: how many times ten processes want one module (5); --faults: how often
each fault of a host is tried (10). All files are made below --directory (the system's temporary one) and removed.
`;
const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '250' },
    herds: { type: 'string', default: '5' },
    faults: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    directory: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}

const seed = Number(options.seed);
const folder = mkdtempSync(join(options.directory, 'tenon-stress-'));
const host = await startHost();
const checks = new Checks();
try {
  await kill();
  await herd();
  await fault();
  fillDisks();
} finally {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
}
checks.close();

async function kill() {
  const random = new Random(seed);
  const report = await runKills({ host, folder, random, kills: Number(options.kills) });
  console.log(`${report.kills} processes killed in ${report.rounds} cache entries, which then held:`);
  printCounts(report.states);
  reportAll('no directory is handed out, to Python either, that is not the whole module', report.badHits);
  reportAll('no lock is stuck: the next process gets the module, and nobody waits for the dead', [
    ...report.stuck,
    ...report.failed,
  ]);
  console.log(
    `${report.left} files and folders of killed processes outlived the next download, ${report.deadLocks} locks among them`,
  );
  reportAll('of these, mending the cache leaves none', report.unmended);
}

async function herd() {
  const report = await runHerds({ host, folder, random: new Random(seed), herds: Number(options.herds) });
  console.log(
    `\n${report.processes} processes, ten at a time: ${report.downloads} downloads of ${report.herds} modules`,
  );
  reportAll('ten processes download once', report.problems);
}

async function fault() {
  const report = await runFaults({ folder, random: new Random(seed), times: Number(options.faults) });
  console.log(`\n${report.trials} downloads from faulty hosts:`);
  for (const [name, outcomes] of Object.entries(report.outcomes)) {
    console.log(`  a host that ${name}`);
    printCounts(outcomes);
  }
  reportAll('faulty hosts make for the module or a typed error, and nothing is left', report.problems);
}

function fillDisks() {
  const report = runFullDisks({ folder, seed });
  if (report.notRun !== undefined) return checks.report('full disks: NOT RUN', false, report.notRun);
  console.log(`\n${report.disks} disks without enough room:`);
  printCounts(report.outcomes);
  return reportAll('a full disk is a typed error, nothing is left, and room is all it takes', report.problems);
}

function printCounts(counts) {
  for (const [name, count] of Object.entries(counts).sort(([, left], [, right]) => right - left))
    console.log(`${String(count).padStart(8)}  ${name}`);
}

function reportAll(title, problems) {
  checks.report(title, problems.length === 0, [...new Set(problems)].join('\n'));
}
