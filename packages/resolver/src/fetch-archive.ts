import type { ArchiveLimits } from './archive-limits.js';
import { decodeContent } from './content-encoding.js';
import { ArchiveLimitError, CorruptArchiveError, DownloadInterruptedError, DownloadTimeoutError } from './errors.js';
import type { PartialArchive, PartialArchives } from './partial-archives.js';
import type { OpenedFile, RemoteFile } from './remote-file.js';
import type { DownloadProgress } from './resolver.js';
import type { Retries } from './retries.js';

/** An archive on its way: what its host said of it, and its bytes as they come. */
export interface IncomingArchive {
  readonly handle: string;
  /** The address that answered, after redirects, without credentials. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What has come of an archive is of no use: all of it must be asked for again. */
export class StartOverError extends Error {
  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

export interface FetchOptions {
  readonly handle: string;
  readonly responseTimeout: number;
  readonly idleTimeout: number;
  readonly limits: ArchiveLimits;
  readonly retries: Retries;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
  readonly signal: AbortSignal;
  /** Called before anything is read, with the bytes that there will be. May refuse. */
  readonly onLength?: ((total: number) => Promise<void>) | undefined;
  /** Where to copy the bytes to. */
  readonly copies?: PartialArchives | undefined;
  /** What an earlier process had; closed when it was read or turned out to be of no use. */
  readonly earlier?: PartialArchive | undefined;
}

/**
 * Asks for a file, and answers when the host begins to. Bytes that an earlier process had come first, if the host says that the file is
 * still the same. Where the connection breaks, the body goes on with a request for the rest.
 *
 * The body must be read to its end or returned from early, either of which closes the connection.
 * @throws from the body: StartOverError, where the rest cannot be had, or is of another file by now.
 */
export async function fetchArchive(file: RemoteFile, options: FetchOptions): Promise<IncomingArchive> {
  const { handle, earlier, limits, retries } = options;
  const connection = new Connection(file, options);
  try {
    let opened: OpenedFile;
    for (;;) {
      try {
        opened = await connection.open(earlier?.length ?? 0, earlier?.validator);
        break;
      } catch (error) {
        await retries.next(error as Error);
      }
    }
    const resumed = earlier !== undefined && continues(opened, earlier.length, earlier) ? earlier : undefined;
    // What came is the wrong part of another file.
    if (resumed === undefined && opened.offset !== 0) opened = await connection.open(0, undefined);
    if (resumed === undefined) await earlier?.close();

    const { total } = opened;
    if (total !== undefined) {
      if (total > limits.maxBytes) throw new ArchiveLimitError(handle, 'maxBytes', limits.maxBytes);
      await options.onLength?.(total);
    }
    await options.copies?.begin(opened.validator, total, opened.isSeekable);
    const raw = readOn(connection, opened, resumed, options);
    const { url, status, contentType, contentEncoding } = opened;
    const body = contentEncoding === undefined ? raw : decodeContent(handle, contentEncoding, raw, limits);
    return { handle, url, status, contentType, body };
  } catch (error) {
    connection.close();
    await earlier?.close();
    throw error;
  }
}

/** Whether an answer is what follows the bytes that one has. */
function continues(
  opened: OpenedFile,
  offset: number,
  known: { readonly validator: string | undefined; readonly total: number | undefined },
): boolean {
  return opened.offset === offset && isSame(opened, known);
}

function isSame(
  opened: OpenedFile,
  known: { readonly validator: string | undefined; readonly total: number | undefined },
): boolean {
  return known.validator !== undefined && opened.validator === known.validator && opened.total === known.total;
}

async function* readOn(
  connection: Connection,
  first: OpenedFile,
  resumed: PartialArchive | undefined,
  { handle, limits, retries, onProgress, copies }: FetchOptions,
): AsyncGenerator<Uint8Array> {
  const { url, total } = first;
  let received = 0;
  let toSkip = 0;
  const accept = async (chunk: Uint8Array) => {
    received += chunk.length;
    if (received > limits.maxBytes) throw new ArchiveLimitError(handle, 'maxBytes', limits.maxBytes);
    if (total !== undefined && received > total)
      throw new CorruptArchiveError(handle, `more came than the ${total} bytes that its host had announced`);
    await copies?.write(chunk);
    onProgress?.({ handle, received, total });
  };
  try {
    onProgress?.({ handle, received, total });
    if (resumed !== undefined) {
      for await (const chunk of resumed.read()) {
        await accept(chunk);
        yield chunk;
      }
      await resumed.close();
    }
    for (;;) {
      let failure: Error | undefined;
      try {
        for (let chunk; (chunk = await connection.read(received, total)) !== undefined;) {
          const news = toSkip > 0 ? chunk.subarray(Math.min(toSkip, chunk.length)) : chunk;
          toSkip -= chunk.length - news.length;
          if (news.length === 0) continue;
          await accept(news);
          retries.reached(received);
          yield news;
        }
      } catch (error) {
        failure = error as Error;
      }
      if (failure === undefined && (total === undefined || received === total)) return;
      failure ??= new DownloadInterruptedError(handle, url, received, total, undefined, retries.attempt);

      let opened: OpenedFile;
      for (;;) {
        await retries.next(failure);
        // All that came, and was wrong at the end, has no rest to go on with.
        if (first.validator === undefined || received === total) throw new StartOverError(failure);
        try {
          opened = await connection.open(received, first.validator);
          break;
        } catch (error) {
          failure = error as Error;
        }
      }
      if (!isSame(opened, first)) throw new StartOverError(failure);
      if (opened.offset !== received && opened.offset !== 0) throw new StartOverError(failure);
      // A host that cannot begin in the middle sends the same once more.
      toSkip = opened.offset === 0 ? received : 0;
    }
  } finally {
    connection.close();
    await resumed?.close();
  }
}

/** One request after the other, each with its time-outs. */
class Connection {
  readonly #file: RemoteFile;
  readonly #options: FetchOptions;
  #request = new AbortController();
  #body: AsyncIterator<Uint8Array> | undefined;
  #url: string;
  #idleTimer: NodeJS.Timeout | undefined;
  #isWaiting = false;
  #received = 0;
  readonly #abort = () => this.#request.abort(this.#options.signal.reason);

