import { describe, expect, it } from '@jest/globals';
import { Tensor, tensorFrom } from '@tenon/tensor';
import { checkCandidate } from '../doctor/check-candidate.js';
import { differenceOf } from '../doctor/differences.js';
import { formatReport } from '../doctor/format-report.js';
import { TOLERANCE, type DoctorReport } from '../doctor/report.js';
import { tenon } from '../testing/run-command.js';

describe('tenon doctor', () => {
  it('finds that what is installed computes what TensorFlow computes', async () => {
    const { status, stdout, stderr } = await tenon(['doctor', '--only', 'host,onnx:cpu,tfjs:wasm', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const { node, checks } = JSON.parse(stdout) as DoctorReport;
    expect(node).toBe(process.versions.node);
    expect(checks.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['host', 'right'],
      ['onnx:cpu', 'right'],
      ['tfjs:wasm', 'right'],
    ]);
    const [host, onnx, tfjs] = checks;
    expect(host!.modules!.length).toBeGreaterThanOrEqual(5);
    expect(host!.modules!.every(({ onBackend }) => onBackend === 0)).toBe(true);
    expect(onnx!.version).toMatch(/^\d+\.\d+/);
    for (const { modules } of [onnx!, tfjs!])
      expect(modules!.filter(({ onBackend }) => onBackend > 20).map(({ name }) => name)).toEqual(
        expect.arrayContaining(['mobilenet-v2-small-finetuned', 'tf2-keras3-cnn']),
      );
    for (const { largestDifference } of checks.flatMap(({ modules }) => modules!))
      expect(largestDifference).toBeLessThan(1e-5);
  }, 60_000);

  it('says which providers do not load, and fails where they were asked for', async () => {
    const { status, stdout, stderr } = await tenon(['doctor', '--only', 'onnx:tensorrt']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/\nonnx:tensorrt [\d.]+: does not load here\n {2}ONNX Runtime cannot use .*"tensorrt"/);
    expect(stderr).toMatch(/ERR_DOCTOR: .*onnx:tensorrt \(unavailable\)/);
  }, 60_000);

  it('refuses what it does not know', async () => {
    expect(await tenon(['doctor', '--only', 'abacus'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/"abacus" cannot be checked; there are host, onnx:cpu/) as unknown,
    });
    expect(await tenon(['doctor', 'x'])).toMatchObject({ status: 2 });
    await expect(checkCandidate('onnx')).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });

  it('shows what is wrong', () => {
    const text = formatReport({
      tenon: '1.0.0',
      node: '20.0.0',
      platform: 'linux x64',
      checks: [
        {
          name: 'onnx:cuda',
          version: '1.30.0',
          outcome: 'wrong',
          reason: 'm is off by more than numbers say',
          modules: [
            { name: 'm', largestDifference: null, onBackend: 1, operations: 2, firstCall: 3, nextCall: 4 },
            {
              name: 'n',
              largestDifference: null,
              onBackend: 0,
              operations: 0,
              firstCall: 0,
              nextCall: 0,
              error: 'ERR_X: y',
            },
          ],
        },
        { name: 'onnx:webgpu', outcome: 'crashed', reason: 'SIGSEGV' },
      ],
    });
    expect(text).toMatch(
      /onnx:cuda 1\.30\.0: WRONG\n {2}m is off .*\n.*largest difference.*\n {2}m +∞ +1 of 2 +3 ms +4\.0 ms\n {2}n +failed\n/,
    );
    expect(text).toMatch(/onnx:webgpu: CRASHED\n {2}SIGSEGV\n/);
  });
});

describe('differenceOf', () => {
  const floats = (...values: number[]) => tensorFrom(values, 'float32');
  it.each<[string, unknown, Tensor, number]>([
    ['the same', floats(1, NaN, Infinity), floats(1, NaN, Infinity), 0],
    ['small differences', floats(100, 1), floats(99, 1), 1 / 100],
    ['what is no number', floats(NaN), floats(1), Infinity],
    ['another shape', floats(1, 2), floats(1, 2).reshape([2, 1]), Infinity],
    ['another type', floats(1), tensorFrom([1], 'int32'), Infinity],
    ['nothing', undefined, floats(1), Infinity],
    ['other integers', tensorFrom([1n], 'int64'), tensorFrom([2n], 'int64'), Infinity],
    ['the same texts', tensorFrom(['a', 'b'], 'string'), tensorFrom(['a', 'b'], 'string'), 0],
    ['other texts', tensorFrom(['a', 'c'], 'string'), tensorFrom(['a', 'b'], 'string'), Infinity],
  ])('of %s', (_, actual, expected, difference) => {
    expect(differenceOf(actual, expected)).toBeCloseTo(difference, 6);
  });
  it('is compared with what rounding explains', () => {
    expect(differenceOf(floats(1.01), floats(1))).toBeGreaterThan(TOLERANCE);
    expect(differenceOf(floats(1.0001), floats(1))).toBeLessThan(TOLERANCE);
  });
});
