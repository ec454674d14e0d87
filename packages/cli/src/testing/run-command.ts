import { join, resolve } from 'node:path';
import { main } from '../command-line.js';

const FIXTURES = resolve(__dirname, '../../../../tools/fixtures');

/** The path of a module of the fixtures. */
export function modulePath(name: string): string {
  return join(FIXTURES, name.includes('/') ? name : join('modules', name));
}

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `tenon` in this process.
 *
 * @param options.stdin What is piped in; left out, standard input is a terminal.
 * @param options.columns How wide the terminal is that standard output goes to; left out, it is a pipe.
 */
export async function tenon(
  args: readonly string[],
  { stdin, columns }: { readonly stdin?: string | Uint8Array; readonly columns?: number } = {},
): Promise<CommandResult> {
  const output = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => (output[name] += text),
    ...(name === 'stdout' && columns !== undefined && { isTTY: true, columns }),
  });
  const input = {
    ...(stdin === undefined && { isTTY: true }),
    async *[Symbol.asyncIterator]() {
      if (stdin !== undefined) yield Buffer.from(stdin);
    },
  };
  const status = await main(args, { stdin: input, stdout: stream('stdout'), stderr: stream('stderr'), env: {} });
  return { status, ...output };
}
