import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';

const ROOT = resolve(__dirname, '../../../..');

/**
 * What `ConformanceOptions.inWorker` takes, for a backend that lies here as TypeScript: threads do not share what jest translates.
 *
 * @param name Unlike that of any other test.
 * @param backend An expression that makes the backend, `tfjs({ backend: 'cpu' })`, of what `imported` exports as `tfjs`.
 * @param imported Where it comes from: `@tenon/backend-tfjs`, or a path from the root of the repository.
 */
export function inWorker(name: string, backend: string, imported: string): () => Promise<readonly string[]> {
  let file: string | undefined;
  return () =>
    new Promise((found, failed) => {
      file ??= bundle(name, backend, imported);
      new Worker(file).once('message', found).once('error', failed);
    });
}

function bundle(name: string, backend: string, imported: string): string {
  const folder = join(ROOT, 'out/conformance');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.mjs`);
  const program = `
    import { parentPort } from 'node:worker_threads';
    import { checkPrograms } from '@tenon/conformance';
    import { ${backend.slice(0, backend.indexOf('('))} } from '${imported}';
    parentPort.postMessage(await checkPrograms(${backend}));
  `;
  const esbuild = createRequire(join(ROOT, 'package.json')).resolve('esbuild/bin/esbuild');
  const sources = (each: string) => join(ROOT, 'packages', each, 'src');
  const aliases = readdirSync(join(ROOT, 'packages')).flatMap((each) =>
    ['index', 'node']
      .filter((entry) => existsSync(join(sources(each), `${entry}.ts`)))
      .map((entry) => `--alias:@tenon/${each}${entry === 'index' ? '' : `/${entry}`}=${sources(each)}/${entry}.ts`),
  );
  const options = ['--bundle', '--platform=node', '--format=esm', '--packages=external', `--outfile=${file}`];
  execFileSync(process.execPath, [esbuild, ...options, ...aliases], { cwd: ROOT, input: program, stdio: 'pipe' });
  return file;
}
