import { describe, expect, it } from '@jest/globals';
import { findOperationDefinition, type Attribute, type SymbolicTensor } from '@tenon/graph';
import { StringArray, Tensor } from '@tenon/tensor';
import { FileAccessError, OperationError, RefusedOperationError } from './errors.js';
import type { FileAccess } from './kernel.js';
import { hostKernels } from './kernels/index.js';
import { TOUCHING_TYPES } from './outside-world.js';
import { Session } from './session.js';
import { Builder } from './testing/build.js';

const text = (value: string): Tensor => new Tensor('string', [], StringArray.from([value]));
const bytes = (value: string): Attribute => ({ kind: 'bytes', value: new TextEncoder().encode(value) });
const dtype = (value: 'string' | 'int64'): Attribute => ({ kind: 'dtype', value });

const read: string[] = [];
const written = new Map<string, string>();
const files: FileAccess = {
  mayRead: (path) => path.startsWith('/module/assets/'),
  mayWrite: false,
  readFile(path) {
    if (!files.mayRead(path)) throw new FileAccessError(path, 'it is elsewhere.');
    read.push(path);
    return new TextEncoder().encode('a\nb\n');
  },
  writeFile(path, contents) {
    written.set(path, new TextDecoder().decode(contents));
  },
};

function readFile(b: Builder, filename: SymbolicTensor, name: string): SymbolicTensor {
  return b.operation('ReadFile', [filename], {}, { name }).output();
}

function vocabulary(b: Builder, path: string): { table: SymbolicTensor; size: SymbolicTensor } {
  const attributes = { key_dtype: dtype('string'), value_dtype: dtype('int64') };
  const table = b.operation('HashTableV2', [], attributes, { name: 'table' }).output();
  const initializer = b.operation(
    'InitializeTableFromTextFileV2',
    [table, b.constant(text(path), 'path')],
    {
      key_index: { kind: 'int', value: -2n },
      value_index: { kind: 'int', value: -1n },
      delimiter: bytes('\t'),
    },
    { name: 'fill' },
  );
  b.graph.initializers.set(table.operation, [{ operation: initializer }]);
  return { table, size: b.operation('LookupTableSizeV2', [table], {}, { name: 'size' }).output() };
}

