import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, 'resolve-once.mjs');

/** A process that resolves a handle; ready when it is about to begin. */
export async function startResolving(handle, cache) {
  const child = spawn(process.execPath, [PROGRAM, handle, cache], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  let sayReady;
  const ready = new Promise((resolve) => (sayReady = resolve));
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (output.includes('ready')) sayReady();
  });
  child.stderr.on('data', (chunk) => (errors += chunk));
  const closed = once(child, 'close').then(([status, signal]) => {
    sayReady();
    const [, said] = output.split('\n');
    if (signal === 'SIGKILL') return { killed: true, ...(said && JSON.parse(said)) };
    return said ? JSON.parse(said) : { code: 'crashed', message: `status ${status}: ${errors.slice(-2000)}` };
  });
  await ready;
  return { kill: () => child.kill('SIGKILL'), closed };
}

/** Resolves a handle in a process of its own; one that takes too long is taken for stuck, and killed. */
export async function resolveOnce(handle, cache, limit) {
  const process = await startResolving(handle, cache);
  let isStuck = false;
  const timer = setTimeout(() => {
    isStuck = true;
    process.kill();
  }, limit);
  const outcome = await process.closed;
  clearTimeout(timer);
  return isStuck ? { code: 'stuck', message: `nothing became of it within ${limit / 1000} s` } : outcome;
}
