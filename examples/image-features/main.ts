// Finds the same points in two pictures of one scene, by local features.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as hub from '@tenon/hub';
import { Picture, Random, table } from '@tenon-examples/workbench';
import { exportFeaturesModule } from './features-module.js';
import { errorOf, matchFeatures, verify, type Features, type Match } from './match.js';
import { makeScene, photograph, type View } from './scene.js';

const OUT = 'out';
const MODULE = `${OUT}/local-features`;
const SIZE = [200, 150] as const;
const FEATURES = 200;

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const random = new Random(1);

console.log('1. A module that finds local features is exported, and loaded.');
await exportFeaturesModule(MODULE);
await using extract = await hub.load(MODULE);

const view: View = { turn: 12, scale: 1.1, shift: [14, -22] };
const straight: View = { turn: 0, scale: 1, shift: [0, 0] };
const [scene, elsewhere] = [makeScene(...SIZE, random), makeScene(...SIZE, random)];
const first = photograph(scene, SIZE, straight, 1, random);
const second = photograph(scene, SIZE, view, 0.7, random);
const third = photograph(elsewhere, SIZE, straight, 1, random);
console.log('\n2. Features of three pictures: a scene, the same turned, enlarged and darkened, and another scene.');
const [one, same, other] = [await featuresOf(first), await featuresOf(second), await featuresOf(third)];

const matches = matchFeatures(one, same);
const verified = verify(matches, random);
const strangers = matchFeatures(one, other);
const right = verified.matches.filter((match) => errorOf(view, match) < 3).length;
console.log(
  table([
    ['the first picture and', 'features', 'matched', 'verified', 'right'],
    ['the same scene', count(same), `${matches.length}`, `${verified.matches.length}`, `${right}`],
    ['another scene', count(other), `${strangers.length}`, `${verify(strangers, random).matches.length}`, 'none is'],
  ]),
);
console.log(
  `\n3. What was done to the second picture:\n${table([['', 'turned', 'enlarged', 'right', 'down'], row('found', verified.view), row('in truth', view)])}`,
);

await writeFile(`${OUT}/matches.png`, draw(verified.matches).toPng());
console.log(`\nThe matches are drawn in ${OUT}/matches.png.`);

async function featuresOf({ data, height, width }: Picture): Promise<Features> {
  const image = new hub.Tensor('float32', [height, width, 3], data);
  const { locations, descriptors } = await extract({ image, max_feature_num: FEATURES }, { asDict: true });
  return {
    // Whole numbers name pixels; their middles are meant.
    locations: (hub.toNested(locations as hub.Tensor) as number[][]).map(([down, right]) => [
      down! + 0.5,
      right! + 0.5,
    ]),
    descriptors: hub.toNested(descriptors as hub.Tensor) as number[][],
  };
}

function count({ locations }: Features): string {
  return `${locations.length}`;
}

function row(name: string, { turn, scale, shift }: View): string[] {
  return [
    name,
    `${turn.toFixed(2)}°`,
    `${((scale - 1) * 100).toFixed(1)} %`,
    ...shift.map((pixels) => `${pixels.toFixed(1)} px`),
  ];
}

/** Both pictures side by side, twice as large, with a line for each match. */
function draw(matches: readonly Match[]): Picture {
  const [width, height] = SIZE;
  const canvas = new Picture(4 * width, 2 * height).place(first, 0, 0, 2).place(second, 2 * width, 0, 2);
  for (const [[y, x], [v, u]] of matches) {
    const colour = [0.3 + 0.7 * random.next(), 0.3 + 0.7 * random.next(), 0.2] as const;
    canvas.line([2 * x, 2 * y], [2 * (width + u), 2 * v], colour);
  }
  return canvas;
}
