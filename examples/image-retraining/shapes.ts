import { Tensor } from '@tenon/hub';
import { Picture, type Colour, type Random } from '@tenon-examples/workbench';

/** How a shape is told from its surroundings: x and y are from -1 to 1 around its middle. */
type Shape = (x: number, y: number) => boolean;
export type Shapes = Readonly<Record<string, Shape>>;

/** What the image module learns to see with. */
export const firstShapes: Shapes = {
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.75,
  disc: (x, y) => Math.hypot(x, y) < 0.85,
  frame: (x, y) => Math.abs(Math.max(Math.abs(x), Math.abs(y)) - 0.65) < 0.2,
  saltire: (x, y) => Math.abs(Math.abs(x) - Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 0.8,
  stripes: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85 && Math.cos(9 * y) > 0,
  arrow: (x, y) => y < 0.6 && y > 1.8 * Math.abs(x) - 0.95,
};

/** What it is retrained for. */
export const newShapes: Shapes = {
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.68) < 0.22,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.25 && Math.max(Math.abs(x), Math.abs(y)) < 0.9,
  diamond: (x, y) => Math.abs(x) + Math.abs(y) < 1,
  crescent: (x, y) => Math.hypot(x, y) < 0.9 && Math.hypot(x - 0.45, y) > 0.65,
  checks: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85 && x * y > 0,
};

export interface Examples {
  /** float32 `[count, size, size, 3]`, from 0 to 1. */
  readonly images: Tensor<'float32'>;
  /** int32 `[count]` */
  readonly labels: Tensor<'int32'>;
}

/** Shapes of random colour, size, place and angle, on a background of another colour, with noise over it all. */
export function drawShapes(shapes: Shapes, count: number, size: number, random: Random): Examples {
  const drawn = Object.values(shapes);
  const labels = Int32Array.from({ length: count }, (_, index) => index % drawn.length);
  const images = new Float32Array(count * size * size * 3);
  labels.forEach((label, index) => {
    images.set(drawShape(drawn[label]!, size, random).data, index * size * size * 3);
  });
  return {
    images: new Tensor('float32', [count, size, size, 3], images),
    labels: new Tensor('int32', [count], labels),
  };
}

function drawShape(isInside: Shape, size: number, random: Random): Picture {
  const [background, colour] = distinctColours(random);
  const radius = size * random.between(0.3, 0.42);
  const [middleX, middleY] = [0, 1].map(() => size * random.between(0.42, 0.58)) as [number, number];
  const angle = random.between(-0.25, 0.25);
  const [cosine, sine] = [Math.cos(angle) / radius, Math.sin(angle) / radius];
  const picture = new Picture(size, size).paint(background).paint(colour, (x, y) => {
    const [right, down] = [x - middleX, y - middleY];
    return isInside(cosine * right + sine * down, cosine * down - sine * right);
  });
  picture.data.forEach((value, at) => (picture.data[at] = Math.min(1, Math.max(0, value + 0.04 * random.normal()))));
  return picture;
}

function distinctColours(random: Random): [Colour, Colour] {
  for (;;) {
    const [one, other] = [colour(random), colour(random)];
    if (Math.hypot(...one.map((channel, index) => channel - other[index]!)) > 0.5) return [one, other];
  }
}

function colour(random: Random): Colour {
  return [random.next(), random.next(), random.next()];
}
