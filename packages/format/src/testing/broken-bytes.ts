import fc from 'fast-check';

/** Bytes cut short, with some bytes changed, or with a part of them repeated or taken out. */
export function brokenBytes(whole: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat({ max: Math.max(0, whole.length - 1) });
  const cut = position.map((length) => whole.slice(0, length));
  const flipped = fc
    .array(fc.tuple(position, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const bytes = whole.slice();
      for (const [at, change] of changes) bytes[at]! ^= change;
      return bytes;
    });
  const spliced = fc.tuple(position, position, position).map(([start, end, from]) => {
    const kept = [whole.subarray(0, start), whole.subarray(from, from + 16), whole.subarray(end)];
    return new Uint8Array(Buffer.concat(kept));
  });
  return fc.oneof(cut, flipped, spliced);
}
