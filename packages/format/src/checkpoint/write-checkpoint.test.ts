import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { StringArray, Tensor, tensorFrom } from '@tenon/tensor';
import fc from 'fast-check';
import { MemoryFiles } from '../testing/memory-files.js';
import { testData } from '../testing/golden.js';
import { openCheckpoint } from './open-checkpoint.js';
import { readTable } from './table-reader.js';
import { writeTable } from './table-writer.js';
import { writeCheckpoint, type CheckpointOutput, type CheckpointTensor } from './write-checkpoint.js';

/** Keeps what is written; says in which order files were closed. */
class MemoryOutput implements CheckpointOutput {
  readonly files = new Map<string, Uint8Array>();
  readonly closed: string[] = [];

  async create(path: string) {
    const parts: Uint8Array[] = [];
    return {
      write: async (bytes: Uint8Array) => void parts.push(bytes.slice()),
      close: async () => {
        this.closed.push(path);
        this.files.set(path, new Uint8Array(Buffer.concat(parts)));
      },
    };
  }
}

async function write(tensors: Iterable<CheckpointTensor>): Promise<MemoryOutput> {
  const output = new MemoryOutput();
  await writeCheckpoint('ckpt', tensors, output);
  return output;
}

const DATA = '.data-00000-of-00001';

describe('writeCheckpoint', () => {
  it('writes, byte for byte, what TensorFlow writes', async () => {
    const golden = MemoryFiles.of(testData('written'), ['.index', DATA]);
    const checkpoint = await openCheckpoint('ckpt', golden);
    const tensors = checkpoint.keys().flatMap((key): Promise<CheckpointTensor>[] => {
      const { shape: fullShape, slices } = checkpoint.entry(key);
      if (!slices) return [checkpoint.read(key).then((value) => ({ key, value }))];
      return slices.map(async (slice) => ({
        key,
        value: await checkpoint.read(key, slice),
        part: { fullShape, slice },
      }));
    });
    const { files, closed } = await write(await Promise.all(tensors));
    for (const ending of ['.index', DATA])
      expect(files.get(`ckpt${ending}`)).toEqual(golden.files.get(`ckpt${ending}`));
    expect(closed).toEqual([`ckpt${DATA}`, 'ckpt.index']);
  });

  it('writes tensors that lie in another checkpoint', async () => {
    const golden = MemoryFiles.of(testData('every-dtype'), ['.index', DATA]);
    const checkpoint = await openCheckpoint('ckpt', golden);
    const value = checkpoint.reference('float32/matrix')!;
    const { files } = await write([{ key: 'copy', value }]);
    const copied = await openCheckpoint('ckpt', new MemoryFiles(files));
    expect(await copied.read('copy')).toEqual(await value.read());
  });

  it('writes slices that readers put together', async () => {
    const whole = tensorFrom(Float32Array.from({ length: 20 }, (_, i) => i)).reshape([5, 4]);
    const piece = (from: number, rows: number): CheckpointTensor => ({
      key: 'table',
      value: new Tensor('float32', [rows, 4], (whole.data as Float32Array).slice(4 * from, 4 * (from + rows))),
      part: { fullShape: [5, 4], slice: { offset: [from, 0], shape: [rows, 4] } },
    });
    const { files } = await write([piece(0, 2), piece(2, 3), { key: 'other', value: tensorFrom(1) }]);
    const checkpoint = await openCheckpoint('ckpt', new MemoryFiles(files));
    expect(checkpoint.keys()).toEqual(['other', 'table']);
    expect(await checkpoint.read('table')).toEqual(whole);
    expect(checkpoint.entry('table').slices).toHaveLength(2);
  });

  it('may be empty', async () => {
    const { files } = await write([]);
    expect((await openCheckpoint('ckpt', new MemoryFiles(files))).keys()).toEqual([]);
  });

  it('names everything that contradicts itself, before it makes a file', async () => {
    const value = tensorFrom([1, 2]);
    const part = { fullShape: [3], slice: { offset: [2], shape: [2] } };
    const output = new MemoryOutput();
    const tensors = [{ key: 'a', value }, { key: 'a', value }, { key: 'b', value, part }]; // prettier-ignore
    await expect(writeCheckpoint('ckpt', tensors, output)).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_CHECKPOINT_KEY',
        problems: ['"a" is given more than once.', 'The slice [2:4] of "b" does not fit its tensor, or its value.'],
      }),
    );
    expect(output.closed).toEqual([]);
  });

  it('refuses what no file can hold', async () => {
    const value = new Tensor('resource', [], [{}]);
    await expect(write([{ key: 'handle', value }])).rejects.toThrow('"handle", which is to be written');
  });

  it('keeps strings that are not UTF-8, and keys that are more than ASCII', async () => {
    const arbitrary = fc.uniqueArray(
      fc.tuple(fc.string({ unit: 'binary' }), fc.array(fc.uint8Array({ maxLength: 300 }))),
      {
        selector: ([key]) => Buffer.from(key).toString('hex'),
        maxLength: 40,
      },
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, async (items) => {
        const named = items.filter(([key]) => key !== '' && !key.startsWith('\0'));
        const tensors = named.map(([key, values]) => ({
          key,
          value: new Tensor('string', [values.length], StringArray.from(values)),
        }));
        const checkpoint = await openCheckpoint('ckpt', new MemoryFiles((await write(tensors)).files));
        for (const { key, value } of tensors) {
          const read = (await checkpoint.read(key)).data as StringArray;
          expect([...Array(read.length).keys()].map((i) => [...read.at(i)])).toEqual(
            [...Array(value.size).keys()].map((i) => [...value.data.at(i)]),
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('writeTable', () => {
  it('writes, byte for byte, what TensorFlow writes for many keys', () => {
    const golden = new Uint8Array(gunzipSync(readFileSync(testData('many-keys.index.gz'))));
    const entries = [...readTable(golden, 'many-keys.index')].map(
      ([key, value]) => [Uint8Array.from(key, (character) => character.charCodeAt(0)), value] as const,
    );
    expect(Buffer.from(writeTable(entries)).equals(Buffer.from(golden))).toBe(true);
  });
});
