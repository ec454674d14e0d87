import { displayUrl } from './display-url.js';
import { request, statusError, type FollowedAnswer, type RequestOptions } from './http-requests.js';
import type { OpenedFile, OpenRequest, RemoteFile } from './remote-file.js';

/** A file on a web server. */
export function httpFile(address: string, options: Omit<RequestOptions, 'signal' | 'attempt'>): RemoteFile {
  return {
    url: displayUrl(address),
    async open({ offset, validator, signal, attempt }: OpenRequest): Promise<OpenedFile> {
      const requestOptions = { ...options, signal, attempt };
      // Asked for a compressed encoding, a host may compress the archive once more.
      const plain = { 'accept-encoding': 'identity' };
      const rest =
        offset > 0 && validator !== undefined ? { range: `bytes=${offset}-`, 'if-range': validator } : undefined;
      const answer = await request(address, { ...plain, ...rest }, requestOptions);
      if (rest !== undefined) {
        const range = rangeOf(answer);
        if (answer.status === 206 && range?.start === offset) return opened(answer, offset, range.total);
        // 416, or something that was not asked for.
        if (answer.status === 206 || answer.status === 416) {
          await answer.body[Symbol.asyncIterator]().return?.();
          return fromStart(await request(address, plain, requestOptions), requestOptions);
        }
      }
      return fromStart(answer, requestOptions);
    },
  };
}

/** @throws HttpStatusError where an answer is no file, or a part of one that nobody asked for and that is not its beginning. */
async function fromStart(answer: FollowedAnswer, options: RequestOptions): Promise<OpenedFile> {
  const range = answer.status === 206 ? rangeOf(answer) : undefined;
  const isPart = answer.status === 206 && range?.start !== 0;
  if (answer.status < 200 || answer.status > 299 || isPart) throw await statusError(answer, options);
  return range === undefined ? opened(answer, 0) : opened(answer, 0, range.total);
}

function opened(answer: FollowedAnswer, offset: number, total = lengthOf(answer)): OpenedFile {
  const encoding = answer.header('content-encoding')?.toLowerCase();
  return {
    url: answer.url,
    status: answer.status,
    contentType: answer.header('content-type'),
    contentEncoding: encoding === '' || encoding === 'identity' ? undefined : encoding,
    offset,
    total,
    validator: validatorOf(answer),
    isSeekable: answer.status === 206 || (answer.header('accept-ranges') ?? '').includes('bytes'),
    body: answer.body,
  };
}

function lengthOf(answer: FollowedAnswer): number | undefined {
  const length = answer.header('content-length');
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** Which part of a file an answer is. */
export function rangeOf(answer: FollowedAnswer): { start: number; total: number | undefined } | undefined {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header('content-range') ?? '') ?? [];
  return start === undefined ? undefined : { start: Number(start), total: total === '*' ? undefined : Number(total) };
}

/**
 * What stands for the file byte for byte: an entity tag, unless it is a weak one; else the time of its last change, if that was not so
 * lately that it may have changed once more.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8
 */
function validatorOf(answer: FollowedAnswer): string | undefined {
  const tag = answer.header('etag');
  if (tag !== undefined && /^"[^"]*"$/.test(tag)) return tag;
  const modified = answer.header('last-modified');
  const date = answer.header('date');
  if (modified === undefined || date === undefined) return undefined;
  return Date.parse(date) - Date.parse(modified) >= 1000 ? modified : undefined;
}
