import type { GetFilesOptions, GetFilesResponse } from '@google-cloud/storage';
import { abortable } from './abortable.js';
import { bodyChunks } from './body-chunks.js';
import { HostUnreachableError, HttpStatusError } from './errors.js';
import { importClient } from './import-client.js';
import type { Bucket } from './object-store.js';

/** @throws MissingClientError. */
export async function openGcsBucket(
  handle: string,
  name: string,
  clientOptions: Readonly<Record<string, unknown>> = {},
): Promise<Bucket> {
  const { Storage } = await importClient(handle, '@google-cloud/storage', () => import('@google-cloud/storage'));
  // Retries are counted, waited for and told of in one place.
  const storage = new Storage({ retryOptions: { autoRetry: false }, ...clientOptions });
  const bucket = storage.bucket(name);
  const urlOf = (path: string) => `gs://${name}/${path}`;
  return {
    async *list(prefix, signal, attempt) {
      let query: GetFilesOptions | null = { prefix, autoPaginate: false };
      while (query !== null) {
        const [files, next]: GetFilesResponse = await abortable(bucket.getFiles(query), signal).catch(
          (error: unknown) => {
            throw explain(error, handle, urlOf(prefix), attempt);
          },
        );
        for (const file of files) yield { name: file.name, size: Number(file.metadata.size) };
        query = next;
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
        const body = bucket
          .file(path, { generation })
          .createReadStream({ decompress: false, ...(start > 0 && { start }) });
        signal.addEventListener('abort', () => body.destroy(signal.reason as Error), { once: true });
        return {
          url: urlOf(path),
          status: start > 0 ? 206 : 200,
          contentType: metadata.contentType,
          contentEncoding: undefined,
          offset: start,
          total: Number(metadata.size),
          validator: generation,
          isSeekable: true,
          body: bodyChunks(body),
        };
      },
    }),
  };
}

function explain(error: unknown, handle: string, url: string, attempt: number): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  if (typeof code === 'number') return new HttpStatusError(handle, url, code, '', error.message, attempt);
  return typeof code === 'string' ? new HostUnreachableError(handle, url, code, error, attempt) : error;
}
