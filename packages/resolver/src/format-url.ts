import type { LoadFormat } from './settings.js';

/**
 * The address that a module is asked for at: the handle with `tf-hub-format=compressed` (or `uncompressed`) appended to its query.
 *
 * The query is encoded anew on the way as Python's tensorflow_hub does it, so that a host sees the same request from both: names without
 * a value are dropped, spaces become `+`, and everything but letters, digits and `_.-~` is escaped. A fragment stays.
 */
export function formatUrl(handle: string, format: LoadFormat): string {
  const [, base = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(handle) ?? [];
  const pairs = [...new URLSearchParams(query)].filter(([, value]) => value !== '');
  pairs.push(['tf-hub-format', format]);
  return `${base}?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}${fragment}`;
}

function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
