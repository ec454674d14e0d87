import { readFileSync } from 'node:fs';
import { Agent as PlainAgent, request as requestPlain, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as requestSecure } from 'node:https';
import { rootCertificates, type ConnectionOptions } from 'node:tls';
import { bodyChunks } from './body-chunks.js';
import type { HttpClient, HttpClientOptions } from './http-client.js';
import { routeTo, type Route } from './http-route.js';
import { proxyFor } from './proxy-for.js';
import { isCertificateCheckDisabled } from './settings.js';
import { forwarded, openTunnel, secureThrough } from './through-proxy.js';

/** There was no connection in time. */
export class ConnectTimeout extends Error {}

/** The connection is over, and nothing came of it. */
class NoAnswer extends Error {
  readonly code = 'ECONNRESET';
  constructor() {
    super('the connection was closed without an answer');
  }
}

/** Requests on Node's own connections, through a proxy where there is one. */
export function nodeHttpClient({ connectTimeout = 15_000, ca, proxy }: HttpClientOptions): HttpClient {
  const trusted = trust(ca);
  const agents = {
    'http:': new PlainAgent({ keepAlive: true }),
    'https:': new SecureAgent({ keepAlive: true, ...trusted }),
  };
  return {
    async get(url, headers, signal) {
      const connecting = new AbortController();
      const timer = setTimeout(() => connecting.abort(new ConnectTimeout()), connectTimeout);
      const either = AbortSignal.any([signal, connecting.signal]);
      const onConnection = () => clearTimeout(timer);
      try {
        const through = proxyFor(url, proxy);
        const route = through === undefined ? routeTo(url) : await viaProxy(url, through, trusted, either);
        const answer = await send(
          {
            ...(route.createConnection === undefined && { agent: agents[route.protocol] }),
            ...route,
            headers: { ...headers, ...route.headers },
            signal: either,
          },
          onConnection,
        );
        return {
          status: answer.statusCode ?? 0,
          statusText: answer.statusMessage ?? '',
          header(name) {
            const value = answer.headers[name];
            return Array.isArray(value) ? value.join(', ') : value;
          },
          body: bodyChunks(answer),
        };
      } catch (error) {
        throw either.aborted ? either.reason : error;
      } finally {
        onConnection();
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function viaProxy(url: URL, proxy: URL, trusted: ConnectionOptions, signal: AbortSignal): Promise<Route> {
  // A plain request is handed to the proxy as it is; many proxies tunnel to port 443 alone.
  if (url.protocol === 'http:') return forwarded(url, proxy);
  const tunnel = await openTunnel(url, proxy, trusted, signal);
  return { ...routeTo(url), createConnection: () => secureThrough(tunnel, url, trusted) };
}

function send(route: Route, onConnection: () => void): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isSecure = route.protocol === 'https:';
    const request = (isSecure ? requestSecure : requestPlain)(route);
    request.on('socket', (socket) => {
      // A connection of an earlier request.
      if (request.reusedSocket) onConnection();
      else socket.once(isSecure ? 'secureConnect' : 'connect', onConnection);
    });
    request.on('response', resolve);
    request.on('error', reject);
    // An answer that would change the protocol is neither of both.
    request.on('close', () => reject(new NoAnswer()));
    request.end();
  });
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
