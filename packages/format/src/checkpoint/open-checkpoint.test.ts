import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { bytesPerElement, sizeOf, type NumericDType, type Tensor } from '@tenon/tensor';
import { FileSource } from '@tenon/tensor/node';
import fc from 'fast-check';
import { crc32c, maskCrc32c } from '../crc32c.js';
import {
  CheckpointNotFoundError,
  ChecksumError,
  InvalidTensorError,
  KeyNotFoundError,
  MalformedFileError,
  MissingShardError,
  SliceError,
  UnsupportedDTypeError,
} from '../errors.js';
import {
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
  create,
  DataType,
  toBinary,
  type BundleEntryProto,
  type Init,
} from '../messages.js';
import { brokenBytes } from '../testing/broken-bytes.js';
import { expectGolden, readJson, testData, type GoldenTensor } from '../testing/golden.js';
import { MemoryFiles } from '../testing/memory-files.js';
import { writeTable } from '../testing/table-writer.js';
import { openCheckpoint } from './open-checkpoint.js';
import type { TensorSlice } from './tensor-slice.js';

const ONE_SHARD = ['.index', '.data-00000-of-00001'];
const TWO_SHARDS = ['.index', '.data-00000-of-00002', '.data-00001-of-00002'];

const everyDType = MemoryFiles.of(testData('every-dtype'), ONE_SHARD);
const partitioned = MemoryFiles.of(testData('partitioned'), TWO_SHARDS);
const goldenDTypes = readJson<Record<string, GoldenTensor>>('every-dtype.json');
const goldenSlices = readJson<{
  readonly tensors: Record<string, GoldenTensor>;
  readonly regions: Record<string, GoldenTensor>;
}>('partitioned.json');

const header = toBinary(BundleHeaderProtoSchema, create(BundleHeaderProtoSchema, { numShards: 1 }));

/** A checkpoint of one shard of 64 bytes with an index of these entries. */
function checkpointOf(entries: Record<string, Init<BundleEntryProto>>, headerBytes: Uint8Array = header): MemoryFiles {
  const table = writeTable([
    ['', headerBytes],
    ...Object.entries(entries).map(([key, entry]): [string, Uint8Array] => [
      key,
      toBinary(BundleEntryProtoSchema, create(BundleEntryProtoSchema, entry)),
    ]),
  ]);
  return new MemoryFiles(
    new Map([
      ['ckpt.index', table],
      ['ckpt.data-00000-of-00001', new Uint8Array(64)],
    ]),
  );
}

const shapeOf = (...sizes: bigint[]) => ({ dim: sizes.map((size) => ({ size })) });

