import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from './bundled-modules.js';
import type { CheckReport } from './report.js';

/** Milliseconds: the first use of a graphics processor may compile for minutes. */
const PATIENCE = 300_000;
/** The end of what a process said is what it died of. */
const MOST_SAID = 2000;

/** Checks one way of running modules in a process of its own, which may crash or hang. */
export async function runCheck(name: string, environment: NodeJS.ProcessEnv): Promise<CheckReport> {
  const child = spawn(process.execPath, [join(packageRoot(), 'dist/main.js'), 'doctor', '--check', name], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => child.on('error', reject).on('close', (code, signal) => resolve({ code, signal })),
  );
  // Native libraries write to standard output as well.
  const report = output.stdout.split('\n').findLast((line) => line.startsWith(MARK));
  if (code === 0 && report !== undefined) return JSON.parse(report.slice(MARK.length)) as CheckReport;
  const said = output.stderr.trim().slice(-MOST_SAID);
  const end =
    signal === 'SIGKILL' && child.killed ? `nothing after ${PATIENCE / 1000} s` : (signal ?? `status ${code}`);
  return { name, outcome: 'crashed', reason: said === '' ? end : `${end}: ${said}` };
}

/** What the line begins with on which a process says what it found. */
export const MARK = 'tenon-doctor:';
