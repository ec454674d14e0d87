/**
 * Where letters that have another case lie. Asking the engine about these few thousand code points, once, costs a millisecond; asking about
 * all 1.1 million would cost a hundred.
 */
const CASED: readonly (readonly [first: number, last: number])[] = [
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0xb5, 0x587],
  [0x10a0, 0x10ff],
  [0x13a0, 0x13fd],
  [0x1c80, 0x1cbf],
  [0x1d79, 0x1d8e],
  [0x1e00, 0x1fff],
  [0x2126, 0x2188],
  [0x24b6, 0x24e9],
  [0x2c00, 0x2d2d],
  [0xa640, 0xa7ff],
  [0xab53, 0xabbf],
  [0xff21, 0xff5a],
  [0x10400, 0x10595],
  [0x105a0, 0x105bc],
  [0x10c80, 0x10cf2],
  [0x118a0, 0x118df],
  [0x16e40, 0x16e7f],
  [0x1e900, 0x1e943],
];

/** The Turkish letters i: their case mappings are no case foldings outside Turkish. */
const UNFOLDED: ReadonlySet<number> = new Set([0x130, 0x131]);

/** `text` as one code point, or `otherwise` where case mapping made several of it. */
function single(text: string, otherwise: number): number {
  const codePoint = text.codePointAt(0)!;
  return text.length === (codePoint > 0xffff ? 2 : 1) ? codePoint : otherwise;
}

/** Unicode's simple case folding, but for the choice of who stands for the others. */
function fold(codePoint: number): number {
  if (UNFOLDED.has(codePoint)) return codePoint;
  const upper = single(String.fromCodePoint(codePoint).toUpperCase(), codePoint);
  return single(String.fromCodePoint(upper).toLowerCase(), codePoint === upper ? codePoint : fold(upper));
}

let orbits: Map<number, readonly number[]> | undefined;

function makeOrbits(): Map<number, readonly number[]> {
  const byFold = new Map<number, number[]>();
  for (const [first, last] of CASED) {
    for (let codePoint = first; codePoint <= last; codePoint++) {
      const folded = fold(codePoint);
      const orbit = byFold.get(folded);
      if (orbit) orbit.push(codePoint);
      else byFold.set(folded, [codePoint]);
    }
  }
  const made = new Map<number, readonly number[]>();
  for (const orbit of byFold.values()) if (orbit.length > 1) for (const codePoint of orbit) made.set(codePoint, orbit);
  return made;
}

/** The code points that differ from this one by case alone, itself among them; `undefined` if there is no other. */
export function caseOrbit(codePoint: number): readonly number[] | undefined {
  return (orbits ??= makeOrbits()).get(codePoint);
}