describe('what a program may touch', () => {
  it('is refused before anything runs, all of it at once', async () => {
    const b = new Builder();
    const content = readFile(b, b.constant(text('/module/assets/x'), 'asset'), 'allowed');
    const stolen = readFile(b, b.constant(text('/etc/passwd'), 'secret'), 'stolen');
    const write = b.operation('WriteFile', [b.constant(text('/tmp/x'), 'target'), stolen], {}, { name: 'write' });
    const run = b.operation(
      'PyFunc',
      [content],
      {
        token: bytes('pyfunc_0'),
        Tin: { kind: 'list', value: [dtype('string')] },
        Tout: { kind: 'list', value: [dtype('string')] },
      },
      { name: 'run' },
    );
    const session = new Session(b.graph, { files });
    read.length = 0;
    const error = await session.run([content, write, run.output()]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RefusedOperationError);
    expect(error).toMatchObject({
      code: 'ERR_REFUSED_OPERATION',
      operations: [
        {
          type: 'ReadFile',
          operation: 'stolen',
          touch: 'read-files',
          path: '/etc/passwd',
          permission: 'read-files',
        },
        { type: 'WriteFile', operation: 'write', touch: 'write-files', path: '/tmp/x', permission: 'write-files' },
        { type: 'PyFunc', operation: 'run', touch: 'other-code' },
      ],
    });
    expect((error as Error).message.split('\n')).toEqual([
      '3 operations are refused:',
      '  - ReadFile "stolen": it reads "/etc/passwd", which is not among the assets of the module (if you trust the module: allow "read-files")',
      '  - WriteFile "write": it writes "/tmp/x" (if you trust the module: allow "write-files")',
      '  - PyFunc "run": it runs code that is not in the graph (no option lets it run)',
    ]);
    expect(read).toEqual([]);
    expect(written.size).toBe(0);
    expect((await session.run([content]))[0]).toMatchObject({ dtype: 'string' });
  });

  it('is what is needed, and nothing else', async () => {
    const b = new Builder();
    b.operation('WriteFile', [b.constant(text('a'), 'a'), b.constant(text('b'), 'b')], {}, { name: 'write' });
    const [value] = await new Session(b.graph).run(['a:0']);
    expect(value!.dtype).toBe('string');
  });

  it('can be asked for, refused operations not being counted among unsupported ones', () => {
    const b = new Builder();
    const matches = b.operation('MatchingFiles', [b.constant(text('/*'), 'pattern')], {}, { name: 'match' }).output();
    const preview = new Session(b.graph, { files }).callable([matches]).preview();
    expect(preview.unsupported).toEqual([]);
    expect(preview.accesses).toEqual([
      {
        type: 'MatchingFiles',
        operation: 'match',
        touch: 'read-files',
        refusal: 'it reads files of its own choice',
      },
    ]);
  });

  it('includes what initialises tables', async () => {
    const b = new Builder();
    const { size } = vocabulary(b, '/module/assets/words');
    const session = new Session(b.graph, { files });
    expect(session.callable([size]).preview().accesses).toEqual([
      {
        type: 'InitializeTableFromTextFileV2',
        operation: 'fill',
        touch: 'read-files',
        path: '/module/assets/words',
      },
    ]);
    expect((await session.run([size]))[0]!.data).toEqual(BigInt64Array.of(2n));

    const hostile = new Builder();
    const stolen = vocabulary(hostile, '/etc/passwd');
    await expect(new Session(hostile.graph, { files }).run([stolen.size])).rejects.toMatchObject({
      code: 'ERR_REFUSED_OPERATION',
      operations: [{ operation: 'fill', path: '/etc/passwd' }],
    });
  });

  it('includes paths that are put together of constants; computed ones are looked at when they are read', async () => {
    const b = new Builder();
    const join = (parts: readonly SymbolicTensor[], name: string): SymbolicTensor =>
      b
        .operation(
          'StringJoin',
          parts,
          { N: { kind: 'int', value: BigInt(parts.length) }, separator: bytes('/') },
          { name },
        )
        .output();
    const folder = b.constant(text('/etc'), 'folder');
    const known = readFile(b, join([folder, b.constant(text('passwd'), 'file')], 'known/path'), 'known');
    const name = b.placeholder('name', [], 'string');
    const computed = readFile(b, join([folder, name], 'computed/path'), 'computed');
    const session = new Session(b.graph, { files });
    await expect(session.run([known])).rejects.toBeInstanceOf(RefusedOperationError);
    const failed = session.run([computed], { feeds: new Map([[name, text('passwd')]]) });
    await expect(failed).rejects.toMatchObject({ cause: expect.any(FileAccessError) });
    await expect(failed).rejects.toBeInstanceOf(OperationError);
  });

  it('lets a program read protocol messages that are described in the graph, not those described in files', () => {
    const b = new Builder();
    const decode = (source: string): SymbolicTensor =>
      b
        .operation('DecodeProtoV2', [b.placeholder(`bytes/${source}`, [], 'string')], {
          message_type: bytes('M'),
          field_names: { kind: 'list', value: [] },
          output_types: { kind: 'list', value: [] },
          descriptor_source: bytes(source),
        })
        .output();
    const [file, inline, linked] = ['/etc/passwd', 'bytes://abc', 'local://'].map(decode);
    const touched = (tensor: SymbolicTensor): number =>
      new Session(b.graph).callable([tensor], [tensor.operation.input(0)]).preview().accesses.length;
    expect([file, inline, linked].map((tensor) => touched(tensor!))).toEqual([1, 0, 0]);
  });
});

describe('what is allowed', () => {
  it('runs', async () => {
    const b = new Builder();
    const content = readFile(b, b.constant(text('/etc/hostname'), 'path'), 'read');
    const target = b.constant(text('/tmp/copy'), 'target');
    const write = b.operation('WriteFile', [target, content], {}, { name: 'write' });
    const trusting: FileAccess = { ...files, mayRead: () => true, mayWrite: true, readFile: () => Buffer.from('host') };
    const session = new Session(b.graph, { files: trusting });
    const { accesses } = session.callable([write]).preview();
    expect(accesses.map(({ operation, refusal }) => [operation, refusal])).toEqual([
      ['read', undefined],
      ['write', undefined],
    ]);
    await session.run([write]);
    expect([...written]).toEqual([['/tmp/copy', 'host']]);
  });
});

describe('the operations that touch what is outside', () => {
  it('have no kernels, apart from those that read and write one file', () => {
    expect(TOUCHING_TYPES.filter((type) => hostKernels.has(type)).sort()).toEqual([
      'InitializeTableFromTextFile',
      'InitializeTableFromTextFileV2',
      // Unless it prints to a file.
      'PrintV2',
      'ReadFile',
      'WriteFile',
    ]);
  });

  it('are operations of TensorFlow, by their right names', () => {
    expect(TOUCHING_TYPES.filter((type) => !findOperationDefinition(type))).toEqual([]);
  });
});
