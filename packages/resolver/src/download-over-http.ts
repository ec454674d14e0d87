import type { FileRecord } from '@tenon/cache';
import type { ArchiveLimits } from './archive-limits.js';
import { displayUrl } from './display-url.js';
import { downloadArchive } from './download-archive.js';
import { DownloadTimeoutError, UncompressedLocationError } from './errors.js';
import { formatUrl } from './format-url.js';
import { gcsResolver } from './gcs-resolver.js';
import { openHttpClient } from './http-client.js';
import { httpFile } from './http-file.js';
import { beginningOf, request, statusError } from './http-requests.js';
import type { HttpResolverOptions } from './http-resolver.js';
import { previewOf } from './preview.js';
import type { DownloadContext } from './resolver.js';
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
  const { format, limits, tokens, allowInsecureRedirects = false, connectTimeout = 15_000 } = options;
  const client = await openHttpClient(options);
  try {
    const address = formatUrl(source, format);
    const connection = { handle: context.handle, client, tokens, allowInsecureRedirects, connectTimeout };
    if (format === 'compressed') {
      return await downloadArchive(httpFile(address, connection), directory, context, options);
    }
    const location = await askForLocation(address, context, connection, options);
    return await gcsResolver({ ...options, ...options.gcs, limits: { ...limits, ...options.gcs?.limits } }).download(
      location,
      directory,
      context,
    );
  } finally {
    await client.close();
  }
}

const MAX_LOCATION = 4096;

/** Where the module's files lie: a host answers with status 303 and a `gs://` address as its body. */
async function askForLocation(
  address: string,
  { handle, signal, onRetry }: DownloadContext,
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
