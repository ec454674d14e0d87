import type { ReadableStream } from 'node:stream/web';
import type { ArchiveLimits } from './archive-limits.js';
import {
  ArchiveLimitError,
  DownloadInterruptedError,
  DownloadTimeoutError,
  HostUnreachableError,
  HttpStatusError,
} from './errors.js';
import { previewOf } from './preview.js';
import type { DownloadProgress } from './resolver.js';

/** An archive on its way: what its host said of it, and its bytes as they come. */
export interface IncomingArchive {
  readonly handle: string;
  /** The address that answered, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface FetchOptions {
  readonly responseTimeout: number;
  readonly idleTimeout: number;
  readonly limits: ArchiveLimits;
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks for an archive, and answers when the host begins to. The body must be read to its end or returned from early, either of which
 * closes the connection.
 */
export async function fetchArchive(handle: string, url: string, options: FetchOptions): Promise<IncomingArchive> {
  const { responseTimeout, signal } = options;
  const request = new AbortController();
  const abort = () => request.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  const close = () => signal.removeEventListener('abort', abort);

  try {
    const response = await timed(
      request,
      responseTimeout,
      () => new DownloadTimeoutError(handle, url, 'response', responseTimeout, 0),
      () =>
        // Asked for a compressed encoding, a host may compress the archive once more, and its length is then not ours to check.
        fetch(url, { signal: request.signal, headers: { 'accept-encoding': 'identity' } }),
    ).catch((error: unknown) => {
      throw explainFetchError(error, handle, url, responseTimeout);
    });
    const answer = {
      handle,
      url: response.url || url,
      status: response.status,
      contentType: response.headers.get('content-type') ?? undefined,
    };
    const body = readBody(answer, response, request, options, close);
    if (response.ok) return { ...answer, body };
    const text = await beginningOf(body);
    // The markup of an error page tells nobody anything.
    const isPage = answer.contentType?.startsWith('text/html') ?? false;
    throw new HttpStatusError(handle, answer.url, response.status, response.statusText, isPage ? '' : text);
  } catch (error) {
    close();
    throw error;
  }
}

async function* readBody(
  { handle, url }: { handle: string; url: string },
  response: Response,
  request: AbortController,
  { idleTimeout, limits, onProgress }: FetchOptions,
  close: () => void,
): AsyncGenerator<Uint8Array> {
  // fetch undoes a content encoding on its own, and the length is that of the encoded body.
  const encoded = !['identity', ''].includes(response.headers.get('content-encoding') ?? '');
  const length = response.headers.get('content-length');
  const total = encoded || length === null || !/^\d+$/.test(length) ? undefined : Number(length);
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  let received = 0;
  try {
    if (total !== undefined && total > limits.maxBytes)
      throw new ArchiveLimitError(handle, 'maxBytes', limits.maxBytes);
    onProgress?.({ handle, received, total });
    while (reader !== undefined) {
      const onTimeout = () => new DownloadTimeoutError(handle, url, 'body', idleTimeout, received);
      const next = await timed(request, idleTimeout, onTimeout, () => reader.read()).catch((error: unknown) => {
        throw request.signal.aborted ? error : new DownloadInterruptedError(handle, url, received, total, error);
      });
      if (next.done) break;
      const chunk = next.value;
      received += chunk.length;
      if (received > limits.maxBytes) throw new ArchiveLimitError(handle, 'maxBytes', limits.maxBytes);
      onProgress?.({ handle, received, total });
      yield chunk;
    }
    if (total !== undefined && received !== total) throw new DownloadInterruptedError(handle, url, received, total);
  } finally {
    close();
    await reader?.cancel().catch(() => undefined);
  }
}

/** Runs one step of a request, and aborts the request where the step takes longer than allowed. */
async function timed<T>(
  request: AbortController,
  timeout: number,
  onTimeout: () => Error,
  step: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => request.abort(onTimeout()), timeout);
  try {
    return await step();
  } catch (error) {
    // What the aborted step throws differs with where it stood; the reason is what was meant.
    throw request.signal.aborted ? request.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function explainFetchError(error: unknown, handle: string, url: string, timeout: number): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  // An abort carries a reason of our own or of the caller's.
  if (!(error instanceof TypeError)) return error;
  const reason = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (reason === 'UND_ERR_CONNECT_TIMEOUT') return new DownloadTimeoutError(handle, url, 'response', timeout, 0);
  return new HostUnreachableError(handle, url, reason, cause instanceof Error ? cause : error);
}

const PREVIEW_LENGTH = 200;

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let bytes = Buffer.alloc(0);
  try {
    for await (const chunk of body) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= PREVIEW_LENGTH) break;
    }
  } catch {
    // The status is what matters; what came of the text is good enough.
  }
  return previewOf(bytes.subarray(0, PREVIEW_LENGTH));
}
