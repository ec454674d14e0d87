import { describe, expect, it } from '@jest/globals';
import { isCertificateCheckDisabled, isOffline, loadFormat } from './settings.js';

describe('settings', () => {
  it.each([
    [undefined, 'compressed'],
    ['', 'compressed'],
    ['AUTO', 'compressed'],
    ['COMPRESSED', 'compressed'],
    ['UNCOMPRESSED', 'uncompressed'],
  ])('TFHUB_MODEL_LOAD_FORMAT=%s means %s', (value, format) => {
    expect(loadFormat({ TFHUB_MODEL_LOAD_FORMAT: value })).toBe(format);
  });

  it('TFHUB_MODEL_LOAD_FORMAT has no other values', () => {
    expect(() => loadFormat({ TFHUB_MODEL_LOAD_FORMAT: 'uncompressed' })).toThrow(
      'TFHUB_MODEL_LOAD_FORMAT is "uncompressed"; it may be AUTO, COMPRESSED, or UNCOMPRESSED, or unset.',
    );
  });

  it.each([
    [undefined, false],
    ['', false],
    ['0', false],
    ['False', false],
    ['1', true],
    ['true', true],
    ['yes', true],
  ])('TENON_OFFLINE=%s means %s', (value, offline) => {
    expect(isOffline({ TENON_OFFLINE: value })).toBe(offline);
  });

  it.each([
    [undefined, false],
    ['1', false],
    ['TRUE', false],
    ['true', true],
  ])('TFHUB_DISABLE_CERT_VALIDATION=%s means %s', (value, disabled) => {
    expect(isCertificateCheckDisabled({ TFHUB_DISABLE_CERT_VALIDATION: value })).toBe(disabled);
  });
});
