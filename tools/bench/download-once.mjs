// Downloads a module once, and prints what it took as JSON:
//   node download-once.mjs resolve URL DIRECTORY    to a cache in the directory; what is there already is only found
//   node download-once.mjs save URL DIRECTORY       to one file with its hash, as it comes
import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ModuleCache } from '@tenon/cache';
import { isCached, resolve } from '@tenon/resolver';

const LATER = 101;
const [action, url, directory] = process.argv.slice(2);

const before = process.memoryUsage.rss();
console.log(JSON.stringify(action === 'resolve' ? await resolveModule() : await saveFile()));

async function resolveModule() {
  const cache = new ModuleCache({ directory });
  const first = await timed(() => resolve(url, { cache }));
  const cost = costs();
  const later = [];
  for (let run = 0; run < LATER; run++) later.push(await timed(() => resolve(url, { cache })));
  if (!(await isCached(url, { cache }))) throw new Error('The module is not in the cache.');
  return { ...cost, warm: { first, later: later.sort((a, b) => a - b)[LATER >> 1] } };
}

async function saveFile() {
  const hash = createHash('sha256');
  const response = await fetch(url);
  const path = join(directory, 'blob');
  const file = await open(`${path}.incomplete`, 'wx');
  for await (const chunk of response.body) {
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  await file.close();
  await rename(`${path}.incomplete`, path);
  return { ...costs(), sha256: hash.digest('hex') };
}

async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Processor time in milliseconds, and bytes of memory at most since the beginning. */
function costs() {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpu: (userCPUTime + systemCPUTime) / 1000, growth: maxRSS * 1024 - before };
}
