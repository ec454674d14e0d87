// A disk that is too small: a file system in memory, of each of many sizes, for the cache.
//   node full-disk.mjs FOLDER SEED      in a mount namespace of its own; prints the report as JSON
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleCache } from '@tenon/cache';
import { httpResolver, resolve } from '@tenon/resolver';
import { sendWhole, startHost } from './host.mjs';
import { Random } from './random.mjs';
import { differences, makeModule, namesOf } from './truth.mjs';

const WEIGHTS = 3_000_000;
const KILOBYTES = [16, 64, 256, 1024, 2048, 2600, 2800, 2900, 2930];
/** Inodes, the file system's own among them. */
const INODES = [2, 3, 4, 5, 6, 7, 8, 9];
const EXPECTED = ['ERR_CACHE_FULL', 'ERR_DISK_SPACE'];

/** Runs this program where it may mount. @returns its report, or why there is none. */
export function runFullDisks({ folder, seed }) {
  const command = ['--mount', '--map-root-user', process.execPath, import.meta.filename, folder, String(seed)];
  const { status, stdout, stderr, error } = spawnSync('unshare', command, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error !== undefined) return { notRun: error.message };
  if (status === 77 || stdout === '') return { notRun: stderr.trim() || `unshare ended with ${status}` };
  return JSON.parse(stdout);
}

async function fillDisks(folder, seed) {
  const host = await startHost();
  const module = makeModule(new Random(seed), WEIGHTS);
  const report = { disks: 0, outcomes: {}, problems: [] };
  const disks = [
    ...KILOBYTES.map((kilobytes) => ({ size: kilobytes * 1024, inodes: 1000 })),
    ...INODES.map((inodes) => ({ size: 64 * 2 ** 20, inodes })),
  ];
  for (const disk of disks) {
    for (const isLengthKnown of [true, false]) {
      report.disks += 1;
      const where = `${disk.size} bytes, ${disk.inodes} inodes, length ${isLengthKnown ? 'known' : 'unknown'}`;
      const handle = host.put(
        `/${report.disks}`,
        isLengthKnown ? sendWhole(module.archive) : sendUnannounced(module.archive),
      );
      const mountPoint = join(folder, `disk-${report.disks}`);
      mkdirSync(mountPoint);
      const mount = (...options) =>
        execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', mountPoint]);
      mount(`size=${disk.size}`, `nr_inodes=${disk.inodes}`);
      const cache = new ModuleCache({ directory: join(mountPoint, 'cache') });
      const attempt = () => resolve(handle, { cache, resolvers: [httpResolver({ retries: 0 })] });
      const outcome = await attempt().then(
        () => 'module',
        (error) => error.code ?? `${error.name} ${error.message}`,
      );
      report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
      if (!EXPECTED.includes(outcome)) report.problems.push(`${where}: ${outcome}`);
      const left = namesOf(cache.directory, handle);
      if (left.length > 0) report.problems.push(`${where}: left ${left.join(' ')}`);
      mount('remount', `size=${64 * 2 ** 20}`, 'nr_inodes=1000');
      const problems = await attempt().then(
        (directory) => differences(directory, module),
        (error) => [error.message],
      );
      report.problems.push(...problems.map((problem) => `${where}, once there was room: ${problem}`));
      execFileSync('umount', [mountPoint]);
    }
  }
  await host.close();
  return report;
}

/** Without a length, nobody can know before that there is no room. */
function sendUnannounced(body) {
  return (_, response) => {
    response.writeHead(200);
    for (let offset = 0; offset < body.length; offset += 65_536) response.write(body.subarray(offset, offset + 65_536));
    response.end();
  };
}

if (process.argv[1] === import.meta.filename) {
  const [folder, seed] = process.argv.slice(2);
  try {
    const probe = join(folder, 'probe');
    mkdirSync(probe);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'pipe' });
    execFileSync('umount', [probe]);
  } catch (error) {
    console.error(`no file system may be mounted here (${error.message.trim()})`);
    process.exit(77);
  }
  console.log(JSON.stringify(await fillDisks(folder, Number(seed))));
}
