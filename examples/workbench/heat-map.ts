import { svg, text } from './svg.js';

export interface HeatMapOptions {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** One list per row. */
  readonly values: readonly (readonly number[])[];
  /** The values that are drawn palest and darkest: the least and the greatest by default. */
  readonly range?: readonly [number, number];
  /** What is written into a cell: the number as it is by default. */
  readonly format?: (value: number) => string;
}

const CELL = 46;
const TOP = 50;
const LETTER = 6.6;

/** A matrix of numbers as coloured cells, as SVG. */
export function heatMap({ title, rows, columns, values, range, format = String }: HeatMapOptions): string {
  const [least, most] = range ?? [Math.min(...values.flat()), Math.max(...values.flat())];
  const left = 20 + LETTER * Math.max(...rows.map(({ length }) => length));
  const width = Math.max(left + CELL * columns.length + 20, LETTER * 1.3 * title.length);
  const height = TOP + CELL * rows.length + 15 + LETTER * Math.max(...columns.map(({ length }) => length));

  const elements = [text(width / 2, 25, title, 'text-anchor="middle" font-size="15"')];
  rows.forEach((name, row) => {
    const y = TOP + CELL * row;
    elements.push(text(left - 8, y + CELL / 2 + 4, name, 'text-anchor="end"'));
    values[row]!.forEach((value, column) => {
      const x = left + CELL * column;
      const strength = Math.min(1, Math.max(0, (value - least) / (most - least || 1)));
      elements.push(`<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="${shade(strength)}"/>`);
      const ink = strength > 0.55 ? 'white' : 'black';
      elements.push(text(x + CELL / 2, y + CELL / 2 + 4, format(value), `text-anchor="middle" fill="${ink}"`));
    });
  });
  const foot = TOP + CELL * rows.length + 10;
  columns.forEach((name, column) => {
    const x = left + CELL * (column + 0.5) + 4;
    elements.push(text(x, foot, name, `text-anchor="end" transform="rotate(-90 ${x} ${foot})"`));
  });
  return svg(Math.ceil(width), Math.ceil(height), elements);
}

/** From white to dark blue. */
function shade(strength: number): string {
  const channels = [11, 72, 107].map((dark) => Math.round(255 + strength * (dark - 255)));
  return `rgb(${channels.join(',')})`;
}
