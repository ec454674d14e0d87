import { afterAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType } from '@tenon/format';
import { load } from './load.js';
import { fixturePath } from './testing/golden.js';
import {
  constantNode,
  intAttribute,
  ModelFolder,
  node,
  placeholderNode,
  textAttribute,
  typeAttribute,
} from './testing/saved-model.js';

const STRING = typeAttribute(DataType.DT_STRING);
const INT64 = typeAttribute(DataType.DT_INT64);

describe('a table whose file is broken', () => {
  const root = mkdtempSync(join(tmpdir(), 'tables-'));
  const models = new ModelFolder();
  afterAll(() => {
    rmSync(root, { recursive: true });
    models.remove();
  });
  let count = 0;

  /** What looking up a word comes to, in a module whose vocabulary is `contents`. */
  const lookUp = async (contents: Uint8Array | string | undefined | { readonly folder: true }): Promise<unknown> => {
    const path = join(root, String(count++));
    cpSync(fixturePath('modules/token-embedding'), path, { recursive: true });
    const [name] = readdirSync(join(path, 'assets'));
    const file = join(path, 'assets', name!);
    rmSync(file);
    if (typeof contents === 'object' && 'folder' in contents) mkdirSync(file);
    else if (contents !== undefined) writeFileSync(file, contents);
    const module = await load(path, { backend: null });
    try {
      return await module(['cat']);
    } finally {
      await module.dispose();
    }
  };

  it('is refused when the file is missing, a folder or empty', async () => {
    await expect(lookUp(undefined)).rejects.toMatchObject({
      code: 'ERR_OPERATION',
      cause: { code: 'ERR_FILE_ACCESS' },
    });
    await expect(lookUp({ folder: true })).rejects.toMatchObject({ code: 'ERR_OPERATION', cause: { code: 'ERR_FILE_ACCESS' } }); // prettier-ignore
    await expect(lookUp('')).rejects.toMatchObject({ code: 'ERR_OPERATION', cause: { code: 'ERR_VOCABULARY' } });
  });

  it('is refused when lines are empty, or come twice', async () => {
    await expect(lookUp('cat\n\ndog\n')).rejects.toMatchObject({ cause: { code: 'ERR_VOCABULARY', line: 2 } });
    await expect(lookUp('cat\ncat\n')).rejects.toMatchObject({ code: 'ERR_OPERATION', cause: { code: expect.stringMatching(/^ERR_/) } }); // prettier-ignore
  });

  it('takes bytes that are no text', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 251 || 1);
    // Lines of nothing but noise: a vocabulary like any other, but for those that come twice.
    const noise = await lookUp(bytes).then(() => 'done', (error: { code?: string }) => error.code); // prettier-ignore
    expect(['done', 'ERR_OPERATION']).toContain(noise);
    const oneLine = await lookUp(Buffer.alloc(10_000_000, 'x')).then(() => 'done', (error: { code?: string }) => error.code); // prettier-ignore
    expect(['done', 'ERR_OPERATION']).toContain(oneLine);
  });

  /** What a table comes to that reads `contents` in a way of its own. */
  const initialize = async (contents: string, attributes: { key?: number; value?: number; size?: number }) => {
    const path = models.write({
      nodes: [
        placeholderNode('x', DataType.DT_STRING),
        node('HashTableV2', 'table', [], { key_dtype: STRING, value_dtype: INT64, shared_name: textAttribute('t') }),
        constantNode('file', 'words.txt', 'string'),
        node('InitializeTableFromTextFileV2', 'fill', ['table', 'file'], {
          key_index: intAttribute(attributes.key ?? -2),
          value_index: intAttribute(attributes.value ?? -1),
          vocab_size: intAttribute(attributes.size ?? -1),
          delimiter: textAttribute(','),
        }),
        constantNode('none', -1n, 'int64'),
        node('LookupTableFindV2', 'y', ['table', 'x', 'none'], { Tin: STRING, Tout: INT64 }),
      ],
      signature: {
        inputs: { x: { encoding: { case: 'name', value: 'x:0' }, dtype: DataType.DT_STRING, tensorShape: { unknownRank: true } } },
        outputs: { y: { encoding: { case: 'name', value: 'y:0' }, dtype: DataType.DT_INT64, tensorShape: { unknownRank: true } } },
      },
      more: {
        collectionDef: {
          asset_filepaths: { kind: { case: 'nodeList', value: { value: ['file:0'] } } },
          saved_model_main_op: { kind: { case: 'nodeList', value: { value: ['fill'] } } },
        },
        assetFileDef: [{ tensorInfo: { encoding: { case: 'name', value: 'file:0' } }, filename: 'words.txt' }],
      },
      files: { 'assets/words.txt': contents },
    }); // prettier-ignore
    const module = await load(path, { backend: null });
    try {
      return await module({ x: ['cat'] }, { signature: 'serving_default' });
    } finally {
      await module.dispose();
    }
  };

  it('reads files as its attributes say', async () => {
    await expect(initialize('dog\ncat\n', {})).resolves.toMatchObject({ data: BigInt64Array.of(1n) });
    await expect(initialize('7,cat\n', { key: 1, value: 0 })).resolves.toMatchObject({ data: BigInt64Array.of(7n) });
  });

  it('is refused when its attributes ask for what no line has', async () => {
    const bad = { code: 'ERR_OPERATION', cause: { code: 'ERR_VOCABULARY' } };
    await expect(initialize('dog\ncat\n', { key: 1 })).rejects.toMatchObject(bad);
    await expect(initialize('dog\ncat\n', { key: 2 ** 52 })).rejects.toMatchObject(bad);
    await expect(initialize('dog\ncat\n', { value: 2 ** 31 })).rejects.toMatchObject(bad);
    await expect(initialize('dog,x\ncat,y\n', { key: 0, value: 1 })).rejects.toMatchObject(bad);
    await expect(initialize('dog\ncat\n', { size: 2 ** 40 })).rejects.toMatchObject(bad);
    await expect(initialize('dog\ncat\n', { key: -7 })).rejects.toMatchObject({ code: 'ERR_OPERATION' });
  });
});
