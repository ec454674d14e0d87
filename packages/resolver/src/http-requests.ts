import { displayUrl } from './display-url.js';
import { DownloadTimeoutError, HostUnreachableError, HttpStatusError, RedirectError } from './errors.js';
import type { HttpAnswer, HttpClient } from './http-client.js';
import { authorizationFor, type Tokens } from './http-credentials.js';
import { ConnectTimeout } from './node-http-client.js';
import { previewOf } from './preview.js';
import { retryAfter } from './retries.js';

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface RequestOptions {
  /** As messages may show it. */
  readonly handle: string;
  readonly client: HttpClient;
  readonly tokens: Tokens | undefined;
  readonly allowInsecureRedirects: boolean;
  readonly connectTimeout: number;
  readonly signal: AbortSignal;
  readonly attempt: number;
}

export interface FollowedAnswer extends HttpAnswer {
  /** The address that answered, without credentials. */
  readonly url: string;
}

/**
 * Asks for an address, and for those that it leads to. Credentials are chosen for each of them anew.
 *
 * @param final a status that is an answer, although it leads elsewhere.
 * @throws RedirectError, HostUnreachableError, DownloadTimeoutError.
 */
export async function request(
  address: string,
  headers: Readonly<Record<string, string>>,
  options: RequestOptions,
  final?: number,
): Promise<FollowedAnswer> {
  const { handle, client, tokens, allowInsecureRedirects, signal } = options;
  const first = new URL(address);
  const seen = new Set<string>();
  let url = first;
  for (;;) {
    seen.add(url.href);
    const authorization = authorizationFor(url, first, tokens);
    const target = new URL(url);
    target.username = target.password = target.hash = '';
    const shown = displayUrl(url.href);
    const sent = { ...headers, ...(authorization !== undefined && { authorization }) };
    const answer = await client.get(target, sent, signal).catch((error: unknown) => {
      throw explainNetworkError(error, shown, options);
    });
    const location = answer.header('location');
    if (!REDIRECTS.includes(answer.status) || answer.status === final || location === undefined) {
      return { ...answer, url: shown };
    }
    await answer.body[Symbol.asyncIterator]().return?.();
    const refuse = (reason: string) => new RedirectError(handle, shown, displayUrl(location), reason);
    if (!URL.canParse(location, url.href)) throw refuse('which is no URL');
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && next.protocol !== 'http:') throw refuse('which is no web address');
    if (url.protocol === 'https:' && next.protocol === 'http:' && !allowInsecureRedirects)
      throw refuse('which anybody on the way could tamper with; allowInsecureRedirects permits it');
    if (seen.has(next.href)) throw refuse('and so in a circle');
    if (seen.size > MAX_REDIRECTS) throw refuse(`which is one redirect too many (${MAX_REDIRECTS} are followed)`);
    url = next;
  }
}

/** The error that a status says, with the beginning of what came with it. */
export async function statusError(
  answer: FollowedAnswer,
  { handle, attempt }: RequestOptions,
): Promise<HttpStatusError> {
  const preview = await previewOfAnswer(answer);
  // The markup of an error page tells nobody anything.
  const isPage = answer.header('content-type')?.startsWith('text/html') ?? false;
  const patience = retryAfter(answer.header('retry-after'), answer.header('date'));
  const { url, status, statusText } = answer;
  return new HttpStatusError(handle, url, status, statusText, isPage ? '' : preview, attempt, patience);
}

const PREVIEW_LENGTH = 200;

/** Reads the beginning of an answer, and hangs up. */
export async function previewOfAnswer(answer: HttpAnswer): Promise<string> {
  return previewOf(await beginningOf(answer, PREVIEW_LENGTH));
}

/** At most `length` bytes of an answer, which is then hung up. */
export async function beginningOf({ body }: HttpAnswer, length: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  try {
    for await (const chunk of body) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= length) break;
    }
  } catch {
    // The status is what matters; what came of the text is good enough.
  }
  return bytes.subarray(0, length);
}

function explainNetworkError(error: unknown, url: string, options: RequestOptions): unknown {
  const { handle, attempt, connectTimeout, signal } = options;
  if (signal.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  // What fetch throws says nothing; what caused it does.
  const cause = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as NodeJS.ErrnoException;
  if (cause instanceof ConnectTimeout || code === 'UND_ERR_CONNECT_TIMEOUT')
    return new DownloadTimeoutError(handle, url, 'connection', connectTimeout, 0, attempt);
  return new HostUnreachableError(handle, url, code, cause, attempt);
}
