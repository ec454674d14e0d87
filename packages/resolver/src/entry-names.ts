import { ArchiveLimitError, UnsafeArchiveError } from './errors.js';

const MAX_SEGMENT_BYTES = 255;
const MAX_PATH_BYTES = 2048;
/** Devices under any extension, whatever the directory. */
const WINDOWS_DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** A name, and what is below it, by the names that file systems may take for one. */
interface NamedPlace {
  readonly name: string;
  readonly type: 'file' | 'directory';
  readonly below: Map<string, NamedPlace>;
}

/**
 * The names of one archive. Each must lead to a place of its own below the directory that it is unpacked to, on every file system:
 * some take `A` and `a`, or two spellings of `é`, for one name, and the later file would replace the earlier one unseen.
 */
export class EntryNames {
  readonly #handle: string;
  readonly #most: number;
  readonly #platform: NodeJS.Platform;
  readonly #root: NamedPlace = { name: '', type: 'directory', below: new Map() };
  #count = 0;

  /** @param most files and directories that there may be, counting those that are only passed on the way. */
  constructor(handle: string, most: number, platform: NodeJS.Platform = process.platform) {
    this.#handle = handle;
    this.#most = most;
    this.#platform = platform;
  }

  /**
   * The relative path of an entry, with forward slashes; empty for the root.
   * @throws UnsafeArchiveError where the name is not acceptable; ArchiveLimitError where it is one too many.
   */
  accept(name: string, type: 'file' | 'directory'): string {
    const refuse = (reason: string) => new UnsafeArchiveError(this.#handle, name, reason);
    const reason = whyRefused(name, this.#platform);
    if (reason !== undefined) throw refuse(reason);

    const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
    if (segments.length === 0 && type === 'file') throw refuse('is a file without a name');
    let place = this.#root;
    for (const [index, segment] of segments.entries()) {
      const isLast = index === segments.length - 1;
      const typeHere = isLast ? type : 'directory';
      const earlier = place.below.get(keyOf(segment));
      if (earlier === undefined) {
        this.#count += 1;
        if (this.#count > this.#most) throw new ArchiveLimitError(this.#handle, 'maxEntries', this.#most);
        const made: NamedPlace = { name: segment, type: typeHere, below: new Map() };
        place.below.set(keyOf(segment), made);
        place = made;
        continue;
      }
      const path = () => JSON.stringify([...segments.slice(0, index), earlier.name].join('/'));
      if (earlier.name !== segment) throw refuse(`differs from ${path()} only in case or spelling`);
      if (earlier.type !== typeHere) throw refuse(`has a file where a directory is: ${path()}`);
      if (isLast && type === 'file') throw refuse('is there twice');
      place = earlier;
    }
    return segments.join('/');
  }
}

/** The same for names that some file system takes for one: it may know no case, normalise, or pass over what cannot be seen. */
function keyOf(segment: string): string {
  return segment
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFC')
    .toUpperCase()
    .toLowerCase();
}

function whyRefused(name: string, platform: NodeJS.Platform): string | undefined {
  const segments = name.split('/');
  if (name === '') return 'has no name';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'has an absolute path';
  if (name.startsWith('..') || segments.includes('..')) return 'leads out of the archive';
  if (name.includes('\\')) return 'has a backslash in its name';
  if (/\p{Cc}/u.test(name)) return 'has a control character in its name';
  if (name.includes('\ufffd')) return 'has a name that is not UTF-8';
  if (
    segments.some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) ||
    Buffer.byteLength(name) > MAX_PATH_BYTES
  ) {
    return 'has too long a name';
  }
  if (platform !== 'win32') return undefined;
  const odd = segments.find(
    (segment) => segment !== '.' && (/[<>:"|?*]|[. ]$/.test(segment) || WINDOWS_DEVICES.test(segment)),
  );
  return odd === undefined ? undefined : `has a name that Windows reserves: ${JSON.stringify(odd)}`;
}
