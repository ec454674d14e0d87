import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendWhole } from './host.mjs';
import { resolveOnce } from './start-resolving.mjs';
import { differences, leftovers, makeModule } from './truth.mjs';

const PROCESSES = 10;
const STUCK_AFTER = 60_000;

/** Ten processes at a time want one module: one of them may download it. */
export async function runHerds({ host, folder, random, herds }) {
  const report = { herds, processes: herds * PROCESSES, downloads: 0, problems: [] };
  for (let herd = 1; herd <= herds; herd += 1) {
    const module = makeModule(random, random.pick([100_000, 5_000_000]));
    const path = `/herd/${herd}`;
    const handle = host.put(path, sendWhole(module.archive, { pace: () => sleep(random.pick([0, 5])) }));
    const cache = join(folder, `herd-${herd}`);
    const outcomes = await Promise.all(
      Array.from({ length: PROCESSES }, () => resolveOnce(handle, cache, STUCK_AFTER)),
    );
    report.downloads += host.timesAsked(path);
    if (host.timesAsked(path) !== 1) report.problems.push(`herd ${herd} asked ${host.timesAsked(path)} times`);
    for (const { directory, code, message } of outcomes) {
      if (directory === undefined) report.problems.push(`herd ${herd}: ${code} ${message}`);
      else report.problems.push(...differences(directory, module).map((problem) => `herd ${herd}: ${problem}`));
    }
    report.problems.push(...leftovers(cache, handle).map((name) => `herd ${herd} left ${name}`));
  }
  return report;
}
