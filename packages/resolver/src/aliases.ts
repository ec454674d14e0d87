import { AliasError } from './errors.js';

/**
 * Where modules really are: from handles, or patterns of them with one `*`, to the places that are asked instead, in order. A `*` in a
 * place stands for what the pattern's matched. The first pattern that fits counts. What is listed is all that is asked: a handle that
 * should be asked itself, too, is listed with the rest.
 *
 * @example
 * // The old host, and then two others.
 * { 'https://tfhub.dev/*': ['https://tfhub.dev/*', 'https://models.example.com/*', 's3://models/*.tar.gz'] }
 */
export type Aliases = Readonly<Record<string, string | readonly string[]>>;

/** As Python's tensorflow_hub has it: this host serves pages, and its archives lie elsewhere. */
const BUILT_IN: Aliases = {
  'https://hub.tensorflow.google.cn/*': 'https://gcs.tensorflow.google.cn/tfhub-modules/*.tar.gz',
};

/**
 * The places to get a handle's module from, the best first.
 * @throws AliasError where a pattern or a place cannot be understood.
 */
export function sourcesOf(handle: string, aliases: Aliases = {}): readonly string[] {
  for (const [pattern, places] of [...Object.entries(aliases), ...Object.entries(BUILT_IN)]) {
    const matched = match(pattern, handle);
    if (matched === undefined) continue;
    const list = typeof places === 'string' ? [places] : places;
    if (list.length === 0) throw new AliasError(pattern, 'names no place');
    return list.map((place) => {
      if (place.includes('*') && !pattern.includes('*')) throw new AliasError(pattern, `has no * for that of ${place}`);
      return place.replaceAll('*', () => matched);
    });
  }
  return [handle];
}

/** What the pattern's `*` stands for in the handle, empty for a pattern without one; undefined where the handle is another. */
function match(pattern: string, handle: string): string | undefined {
  const [before = '', after, ...more] = pattern.split('*');
  if (more.length > 0) throw new AliasError(pattern, 'has more than one *');
  if (after === undefined) return handle === pattern ? '' : undefined;
  if (handle.length < before.length + after.length || !handle.startsWith(before) || !handle.endsWith(after))
    return undefined;
  const matched = handle.slice(before.length, handle.length - after.length);
  // A place may be a folder, which a handle must not lead out of.
  return /(^|[/\\])\.\.([/\\]|$)/.test(matched) ? undefined : matched;
}
