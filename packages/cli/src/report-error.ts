import type { CommandIO } from './command-io.js';
import { UsageError } from './errors.js';

const FAILURE = 1;
const WRONG_USAGE = 2;

/**
 * Says on standard error what went wrong, without a stack trace.
 *
 * @param command What was called: `tenon run`.
 * @returns The exit status.
 */
export function reportError(command: string, error: unknown, { stderr }: CommandIO): number {
  if (error instanceof UsageError) {
    stderr.write(`${command}: ${error.message}\nSee ${command} --help.\n`);
    return WRONG_USAGE;
  }
  stderr.write(`${command}: ${describe(error)}\n`);
  return FAILURE;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  // The system's messages begin with their code.
  const text = error.message.startsWith(`${code}: `) ? error.message : `${code}: ${error.message}`;
  // Messages quote names out of modules, which must not steer the terminal.
  return text.replace(/[^\P{Cc}\t\n]/gu, '�');
}
