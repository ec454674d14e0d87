import type { CommandIO } from './command-io.js';

/** Prints what `--json` asks for. */
export function printJson({ stdout }: CommandIO, value: object): void {
  stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
