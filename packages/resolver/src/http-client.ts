import { nodeHttpClient } from './node-http-client.js';

/** An answer, redirects included, before its body. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** @param name in lower case. */
  header(name: string): string | undefined;
  /** As it comes over the network. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpClientOptions {
  /** How long to wait for a connection, in milliseconds. Default: 15 seconds. */
  readonly connectTimeout?: number;
  /**
   * Certificates in PEM form that are trusted, too. Node's own, and those that the files in the variables `NODE_EXTRA_CA_CERTS` and
   * `SSL_CERT_FILE` hold, stay.
   */
  readonly ca?: string | readonly string[];
  /** The URL of a proxy for everything; false for none. Default: as `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say, in either case. */
  readonly proxy?: string | false;
  /** Makes the requests instead of this package, which then knows nothing of connections, proxies and certificates. */
  readonly fetch?: typeof fetch;
}

/** Makes single requests; what to make of the answers is left to others. */
export interface HttpClient {
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

export function openHttpClient(options: HttpClientOptions): HttpClient {
  return options.fetch === undefined ? nodeHttpClient(options) : fetchClient(options.fetch);
}

function fetchClient(fetch: NonNullable<HttpClientOptions['fetch']>): HttpClient {
  return {
    async get(url, headers, signal) {
      const answer = await fetch(url, { headers, signal, redirect: 'manual' });
      return {
        status: answer.status,
        statusText: answer.statusText,
        // Whoever decodes the body takes the lengths of what was encoded for nobody's.
        header: (name) =>
          isDecoded(answer) && ['content-encoding', 'content-length'].includes(name)
            ? undefined
            : (answer.headers.get(name) ?? undefined),
        body: (answer.body as AsyncIterable<Uint8Array> | null) ?? nothing(),
      };
    },
    close: () => undefined,
  };
}

function isDecoded(answer: Response): boolean {
  return !['', 'identity'].includes(answer.headers.get('content-encoding') ?? '');
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A fetch of somebody's own may answer without a body.
}