describe('a checkpoint with every data type', () => {
  it.each(Object.entries(goldenDTypes))('has %s as TensorFlow saved it', async (key, golden) => {
    const checkpoint = await openCheckpoint('ckpt', everyDType);
    expect(checkpoint.entry(key)).toEqual({ dtype: golden.dtype, shape: golden.shape });
    expectGolden(await checkpoint.read(key), golden);
  });

  it('refers to numbers where they lie, and to nothing else', async () => {
    const checkpoint = await openCheckpoint('ckpt', everyDType);
    for (const [key, golden] of Object.entries(goldenDTypes)) {
      const reference = checkpoint.reference(key);
      if (golden.dtype === 'string') {
        expect(reference).toBeUndefined();
      } else {
        expectGolden(await reference!.read(), golden);
        expectGolden(reference!.readSync()!, golden);
      }
    }
  });

  it('reads nothing but its index when it is opened, and of a tensor only its bytes', async () => {
    const files = MemoryFiles.of(testData('every-dtype'), ONE_SHARD);
    const checkpoint = await openCheckpoint('ckpt', files);
    const indexBytes = files.files.get('ckpt.index')!.length;
    checkpoint.reference('float64/matrix');
    expect(files.bytesRead).toBe(indexBytes);
    await checkpoint.read('float64/matrix');
    expect(files.bytesRead).toBe(indexBytes + 3 * 5 * 8);
  });

  it('lists its tensors in the order of their bytes, slices and header left out', async () => {
    const checkpoint = await openCheckpoint('ckpt', everyDType);
    const expected = [...Object.keys(goldenDTypes), 'float8'];
    expect(checkpoint.keys()).toEqual(expected.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(checkpoint.has('float8')).toBe(true);
    expect(checkpoint.has('float9')).toBe(false);
  });

  it('refuses a type that Tenon lacks when it is asked for, not before', async () => {
    const checkpoint = await openCheckpoint('ckpt', everyDType);
    expect(() => checkpoint.entry('float8')).toThrow(UnsupportedDTypeError);
    await expect(checkpoint.read('float8')).rejects.toThrow(/"float8" of the checkpoint ckpt has the data type/);
  });

  it('names the keys there are when one is missing', async () => {
    const checkpoint = await openCheckpoint('ckpt', partitioned);
    expect(() => checkpoint.entry('row')).toThrow(KeyNotFoundError);
    expect(() => checkpoint.reference('row')).toThrow(
      '"row" is not in the checkpoint ckpt; it has "grid", "plain0", "plain1", "rows", "whole".',
    );
  });

  it('names key, file and offset of damaged elements, whatever their type', async () => {
    const data = everyDType.files.get('ckpt.data-00000-of-00001')!;
    const intact = await openCheckpoint('ckpt', everyDType);
    for (const [key, { dtype, shape }] of Object.entries(goldenDTypes)) {
      if (dtype === 'string' || sizeOf(shape) === 0) continue;
      const { offset } = intact.reference(key)!;
      const damaged = data.slice();
      damaged[offset]! ^= 1;
      const checkpoint = await openCheckpoint('ckpt', everyDType.with('ckpt.data-00000-of-00001', damaged));
      const error: unknown = await checkpoint.read(key).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ChecksumError);
      expect(error).toMatchObject({
        file: 'ckpt.data-00000-of-00001',
        subject: `"${key}"`,
        offset,
        length: sizeOf(shape) * bytesPerElement(dtype as NumericDType),
      });
      expect(() => checkpoint.reference(key)!.readSync()).toThrow(ChecksumError);
    }
  });

  it('finds every flipped bit of a string tensor', async () => {
    const data = everyDType.files.get('ckpt.data-00000-of-00001')!;
    const intact = await openCheckpoint('ckpt', everyDType);
    const before = everyDType.bytesRead;
    await intact.read('string/matrix');
    const size = everyDType.bytesRead - before;
    const start = data.length - size - 64;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: Math.max(0, start), max: data.length - 1 }),
        fc.nat({ max: 7 }),
        async (at, bit) => {
          const damaged = data.slice();
          damaged[at]! ^= 1 << bit;
          const checkpoint = await openCheckpoint('ckpt', everyDType.with('ckpt.data-00000-of-00001', damaged));
          for (const key of ['string/matrix', 'string/scalar']) {
            const result = await checkpoint.read(key).catch((error: unknown) => error);
            if (result instanceof Error) {
              expect([ChecksumError, MalformedFileError]).toContain(result.constructor);
            } else {
              expectGolden(result as Tensor, goldenDTypes[key]!);
            }
          }
        },
      ),
    );
  });
});

