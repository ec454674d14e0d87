import { brokenFile } from './picture.js';

const broken = (problem: string): Error => brokenFile('WAV', problem);

/** A decoded sound. */
export interface Sound {
  readonly sampleRate: number;
  readonly channels: number;
  /** Between -1 and 1, the channels of each moment together. */
  readonly samples: Float32Array;
}

/**
 * Decodes a WAV file of 16-bit samples.
 *
 * @throws InvalidArgumentError if the file is broken, or has samples of another kind.
 */
export function decodeWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || text(0) !== 'RIFF' || text(8) !== 'WAVE') throw broken('it does not begin as one');
  if (bytes.length < 36 || text(12) !== 'fmt ') throw broken('it has no format');
  const formatSize = view.getUint32(16, true);
  if (formatSize !== 16 && formatSize !== 18) throw broken(`its format has ${formatSize} bytes, not 16 or 18`);
  const encoding = view.getUint16(20, true);
  const channels = view.getUint16(22, true);
  const sampleRate = view.getUint32(24, true);
  const bytesPerSecond = view.getUint32(28, true);
  const bytesPerMoment = view.getUint16(32, true);
  const bits = view.getUint16(34, true);
  if (encoding !== 1 || bits !== 16)
    throw broken(`it has ${bits}-bit samples of encoding ${encoding}, not 16-bit integers`);
  if (channels === 0 || bytesPerMoment !== channels * 2 || bytesPerSecond !== bytesPerMoment * sampleRate)
    throw broken('its format contradicts itself');
  for (let at = 20 + formatSize; at + 8 <= bytes.length;) {
    const kind = text(at);
    const size = view.getUint32(at + 4, true);
    at += 8;
    if (kind !== 'data') {
      at += size;
      continue;
    }
    if (at + size > bytes.length) throw broken('it ends early');
    const count = Math.floor(size / bytesPerMoment) * channels;
    const samples = new Float32Array(count);
    for (let i = 0; i < count; i++) samples[i] = view.getInt16(at + 2 * i, true) / 32768;
    return { sampleRate, channels, samples };
  }
  throw broken('it has no samples');
}

/** Writes a WAV file of 16-bit samples; what is beyond -1 and 1 is cut off. */
export function encodeWav({ sampleRate, channels, samples }: Sound): Uint8Array {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string): void => {
    for (let i = 0; i < word.length; i++) bytes[at + i] = word.charCodeAt(i);
  };
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  for (let i = 0; i < samples.length; i++) {
    const scaled = samples[i]! * 32768;
    const rounded = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, rounded)), true);
  }
  return bytes;
}
