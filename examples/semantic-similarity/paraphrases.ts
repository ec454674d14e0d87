import type { Random } from '@tenon-examples/workbench';

/** Ways to say one thing; nothing but the paraphrases tells that they mean the same. */
const WHO = [
  'cat|kitten|feline',
  'dog|puppy|hound',
  'boy|lad|youngster',
  'doctor|physician|medic',
  'teacher|tutor|instructor',
  'baby|infant|newborn',
];
const DOES = [
  'sleeps|naps|dozes',
  'eats|dines|feasts',
  'runs|sprints|races',
  'sings|hums|croons',
  'waits|lingers|stays',
  'laughs|giggles|chuckles',
];
const WHERE = [
  'at home|in the house|indoors',
  'in the garden|in the yard|outdoors',
  'by the sea|on the coast|ashore',
  'in the forest|among trees|in the woods',
  'in town|in the city|downtown',
];
const FRAMES = ['the WHO DOES WHERE', 'WHERE the WHO DOES', 'a WHO DOES WHERE'];

/** One of each list. */
export type Meaning = readonly [who: string, does: string, where: string];

export const meanings: readonly Meaning[] = WHO.flatMap((who) =>
  DOES.flatMap((does) => WHERE.map((where) => [who, does, where] as const)),
);

export const vocabulary = [...new Set([...WHO, ...DOES, ...WHERE, 'the|a'].join('|').split(/[| ]/))];

/** A meaning in words: the first, second or third ones, or any. */
export function phrase([who, does, where]: Meaning, random: Random, wording?: number): string {
  const word = (ways: string) => (wording === undefined ? random.pick(ways.split('|')) : ways.split('|')[wording]!);
  return random.pick(FRAMES).replace('WHO', word(who)).replace('DOES', word(does)).replace('WHERE', word(where));
}