  constructor(file: RemoteFile, options: FetchOptions) {
    this.#file = file;
    this.#options = options;
    this.#url = file.url;
    options.signal.addEventListener('abort', this.#abort);
  }

  async open(offset: number, validator: string | undefined): Promise<OpenedFile> {
    const { handle, responseTimeout, retries, signal } = this.#options;
    this.#hangUp();
    signal.throwIfAborted();
    const request = new AbortController();
    this.#request = request;
    const { attempt } = retries;
    const onTimeout = () =>
      request.abort(
        new DownloadTimeoutError(handle, this.#file.url, 'response', responseTimeout, this.#received, attempt),
      );
    const timer = setTimeout(onTimeout, responseTimeout);
    try {
      const opened = await this.#file.open({ offset, validator, attempt, signal: request.signal });
      this.#body = opened.body[Symbol.asyncIterator]();
      this.#url = opened.url;
      return opened;
    } catch (error) {
      // What an aborted step throws differs with where it stood; the reason is what was meant.
      throw request.signal.aborted ? request.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next bytes of the answer; undefined at its end. */
  async read(received: number, total: number | undefined): Promise<Uint8Array | undefined> {
    const { handle, retries, signal } = this.#options;
    const request = this.#request;
    this.#received = received;
    this.#isWaiting = true;
    // One timer for all chunks: there are many. The time that others take with a chunk does not count.
    if (this.#idleTimer === undefined) this.#idleTimer = setTimeout(() => this.#onIdle(), this.#options.idleTimeout);
    else this.#idleTimer.refresh();
    try {
      const next = await this.#body!.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      signal.throwIfAborted();
      throw new DownloadInterruptedError(handle, this.#url, received, total, error, retries.attempt);
    } finally {
      this.#isWaiting = false;
    }
  }

  close(): void {
    this.#hangUp();
    this.#options.signal.removeEventListener('abort', this.#abort);
  }

  #onIdle(): void {
    if (!this.#isWaiting) return;
    const { handle, idleTimeout, retries } = this.#options;
    this.#request.abort(
      new DownloadTimeoutError(handle, this.#url, 'body', idleTimeout, this.#received, retries.attempt),
    );
  }

  #hangUp(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    const body = this.#body;
    this.#body = undefined;
    if (!this.#request.signal.aborted) this.#request.abort(new Error('hung up'));
    void Promise.resolve(body?.return?.()).catch(() => undefined);
  }
}
