/**
 * The proxy to ask for a URL: what the option says, else what the variables say that curl, Python and many others read, the lower-case
 * ones first.
 *
 * @throws Error for a proxy that is none for HTTP.
 * @returns undefined where there is none, or `NO_PROXY` names the URL's host.
 */
export function proxyFor(url: URL, option: string | false | undefined, environment = process.env): URL | undefined {
  if (option === false) return undefined;
  if (option !== undefined) return proxyAt(option);
  const variable = (name: string) => environment[name.toLowerCase()] ?? environment[name];
  const plain = variable('HTTP_PROXY');
  const proxy = url.protocol === 'https:' ? variable('HTTPS_PROXY') || plain : plain;
  return !proxy || isExcepted(url, variable('NO_PROXY') ?? '') ? undefined : proxyAt(proxy);
}

/** Whether a list names the host, or a domain that it is in: `example.com`, `.example.com`, `*.example.com:8080`; `*` names all. */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const actualPort = port || (protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      // Of an address with colons, none is a port's but what follows its brackets.
      const [, name = entry, onlyPort] = /^\*?\.?([^:]*|\[.*\])(?::(\d+))?$/.exec(entry) ?? [];
      if (onlyPort !== undefined && onlyPort !== actualPort) return false;
      const excepted = name.replace(/^\[|\]$/g, '');
      return host === excepted || host.endsWith(`.${excepted}`);
    });
}

function proxyAt(address: string): URL {
  const url = new URL(/^[a-z0-9]+:\/\//i.test(address) ? address : `http://${address}`);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new Error(`the proxy ${url.protocol}//${url.host} is none for HTTP`);
}
