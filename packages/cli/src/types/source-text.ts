import { printable } from '../printable.js';

/** A text out of a module inside a comment, which it can neither end nor leave its line of. */
export function commentText(text: string): string {
  return printable(text).replaceAll('*/', '*\\/');
}

/** A text as a literal: characters that are not seen, or that break lines, are escaped. */
export function stringLiteral(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeUnits)}'`;
}

/** The name of a property: as it is, if it may stand without quotes. */
export function propertyName(name: string): string {
  return isIdentifier(name) ? name : stringLiteral(name);
}

export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}

/** A name for the type of a module: `https://example.com/google/nnlm-en-dim128/1` is `NnlmEnDim128`. */
export function interfaceName(handle: string): string {
  const parts = handle
    .replace(/[?#].*$/s, '')
    .split(/[/\\]/)
    .filter((part) => !/^(\.*|\d+)$/.test(part));
  const words = (parts.at(-1) ?? '').replace(/\.(tar\.gz|tgz)$/, '').match(/[A-Za-z0-9]+/g) ?? [];
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return /^[A-Z]/.test(name) ? name : `Module${name}`;
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
