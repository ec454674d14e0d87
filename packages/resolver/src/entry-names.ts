import { UnsafeArchiveError } from './errors.js';

const MAX_SEGMENT_BYTES = 255;
const MAX_PATH_BYTES = 2048;
/** Devices under any extension, whatever the directory. */
const WINDOWS_DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * The names of one archive. Each must lead to a place of its own below the directory that it is unpacked to, on every file system:
 * some take `A` and `a`, or two spellings of `é`, for one name, and the later file would replace the earlier one unseen.
 */
export class EntryNames {
  readonly #handle: string;
  readonly #platform: NodeJS.Platform;
  readonly #seen = new Map<string, { path: string; type: 'file' | 'directory' }>();

  constructor(handle: string, platform: NodeJS.Platform = process.platform) {
    this.#handle = handle;
    this.#platform = platform;
  }

  /**
   * The relative path of an entry, with forward slashes; empty for the root.
   * @throws UnsafeArchiveError where the name is not acceptable.
   */
  accept(name: string, type: 'file' | 'directory'): string {
    const refuse = (reason: string) => new UnsafeArchiveError(this.#handle, name, reason);
    const reason = whyRefused(name, this.#platform);
    if (reason !== undefined) throw refuse(reason);

    const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
    const path = segments.join('/');
    if (path === '' && type === 'file') throw refuse('is a file without a name');
    segments.forEach((_, index) => {
      const isLast = index === segments.length - 1;
      const part = { path: segments.slice(0, index + 1).join('/'), type: isLast ? type : 'directory' } as const;
      const key = part.path.normalize('NFC').toUpperCase().toLowerCase();
      const earlier = this.#seen.get(key);
      if (earlier === undefined) this.#seen.set(key, part);
      else if (earlier.path !== part.path)
        throw refuse(`differs from ${JSON.stringify(earlier.path)} only in case or spelling`);
      else if (earlier.type !== part.type)
        throw refuse(`has a file where a directory is: ${JSON.stringify(part.path)}`);
      else if (isLast && type === 'file') throw refuse('is there twice');
    });
    return path;
  }
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
