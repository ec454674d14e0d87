import type { DownloadProgress } from './resolver.js';

/** Where a bar is drawn: `process.stderr`, say. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBar {
  /** To be given as `onProgress`. */
  readonly update: (progress: DownloadProgress) => void;
  /** Ends the line, if one was begun. */
  readonly end: () => void;
}

const WIDTH = 24;

/**
 * Draws downloads as one line, rewritten in place. A stream that is not a terminal gets nothing, unless `TFHUB_DOWNLOAD_PROGRESS` is set
 * to anything but the empty string.
 *
 * @example
 * const bar = progressBar(process.stderr);
 * const directory = await resolve(handle, { onProgress: bar.update }).finally(bar.end);
 */
export function progressBar(stream: ProgressStream, environment: NodeJS.ProcessEnv = process.env): ProgressBar {
  if (!stream.isTTY && !environment['TFHUB_DOWNLOAD_PROGRESS'])
    return { update: () => undefined, end: () => undefined };
  // A terminal that does not know its width says 0.
  const columns = stream.columns || 80;
  let shown = '';
  let length = 0;
  return {
    update(progress) {
      const line = formatProgress(progress, columns - 1);
      if (line === shown) return;
      // Blanks wipe what a longer line left; not every terminal knows the code that would.
      stream.write(`\r${line.padEnd(length)}`);
      shown = line;
      length = line.length;
    },
    end() {
      if (length > 0) stream.write('\n');
      shown = '';
      length = 0;
    },
  };
}

/** One line of at most `columns` characters: the module, a bar and a share where the total is known, and the amount. */
export function formatProgress({ handle, received, total }: DownloadProgress, columns: number): string {
  const amount = total === undefined ? formatBytes(received) : `${formatBytes(received)} of ${formatBytes(total)}`;
  const share = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, received / total);
  const bar =
    share === undefined
      ? ''
      : `[${'#'.repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, '-')}] ${`${Math.floor(share * 100)}`.padStart(3)} %  `;
  const room = columns - bar.length - amount.length - 2;
  const name = shorten(handle.replace(/\p{Cc}/gu, ''), room);
  return `${name === '' ? '' : `${name}  `}${bar}${amount}`.slice(0, Math.max(0, columns));
}

/** The end of a handle says more than its beginning. */
function shorten(handle: string, length: number): string {
  if (length < 8) return '';
  return handle.length <= length ? handle : `…${handle.slice(1 - length)}`;
}

function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const digits = power === 0 ? 0 : 1;
  return `${(bytes / 1000 ** power).toFixed(digits)} ${units[power]}`;
}
