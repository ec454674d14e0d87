import { describe, expect, it } from '@jest/globals';
import { modulePath, tenon } from './testing/run-command.js';

describe('tenon', () => {
  it.each([[['--help']], [['-h']], [['help']], [['run', '--help']], [['inspect', '-h']], [['pull', 'x', '--help']]])(
    'prints help for %j',
    async (args) => {
      const { status, stdout, stderr } = await tenon(args);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Usage: tenon /);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    },
  );

  it.each([[[]], [['frob']], [['toString']], [['--frob']]])('ends with 2 for %j', async (args) => {
    const { status, stdout, stderr } = await tenon(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/run, inspect/);
  });

  it('pulls: prints the path, and nothing else', async () => {
    const path = modulePath('half-plus-two');
    expect(await tenon(['pull', path])).toEqual({ status: 0, stdout: `${path}\n`, stderr: '' });
    expect(await tenon(['pull'])).toMatchObject({ status: 2 });
    expect(await tenon(['pull', 'ftp://host/module'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/ERR_UNSUPPORTED_HANDLE/) as unknown,
    });
  });
});
