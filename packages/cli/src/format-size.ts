const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes as people say it: `12.3 MB`. */
export function formatSize(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  // What would be rounded to the next unit is that.
  for (; amount >= 999.95 && unit < UNITS.length - 1; amount /= 1000) unit += 1;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`;
}
