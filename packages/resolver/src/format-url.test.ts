import { describe, expect, it } from '@jest/globals';
import { formatUrl } from './format-url.js';

describe('formatUrl', () => {
  // Truth: HttpCompressedFileResolver()._append_compressed_format_query(handle) of tensorflow_hub 0.16.1.
  it.each([
    ['https://example.com/module/1', 'https://example.com/module/1?tf-hub-format=compressed'],
    ['https://example.com/module/1/', 'https://example.com/module/1/?tf-hub-format=compressed'],
    ['https://example.com/m?x=1', 'https://example.com/m?x=1&tf-hub-format=compressed'],
    ['https://example.com/m?x=1&empty=&flag&y=a%20b+c', 'https://example.com/m?x=1&y=a+b+c&tf-hub-format=compressed'],
    [
      "https://example.com/m?q=%C3%A9&z=~*!()'/-_.",
      'https://example.com/m?q=%C3%A9&z=~%2A%21%28%29%27%2F-_.&tf-hub-format=compressed',
    ],
    ['https://example.com/m#top', 'https://example.com/m?tf-hub-format=compressed#top'],
    ['https://example.com/m?a=1#top', 'https://example.com/m?a=1&tf-hub-format=compressed#top'],
    ['https://example.com/m?', 'https://example.com/m?tf-hub-format=compressed'],
    ['https://example.com/m?a=%zz&b=%ff', 'https://example.com/m?a=%25zz&b=%EF%BF%BD&tf-hub-format=compressed'],
    ['https://example.com/m?a=1&a=2', 'https://example.com/m?a=1&a=2&tf-hub-format=compressed'],
    ['https://example.com/m?=v', 'https://example.com/m?=v&tf-hub-format=compressed'],
    ['https://example.com/m?a=1;b=2', 'https://example.com/m?a=1%3Bb%3D2&tf-hub-format=compressed'],
    [
      'https://example.com/m?tf-hub-format=uncompressed',
      'https://example.com/m?tf-hub-format=uncompressed&tf-hub-format=compressed',
    ],
    [
      'https://example.com/m?u=http://x/?y=1',
      'https://example.com/m?u=http%3A%2F%2Fx%2F%3Fy%3D1&tf-hub-format=compressed',
    ],
    ['https://example.com/%C3%A9;p=1?é=ü', 'https://example.com/%C3%A9;p=1?%C3%A9=%C3%BC&tf-hub-format=compressed'],
  ])('asks for %s as Python does', (handle, url) => {
    expect(formatUrl(handle, 'compressed')).toBe(url);
  });
});