describe('a checkpoint with slices in several data files', () => {
  it.each(Object.entries(goldenSlices.tensors))('puts %s together', async (key, golden) => {
    const checkpoint = await openCheckpoint('ckpt', partitioned);
    expectGolden(await checkpoint.read(key), golden);
  });

  it.each(Object.entries(goldenSlices.regions))('reads what RestoreV2 reads for "%s"', async (spec, golden) => {
    const checkpoint = await openCheckpoint('ckpt', partitioned);
    const ranges = spec.split(' ').at(-1)!.split(':');
    const slice: TensorSlice = {
      offset: ranges.map((range) => Number(range.split(',')[0])),
      shape: ranges.map((range) => Number(range.split(',')[1])),
    };
    expectGolden(await checkpoint.read('rows', slice), golden);
  });

  it('says how a tensor is stored, in the order in which it was saved', async () => {
    const checkpoint = await openCheckpoint('ckpt', partitioned);
    expect(checkpoint.entry('rows')).toEqual({
      dtype: 'float32',
      shape: [200, 3],
      slices: [0, 100, 50, 150].map((start) => ({ offset: [start, 0], shape: [50, 3] })),
    });
    expect(checkpoint.entry('grid').slices).toContainEqual({ offset: [2, 100, 0], shape: [3, 200, 2] });
    expect(checkpoint.entry('plain1').slices).toBeUndefined();
  });

  it('refers to one stored slice, and to no other part', async () => {
    const checkpoint = await openCheckpoint('ckpt', partitioned);
    const reference = checkpoint.reference('rows', { offset: [50, 0], shape: [50, 3] })!;
    expect(reference.shape).toEqual([50, 3]);
    expectGolden(await reference.read(), goldenSlices.regions['200 3 50,50:0,3']!);
    expect(checkpoint.reference('rows')).toBeUndefined();
    expect(checkpoint.reference('rows', { offset: [49, 0], shape: [50, 3] })).toBeUndefined();
    expect(checkpoint.reference('whole')).toBeDefined();
  });

  it.each<[string, TensorSlice]>([
    ['beyond its end', { offset: [190, 0], shape: [20, 3] }],
    ['of another rank', { offset: [0], shape: [200] }],
    ['before its start', { offset: [-1, 0], shape: [2, 3] }],
    ['between elements', { offset: [0.5, 0], shape: [2, 3] }],
  ])('refuses a slice %s', async (_, slice) => {
    const checkpoint = await openCheckpoint('ckpt', partitioned);
    await expect(checkpoint.read('rows', slice)).rejects.toThrow(SliceError);
    expect(() => checkpoint.reference('rows', slice)).toThrow(SliceError);
  });

  it('reads what there is of a tensor that was not saved whole, and says what is missing', async () => {
    const checkpoint = await openCheckpoint('ckpt', MemoryFiles.of(testData('incomplete'), TWO_SHARDS));
    await expect(checkpoint.read('t')).rejects.toThrow(/hold 8 of the 12 elements/);
    expect((await checkpoint.read('t', { offset: [4, 0], shape: [2, 1] })).shape).toEqual([2, 1]);
  });

  it('names every missing data file', async () => {
    const files = partitioned.without('ckpt.data-00000-of-00002').without('ckpt.data-00001-of-00002');
    const error: unknown = await openCheckpoint('ckpt', files).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MissingShardError);
    expect(error).toMatchObject({ shards: ['ckpt.data-00000-of-00002', 'ckpt.data-00001-of-00002'] });
  });

  it('says that a data file was cut short', async () => {
    const short = partitioned.files.get('ckpt.data-00001-of-00002')!.slice(0, -1);
    const files = partitioned.with('ckpt.data-00001-of-00002', short);
    await expect(openCheckpoint('ckpt', files)).rejects.toThrow(MalformedFileError);
    await expect(openCheckpoint('ckpt', files)).rejects.toThrow(
      /"\w+" has \d+ bytes at offset \d+ of ckpt\.data-00001-of-00002/,
    );
  });
});

describe('an index of several blocks', () => {
  const index = new Uint8Array(gunzipSync(readFileSync(testData('many-keys.index.gz'))));
  const files = new MemoryFiles(
    new Map([
      ['ckpt.index', index],
      ['ckpt.data-00000-of-00001', new Uint8Array(4 * 6000)],
    ]),
  );

  it('gives all its keys in order', async () => {
    const checkpoint = await openCheckpoint('ckpt', files);
    const keys = checkpoint.keys();
    expect(keys).toHaveLength(6000);
    expect(keys[5999]).toBe('a/scope/with/a/name/layer_05999/kernel/.ATTRIBUTES/VARIABLE_VALUE');
    expect(checkpoint.reference(keys[4321]!)!.offset).toBe(4 * 4321);
  });

  it('names the file and offset of a damaged block', async () => {
    const damaged = index.slice();
    damaged[200_000]! ^= 1;
    const error: unknown = await openCheckpoint('ckpt', files.with('ckpt.index', damaged)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ChecksumError);
    expect(error).toMatchObject({ file: 'ckpt.index' });
  });
});

describe('the fixtures', () => {
  const root = `${__dirname}/../../../../tools/fixtures`;
  const prefixes = ['modules', 'saved_models'].flatMap((kind) =>
    readdirSync(`${root}/${kind}`).map((name) => `${root}/${kind}/${name}/variables/variables`),
  );

  it.each(
    prefixes.filter((prefix) => existsSync(`${prefix}.index`)).map((prefix) => [prefix.slice(root.length + 1), prefix]),
  )('can be read whole: %s', async (_, prefix) => {
    const sources: FileSource[] = [];
    const open = (path: string): FileSource => {
      sources.push(new FileSource(path));
      return sources.at(-1)!;
    };
    const checkpoint = await openCheckpoint(prefix, { open });
    for (const key of checkpoint.keys()) {
      const { dtype, shape } = checkpoint.entry(key);
      expect(await checkpoint.read(key)).toMatchObject({ dtype, shape });
    }
    sources.forEach((source) => source.close());
  });
});

