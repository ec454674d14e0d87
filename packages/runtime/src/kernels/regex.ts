import { StringArray, Tensor } from '@tenon/tensor';
import type { KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { INVALID, LAX } from './regex/character-set.js';
import { decode, decodedLength } from './regex/decode.js';
import { RegularExpressionError } from './regex/errors.js';
import { RegularExpression } from './regex/regular-expression.js';
import { parseRewrite, type Rewrite } from './regex/rewrite.js';
import { SetScanner } from './regex/set-scanner.js';
import { StringArrayBuilder } from './string-array-builder.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function compile(pattern: Uint8Array): RegularExpression {
  let text: string;
  try {
    text = decoder.decode(pattern);
  } catch {
    throw new RegularExpressionError(new TextDecoder().decode(pattern), 'it is not UTF-8');
  }
  return new RegularExpression(text);
}

/** Rewrites every element of a string array. */
type Replacer = (strings: StringArray) => StringArray;

function makeReplacer(pattern: Uint8Array, replacement: Uint8Array, isGlobal: boolean): Replacer {
  const expression = compile(pattern);
  const { parts, isValid } = parseRewrite(replacement);
  // As in TensorFlow: a replacement that asks for groups which are not there replaces nothing, and one that is not understood
  // puts what is understood of it in the place of all matches, but not in that of a single one.
  if (parts.some((part) => typeof part === 'number' && part > expression.groups) || !(isValid || isGlobal))
    return (strings) => strings;
  const rewrite = parts.map((part) => (typeof part === 'number' && expression.outerGroups.includes(part) ? 0 : part));
  const { singleSet } = expression;
  return singleSet
    ? replaceSet(new SetScanner(singleSet), rewrite, isGlobal)
    : replaceMatches(expression, rewrite, isGlobal);
}

function replaceSet(scanner: SetScanner, rewrite: Rewrite['parts'], isGlobal: boolean): Replacer {
  return ({ bytes, offsets, length }) => {
    const builder = new StringArrayBuilder(bytes.length, length);
    for (let i = 0; i < length; i++) {
      const end = offsets[i + 1]!;
      let at = builder.appendUntil(bytes, offsets[i]!, end, scanner.stops);
      while (at < end) {
        const next = scanner.endAt(bytes, at, end);
        if (next < 0) {
          builder.append(bytes, at, -next);
        } else {
          for (const part of rewrite) {
            if (typeof part === 'number') builder.append(bytes, at, next);
            else builder.appendAll(part);
          }
          if (!isGlobal) {
            builder.append(bytes, next, end);
            break;
          }
        }
        at = builder.appendUntil(bytes, Math.abs(next), end, scanner.stops);
      }
      builder.end();
    }
    return builder.build();
  };
}

function replaceMatches(expression: RegularExpression, rewrite: Rewrite['parts'], isGlobal: boolean): Replacer {
  const needsGroups = rewrite.some((part) => typeof part === 'number' && part > 0);
  return ({ bytes, offsets, length }) => {
    const builder = new StringArrayBuilder(bytes.length, length);
    const append = (start: number, end: number): void => {
      const groups = needsGroups ? expression.groupsOf(bytes, start, end) : undefined;
      for (const part of rewrite) {
        if (typeof part !== 'number') builder.appendAll(part);
        else if (part === 0) builder.append(bytes, expression.matchStart, expression.matchEnd);
        else if (groups![2 * part]! >= 0) builder.append(bytes, groups![2 * part]!, groups![2 * part + 1]!);
      }
    };
    for (let i = 0; i < length; i++) {
      const start = offsets[i]!;
      const end = offsets[i + 1]!;
      let from = start;
      let lastEnd = -1;
      while (from <= end && expression.search(bytes, start, end, from)) {
        const { matchStart, matchEnd } = expression;
        builder.append(bytes, from, matchStart);
        if (matchStart === lastEnd && matchStart === matchEnd) {
          // Nothing is not found twice at the same place: go one character on.
          const next = Math.min(end, matchStart + characterLength(bytes, matchStart, end));
          builder.append(bytes, matchStart, next);
          from = matchStart === end ? end + 1 : next;
          continue;
        }
        append(start, end);
        from = matchEnd;
        lastEnd = matchEnd;
        if (!isGlobal) break;
      }
      if (from < end) builder.append(bytes, from, end);
      builder.end();
    }
    return builder.build();
  };
}

function characterLength(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 1;
  const codePoint = decode(bytes, at, end);
  return codePoint === LAX || codePoint === INVALID ? 1 : decodedLength;
}

function matchAll(expression: RegularExpression, { bytes, offsets, length }: StringArray): Uint8Array {
  const matches = new Uint8Array(length);
  for (let i = 0; i < length; i++) matches[i] = expression.matchesAll(bytes, offsets[i]!, offsets[i + 1]!) ? 1 : 0;
  return matches;
}

function scalarBytes(tensor: Tensor | undefined, what: string): Uint8Array {
  if (tensor?.rank !== 0) throw new InvalidArgumentError(`The ${what} must be a scalar.`);
  return (tensor.data as StringArray).at(0);
}

/** Remembers what the last key gave: patterns that come as data are mostly always the same. */
function remember<V>(make: (...key: Uint8Array[]) => V): (...key: Uint8Array[]) => V {
  let last: { readonly key: readonly Uint8Array[]; readonly value: V } | undefined;
  const isSame = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
    a.length === b?.length && a.every((byte, index) => byte === b[index]);
  return (...key) => {
    if (!last || !key.every((part, index) => isSame(part, last!.key[index]))) {
      last = { key: key.map((part) => part.slice()), value: make(...key) };
    }
    return last.value;
  };
}

export const regexKernels: readonly KernelDefinition[] = [
  define('StaticRegexReplace', (operation) => {
    const replace = makeReplacer(
      operation.attribute('pattern', 'bytes'),
      operation.attribute('rewrite', 'bytes'),
      operation.bool('replace_global'),
    );
    return ([input]) => [new Tensor('string', input!.shape, replace(input!.data as StringArray))];
  }),
  define('RegexReplace', (operation) => {
    const isGlobal = operation.bool('replace_global');
    const replacerOf = remember((pattern, rewrite) => makeReplacer(pattern, rewrite, isGlobal));
    return ([input, pattern, rewrite]) => {
      const replace = replacerOf(scalarBytes(pattern, 'pattern'), scalarBytes(rewrite, 'replacement'));
      return [new Tensor('string', input!.shape, replace(input!.data as StringArray))];
    };
  }),
  define('StaticRegexFullMatch', (operation) => {
    const expression = compile(operation.attribute('pattern', 'bytes'));
    return ([input]) => [new Tensor('bool', input!.shape, matchAll(expression, input!.data as StringArray))];
  }),
  define('RegexFullMatch', () => {
    const expressionOf = remember((pattern) => compile(pattern));
    return ([input, pattern]) => {
      const expression = expressionOf(scalarBytes(pattern, 'pattern'));
      return [new Tensor('bool', input!.shape, matchAll(expression, input!.data as StringArray))];
    };
  }),
];
