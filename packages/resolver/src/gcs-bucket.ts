import type { GetFilesOptions, GetFilesResponse, Storage } from '@google-cloud/storage';
import { abortable } from './abortable.js';
import { HostUnreachableError, HttpStatusError } from './errors.js';
import type { HttpClient } from './http-client.js';
import { rangeOf } from './http-file.js';
import { request, statusError } from './http-requests.js';
import { importClient } from './import-client.js';
import type { Bucket } from './object-store.js';

export interface GcsBucketOptions {
  readonly clientOptions: Readonly<Record<string, unknown>> | undefined;
  readonly http: HttpClient;
  readonly connectTimeout: number;
}

/**
 * A bucket of Google's. Its client knows who is asking and what there is; contents are read without it, since its streams neither fail
 * nor end when a connection breaks.
 *
 * @throws MissingClientError.
 */
export async function openGcsBucket(
  handle: string,
  name: string,
  { clientOptions, http, connectTimeout }: GcsBucketOptions,
): Promise<Bucket> {
  const client = await importClient(handle, '@google-cloud/storage', () => import('@google-cloud/storage'));
  // Retries are counted, waited for and told of in one place.
  const storage = new client.Storage({ retryOptions: { autoRetry: false }, ...clientOptions });
  const bucket = storage.bucket(name);
  const urlOf = (path: string) => `gs://${name}/${path}`;
  return {
    async *list(prefix, signal, attempt) {
      let query: GetFilesOptions | undefined = { prefix };
      while (query !== undefined) {
        // The query for the next page forgets that it is to be one page.
        const page: Promise<GetFilesResponse> = bucket.getFiles({ ...query, autoPaginate: false });
        const [files, next]: GetFilesResponse = await abortable(page, signal).catch((error: unknown) => {
          throw explain(error, handle, urlOf(prefix), attempt);
        });
        for (const file of files) yield { name: file.name, size: Number(file.metadata.size) };
        query = next ?? undefined;
      }
    },
    file: (path) => ({
      url: urlOf(path),
      async open({ offset, validator, attempt, signal }) {
        const [metadata] = await abortable(bucket.file(path).getMetadata(), signal).catch((error: unknown) => {
          throw explain(error, handle, urlOf(path), attempt);
        });
        // A generation is one state of the object, and stays as it is.
        const generation = String(metadata.generation);
        const start = validator === generation ? offset : 0;
        const url = new URL(`${storage.baseUrl}/b/${encodeURIComponent(name)}/o/${encodeURIComponent(path)}`);
        url.searchParams.set('alt', 'media');
        url.searchParams.set('generation', generation);
        const token = await abortable(accessToken(storage, url, clientOptions), signal);
        const options = {
          handle,
          client: http,
          tokens: token === undefined ? undefined : { [url.origin]: token },
          allowInsecureRedirects: false,
          connectTimeout,
          signal,
          attempt,
        };
        // Objects that were stored gzipped would be unpacked on the way.
        const headers = { 'accept-encoding': 'gzip', ...(start > 0 && { range: `bytes=${start}-` }) };
        const answer = await request(url.href, headers, options);
        if (answer.status !== 200 && answer.status !== 206) throw await statusError(answer, options);
        return {
          url: urlOf(path),
          status: answer.status,
          contentType: metadata.contentType,
          contentEncoding: undefined,
          offset: answer.status === 206 ? (rangeOf(answer)?.start ?? NaN) : 0,
          total: Number(metadata.size),
          validator: generation,
          isSeekable: true,
          body: answer.body,
        };
      },
    }),
  };
}

/** What the client would prove with who is asking; undefined for a public bucket, and for endpoints that want nothing. */
async function accessToken(
  storage: Storage,
  url: URL,
  clientOptions: GcsBucketOptions['clientOptions'],
): Promise<string | undefined> {
  if (storage.customEndpoint && !clientOptions?.['useAuthWithCustomEndpoint']) return undefined;
  try {
    const headers = await storage.authClient.getRequestHeaders(url.href);
    return /^Bearer (.+)$/i.exec(new Headers({ ...headers }).get('authorization') ?? '')?.[1];
  } catch (error) {
    if (/Could not load the default credentials/.test((error as Error).message)) return undefined;
    throw error;
  }
}

function explain(error: unknown, handle: string, url: string, attempt: number): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (typeof code === 'number') return new HttpStatusError(handle, url, code, '', error.message, attempt);
  return typeof code === 'string' ? new HostUnreachableError(handle, url, code, error, attempt) : error;
}
