import { existsSync, mkdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mendCache, ModuleCache } from '@tenon/cache';
import { sendWhole } from './host.mjs';
import { resolveOnce, startResolving } from './start-resolving.mjs';
import { differences, directoryOf, leftovers, makeModule, namesOf } from './truth.mjs';

/** Milliseconds; the longest that an undisturbed process takes is a tenth of it. */
const STUCK_AFTER = 30_000;
/** Some archives are large enough for a copy to be kept of their beginning, most are not. */
const SIZES = [20_000, 300_000, 300_000, 6_000_000];
/** Milliseconds after which nobody can take what a killed process left for somebody's work. */
const LATER = 2 * 60 * 60_000;

/**
 * Kills resolving processes, alone and several at once, one after the other in the same cache entry, and looks at what is left each time.
 *
 * @returns counts, and what was wrong.
 */
export async function runKills({ host, folder, random, kills }) {
  const report = {
    kills: 0,
    rounds: 0,
    states: {},
    badHits: [],
    stuck: [],
    failed: [],
    deadLocks: 0,
    left: 0,
    unmended: [],
  };
  const modules = SIZES.map((size) => makeModule(random, size));
  while (report.kills < kills) {
    report.rounds += 1;
    const module = random.pick(modules);
    const path = `/kills/${report.rounds}`;
    const speed = random.pick([0, 1, 4]);
    const handle = host.put(path, sendWhole(module.archive, { pace: () => sleep(speed) }));
    const cache = join(folder, `kills-${report.rounds}`);
    mkdirSync(cache);
    const where = `round ${report.rounds}`;
    const lost = random.chance(0.2) ? await loseFile(handle, cache, module) : [];

    for (let left = random.integer(1, 4); left > 0; left -= 1) {
      await killSome({ handle, cache, random, report });
      checkHit(where, report, { handle, cache, module, lost });
    }
    const outcome = await resolveOnce(handle, cache, STUCK_AFTER);
    if (outcome.code === 'stuck')
      report.stuck.push(`${where}: ${outcome.message}; ${namesOf(cache, handle).join(' ')}`);
    else if (outcome.directory === undefined) report.failed.push(`${where}: ${outcome.code} ${outcome.message}`);
    const isWhole = checkHit(where, report, { handle, cache, module });
    if (outcome.directory !== undefined && isWhole) await checkLeftovers(where, report, { handle, cache, module });
    rmSync(cache, { recursive: true });
  }
  return report;
}

/** Makes a module that must be replaced. */
async function loseFile(handle, cache, { files }) {
  await resolveOnce(handle, cache, STUCK_AFTER);
  const path = [...files.keys()].at(-1);
  rmSync(join(directoryOf(cache, handle), path));
  return [path];
}

async function killSome({ handle, cache, random, report }) {
  const count = random.pick([1, 1, 1, 2, 3]);
  const processes = [];
  for (let index = 0; index < count; index += 1) processes.push(await startResolving(handle, cache));
  const victims = random.chance(0.5) ? processes.slice(0, 1) : processes;
  for (const victim of victims) {
    await moment(random, cache);
    if (!victim.kill()) continue;
    const { killed } = await victim.closed;
    // It may have come to its end before.
    if (!killed) continue;
    report.kills += 1;
    const state = stateOf(cache, handle);
    report.states[state] = (report.states[state] ?? 0) + 1;
  }
  for (const survivor of processes.filter((process) => !victims.includes(process))) {
    const timer = setTimeout(() => survivor.kill(), STUCK_AFTER);
    const outcome = await survivor.closed;
    clearTimeout(timer);
    if (outcome.killed)
      report.stuck.push(`round ${report.rounds}: a survivor waits; ${namesOf(cache, handle).join(' ')}`);
    else if (outcome.directory === undefined)
      report.failed.push(`round ${report.rounds}: a survivor failed with ${outcome.code} ${outcome.message}`);
  }
}

/** Waits for some time, or for something to happen in the cache's folder: the moments that matter are short. */
async function moment(random, cache) {
  if (random.chance(0.5)) return sleep(random.next() ** 2 * 250);
  let events = random.integer(1, 12);
  const watching = new AbortController();
  const happened = new Promise((resolve) => {
    watch(cache, { signal: watching.signal }, () => {
      events -= 1;
      if (events === 0) resolve();
    });
  });
  await Promise.race([happened, sleep(400)]);
  watching.abort();
}

/** What a killed process left, in words. */
function stateOf(cache, handle) {
  const names = namesOf(cache, handle);
  const parts = [];
  if (names.includes('')) parts.push('module');
  if (names.includes('.lock')) parts.push('lock');
  if (names.some((name) => name.endsWith('.tmp'))) parts.push('download');
  if (names.some((name) => name.endsWith('.partial'))) parts.push('copy');
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** Python takes any directory that is not empty for the module, so what is there must be all of it, but for what was lost before. */
function checkHit(where, report, { handle, cache, module, lost = [] }) {
  const directory = directoryOf(cache, handle);
  if (!existsSync(directory)) return true;
  const problems = differences(directory, module);
  const isAsBefore = problems.every((problem) => lost.some((path) => problem === `${path} is missing`));
  if (!isAsBefore) report.badHits.push(`${where}: ${problems.join(', ')}; ${namesOf(cache, handle).join(' ')}`);
  return isAsBefore;
}

async function checkLeftovers(where, report, { handle, cache, module }) {
  const names = leftovers(cache, handle);
  if (names.includes('.lock')) {
    // Of a process that was killed with its work done. Whoever must take the lock next may not have to wait for it.
    report.deadLocks += 1;
    await loseFile(handle, cache, module);
    const outcome = await resolveOnce(handle, cache, STUCK_AFTER);
    checkHit(where, report, { handle, cache, module });
    if (outcome.directory === undefined || leftovers(cache, handle).includes('.lock'))
      report.stuck.push(`${where}: the lock of a process that was killed with its work done stays`);
  }
  if (names.length === 0) return;
  report.left += names.length;
  await mendLater(cache);
  const rest = leftovers(cache, handle);
  if (rest.length > 0) report.unmended.push(`${where}: ${rest.join(' ')}`);
}

/** What is new may be somebody's work, so mending leaves it alone; here it is some hours later. */
async function mendLater(cache) {
  const { now } = Date;
  Date.now = () => now() + LATER;
  try {
    await mendCache(new ModuleCache({ directory: cache }));
  } finally {
    Date.now = now;
  }
}
