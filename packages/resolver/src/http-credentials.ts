/**
 * Bearer tokens by host, or by origin. A token for `models.example.com` goes to `https://models.example.com` and nowhere else: not to
 * hosts it redirects to, not to other ports, not in the clear. `http://models.lan:8080` names a host that is to get one in the clear.
 */
export type Tokens = Readonly<Record<string, string>>;

/** What proves to a host who is asking, if anything does. A user and password in the handle are for its own host alone. */
export function authorizationFor(url: URL, handle: URL, tokens: Tokens = {}): string | undefined {
  for (const [place, token] of Object.entries(tokens)) {
    const origin = /^https?:\/\//i.test(place) ? place : `https://${place}`;
    if (URL.canParse(origin) && new URL(origin).origin === url.origin) return `Bearer ${token}`;
  }
  if (url.origin !== handle.origin || (handle.username === '' && handle.password === '')) return undefined;
  const pair = `${decodeURIComponent(handle.username)}:${decodeURIComponent(handle.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
