import type { CommandIO } from '../command-io.js';
import { UsageError } from '../errors.js';
import { doctor } from './cache/doctor.js';
import { ls } from './cache/ls.js';
import { pin, rm, unpin } from './cache/named-modules.js';
import { path } from './cache/path.js';
import { prune } from './cache/prune.js';
import { verify } from './cache/verify.js';

const COMMANDS = { ls, verify, prune, pin, unpin, rm, path, doctor };

/** @throws UsageError, and what the command throws. */
export async function run(args: readonly string[], io: CommandIO): Promise<void> {
  const [name, ...rest] = args;
  const list = Object.keys(COMMANDS).join(', ');
  if (name === undefined) throw new UsageError(`What to do is missing: ${list}.`);
  if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(`"${name}" is not a command; there are ${list}.`);
  await COMMANDS[name as keyof typeof COMMANDS](rest, io);
}
