import { describe, expect, it } from '@jest/globals';
import { displayUrl } from './display-url.js';

describe('displayUrl', () => {
  it.each([
    ['https://example.com/m/1?lang=en#top', 'https://example.com/m/1?lang=en#top'],
    ['https://user:pass@example.com/m', 'https://example.com/m'],
    ['https://token@example.com:8443/m@2', 'https://example.com:8443/m@2'],
    ['https://a@b@example.com/m', 'https://example.com/m'],
    [
      'https://s3.example/m?X-Amz-Credential=a%2Fb&X-Amz-Date=1&X-Amz-Signature=c',
      'https://s3.example/m?X-Amz-Credential=***&X-Amz-Date=1&X-Amz-Signature=***',
    ],
    ['https://blob.example/m?sv=1&sig=abc', 'https://blob.example/m?sv=1&sig=***'],
    ['https://example.com/m?access_token=abc#x', 'https://example.com/m?access_token=***#x'],
    ['models/user@2', 'models/user@2'],
    ['s3://key:secret@bucket/m', 's3://bucket/m'],
  ])('shows %s as %s', (url, shown) => {
    expect(displayUrl(url)).toBe(shown);
  });
});
