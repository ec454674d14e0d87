/** What stands in place of a match. */
export interface Rewrite {
  /** Bytes as they are, and groups of the match by their numbers. */
  readonly parts: readonly (Uint8Array | number)[];
  /** Whether the text was understood; if not, `parts` is what comes before the first mistake. */
  readonly isValid: boolean;
}

const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** Groups have one digit; the match is group 0. */
const NINE = 0x39;

/** Splits RE2's replacement text: `\0` to `\9` are groups, `\\` is a backslash, and before anything else a backslash is a mistake. */
export function parseRewrite(text: Uint8Array): Rewrite {
  const parts: (Uint8Array | number)[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== BACKSLASH) continue;
    if (at > from) parts.push(text.subarray(from, at));
    const next = text[++at];
    if (next === BACKSLASH) {
      // That one begins what comes as it is.
      from = at;
      continue;
    }
    if (next === undefined || next < ZERO || next > NINE) return { parts, isValid: false };
    parts.push(next - ZERO);
    from = at + 1;
  }
  if (from < text.length) parts.push(text.subarray(from));
  return { parts, isValid: true };
}
