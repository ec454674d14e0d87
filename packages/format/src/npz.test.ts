import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { encodeBfloat16, StringArray, Tensor } from '@tenon/tensor';
import fc from 'fast-check';
import { InvalidTensorError, MalformedFileError, UnsupportedDTypeError } from './errors.js';
import { readNpy, readNpz, writeNpy, writeNpz } from './npz.js';
import { formatNpyHeader } from './npz/npy-header.js';
import { brokenBytes } from './testing/broken-bytes.js';
import { expectGolden, readJson, testData, type GoldenTensor } from './testing/golden.js';

const golden = readJson<Record<string, GoldenTensor>>('arrays.json');
const file = new Uint8Array(readFileSync(testData('arrays.npz')));
const arrays = readNpz(file);

/** A .npy file with this header, word for word. */
function npyOf(header: string, elements: Uint8Array = new Uint8Array(), version = 1): Uint8Array {
  const length =
    version === 1 ? [header.length & 0xff, header.length >> 8] : [header.length & 0xff, header.length >> 8, 0, 0];
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([version, 0, ...length]),
    Buffer.from(header),
    elements,
  ]);
}

describe('readNpz', () => {
  it.each(Object.entries(golden))('reads the array "%s" of numpy', (name, expected) => {
    expectGolden(arrays.get(name)!, expected);
  });

  it('reads a compressed archive alike', () => {
    const compressed = readNpz(readFileSync(testData('compressed.npz')));
    expect(compressed).toEqual(arrays);
  });

  it('gives a typed error, or arrays, for whatever is broken', () => {
    for (const name of ['arrays.npz', 'compressed.npz']) {
      fc.assert(
        fc.property(brokenBytes(new Uint8Array(readFileSync(testData(name)))), (bytes) => {
          try {
            readNpz(bytes);
          } catch (error) {
            expect([MalformedFileError, UnsupportedDTypeError]).toContain((error as Error).constructor);
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  it('refuses an array that claims more than deflate can give', () => {
    const bomb = file.slice();
    const central = Buffer.from(bomb.buffer).indexOf('PK\x01\x02', 0, 'latin1');
    new DataView(bomb.buffer).setUint32(central + 24, 0x7fffffff, true);
    expect(() => readNpz(bomb)).toThrow(MalformedFileError);
  });
});

describe('writeNpz', () => {
  it('writes what reads back the same, and the same bytes for the same tensors', () => {
    const written = writeNpz(arrays);
    expect(readNpz(written)).toEqual(arrays);
    expect(Buffer.compare(writeNpz(arrays), written)).toBe(0);
  });
});

describe('readNpy', () => {
  it('refuses Python objects, and says what to do', () => {
    const objects = readFileSync(testData('objects.npy'));
    expect(() => readNpy(objects)).toThrow(UnsupportedDTypeError);
    expect(() => readNpy(objects)).toThrow(/Python objects \(save strings as dtype "S" or "U" instead\)/);
  });

  it('reads the long integers of Python 2, and versions 2 and 3', () => {
    const header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2L,), }\n";
    for (const version of [1, 2, 3]) {
      expect(readNpy(npyOf(header, Uint8Array.of(1, 0, 2, 0), version)).data).toEqual(Int16Array.of(1, 2));
    }
  });

  it.each([
    ['another file', new TextEncoder().encode('PK\x03\x04 and more')],
    ['nothing', new Uint8Array()],
    ['a header cut short', npyOf("{'descr': '<i2'").subarray(0, 14)],
    [
      'a version that is not known',
      npyOf("{'descr': '<i2', 'fortran_order': False, 'shape': (), }", Uint8Array.of(1, 0), 9),
    ],
    ['no shape', npyOf("{'descr': '<i2', 'fortran_order': False}")],
    ['structures', npyOf("{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': ()}")],
    ['too few elements', npyOf("{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", Uint8Array.of(1, 0))],
    ['too many elements', npyOf("{'descr': '<i2', 'fortran_order': False, 'shape': ()}", Uint8Array.of(1, 0, 0, 0))],
    ['endless elements', npyOf("{'descr': '<i2', 'fortran_order': False, 'shape': (4294967296, 4294967296)}")],
    ['endless elements of nothing', npyOf("{'descr': '|S0', 'fortran_order': False, 'shape': (1099511627776,)}")],
    [
      'numbers that are no characters',
      npyOf("{'descr': '<U1', 'fortran_order': False, 'shape': ()}", Uint8Array.of(0, 0xd8, 0, 0)),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(() => readNpy(bytes, 'a.npy')).toThrow(MalformedFileError);
    expect(() => readNpy(bytes, 'a.npy')).toThrow(/^a\.npy is not a valid \.npy file: /);
  });
});

describe('writeNpy', () => {
  it('aligns its elements as numpy does', () => {
    for (const shape of [[], [3], [1000, 2000, 3]]) expect(formatNpyHeader('<f4', shape).length % 64).toBe(0);
  });

  it('widens bfloat16', () => {
    const tensor = new Tensor('bfloat16', [2], Uint16Array.of(encodeBfloat16(1.5), encodeBfloat16(-2)));
    expect(readNpy(writeNpy(tensor))).toEqual(new Tensor('float32', [2], Float32Array.of(1.5, -2)));
  });

  it('writes quantized integers as integers', () => {
    expect(readNpy(writeNpy(new Tensor('qint8', [2], Int8Array.of(-1, 2))))).toMatchObject({ dtype: 'int8' });
  });

  it('pads strings with zeros, so that zeros at their ends are lost', () => {
    const tensor = new Tensor('string', [2], StringArray.from(['long one', Uint8Array.of(0xff, 0, 1, 0)]));
    const { data } = readNpy(writeNpy(tensor)) as Tensor<'string'>;
    expect([data.decode(0), data.at(1)]).toEqual(['long one', Uint8Array.of(0xff, 0, 1)]);
  });

  it('refuses strings that padding would make huge', () => {
    const strings = StringArray.from([new Uint8Array(2 ** 20), ...new Array<string>(3000).fill('')]);
    expect(() => writeNpy(new Tensor('string', [3001], strings))).toThrow(InvalidTensorError);
  });

  it('refuses what is no number and no string', () => {
    const resource = new Tensor('resource', [1], [{}]);
    expect(() => writeNpy(resource)).toThrow(UnsupportedDTypeError);
  });
});
