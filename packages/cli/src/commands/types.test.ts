import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CallableModule } from '@tenon/hub';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTypes } from '../testing/check-types.js';
import { modulePath, tenon } from '../testing/run-command.js';
import { interfaceName, stringLiteral } from '../types/source-text.js';
import { writeDeclaration } from '../types/write-declaration.js';

const PROLOGUE = `import * as hub from '@tenon/hub';
import type { Fruit } from './fruit.js';
import type { Text } from './text.js';
import type { Image } from './image.js';
import type { Model } from './model.js';
import type { Table } from './table.js';
import type { Sparse } from './sparse.js';
import type { Ragged } from './ragged.js';
import type { Hostile } from './hostile.js';
const fruit = await hub.load<Fruit>('fruit');
const text = await hub.load<Text>('text');
const model = await hub.load<Model>('model');
const table = await hub.load<Table>('table');
const sparse = await hub.load<Sparse>('sparse');
const ragged = await hub.load<Ragged>('ragged');
const hostile = await hub.load<Hostile>('hostile');
declare const numbers: hub.Tensor<'float32'>;
declare const strings: hub.Tensor<'string'>;
export { hub, fruit, text, model, table, sparse, ragged, hostile, numbers, strings };
export type { Image };
`;

const DECLARED = {
  Fruit: ['multi-signature'],
  Text: ['nnlm-small'],
  Image: ['mobilenet-v2-small', '--tags', 'train'],
  Model: ['saved_models/tf2-reusable'],
  Table: ['saved_models/tf2-hash-table'],
  Sparse: ['sparse-input'],
  Ragged: ['ragged-input'],
} as const;

const GOOD: Readonly<Record<string, string>> = {
  'a signature by name': `
    const { cats, dogs } = await fruit({ apples: [[1, 2, 3]], oranges: numbers }, { signature: 'my_method', asDict: true });
    const kinds: ['float32', 'float32'] = [cats.dtype, dogs.dtype];`,
  'some outputs': `
    const { dogs } = await fruit({ apples: numbers, oranges: numbers }, { signature: 'my_method', outputs: ['dogs'] });
    const dtype: 'float32' = dogs.dtype;`,
  'the lone input as it is': `
    const vectors = await text(['a text', new Uint8Array([255])]);
    const data: Float32Array = vectors.data;
    await text(strings); await text({ default: 'one' });`,
  'the variant with these tags': `
    const image = await hub.load<Image>('image', { tags: ['train'], backend: null });
    const features = await image({ images: numbers });
    const dtype: 'float32' = features.dtype;`,
  'the object of a SavedModel': `
    const called = await model([[1, 2, 3, 4, 5, 6]]);
    const dtype: 'float32' = called.dtype;
    const again = await model.callFunction('__call__', [numbers], { training: false });
    const same: 'float32' = again.dtype;`,
  'sparse and ragged inputs': `
    await sparse({ indices: [[0, 1]], values: ['a'], denseShape: [2, 3] } as never);
    await ragged([[1], [2, 3]] as never);`,
  'what any loaded module has': `
    fruit.getSignatureNames(); fruit.variables.map(({ name }) => name); await fruit.dispose();
    const untyped: hub.LoadedModule = fruit;
    const any = await hub.load('any'); const value: hub.Tensor = await any([1], { signature: 'whatever' });`,
};

