import type { Random } from '@tenon-examples/workbench';
import { project, type Location, type View } from './scene.js';

export interface Features {
  readonly locations: readonly Location[];
  /** Vectors of length 1. */
  readonly descriptors: readonly (readonly number[])[];
}

/** Where one point is in either picture. */
export type Match = readonly [one: Location, other: Location];

/** The nearest feature of the other picture for each one, if it is clearly nearer than the second. */
export function matchFeatures(one: Features, other: Features, ratio = 0.85): Match[] {
  return one.descriptors.flatMap((descriptor, index): Match[] => {
    let [best, nearest, second] = [-1, Infinity, Infinity];
    other.descriptors.forEach((candidate, position) => {
      const distance = Math.hypot(...candidate.map((value, at) => value - descriptor[at]!));
      if (distance < nearest) [best, nearest, second] = [position, distance, nearest];
      else if (distance < second) second = distance;
    });
    return nearest < ratio * second ? [[one.locations[index]!, other.locations[best]!]] : [];
  });
}

export interface Verified {
  readonly view: View;
  readonly matches: readonly Match[];
}

/** The view that most matches agree with, to some pixels (RANSAC), and those matches. */
export function verify(matches: readonly Match[], random: Random, tolerance = 2.5): Verified {
  let best: Verified = { view: { turn: 0, scale: 1, shift: [0, 0] }, matches: [] };
  if (matches.length < 2) return best;
  for (let attempt = 0; attempt < 1000; attempt++) {
    const view = fit([random.pick(matches), random.pick(matches)]);
    const agreeing = matches.filter((match) => errorOf(view, match) < tolerance);
    if (agreeing.length > best.matches.length) best = { view, matches: agreeing };
  }
  return { ...best, view: fit(best.matches) };
}

/** How many pixels a match is off, were that the view. */
export function errorOf(view: View, [one, other]: Match): number {
  const [down, right] = project(view, one);
  return Math.hypot(down - other[0], right - other[1]);
}

/** The view that matches agree with best, by least squares. */
function fit(matches: readonly Match[]): View {
  const mean = (side: 0 | 1, axis: 0 | 1) =>
    matches.reduce((sum, match) => sum + match[side][axis], 0) / matches.length;
  const [y, x, v, u] = [mean(0, 0), mean(0, 1), mean(1, 0), mean(1, 1)];
  let [along, across, size] = [0, 0, 0];
  for (const [one, other] of matches) {
    const [dy, dx, dv, du] = [one[0] - y, one[1] - x, other[0] - v, other[1] - u];
    along += dx * du + dy * dv;
    across += dx * dv - dy * du;
    size += dx * dx + dy * dy;
  }
  const turned = {
    turn: (Math.atan2(across, along) * 180) / Math.PI,
    scale: Math.hypot(along, across) / size || 1,
    shift: [0, 0],
  } as const;
  const [down, right] = project(turned, [y, x]);
  return { ...turned, shift: [u - right, v - down] };
}
