import { progressBar, type ResolveOptions } from '@tenon/resolver';
import type { CommandIO } from './command-io.js';

/** How handles are resolved while someone looks on: a bar for downloads, a line when another process is waited for. */
export async function withProgress<T>(
  { stderr, env }: CommandIO,
  work: (options: Pick<ResolveOptions, 'onProgress' | 'onWait'>) => Promise<T>,
): Promise<T> {
  const bar = progressBar(stderr, env);
  try {
    return await work({
      onProgress: bar.update,
      onWait: ({ holder }) => {
        const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
        if (stderr.isTTY) stderr.write(`Waiting for ${who}, which is downloading the same module.\n`);
      },
    });
  } finally {
    bar.end();
  }
}
