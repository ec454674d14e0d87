import type { FileRecord } from '@tenon/cache';
import type { ArchiveLimits } from './archive-limits.js';
import { displayUrl } from './display-url.js';
import { downloadArchive } from './download-archive.js';
import { DownloadTimeoutError, UncompressedLocationError } from './errors.js';
import { readArchiveExcerpt } from './excerpt-of-archive.js';
import { formatUrl } from './format-url.js';
import { gcsResolver } from './gcs-resolver.js';
import { openHttpClient } from './http-client.js';
import { httpFile } from './http-file.js';
import { beginningOf, request, statusError } from './http-requests.js';
import type { HttpResolverOptions } from './http-resolver.js';
import { previewOf } from './preview.js';
import type { RemoteFile } from './remote-file.js';
import type { DownloadContext, ExcerptRequest, ModuleExcerpt } from './resolver.js';
import { Retries } from './retries.js';
import type { LoadFormat } from './settings.js';

export interface HttpDownloadOptions extends HttpResolverOptions {
  readonly format: LoadFormat;
  readonly limits: ArchiveLimits;
}

/** Downloads a module from a web server into an empty directory. */
export async function downloadOverHttp(
  source: string,
  directory: string,
  context: DownloadContext,
  options: HttpDownloadOptions,
): Promise<readonly FileRecord[] | void> {
  return ask(source, context, options, {
    archive: (file) => downloadArchive(file, directory, context, options),
    bucket: (resolver, location) => resolver.download(location, directory, context),
  });
}

/** Reads files of a module on a web server. */
export async function readExcerptOverHttp(
  source: string,
  request: ExcerptRequest,
  context: Omit<DownloadContext, 'partials'>,
  options: HttpDownloadOptions,
): Promise<ModuleExcerpt> {
  return ask(source, context, options, {
    archive: (file) => readArchiveExcerpt(file, request, context, options),
    bucket: (resolver, location) => resolver.readExcerpt(location, request, context),
  });
}

/** Asks the host in one of the two ways, and hands on what it has: an archive, or the place of single files. */
async function ask<T>(
  source: string,
  context: Omit<DownloadContext, 'partials'>,
  options: HttpDownloadOptions,
  handOn: {
    archive: (file: RemoteFile) => Promise<T>;
    bucket: (resolver: ReturnType<typeof gcsResolver>, location: string) => Promise<T>;
  },
): Promise<T> {
  const { format, limits, tokens, allowInsecureRedirects = false, connectTimeout = 15_000 } = options;
  const client = openHttpClient(options);
  try {
    const address = formatUrl(source, format);
    const connection = { handle: context.handle, client, tokens, allowInsecureRedirects, connectTimeout };
    if (format === 'compressed') return await handOn.archive(httpFile(address, connection));
    const location = await askForLocation(address, context, connection, options);
    const resolver = gcsResolver({ ...options, ...options.gcs, limits: { ...limits, ...options.gcs?.limits } });
    return await handOn.bucket(resolver, location);
  } finally {
    client.close();
  }
}

const MAX_LOCATION = 4096;

/** Where the module's files lie: a host answers with status 303 and a `gs://` address as its body. */
async function askForLocation(
  address: string,
  { handle, signal, onRetry }: Pick<DownloadContext, 'handle' | 'signal' | 'onRetry'>,
  connection: Omit<Parameters<typeof request>[2], 'signal' | 'attempt'>,
  options: HttpDownloadOptions,
): Promise<string> {
  const { responseTimeout = 60_000 } = options;
  const retries = new Retries(handle, options, signal, onRetry);
  for (;;) {
    const { attempt } = retries;
    try {
      const timed = AbortSignal.any([signal, AbortSignal.timeout(responseTimeout)]);
      const requestOptions = { ...connection, attempt, signal: timed };
      const answer = await request(address, {}, requestOptions, 303);
      if (answer.status >= 400) throw await statusError(answer, requestOptions);
      const text = await beginningOf(answer, MAX_LOCATION);
      const location = text.toString('utf8').trim();
      if (answer.status === 303 && /^gs:\/\/[^\s]+$/.test(location) && text.length < MAX_LOCATION) return location;
      throw new UncompressedLocationError(handle, answer.url, answer.status, previewOf(text));
    } catch (error) {
      await retries.next(explainTimeout(error));
    }
  }
  function explainTimeout(error: unknown): Error {
    signal.throwIfAborted();
    const isTimeout = (error as Error).name === 'TimeoutError';
    return isTimeout
      ? new DownloadTimeoutError(handle, displayUrl(address), 'response', responseTimeout, 0)
      : (error as Error);
  }
}
