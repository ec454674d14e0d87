import type { Readable } from 'node:stream';
import type { GetObjectCommandInput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { bodyChunks } from './body-chunks.js';
import { HostUnreachableError, HttpStatusError } from './errors.js';
import { importClient } from './import-client.js';
import type { Bucket } from './object-store.js';

/** @throws MissingClientError. */
export async function openS3Bucket(
  handle: string,
  name: string,
  clientOptions: Readonly<Record<string, unknown>> = {},
): Promise<Bucket & { readonly close: () => void }> {
  const sdk = await importClient(handle, '@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'));
  const config: S3ClientConfig = {
    region: process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    followRegionRedirects: true,
    // Retries are counted, waited for and told of in one place.
    maxAttempts: 1,
    ...clientOptions,
  };
  let client = new sdk.S3Client(config);
  const urlOf = (path: string) => `s3://${name}/${path}`;

  async function send<T>(url: string, attempt: number, call: (client: S3Client) => Promise<T>): Promise<T> {
    try {
      return await call(client).catch((error: unknown) => {
        if ((error as Error).name !== 'CredentialsProviderError') throw error;
        client.destroy();
        client = new sdk.S3Client({ ...config, signer: { sign: async (request) => request } });
        return call(client);
      });
    } catch (error) {
      throw explain(error, handle, url, attempt);
    }
  }

  const getObject = (path: string, extra: Partial<GetObjectCommandInput>, attempt: number, signal: AbortSignal) =>
    send(urlOf(path), attempt, (client) =>
      client.send(new sdk.GetObjectCommand({ Bucket: name, Key: path, ...extra }), { abortSignal: signal }),
    );

  return {
    async *list(prefix, signal, attempt) {
      let token: string | undefined;
      do {
        const input = { Bucket: name, Prefix: prefix, ...(token !== undefined && { ContinuationToken: token }) };
        const page = await send(urlOf(prefix), attempt, (client) =>
          client.send(new sdk.ListObjectsV2Command(input), { abortSignal: signal }),
        );
        for (const { Key, Size } of page.Contents ?? []) yield { name: Key ?? '', size: Size ?? NaN };
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    file: (path) => ({
      url: urlOf(path),
      async open({ offset, validator, attempt, signal }) {
        const rest =
          offset > 0 && validator !== undefined ? { Range: `bytes=${offset}-`, IfMatch: validator } : undefined;
        const answer = await getObject(path, rest ?? {}, attempt, signal).catch((error: unknown) => {
          // The object is another by now, or has no such part.
          const isOther = error instanceof HttpStatusError && [412, 416].includes(error.status);
          if (rest === undefined || !isOther) throw error;
          return getObject(path, {}, attempt, signal);
        });
        const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '') ?? [];
        return {
          url: urlOf(path),
          status: answer.$metadata.httpStatusCode ?? 200,
          contentType: answer.ContentType,
          contentEncoding: undefined,
          offset: Number(start ?? 0),
          total: total === undefined ? answer.ContentLength : Number(total),
          validator: answer.ETag,
          isSeekable: true,
          body: bodyChunks(answer.Body as Readable),
        };
      },
    }),
    close: () => client.destroy(),
  };
}

function explain(error: unknown, handle: string, url: string, attempt: number): unknown {
  if (!(error instanceof Error)) return error;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: unknown };
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return new HttpStatusError(handle, url, status, error.name, error.message, attempt);
  return typeof code === 'string' ? new HostUnreachableError(handle, url, code, error, attempt) : error;
}
