import type { StringArrayBuilder } from './string-array-builder.js';

/** Called for each character: its code point, -1 where bytes are not what the encoding says, and where it begins. */
export type CharacterVisitor = (codePoint: number, at: number) => void;

export type UnicodeDecoder = (bytes: Uint8Array, start: number, end: number, visit: CharacterVisitor) => void;

export type UnicodeEncoder = (codePoint: number, builder: StringArrayBuilder) => void;

const BROKEN = -1;

function isSurrogate(codePoint: number): boolean {
  return codePoint >= 0xd800 && codePoint <= 0xdfff;
}

/** Whether a code point is one of a character's. */
export function isScalarValue(codePoint: number): boolean {
  return codePoint >= 0 && codePoint <= 0x10ffff && !isSurrogate(codePoint);
}

/** One broken place is the longest run of bytes that could have begun a character, as Unicode recommends. */
const decodeUtf8: UnicodeDecoder = (bytes, start, end, visit) => {
  for (let at = start; at < end;) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      visit(lead, at++);
      continue;
    }
    const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    let codePoint = length === 0 ? BROKEN : lead & (0x7f >> length);
    let next = at + 1;
    for (; next < at + length; next++) {
      // Over-long sequences, surrogates and what is beyond the last code point show in the second byte.
      const isSecond = next === at + 1;
      const least = isSecond && lead === 0xe0 ? 0xa0 : isSecond && lead === 0xf0 ? 0x90 : 0x80;
      const most = isSecond && lead === 0xed ? 0x9f : isSecond && lead === 0xf4 ? 0x8f : 0xbf;
      if (next >= end || bytes[next]! < least || bytes[next]! > most) {
        codePoint = BROKEN;
        break;
      }
      codePoint = (codePoint << 6) | (bytes[next]! & 63);
    }
    visit(codePoint, at);
    at = next;
  }
};

const decodeUtf16: UnicodeDecoder = (bytes, start, end, visit) => {
  const unit = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  for (let at = start; at < end; at += 2) {
    if (at + 1 >= end) {
      visit(BROKEN, at);
      return;
    }
    const first = unit(at);
    if (!isSurrogate(first)) {
      visit(first, at);
      continue;
    }
    const second = first < 0xdc00 && at + 3 < end ? unit(at + 2) : 0;
    if (second >= 0xdc00 && second <= 0xdfff) {
      visit(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), at);
      at += 2;
    } else {
      visit(BROKEN, at);
      // Half a character that the end cut off is one with what is left of its other half.
      if (first < 0xdc00 && at + 3 === end) return;
    }
  }
};

const decodeUtf32: UnicodeDecoder = (bytes, start, end, visit) => {
  for (let at = start; at < end; at += 4) {
    if (at + 3 >= end) {
      visit(BROKEN, at);
      return;
    }
    const codePoint = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    visit(isScalarValue(codePoint) ? codePoint : BROKEN, at);
  }
};

const decodeAscii: UnicodeDecoder = (bytes, start, end, visit) => {
  for (let at = start; at < end; at++) visit(bytes[at]! < 0x80 ? bytes[at]! : BROKEN, at);
};

const decodeLatin1: UnicodeDecoder = (bytes, start, end, visit) => {
  for (let at = start; at < end; at++) visit(bytes[at]!, at);
};

const DECODERS: ReadonlyMap<string, UnicodeDecoder> = new Map([
  ['UTF-8', decodeUtf8],
  ['UTF8', decodeUtf8],
  ['UTF-16-BE', decodeUtf16],
  ['UTF-16BE', decodeUtf16],
  ['UTF-32-BE', decodeUtf32],
  ['UTF-32BE', decodeUtf32],
  ['US-ASCII', decodeAscii],
  ['ASCII', decodeAscii],
  ['ISO-8859-1', decodeLatin1],
  ['LATIN1', decodeLatin1],
]);

/** The decoder of an encoding; `undefined` if it is not known. */
export function findDecoder(encoding: string): UnicodeDecoder | undefined {
  return DECODERS.get(encoding.toUpperCase());
}

const encodeUtf16: UnicodeEncoder = (codePoint, builder) => {
  const unit = (value: number): void => {
    builder.appendByte(value >> 8);
    builder.appendByte(value & 0xff);
  };
  if (codePoint < 0x10000) return unit(codePoint);
  unit(0xd800 + ((codePoint - 0x10000) >> 10));
  unit(0xdc00 + ((codePoint - 0x10000) & 0x3ff));
};

const encodeUtf32: UnicodeEncoder = (codePoint, builder) => {
  for (const shift of [24, 16, 8, 0]) builder.appendByte((codePoint >> shift) & 0xff);
};

const ENCODERS: ReadonlyMap<string, UnicodeEncoder> = new Map([
  ['UTF-8', (codePoint: number, builder: StringArrayBuilder): void => builder.appendCodePoint(codePoint)],
  ['UTF-16-BE', encodeUtf16],
  ['UTF-32-BE', encodeUtf32],
]);

/** The encoder of an encoding; `undefined` if TensorFlow does not write it. */
export function findEncoder(encoding: string): UnicodeEncoder | undefined {
  return ENCODERS.get(encoding);
}
