import { Picture, type Colour, type Random } from '@tenon-examples/workbench';

const PAPER: Colour = [0.95, 0.95, 0.95];
const INK: Colour = [0.1, 0.1, 0.15];

/** Faces of any colour and width, that are merry or sad and look to a side. */
export function drawFace(size: number, random: Random): Picture {
  const width = random.between(0.65, 0.95);
  const smile = random.between(-1.4, 1.4);
  const look = random.between(-0.12, 0.12);
  const eyes = random.between(0.08, 0.16);
  const isMouth = (x: number, y: number) => Math.abs(x) < 0.42 && Math.abs(y - 0.4 - smile * (0.09 - x * x)) < 0.08;
  const isEye = (x: number, y: number) => Math.hypot(Math.abs(x) - 0.3, y + 0.25) < eyes;
  // Shapes are given from -1 to 1.
  const scaled = (isInside: (x: number, y: number) => boolean) => (x: number, y: number) =>
    isInside((2 * x) / size - 1, (2 * y) / size - 1);
  return new Picture(size, size)
    .paint(PAPER)
    .paint(
      bright(random.next()),
      scaled((x, y) => Math.hypot(x / width, y / 0.92) < 1),
    )
    .paint(
      INK,
      scaled((x, y) => isEye(x - look, y) || isMouth(x - look, y)),
    );
}

/** Colours around the circle, which is 1 long. */
function bright(angle: number): Colour {
  const [red, green, blue] = [0, 1 / 3, 2 / 3].map((shift) => 0.65 + 0.3 * Math.cos(2 * Math.PI * (angle - shift)));
  return [red!, green!, blue!];
}
