import { describe, expect, it } from '@jest/globals';
import { proxyFor } from './proxy-for.js';

describe('proxyFor', () => {
  const proxyOf = (url: string, environment: NodeJS.ProcessEnv, option?: string | false) =>
    proxyFor(new URL(url), option, environment)?.href;

  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ['http://a.example/', {}, undefined],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', http_proxy: 'http://q:1' }, 'http://q:1/'],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', http_proxy: '' }, undefined],
    ['http://a.example/', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://a.example/', { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'https://s:1' }, 'https://s:1/'],
    ['https://a.example/', { HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
    ['http://a.example/', { HTTP_PROXY: 'p.example:3128' }, 'http://p.example:3128/'],
  ])('goes to %s with %j by %s', (url, environment, expected) => {
    expect(proxyOf(url, environment)).toBe(expected);
  });

  it('takes an option before the variables', () => {
    expect(proxyOf('http://a.example/', { HTTP_PROXY: 'http://p:1' }, 'http://q:1')).toBe('http://q:1/');
    expect(proxyOf('http://a.example/', { HTTP_PROXY: 'http://p:1' }, false)).toBeUndefined();
    expect(proxyOf('http://a.example/', { NO_PROXY: '*' }, 'http://q:1')).toBe('http://q:1/');
  });

  it.each<[string, string, boolean]>([
    ['http://a.example/', '*', true],
    ['http://a.example/', 'a.example', true],
    ['http://A.example/', 'b.example, A.EXAMPLE', true],
    ['http://sub.a.example/', 'a.example', true],
    ['http://sub.a.example/', '.a.example', true],
    ['http://sub.a.example/', '*.a.example b.example', true],
    ['http://nota.example/', 'a.example', false],
    ['http://a.example/', 'sub.a.example', false],
    ['http://a.example/', '', false],
    ['http://a.example/', ',', false],
    ['http://a.example/', 'a.example:80', true],
    ['https://a.example/', 'a.example:80', false],
    ['https://a.example:8443/', 'a.example:8443', true],
    ['http://127.0.0.1:8501/', '127.0.0.1', true],
    ['http://[::1]:8501/', '[::1]', true],
    ['http://[::1]:8501/', '[::1]:8501', true],
    ['http://[::1]:8501/', '::1', true],
    ['http://[::1]:8501/', '[::1]:80', false],
  ])('goes to %s directly where NO_PROXY is "%s": %s', (url, list, isDirect) => {
    expect(proxyOf(url, { HTTP_PROXY: 'http://p:1', NO_PROXY: list }) === undefined).toBe(isDirect);
  });

  it('refuses proxies that are none for HTTP, without showing their passwords', () => {
    const environment = { HTTP_PROXY: 'socks5://user:secret@p:1' };
    expect(() => proxyOf('http://a.example/', environment)).toThrow('the proxy socks5://p:1 is none for HTTP');
  });
});
