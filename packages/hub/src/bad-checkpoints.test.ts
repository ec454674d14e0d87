import { afterAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleEntryProtoSchema, DataType, parse, serialize, type BundleEntryProto } from '@tenon/format';
import { load } from './load.js';
import { readTable, writeTable, type TableEntry } from './testing/broken/checkpoint-table.js';
import { fixturePath } from './testing/golden.js';

const INDEX = 'variables/variables.index';
const SHARD = 'variables/variables.data-00000-of-00001';
const KEYS = { a: 'a', b: 'b' };

describe('a checkpoint that does not match its graph', () => {
  const root = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  afterAll(() => rmSync(root, { recursive: true }));
  let count = 0;

  /** A copy of the module which computes `a * x + b`. */
  const copyModule = (): string => {
    const path = join(root, String(count++));
    cpSync(fixturePath('modules/half-plus-two'), path, { recursive: true });
    return path;
  };

  /** A copy with other entries in its index. */
  const withEntries = (change: (entries: readonly TableEntry[]) => readonly TableEntry[]): string => {
    const path = copyModule();
    const entries = readTable(readFileSync(join(path, INDEX)));
    writeFileSync(join(path, INDEX), writeTable(change(entries)));
    return path;
  };

  const withEntry = (key: string, change: (entry: BundleEntryProto) => Partial<BundleEntryProto>): string =>
    withEntries((entries) =>
      entries.map(([name, value]): TableEntry => {
        if (name !== key) return [name, value];
        const entry = parse(BundleEntryProtoSchema, value, name);
        return [name, serialize(BundleEntryProtoSchema, { ...entry, ...change(entry) })];
      }),
    );

  const apply = async (path: string): Promise<unknown> => {
    const module = await load(path, { backend: null });
    try {
      return await module([4], { signature: 'single' });
    } finally {
      await module.dispose();
    }
  };

  it('is found to lack what variables are restored from, naming every one', async () => {
    const path = withEntries((entries) => entries.filter(([name]) => name !== KEYS.a && name !== KEYS.b));
    await expect(apply(path)).rejects.toMatchObject({
      code: 'ERR_RESTORE',
      problems: [{ variable: 'a', key: KEYS.a }, { variable: 'b', key: KEYS.b }],
    }); // prettier-ignore
  });

  it('is found to hold another shape', async () => {
    const shape = { $typeName: 'tensorflow.TensorShapeProto' as const, unknownRank: false, dim: [{ $typeName: 'tensorflow.TensorShapeProto.Dim' as const, size: 1n, name: '' }] }; // prettier-ignore
    await expect(apply(withEntry(KEYS.a, () => ({ shape })))).rejects.toMatchObject({
      code: 'ERR_RESTORE',
      problems: [{ variable: 'a', reason: expect.stringContaining('[1]') }],
    });
  });

  it('is found to hold another data type', async () => {
    await expect(apply(withEntry(KEYS.b, () => ({ dtype: DataType.DT_INT32 })))).rejects.toMatchObject({
      code: 'ERR_RESTORE',
      problems: [{ variable: 'b', reason: expect.stringContaining('int32') }],
    });
    const half = withEntry(KEYS.b, () => ({ dtype: DataType.DT_HALF }));
    await expect(apply(half)).rejects.toMatchObject({ code: 'ERR_MALFORMED_FILE' });
  });

  it('is found to be cut short, or to lack a file', async () => {
    const cut = copyModule();
    truncateSync(join(cut, SHARD), 3);
    await expect(apply(cut)).rejects.toMatchObject({ code: 'ERR_MALFORMED_FILE' });
    const cutIndex = copyModule();
    truncateSync(join(cutIndex, INDEX), 40);
    await expect(apply(cutIndex)).rejects.toMatchObject({ code: 'ERR_MALFORMED_FILE' });
    const missing = copyModule();
    rmSync(join(missing, SHARD));
    await expect(apply(missing)).rejects.toMatchObject({ code: 'ERR_CHECKPOINT_SHARD_MISSING' });
  });

  it('is found to be damaged', async () => {
    const path = copyModule();
    const bytes = readFileSync(join(path, SHARD));
    bytes[0]! ^= 1;
    writeFileSync(join(path, SHARD), bytes);
    await expect(apply(path)).rejects.toMatchObject({ code: 'ERR_CHECKSUM' });
    const index = copyModule();
    const table = readFileSync(join(index, INDEX));
    table[2]! ^= 1;
    writeFileSync(join(index, INDEX), table);
    await expect(apply(index)).rejects.toMatchObject({ code: 'ERR_CHECKSUM' });
  });

  it('is found to ask for more than there is', async () => {
    const size = 2n ** 42n;
    const dim = [{ $typeName: 'tensorflow.TensorShapeProto.Dim' as const, size: 2n ** 40n, name: '' }];
    const shape = { $typeName: 'tensorflow.TensorShapeProto' as const, unknownRank: false, dim };
    await expect(apply(withEntry(KEYS.a, () => ({ shape, size })))).rejects.toMatchObject({ code: 'ERR_MALFORMED_FILE' });
    await expect(apply(withEntry(KEYS.a, () => ({ offset: -8n })))).rejects.toMatchObject({ code: 'ERR_MALFORMED_FILE' });
    await expect(apply(withEntry(KEYS.a, () => ({ shardId: 7 })))).rejects.toMatchObject({ code: 'ERR_MALFORMED_FILE' });
  }); // prettier-ignore
});
