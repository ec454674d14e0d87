import { progressBar, type ResolveOptions } from '@tenon/resolver';
import type { CommandIO } from './command-io.js';
import { UsageError } from './errors.js';

/** The options of commands that resolve a handle. */
export const RESOLVING_OPTIONS = {
  offline: { type: 'boolean' },
  lockfile: { type: 'string' },
  'no-lockfile': { type: 'boolean' },
} as const;

interface ResolvingValues {
  readonly offline?: boolean | undefined;
  readonly lockfile?: string | undefined;
  readonly 'no-lockfile'?: boolean | undefined;
}

/**
 * Resolves as a command's options say.
 * @throws UsageError for options that contradict each other; what `work` throws.
 */
export async function withResolving<T>(
  io: CommandIO,
  { offline, lockfile, 'no-lockfile': noLockfile }: ResolvingValues,
  work: (options: Pick<ResolveOptions, 'offline' | 'lockfile' | 'onProgress' | 'onRetry' | 'onWait'>) => Promise<T>,
): Promise<T> {
  if (noLockfile && lockfile !== undefined) throw new UsageError('--lockfile and --no-lockfile contradict each other.');
  const options = { ...(lockfile !== undefined && { lockfile }), ...(noLockfile && { lockfile: null }) };
  return withProgress(io, (progress) => work({ ...progress, ...options }), { offline });
}

/** How handles are resolved while someone looks on: a bar for downloads, a line when one is tried again or another process waited for. */
export async function withProgress<T>(
  { stderr, env }: CommandIO,
  work: (options: Pick<ResolveOptions, 'offline' | 'onProgress' | 'onRetry' | 'onWait'>) => Promise<T>,
  { offline }: { readonly offline?: boolean | undefined } = {},
): Promise<T> {
  const bar = progressBar(stderr, env);
  const say = (line: string) => {
    bar.end();
    if (stderr.isTTY) stderr.write(`${line}\n`);
  };
  try {
    return await work({
      ...(offline && { offline }),
      onProgress: bar.update,
      onRetry: ({ error, attempts, delay }) =>
        say(`Attempt ${attempts + 1} follows in ${Math.ceil(delay / 1000)} s: ${error.message}`),
      onWait: ({ holder }) =>
        say(
          `Waiting for ${holder ? `process ${holder.pid} on ${holder.host}` : 'another process'}, which is downloading the same module.`,
        ),
    });
  } finally {
    bar.end();
  }
}
