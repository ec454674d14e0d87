import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { entryPaths } from './entry-paths.js';

describe('entryPaths', () => {
  // Truth: hashlib.sha1(handle.encode('utf8')).hexdigest(), as tensorflow_hub names its directories.
  it.each([
    ['https://tfhub.dev/google/nnlm-en-dim128/1', '32f2b2259e1cc8ca58c876921748361283e73997'],
    ['https://tfhub.dev/google/nnlm-en-dim128/1/', '832869029ebfb0fedd530be2ff5659d5983b6305'],
    ['https://example.com/é', '6348f103e4a7e39b1c8e1e6b2dfe5cca4f35719e'],
  ])('names the directory of %s as Python does', (handle, name) => {
    expect(entryPaths('/cache', handle).directory).toBe(join('/cache', name));
  });

  it('puts everything else beside the directory', () => {
    const { directory, ...paths } = entryPaths('/cache', 'https://example.com/m');
    expect(paths).toEqual({
      lock: `${directory}.lock`,
      descriptor: `${directory}.descriptor.txt`,
      manifest: `${directory}.manifest.json`,
      pin: `${directory}.pin`,
      temporary: expect.any(Function),
    });
    expect(paths.temporary('0123')).toBe(`${directory}.0123.tmp`);
  });
});
