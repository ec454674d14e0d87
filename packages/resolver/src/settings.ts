import { SettingError } from './errors.js';

/** What a host is asked for: an archive of the module, or where its files lie in an object store. */
export type LoadFormat = 'compressed' | 'uncompressed';

/**
 * `TFHUB_MODEL_LOAD_FORMAT`, as Python's tensorflow_hub has it: AUTO, the default, means COMPRESSED.
 * @throws SettingError for any other value.
 */
export function loadFormat(environment: NodeJS.ProcessEnv = process.env): LoadFormat {
  const value = environment['TFHUB_MODEL_LOAD_FORMAT'];
  switch (value) {
    case undefined:
    case '':
    case 'AUTO':
    case 'COMPRESSED':
      return 'compressed';
    case 'UNCOMPRESSED':
      return 'uncompressed';
    default:
      throw new SettingError('TFHUB_MODEL_LOAD_FORMAT', value, ['AUTO', 'COMPRESSED', 'UNCOMPRESSED']);
  }
}

/** `TENON_OFFLINE`: anything but nothing, `0` and `false`. */
export function isOffline(environment: NodeJS.ProcessEnv = process.env): boolean {
  return !['', '0', 'false'].includes(environment['TENON_OFFLINE']?.toLowerCase() ?? '');
}

/** `TFHUB_DISABLE_CERT_VALIDATION`, as Python has it: exactly `true`, nothing else. */
export function isCertificateCheckDisabled(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment['TFHUB_DISABLE_CERT_VALIDATION'] === 'true';
}
