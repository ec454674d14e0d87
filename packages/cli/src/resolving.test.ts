import { describe, expect, it } from '@jest/globals';
import type { CommandIO } from './command-io.js';
import { withProgress } from './resolving.js';
import { modulePath, tenon } from './testing/run-command.js';

describe('handles', () => {
  it.each(['run', 'inspect', 'pull'])('are not asked for over the network by %s --offline', async (command) => {
    expect(await tenon([command, 'https://models.invalid/m', '--offline'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('https://models.invalid/m is not in the cache'),
    });
  });

  it('that are paths are there offline, too', async () => {
    const path = modulePath('half-plus-two');
    expect(await tenon(['pull', path, '--offline'])).toEqual({ status: 0, stdout: `${path}\n`, stderr: '' });
  });

  it.each([true, false])('that are tried again say why, on a terminal (%s)', async (isTTY) => {
    let text = '';
    const stderr = { isTTY, write: (part: string) => (text += part) };
    await withProgress({ stderr, env: {} } as unknown as CommandIO, async ({ onRetry }) => {
      const error = new Error('The connection was closed.');
      onRetry?.({ handle: 'https://models.invalid/m', error, attempts: 1, delay: 1500 });
    });
    expect(text).toBe(isTTY ? 'Attempt 2 follows in 2 s: The connection was closed.\n' : '');
  });
});
