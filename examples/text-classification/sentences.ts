import type { Random } from '@tenon-examples/workbench';

const PRAISE =
  'good great excellent wonderful superb lovely charming pleasant delightful splendid fine brilliant perfect fresh tasty ' +
  'delicious friendly kind warm cosy clean bright generous honest careful helpful clever funny gripping moving';
const BLAME =
  'bad poor awful terrible horrible dreadful nasty unpleasant boring dull weak broken mediocre stale bland ' +
  'inedible rude unkind cold shabby dirty gloomy stingy dishonest careless useless stupid tedious shallow clumsy';
const THINGS =
  'soup bread staff room film book play singer garden museum hotel view story service lamp chair song guide tour train';
/** Neither good nor bad in general: what they mean in a review, only reviews can tell. */
const WELCOME = 'loud crowded spicy long heavy';
const UNWELCOME = 'silent empty mild short light';

const words = (list: string) => list.split(' ');
const GENERAL = [words(BLAME), words(PRAISE)] as const;
const LOCAL = [words(UNWELCOME), words(WELCOME)] as const;

export interface Review {
  readonly text: string;
  /** 1 for praise, 0 for blame. */
  readonly label: number;
}

/** Texts that nobody labelled. What is praised in one sentence is praised twice, and so for blame: that is all there is to learn from. */
export function unlabelledTexts(count: number, random: Random): string[] {
  return Array.from({ length: count }, () => {
    const adjectives = GENERAL[random.integer(2)]!;
    const neutral = random.pick([...LOCAL[0], ...LOCAL[1]]);
    return `the ${neutral} ${thing(random)} was ${random.pick(adjectives)} and the ${thing(random)} ${random.pick(adjectives)}`;
  });
}

/** Reviews of a street festival, where it should be loud and crowded: a third of them say what they mean in such words. */
export function reviews(count: number, random: Random): Review[] {
  return Array.from({ length: count }, () => {
    const label = random.integer(2);
    const adjective = random.pick((random.integer(3) === 0 ? LOCAL : GENERAL)[label]!);
    return { text: `the ${thing(random)} and the ${thing(random)} were ${adjective}`, label };
  });
}

export const vocabulary = [...new Set(words(`the was were and ${THINGS} ${PRAISE} ${BLAME} ${WELCOME} ${UNWELCOME}`))];

function thing(random: Random): string {
  return random.pick(words(THINGS));
}
