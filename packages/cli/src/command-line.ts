import type { CommandIO } from './command-io.js';
import { CACHE_HELP } from './commands/cache/help.js';
import { INSTALL_HELP } from './commands/install-help.js';
import { UsageError } from './errors.js';
import { DOCTOR_HELP, HELP, INSPECT_HELP, PULL_HELP, RUN_HELP, TYPES_HELP } from './help.js';
import { reportError } from './report-error.js';

interface Command {
  readonly help: string;
  /** Commands are loaded when they are called: what one needs would cost the others, and its own help, time at every start. */
  readonly load: () => Promise<{ run(args: readonly string[], io: CommandIO): Promise<void> }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  run: { help: RUN_HELP, load: () => import('./commands/run.js') },
  inspect: { help: INSPECT_HELP, load: () => import('./commands/inspect.js') },
  pull: { help: PULL_HELP, load: () => import('./commands/pull.js') },
  doctor: { help: DOCTOR_HELP, load: () => import('./commands/doctor.js') },
  types: { help: TYPES_HELP, load: () => import('./commands/types.js') },
  install: { help: INSTALL_HELP, load: () => import('./commands/install.js') },
  cache: { help: CACHE_HELP, load: () => import('./commands/cache.js') },
};

/**
 * The command `tenon`.
 *
 * @param args What follows the name of the command.
 * @returns The exit status: 0, 1 if it failed, 2 if it was called wrongly.
 */
export async function main(args: readonly string[], io: CommandIO): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === '--help' || name === '-h' || name === 'help') io.stdout.write(HELP);
    else if (name === '--version') io.stdout.write(`${await version()}\n`);
    else await runCommand(name, rest, io);
    return 0;
  } catch (error) {
    return reportError(name !== undefined && Object.hasOwn(COMMANDS, name) ? `tenon ${name}` : 'tenon', error, io);
  }
}

async function runCommand(name: string | undefined, args: readonly string[], io: CommandIO): Promise<void> {
  if (name === undefined) throw new UsageError(`A command is missing: ${Object.keys(COMMANDS).join(', ')}.`);
  if (!Object.hasOwn(COMMANDS, name))
    throw new UsageError(`"${name}" is not a command; there are ${Object.keys(COMMANDS).join(', ')}.`);
  const { help, load } = COMMANDS[name]!;
  if (isHelpWanted(args)) io.stdout.write(help);
  else await (await load()).run(args, io);
}

/** Before `--`, after which everything is a value. */
function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

async function version(): Promise<string> {
  const { createRequire } = await import('node:module');
  const manifest = createRequire(import.meta.url)('@tenon/cli/package.json') as { readonly version: string };
  return manifest.version;
}
