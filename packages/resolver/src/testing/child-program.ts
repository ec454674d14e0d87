import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Bundles this package into `directory`, where programs of `runProgram` import it as `./resolver.mjs`. */
export function bundleResolver(directory: string): void {
  const esbuild = createRequire(resolve('package.json')).resolve('esbuild/bin/esbuild');
  const alias = `--alias:@tenon/cache=${resolve(__dirname, '../../../cache/src/index.ts')}`;
  // What the package depends on, and nothing that it merely makes use of.
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(resolve('node_modules/tar'), join(directory, 'node_modules/tar'));
  const outfile = `--outfile=${join(directory, 'resolver.mjs')}`;
  execFileSync(
    process.execPath,
    [
      esbuild,
      resolve(__dirname, '../index.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--packages=external',
      alias,
      outfile,
    ],
    {
      stdio: 'pipe',
    },
  );
}

/** Runs a program in a process of its own, and answers with what it printed. */
export async function runProgram(
  directory: string,
  name: string,
  source: string,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  let text = '';
  for await (const chunk of startProgram(directory, name, source, environment).stdout) text += String(chunk);
  return text.trim();
}

/** Runs a program in a process of its own, which is left to itself. */
export function startProgram(
  directory: string,
  name: string,
  source: string,
  environment: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, Readable, null> {
  const file = join(directory, `${name}.mjs`);
  writeFileSync(file, source);
  return spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
}
