import { describe, expect, it } from '@jest/globals';
import { formatProgress, progressBar } from './progress-bar.js';

const handle = 'https://example.com/google/nnlm/1';

describe('progressBar', () => {
  const draw = (stream: { isTTY?: boolean; columns?: number }, environment: NodeJS.ProcessEnv = {}) => {
    let text = '';
    const bar = progressBar({ ...stream, write: (part: string) => (text += part) }, environment);
    bar.update({ handle, received: 0, total: 1000 });
    bar.update({ handle, received: 1, total: 1_000_000 });
    bar.update({ handle, received: 2, total: 1_000_000 });
    bar.update({ handle, received: 1_000_000, total: 1_000_000 });
    bar.end();
    bar.end();
    return text;
  };

  it('rewrites one line on a terminal, and ends it', () => {
    const lines = draw({ isTTY: true, columns: 100 }).split('\r');
    expect(lines.map((line) => line.trimEnd())).toEqual([
      '',
      `${handle}  [------------------------]   0 %  0 B of 1.0 kB`,
      `${handle}  [------------------------]   0 %  1 B of 1.0 MB`,
      `${handle}  [------------------------]   0 %  2 B of 1.0 MB`,
      `${handle}  [########################] 100 %  1.0 MB of 1.0 MB`,
    ]);
    expect(lines.at(-1)).toMatch(/\n$/);
    expect(draw({ isTTY: true, columns: 100 }).match(/\n/g)).toHaveLength(1);
  });

  it('is silent elsewhere, unless asked for', () => {
    expect(draw({})).toBe('');
    expect(draw({ isTTY: false }, { TFHUB_DOWNLOAD_PROGRESS: '' })).toBe('');
    expect(draw({}, { TFHUB_DOWNLOAD_PROGRESS: '1' })).toContain('100 %');
  });

  it('writes nothing for a download that never began', () => {
    let text = '';
    progressBar({ isTTY: true, write: (part) => (text += part) }).end();
    expect(text).toBe('');
  });
});

describe('formatProgress', () => {
  it('says how much came where the total is unknown', () => {
    expect(formatProgress({ handle, received: 12_345_678, total: undefined }, 80)).toBe(`${handle}  12.3 MB`);
  });

  it('fits the terminal, keeping the end of the handle', () => {
    for (const columns of [0, 10, 40, 60, 70, 80]) {
      const line = formatProgress({ handle, received: 5, total: 10 }, columns);
      expect(line.length).toBeLessThanOrEqual(columns);
    }
    expect(formatProgress({ handle, received: 5, total: 10 }, 70)).toMatch(
      /^….*nnlm\/1 {2}\[#{12}-{12}\] {2}50 %  5 B of 10 B$/,
    );
  });

  it('lets no control characters of a handle through', () => {
    expect(formatProgress({ handle: 'https://x/\x1b[2J', received: 0, total: undefined }, 80)).toBe(
      'https://x/[2J  0 B',
    );
  });
});