const BAD: Readonly<Record<string, readonly [program: string, complaint: RegExp]>> = {
  'a signature that is not there': [
    "await fruit({ apples: numbers, oranges: numbers }, { signature: 'my_methods' });",
    /^TS2353: .*'apples' does not exist/,
  ],
  'an input that is not there': [
    "await fruit({ apples: numbers, oranges: numbers, plums: numbers }, { signature: 'my_method' });",
    /^TS2353: .*'plums' does not exist/,
  ],
  'an input that is missing': ["await fruit({ apples: numbers }, { signature: 'my_method' });", /oranges' is missing/],
  'strings for numbers': [
    "await fruit({ apples: ['red'], oranges: numbers }, { signature: 'my_method' });",
    /^TS2322: Type 'string' is not assignable/,
  ],
  'numbers for strings': ['await text([1, 2]);', /^TS2322: Type 'number' is not assignable/],
  'a tensor of strings for numbers': [
    "await fruit({ apples: strings, oranges: numbers }, { signature: 'my_method' });",
    /^TS2322: [^]*Tensor<"string">/,
  ],
  'an output that is not there': [
    "await fruit({ apples: numbers, oranges: numbers }, { signature: 'my_method', outputs: ['birds'] });",
    /^TS2322: Type '"birds"' is not assignable to type '"apples" \| "cats" \| "dogs" \| "hidden"'/,
  ],
  'the result under another name': [
    "const { birds } = await fruit({ apples: numbers, oranges: numbers }, { signature: 'my_method', asDict: true });",
    /^TS2339: Property 'birds' does not exist/,
  ],
  'the result as another data type': ["const dtype: 'int64' = (await text(['a'])).dtype;", /^TS2322: .*float32/],
  'an option that is not there': ["await text(['a'], { signatur: 'default' });", /^TS2561|^TS2353/],
  'the variant without its tags': ["await hub.load<Image>('image');", /^TS2554|^TS2345/],
  'the variant with other tags': ["await hub.load<Image>('image', { tags: [] });", /^TS2322/],
  'a function that is not there': ["await model.callFunction('predict', [numbers]);", /^TS2345: .*'"predict"'/],
  'an argument of another kind': ["await model.callFunction('__call__', ['a']);", /^TS2322: Type 'string'/],
  'a keyword that is not there': [
    "await model.callFunction('__call__', [numbers], { trainin: true });",
    /^TS2561|^TS2353/,
  ],
};

/** What signatures of strangers could be called to get into the program that the declaration is part of. */
const HOSTILE_NAMES = [
  '*/ export const evil = 1; /*',
  "'; export const evil = 1; '",
  '${evil}`"\\',
  'a\nb\r\u2028c\u2029\u0000\u202e\ud800',
  '__proto__',
  'constructor',
  'class',
  '@deprecated {@link x}',
  '',
];

describe('tenon types', () => {
  const declarations: Record<string, string> = {};
  let complaints: Record<string, string[]> = {};

  beforeAll(async () => {
    for (const [name, [path, ...options]] of Object.entries(DECLARED)) {
      const { status, stdout, stderr } = await tenon(['types', modulePath(path), '--name', name, ...options]);
      expect([status, stderr]).toEqual([0, '']);
      declarations[`${name.toLowerCase()}.d.ts`] = stdout;
    }
    declarations['hostile.d.ts'] = await writeDeclaration(hostileModule(), '*/ export const evil = 1;\n/*', 'Hostile');
    const programs = Object.entries({
      ...GOOD,
      ...Object.fromEntries(Object.entries(BAD).map(([name, [program]]) => [name, program])),
    }).map(([name, program]): [string, string] => [
      `${name}.ts`,
      `import { ${/const { (.*) };|export { (.*) };/.exec(PROLOGUE)![2]} } from './prologue.js';\nimport type { Image } from './prologue.js';\n{\n${program}\n}\nexport {};\n`,
    ]);
    complaints = checkTypes({ ...declarations, 'prologue.ts': PROLOGUE, ...Object.fromEntries(programs) });
  }, 120_000);

  it('writes declarations that compile', () => {
    for (const file of [...Object.keys(declarations), 'prologue.ts'])
      expect([file, complaints[file]]).toEqual([file, []]);
  });

  it.each(Object.keys(GOOD))('accepts %s', (name) => {
    expect(complaints[`${name}.ts`]).toEqual([]);
  });

  it.each(Object.entries(BAD).map(([name, [, complaint]]) => [name, complaint] as const))(
    'refuses %s',
    (name, complaint) => {
      expect(complaints[`${name}.ts`]).not.toEqual([]);
      for (const message of complaints[`${name}.ts`]!) expect(message).toMatch(complaint);
    },
  );

  it('says data types and shapes in comments', () => {
    expect(declarations['fruit.d.ts']).toMatch(
      /\/\*\* float32 \[\?, 3\] \*\/\n +readonly apples: hub\.DenseInput<'float32'>;/,
    );
  });

  it('lets no name of a module out of comments and literals', () => {
    const declaration = declarations['hostile.d.ts']!;
    expect(declaration).not.toMatch(/^\s*export const evil/m);
    expect(declaration).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028\u2029\u202e\ud800]/);
    for (const name of HOSTILE_NAMES) expect(JSON.parse(JSON.stringify(evaluate(stringLiteral(name))))).toBe(name);
  });

  it('writes to a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'tenon-types-')), 'half.d.ts');
    expect(await tenon(['types', modulePath('half-plus-two'), '--output', file])).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(await readFile(file, 'utf8')).toMatch(/^export interface HalfPlusTwo \{$/m);
  });

  it.each([
    ['https://example.com/google/nnlm-en-dim128/1', 'NnlmEnDim128'],
    ['https://example.com/2/3.tar.gz?tf-hub-format=compressed', 'Module3'],
    ['./my_fruit/', 'MyFruit'],
    ['/', 'Module'],
  ])('calls the type of %s %s', (handle, name) => {
    expect(interfaceName(handle)).toBe(name);
  });

  it('refuses names that are none', async () => {
    for (const name of ['hub', 'string', 'A-B', 'A{}']) {
      expect(await tenon(['types', modulePath('half-plus-two'), '--name', name])).toMatchObject({ status: 2 });
    }
    expect(await tenon(['types'])).toMatchObject({ status: 2 });
  });
});

function evaluate(literal: string): unknown {
  return JSON.parse(`"${literal.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`);
}

function hostileModule(): CallableModule {
  const infos = new Map(
    HOSTILE_NAMES.map((name) => [name, { kind: 'dense', dtype: 'float32', shape: [null], components: [] }] as const),
  );
  const variant = { load: async () => ({ functions: new Map() }) };
  return {
    spec: { format: 'hub-module', variant: () => variant },
    tags: HOSTILE_NAMES,
    getTags: () => [HOSTILE_NAMES],
    defaultSignature: HOSTILE_NAMES[0],
    getSignatureNames: () => HOSTILE_NAMES,
    getInputInfo: () => infos,
    getOutputInfo: () => infos,
  } as unknown as CallableModule;
}
