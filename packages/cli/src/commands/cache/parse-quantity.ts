import { UsageError } from '../../errors.js';

const BYTES = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 };
const HOUR = 3_600_000;
const MILLISECONDS = { m: HOUR / 60, h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };

/**
 * The bytes that `500MB` or `1.5GiB` are; a number alone is bytes.
 * @throws UsageError
 */
export function parseSize(text: string): number {
  const [, amount, unit = 'B'] = /^(\d+(?:\.\d+)?) ?([a-z]+)?$/i.exec(text) ?? [];
  const factor = lookUp(BYTES, unit.toUpperCase());
  if (amount === undefined || factor === undefined)
    throw new UsageError(`"${text}" is not a size; 500MB and 10GiB are.`);
  return Math.floor(Number(amount) * factor);
}

/**
 * The milliseconds that `12h` or `30d` are.
 * @throws UsageError
 */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z])$/.exec(text) ?? [];
  const factor = lookUp(MILLISECONDS, unit);
  if (amount === undefined || factor === undefined)
    throw new UsageError(`"${text}" is not a time; 90m, 12h, 30d and 8w are.`);
  return Number(amount) * factor;
}

function lookUp(units: Readonly<Record<string, number>>, unit: string): number | undefined {
  return Object.hasOwn(units, unit) ? units[unit] : undefined;
}
