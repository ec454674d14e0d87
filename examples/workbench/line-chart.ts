import { round, svg, text } from './svg.js';

export type Point = readonly [x: number, y: number];

export interface LineChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Points by the name of their line. */
  readonly lines: Readonly<Record<string, readonly Point[]>>;
  /** What the vertical axis shows: from the least to the greatest value by default. */
  readonly yRange?: readonly [number, number];
}

const COLOURS = ['#0b6e99', '#d9730d', '#448361', '#9065b0', '#d44c47'];
const [WIDTH, HEIGHT] = [640, 360];
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 150, 40, 50];
const TICKS = 5;

/** Lines over common axes, as SVG. */
export function lineChart({ title, xLabel, yLabel, lines, yRange }: LineChartOptions): string {
  const points = Object.values(lines).flat();
  const xs = rangeOf(points.map(([x]) => x));
  const ys = yRange ?? rangeOf(points.map(([, y]) => y));
  const across = (x: number) => LEFT + ((x - xs[0]) / (xs[1] - xs[0])) * (WIDTH - LEFT - RIGHT);
  const down = (y: number) => HEIGHT - BOTTOM - ((y - ys[0]) / (ys[1] - ys[0])) * (HEIGHT - TOP - BOTTOM);

  const elements = [text(WIDTH / 2, 22, title, 'text-anchor="middle" font-size="15"')];
  for (let tick = 0; tick <= TICKS; tick++) {
    const [x, y] = [xs[0] + (tick / TICKS) * (xs[1] - xs[0]), ys[0] + (tick / TICKS) * (ys[1] - ys[0])];
    const level = round(down(y));
    elements.push(`<path d="M${LEFT} ${level}H${WIDTH - RIGHT}" stroke="#ddd"/>`);
    elements.push(text(LEFT - 8, level + 4, label(y), 'text-anchor="end"'));
    elements.push(text(across(x), HEIGHT - BOTTOM + 18, label(x), 'text-anchor="middle"'));
  }
  elements.push(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, xLabel, 'text-anchor="middle"'));
  const middle = (TOP + HEIGHT - BOTTOM) / 2;
  elements.push(text(16, middle, yLabel, `text-anchor="middle" transform="rotate(-90 16 ${middle})"`));

  Object.entries(lines).forEach(([name, line], index) => {
    const colour = COLOURS[index % COLOURS.length]!;
    const path = line.map(([x, y]) => `${round(across(x))} ${round(down(y))}`).join('L');
    elements.push(`<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    const key = TOP + 10 + 20 * index;
    elements.push(`<path d="M${WIDTH - RIGHT + 15} ${key}h20" stroke="${colour}" stroke-width="2"/>`);
    elements.push(text(WIDTH - RIGHT + 42, key + 4, name));
  });
  return svg(WIDTH, HEIGHT, elements);
}

function rangeOf(numbers: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return most > least ? [least, most] : [least - 1, most + 1];
}

function label(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