describe('openCheckpoint', () => {
  it('says that there is none', async () => {
    const error: unknown = await openCheckpoint('none', everyDType).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CheckpointNotFoundError);
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  it.each<[string, MemoryFiles, RegExp]>([
    [
      'a big-endian machine',
      checkpointOf(
        {},
        toBinary(
          BundleHeaderProtoSchema,
          create(BundleHeaderProtoSchema, { numShards: 1, endianness: BundleHeaderProto_Endianness.BIG }),
        ),
      ),
      /big-endian/,
    ],
    [
      'a later format',
      checkpointOf(
        {},
        toBinary(
          BundleHeaderProtoSchema,
          create(BundleHeaderProtoSchema, { numShards: 1, version: { minConsumer: 2 } }),
        ),
      ),
      /version 2/,
    ],
    ['no shards', checkpointOf({}, new Uint8Array()), /0 shards/],
    [
      'bytes beyond the data',
      checkpointOf({ a: { dtype: 1, shape: shapeOf(8n), offset: 40n, size: 32n } }),
      /ends at 64/,
    ],
    [
      'offsets beyond 2^53',
      checkpointOf({ a: { dtype: 1, shape: shapeOf(1n), offset: 2n ** 60n, size: 4n } }),
      /offset 1152921504606846976/,
    ],
    ['negative offsets', checkpointOf({ a: { dtype: 1, offset: -4n, size: 4n } }), /offset -4/],
    ['another size than its shape', checkpointOf({ a: { dtype: 1, shape: shapeOf(3n), size: 8n } }), /needs 12/],
    ['a shard that there is not', checkpointOf({ a: { dtype: 1, shardId: 3, size: 4n } }), /shard 3 of 1/],
    ['unknown dimensions', checkpointOf({ a: { dtype: 1, shape: shapeOf(-1n), size: 4n } }), /impossible shape \[\?\]/],
    [
      'more dimensions than TensorFlow has',
      checkpointOf({ a: { dtype: 1, shape: shapeOf(...new Array<bigint>(300).fill(1n)), size: 4n } }),
      /impossible shape/,
    ],
    ['endless dimensions', checkpointOf({ a: { dtype: 1, shape: shapeOf(2n ** 40n, 2n ** 40n) } }), /impossible shape/],
    [
      'several faults at once',
      checkpointOf({ a: { dtype: 1, shardId: 3, size: 4n }, b: { dtype: 1, size: 5n } }),
      /"a" lies in shard 3 of 1; "b" has 5 bytes/,
    ],
    [
      'slices outside their tensor',
      checkpointOf({
        t: {
          dtype: 1,
          shape: shapeOf(4n),
          slices: [{ extent: [{ start: 3n, hasLength: { case: 'length', value: 2n } }] }],
        },
      }),
      /slice \[3:5\] outside its shape/,
    ],
    [
      'keys that are not in order',
      new MemoryFiles(
        new Map([
          [
            'ckpt.index',
            writeTable([
              ['b', header],
              ['a', header],
            ]),
          ],
        ]),
      ),
      /order/,
    ],
    ['no header', new MemoryFiles(new Map([['ckpt.index', writeTable([['b', header]])]])), /no header/],
    ['an empty index', new MemoryFiles(new Map([['ckpt.index', new Uint8Array()]])), /0 bytes/],
    [
      'another kind of file',
      new MemoryFiles(new Map([['ckpt.index', new Uint8Array(100).fill(65)]])),
      /another kind of file/,
    ],
  ])('refuses %s', async (_, files, message) => {
    await expect(openCheckpoint('ckpt', files)).rejects.toThrow(MalformedFileError);
    await expect(openCheckpoint('ckpt', files)).rejects.toThrow(message);
  });

  it('reads from offsets beyond 32 bits', async () => {
    const offset = 2 ** 33 + 12;
    const crc = maskCrc32c(crc32c(Uint8Array.of(1, 2, 3, 4)));
    const entry = { dtype: DataType.DT_INT32, offset: BigInt(offset), size: 4n, crc32c: crc };
    const files = checkpointOf({ a: entry });
    const checkpoint = await openCheckpoint('ckpt', {
      open: (path) =>
        path.endsWith('.index')
          ? files.open(path)
          : { name: path, size: 2 ** 34, read: async (at) => Uint8Array.of(1, 2, 3, at === offset ? 4 : 0) },
    });
    expect((await checkpoint.read('a')).data).toEqual(Int32Array.of(0x04030201));
  });

  it('refuses slices that share their bytes', async () => {
    const extent = (start: bigint) => [{ start, hasLength: { case: 'length', value: 16n } as const }];
    const entry = { dtype: DataType.DT_FLOAT, shape: shapeOf(16n), size: 64n };
    const files = checkpointOf({
      '\x00t\x00\x01\x01\x01\x80\x90': entry,
      '\x00t\x00\x01\x01\x01\x90\x90': entry,
      t: { dtype: DataType.DT_FLOAT, shape: shapeOf(32n), slices: [{ extent: extent(0n) }, { extent: extent(16n) }] },
    });
    await expect(openCheckpoint('ckpt', files)).rejects.toThrow(/"t" has more bytes than all data files together/);
  });

  it('refuses slices that overlap', async () => {
    const extent = (start: bigint, length: bigint) => [
      { start, hasLength: { case: 'length', value: length } as const },
    ];
    const entry = { dtype: DataType.DT_FLOAT, shape: shapeOf(2n), size: 8n };
    const files = checkpointOf({
      '\x00t\x00\x01\x01\x01\x80\x82': entry,
      '\x00t\x00\x01\x01\x01\x81\x82': entry,
      t: {
        dtype: DataType.DT_FLOAT,
        shape: shapeOf(3n),
        slices: [{ extent: extent(0n, 2n) }, { extent: extent(1n, 2n) }],
      },
    });
    const checkpoint = await openCheckpoint('ckpt', files);
    await expect(checkpoint.read('t')).rejects.toThrow(/slices \[0:2\] and \[1:3\] overlap/);
  });

  it('reads blocks that Snappy compressed', async () => {
    const entry = create(BundleEntryProtoSchema, { dtype: DataType.DT_INT8, shape: shapeOf(5n), size: 5n });
    // Literals alone are Snappy too.
    const literals = (block: Uint8Array): Uint8Array => {
      const parts = Array.from(block, (byte) => Buffer.from([0, byte]));
      return Buffer.concat([Buffer.from([block.length]), ...parts]);
    };
    const index = writeTable(
      [
        ['', header],
        ['a', toBinary(BundleEntryProtoSchema, entry)],
      ],
      literals,
    );
    const checkpoint = await openCheckpoint('ckpt', checkpointOf({}).with('ckpt.index', index));
    expect(checkpoint.entry('a')).toEqual({ dtype: 'int8', shape: [5] });
  });

  it('gives a typed error, or a checkpoint, for whatever is broken', async () => {
    const typed = [ChecksumError, MalformedFileError, MissingShardError];
    for (const files of [everyDType, partitioned]) {
      await fc.assert(
        fc.asyncProperty(brokenBytes(files.files.get('ckpt.index')!), async (index) => {
          const result = await openCheckpoint('ckpt', files.with('ckpt.index', index)).catch((error: unknown) => error);
          if (result instanceof Error) expect(typed).toContain(result.constructor);
        }),
        { numRuns: 300 },
      );
    }
  });

  it('gives a typed error, or tensors, for entries that are broken under a good checksum', async () => {
    const typed = [
      ChecksumError,
      MalformedFileError,
      MissingShardError,
      SliceError,
      UnsupportedDTypeError,
      InvalidTensorError,
    ];
    const entry = toBinary(
      BundleEntryProtoSchema,
      create(BundleEntryProtoSchema, {
        dtype: DataType.DT_FLOAT,
        shape: shapeOf(2n, 4n),
        offset: 16n,
        size: 32n,
        crc32c: 0x12345678,
        slices: [{ extent: [{ start: 0n, hasLength: { case: 'length', value: 2n } }, { start: 0n }] }],
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(brokenBytes(entry), fc.uint8Array({ maxLength: 40 })), async (bytes) => {
        const index = writeTable([
          ['', header],
          ['a', bytes],
        ]);
        try {
          const checkpoint = await openCheckpoint('ckpt', checkpointOf({}).with('ckpt.index', index));
          await checkpoint.read('a');
        } catch (error) {
          expect(typed).toContain((error as Error).constructor);
        }
      }),
      { numRuns: 500 },
    );
  });
});
