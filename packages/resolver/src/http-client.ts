import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { bodyChunks } from './body-chunks.js';
import { isCertificateCheckDisabled } from './settings.js';

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
  close(): Promise<void>;
}

export async function openHttpClient(options: HttpClientOptions): Promise<HttpClient> {
  return options.fetch === undefined ? undiciClient(options) : fetchClient(options.fetch);
}

async function undiciClient(options: HttpClientOptions): Promise<HttpClient> {
  const undici = await import('undici');
  const dispatcher = makeDispatcher(undici, options);
  return {
    async get(url, headers, signal) {
      // Time-outs are kept by the caller, who knows what to say of them.
      const unlimited = { headersTimeout: 0, bodyTimeout: 0 };
      const answer = await undici.request(url, { dispatcher, headers, signal, ...unlimited });
      return {
        status: answer.statusCode,
        statusText: answer.statusText,
        header(name) {
          const value = answer.headers[name];
          return Array.isArray(value) ? value.join(', ') : value;
        },
        body: bodyChunks(answer.body),
      };
    },
    close: () => dispatcher.destroy(),
  };
}

function makeDispatcher(undici: typeof import('undici'), options: HttpClientOptions): Dispatcher {
  const { connectTimeout = 15_000, proxy } = options;
  const connect = { timeout: connectTimeout, ...trust(options.ca) };
  if (proxy === false) return new undici.Agent({ connect });
  const proxied = {
    connect,
    requestTls: connect,
    proxyTls: connect,
    // A plain request is handed to the proxy as it is; many proxies tunnel to port 443 alone.
    proxyTunnel: false,
  };
  return proxy === undefined
    ? new undici.EnvHttpProxyAgent(proxied)
    : new undici.ProxyAgent({ ...proxied, uri: proxy });
}

function trust(ca: string | readonly string[] = []): { ca?: string[]; rejectUnauthorized?: false } {
  if (isCertificateCheckDisabled()) {
    process.emitWarning(
      'Certificates are not checked, because TFHUB_DISABLE_CERT_VALIDATION is "true": anybody on the way can send other modules.',
      { type: 'SecurityWarning', code: 'TENON_NO_CERT_VALIDATION' },
    );
    return { rejectUnauthorized: false };
  }
  const own = typeof ca === 'string' ? [ca] : [...ca];
  const named = process.env['SSL_CERT_FILE'];
  if (named) own.push(readFileSync(named, 'utf8'));
  // Naming any authority replaces all that Node knows, the additional ones among them.
  if (own.length === 0) return {};
  const additional = process.env['NODE_EXTRA_CA_CERTS'];
  if (additional) own.push(readFileSync(additional, 'utf8'));
  return { ca: [...rootCertificates, ...own] };
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
    close: async () => undefined,
  };
}

function isDecoded(answer: Response): boolean {
  return !['', 'identity'].includes(answer.headers.get('content-encoding') ?? '');
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A fetch of somebody's own may answer without a body.
}
