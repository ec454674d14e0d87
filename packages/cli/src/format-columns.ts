export interface ColumnOptions {
  /** Which columns stand at the right of their width: numbers. Default: none. */
  readonly alignRight?: (column: number) => boolean;
  /** Before each line. Default: two blanks. */
  readonly indent?: string;
}

/** Rows of cells as lines of text, each column as wide as its widest cell, two blanks between them. */
export function formatColumns(
  rows: readonly (readonly string[])[],
  { alignRight = () => false, indent = '  ' }: ColumnOptions = {},
): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        alignRight(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      );
      return `${indent}${cells.filter((_, column) => widths[column]! > 0).join('  ')}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}
