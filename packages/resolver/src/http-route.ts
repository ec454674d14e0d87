import type { RequestOptions } from 'node:http';

/** Where a request is sent to, and as what. */
export type Route = RequestOptions & {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
};

/** The way to a URL by itself. */
export function routeTo(url: URL): Route {
  const isSecure = url.protocol === 'https:';
  return {
    protocol: isSecure ? 'https:' : 'http:',
    // Brackets belong to addresses in URLs.
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isSecure ? 443 : 80),
    path: `${url.pathname}${url.search}`,
  };
}
