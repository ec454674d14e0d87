import { Picture, type Colour, type Random } from '@tenon-examples/workbench';

/** From where a scene is looked at: a point of the scene is turned, scaled and shifted to one of the picture. */
export interface View {
  /** Degrees, clockwise. */
  readonly turn: number;
  readonly scale: number;
  readonly shift: readonly [right: number, down: number];
}

export type Location = readonly [down: number, right: number];

export function project({ turn, scale, shift }: View, [down, right]: Location): Location {
  const [cosine, sine] = [scale * Math.cos((turn * Math.PI) / 180), scale * Math.sin((turn * Math.PI) / 180)];
  return [sine * right + cosine * down + shift[1], cosine * right - sine * down + shift[0]];
}

interface Thing {
  readonly colour: Colour;
  readonly isInside: (right: number, down: number) => boolean;
}

/** A heap of discs, bars and rings. */
export function makeScene(width: number, height: number, random: Random): Thing[] {
  return Array.from({ length: 90 }, () => {
    const [middleX, middleY] = [random.between(-0.1, 1.1) * width, random.between(-0.1, 1.1) * height];
    const [size, other, angle] = [random.between(5, 22), random.between(4, 12), random.between(0, Math.PI)];
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    const kind = random.integer(4);
    const isInside = (right: number, down: number) => {
      const [x, y] = [right - middleX, down - middleY];
      if (kind === 0) return Math.hypot(x, y) < other;
      return Math.abs(cosine * x + sine * y) < size && Math.abs(cosine * y - sine * x) < other;
    };
    return { colour: [random.next(), random.next(), random.next()], isInside };
  });
}

/** A picture of a scene, with noise; `light` brightens or darkens it. */
export function photograph(
  scene: readonly Thing[],
  size: readonly [number, number],
  view: View,
  light: number,
  random: Random,
): Picture {
  const picture = new Picture(...size).paint([0.5 * light, 0.5 * light, 0.5 * light]);
  const back = invert(view);
  for (const { colour, isInside } of scene) {
    const [red, green, blue] = colour.map((channel) => channel * light) as [number, number, number];
    picture.paint([red, green, blue], (x, y) => {
      const [down, right] = project(back, [y, x]);
      return isInside(right, down);
    });
  }
  picture.data.forEach((value, at) => (picture.data[at] = value + 0.02 * random.normal()));
  return picture;
}

function invert({ turn, scale, shift }: View): View {
  const turned = { turn: -turn, scale: 1 / scale, shift: [0, 0] } as const;
  const [down, right] = project(turned, [-shift[1], -shift[0]]);
  return { ...turned, shift: [right, down] };
}
