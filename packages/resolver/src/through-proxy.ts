import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { routeTo, type Route } from './http-route.js';

/** A plain request, for a proxy to pass on. */
export function forwarded(url: URL, proxy: URL): Route {
  return { ...routeTo(proxy), path: url.href, headers: { host: url.host, ...authorizationOf(proxy) } };
}

/** A connection to the host of a URL that the proxy passes bytes along, whatever they are. */
export function openTunnel(url: URL, proxy: URL, trusted: ConnectionOptions, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? requestSecure : requestPlain)({
      ...routeTo(proxy),
      ...trusted,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorizationOf(proxy) },
      agent: false,
      signal,
    });
    request.on('connect', ({ statusCode }: IncomingMessage, socket: Socket, head: Buffer) => {
      if (statusCode === 200) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} answered ${statusCode} when it was asked for ${target}`));
      }
    });
    request.on('error', reject);
    request.on('close', () => reject(new Error(`the proxy ${proxy.host} hung up when it was asked for ${target}`)));
    request.end();
  });
}

/** A secure connection through a tunnel, with the host at its other end. */
export function secureThrough(tunnel: Socket, url: URL, trusted: ConnectionOptions): TLSSocket {
  const { hostname: host } = routeTo(url);
  // An address is no server's name.
  return connect({ ...trusted, socket: tunnel, host, ...(isIP(host) === 0 && { servername: host }) });
}

function authorizationOf({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
