import { StringArray, Tensor } from '@tenon/tensor';
import type { KernelDefinition } from '../kernel.js';
import { StringArrayBuilder } from './string-array-builder.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** For every byte, the byte of the other case; bytes that are no ASCII letters stand for themselves. */
function caseTable(first: string, toFirst: string): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (let i = 0; i < 26; i++) table[first.charCodeAt(0) + i] = toFirst.charCodeAt(0) + i;
  return table;
}

function mapBytes({ bytes, offsets }: StringArray, table: Uint8Array): StringArray {
  const start = offsets[0]!;
  const mapped = new Uint8Array(bytes.length);
  for (let i = start; i < bytes.length; i++) mapped[i] = table[bytes[i]!]!;
  return new StringArray(mapped, offsets);
}

/** Whether there are only ASCII characters, and no NUL. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (((bytes[i]! - 1) & 0xff) > 0x7e) return false;
  return true;
}

/** Whole elements are mapped at once: some letters become several, and the final sigma depends on what stands around it. */
function mapUnicode(strings: StringArray, table: Uint8Array, map: (text: string) => string): StringArray {
  const { bytes, offsets } = strings;
  if (isPlain(bytes, offsets[0]!, offsets[strings.length]!)) return mapBytes(strings, table);
  const builder = new StringArrayBuilder(bytes.length, strings.length);
  for (let i = 0; i < strings.length; i++) {
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    if (isPlain(bytes, start, end)) {
      for (let at = start; at < end; at++) builder.appendByte(table[bytes[at]!]!);
    } else {
      // TensorFlow hands a C string to ICU, which ends at the first NUL.
      const nul = bytes.subarray(start, end).indexOf(0);
      builder.appendAll(encodeUtf8(map(decodeUtf8(bytes, start, nul < 0 ? end : start + nul))));
    }
    builder.end();
  }
  return builder.build();
}

function caseKernel(type: string, table: Uint8Array, map: (text: string) => string): KernelDefinition {
  return {
    type,
    unsupported: (operation) => unsupportedEncoding(operation.string('encoding')),
    prepare(operation) {
      const isUnicode = operation.string('encoding') === 'utf-8';
      return ([input]) => {
        const strings = input!.data as StringArray;
        return [
          new Tensor('string', input!.shape, isUnicode ? mapUnicode(strings, table, map) : mapBytes(strings, table)),
        ];
      };
    },
  };
}

function unsupportedEncoding(encoding: string): string | undefined {
  return encoding === '' || encoding === 'utf-8' ? undefined : `encoding ${JSON.stringify(encoding)}`;
}

export const caseKernels: readonly KernelDefinition[] = [
  caseKernel('StringLower', caseTable('A', 'a'), (text) => text.toLowerCase()),
  caseKernel('StringUpper', caseTable('a', 'A'), (text) => text.toUpperCase()),
];
