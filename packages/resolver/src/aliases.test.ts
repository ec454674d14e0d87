import { describe, expect, it } from '@jest/globals';
import { sourcesOf } from './aliases.js';

describe('sourcesOf', () => {
  const aliases = {
    'https://tfhub.dev/google/*/1': 'https://old.example/*',
    'https://tfhub.dev/*': ['https://tfhub.dev/*', 's3://models/*.tar.gz', './models/*'],
    'https://example.com/exact': 'https://example.com/other',
    'short*rt': 'matched',
  };

  it.each([
    ['https://tfhub.dev/google/m/1', ['https://old.example/m']],
    [
      'https://tfhub.dev/google/m/2',
      ['https://tfhub.dev/google/m/2', 's3://models/google/m/2.tar.gz', './models/google/m/2'],
    ],
    ['https://tfhub.dev/$&', ['https://tfhub.dev/$&', 's3://models/$&.tar.gz', './models/$&']],
    ['https://example.com/exact', ['https://example.com/other']],
    ['https://example.com/exact/', ['https://example.com/exact/']],
    ['short', ['short']],
    ['shortrt', ['matched']],
    ['./path', ['./path']],
  ])('of %s are %j', (handle, sources) => {
    expect(sourcesOf(handle, aliases)).toEqual(sources);
  });

  // Truth: HttpCompressedFileResolver of tensorflow_hub 0.16.1.
  it('know where TensorFlow Hub has its archives for China', () => {
    expect(sourcesOf('https://hub.tensorflow.google.cn/google/nnlm-en-dim128/1')).toEqual([
      'https://gcs.tensorflow.google.cn/tfhub-modules/google/nnlm-en-dim128/1.tar.gz',
    ]);
  });

  it.each(['https://tfhub.dev/../../etc', 'https://tfhub.dev/a/..', 'https://tfhub.dev/..\\a'])(
    'do not let %s out of a folder',
    (handle) => {
      expect(sourcesOf(handle, { 'https://tfhub.dev/*': './models/*' })).toEqual([handle]);
    },
  );

  it.each([
    ['two *', { 'a*b*': 'c' }],
    ['a * that nothing stands for', { abc: 'd*' }],
    ['no place', { 'a*': [] }],
  ])('refuse %s', (_, table) => {
    expect(() => sourcesOf('abc', table)).toThrow(expect.objectContaining({ code: 'ERR_ALIAS' }));
  });
});
