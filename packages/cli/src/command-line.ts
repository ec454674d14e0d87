import type { CommandIO } from './command-io.js';
import { UsageError } from './errors.js';
import { reportError } from './report-error.js';

interface Command {
  readonly help: string;
  run(args: readonly string[], io: CommandIO): Promise<void>;
}

/** Loaded when they are called: what one needs would cost the others time at every start. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: () => import('./commands/run.js'),
  inspect: () => import('./commands/inspect.js'),
  pull: () => import('./commands/pull.js'),
};

const HELP = `Usage: tenon COMMAND …

  tenon run HANDLE [VALUE…]   apply a module to values, files or standard input
  tenon inspect HANDLE        say what a module is
  tenon pull HANDLE           download a module to the cache and print where it is

HANDLE is the path or the URL of a TensorFlow Hub module or a SavedModel.
Downloads go to the directory that TFHUB_CACHE_DIR names, else to tfhub_modules in the
system's temporary directory; Python's tensorflow_hub shares it.

  tenon COMMAND --help        say more about a command
  tenon --version
`;

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
  if (name === undefined) throw new UsageError('A command is missing: run, inspect or pull.');
  if (!Object.hasOwn(COMMANDS, name))
    throw new UsageError(`"${name}" is not a command; there are ${Object.keys(COMMANDS).join(', ')}.`);
  const command = await COMMANDS[name]!();
  if (isHelpWanted(args)) io.stdout.write(command.help);
  else await command.run(args, io);
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
