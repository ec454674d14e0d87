import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const NOBODY = 65534;

/** Bundles this package into `directory`, where programs of `startProgram` import it as `./cache.mjs`. */
export function bundleCache(directory: string): void {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  const esbuild = createRequire(resolve('package.json')).resolve('esbuild/bin/esbuild');
  const source = resolve(__dirname, '../index.ts');
  execFileSync(
    process.execPath,
    [esbuild, source, '--bundle', '--platform=node', '--format=esm', `--outfile=${join(directory, 'cache.mjs')}`],
    {
      stdio: 'pipe',
    },
  );
}

/** Starts a process that runs the program. As root it runs as nobody instead if asked to, since root may do everything. */
export function startProgram(
  directory: string,
  name: string,
  source: string,
  { unprivileged = false } = {},
): ChildProcess {
  const file = join(directory, `${name}.mjs`);
  writeFileSync(file, source);
  const drop = unprivileged && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  return spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'], cwd: directory, ...drop });
}

/** What a program printed, once it has ended. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) text += String(chunk);
  return text.trim();
}

/** Resolves when the program prints the line. */
export async function untilPrinted(child: ChildProcess, line: string): Promise<void> {
  let text = '';
  await new Promise<void>((found, failed) => {
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      if (text.split('\n').includes(line)) found();
    });
    child.once('exit', () => failed(new Error(`The program ended without printing ${line}: ${text}`)));
  });
}
