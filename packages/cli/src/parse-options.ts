import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './errors.js';

/** Stands before negative numbers while options are parsed, which begin with a dash, too. */
const SHIELD = '\0';

/**
 * Parses the arguments of a command. Negative numbers are values, not options.
 *
 * @throws UsageError
 */
export function parseOptions<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true }>> {
  const shielded = args.map((arg) => (/^-(?:\.?\d|Infinity$)/.test(arg) ? SHIELD + arg : arg));
  try {
    const parsed = parseArgs({ args: shielded, options, allowPositionals: true });
    return { ...parsed, positionals: parsed.positionals.map(unshield) };
  } catch (error) {
    // Its messages go on, after the first sentence, about how options can be confused with values.
    throw new UsageError(unshield((error as Error).message.replace(/\. To specify .*/s, '.')), { cause: error });
  }
}

function unshield(text: string): string {
  return text.replace(SHIELD, '');
}

/** The items of a list with commas: `a,b`; none of an empty text. */
export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
