import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { Graph, SymbolicTensor } from '@tenon/graph';
import * as tf from '@tenon/layers';
import { gradientDescent } from '@tenon/training';
import * as hub from '../index.js';
import { fixturePath } from '../testing/golden.js';

interface Matrix {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Training {
  readonly rate: number;
  readonly losses: readonly number[];
  readonly after: Matrix;
  readonly trainable: readonly string[];
}

interface Sample {
  readonly text: string;
  readonly Zebra: string;
  readonly words: readonly string[];
}

const goldens = JSON.parse(readFileSync(resolve(__dirname, '../../testdata/feature-columns.json'), 'utf8')) as {
  readonly records: readonly Sample[];
  readonly full: readonly Sample[];
  readonly images: Matrix;
  readonly matrices: Readonly<Record<string, Matrix>>;
  readonly training: Readonly<Record<string, Training>>;
  readonly savedModel: Omit<Training, 'trainable'> & { readonly before: Matrix; readonly trainable: number };
  readonly failures: Readonly<Record<string, { readonly text: string; readonly sparse: string }>>;
  readonly imageFailures: Readonly<Record<string, string>>;
  readonly names: readonly string[];
};

const pixels = Float32Array.from(goldens.images.data);
const size = pixels.length / goldens.images.shape[0]!;
const withImages = (records: readonly Sample[]): hub.FeatureRecord[] =>
  records.map((record, index) => ({ ...record, image: pixels.slice(index * size, (index + 1) * size) }));

const [TEXT, IMAGE] = [fixturePath('modules/nnlm-small'), fixturePath('modules/mobilenet-v2-small')];
const text = (key = 'text', options = {}) => hub.textEmbeddingColumn(key, TEXT, options);
const image = () => hub.imageEmbeddingColumn('image', IMAGE);
const words = (combiner: hub.Combiner, defaultValue: string | undefined = 'the', options = {}) =>
  hub.sparseTextEmbeddingColumn('words', TEXT, { combiner, defaultValue, ...options });

function expectClose(actual: hub.Tensor | undefined, { shape, data }: Matrix): void {
  expect(actual!.shape).toEqual(shape);
  const elements = actual!.data as Float32Array;
  data.forEach((value, index) => {
    if (!(Math.abs(elements[index]! - value) <= 2e-5 * (1 + Math.abs(value))))
      throw new Error(`Element ${index} is ${elements[index]}, not ${value}.`);
  });
}

/** An image module runs on machines that do other things as well. */
jest.setTimeout(60_000);

describe('feature columns make of records what those of Python make', () => {
  const cases: [name: string, make: () => Promise<hub.FeatureColumn>[], records?: readonly Sample[]][] = [
    ['text', () => [text()]],
    ['image', () => [image()]],
    ['words-mean', () => [words('mean')]],
    ['words-sqrtn', () => [words('sqrtn')]],
    ['words-sum', () => [words('sum')]],
    ['words-without-default', () => [hub.sparseTextEmbeddingColumn('words', TEXT, { combiner: 'mean' })], goldens.full],
    ['all', () => [words('sqrtn'), text(), image(), text('Zebra')]],
  ];
  it.each(cases)('%s', async (name, make, records = goldens.records) => {
    await using features = await hub.denseFeatures(await Promise.all(make()));
    const expected = goldens.matrices[name]!;
    expect(features.width).toBe(expected.shape[1]);
    expectClose(await features(withImages(records)), expected);
  });

  it('and have their names', async () => {
    const columns = await Promise.all([text(), words('mean'), image()]);
    expect(columns.map(({ name }) => name)).toEqual(goldens.names);
  });
});

describe('an input layer', () => {
  const cases: [string, () => Promise<hub.FeatureColumn>[]][] = [
    ['text', () => [text('Zebra'), text('text', { trainable: true })]],
    ['words', () => [words('sqrtn', 'the', { trainable: true }), image()]],
  ];
  it.each(cases)('trains the columns that are trainable: %s', async (name, make) => {
    const expected = goldens.training[name]!;
    const graph = new Graph();
    const layer = await hub.inputLayer(await Promise.all(make()), { graph });
    const batch = layer.placeholders();
    const matrix = layer(batch);
    const target = tf.constant(graph, 0.25);
    const loss = tf.reduceMean(tf.squaredDifference(matrix, target));
    expect(graph.collections.get('trainable_variables')!.map((member) => member.name)).toEqual(expected.trainable);
    const step = gradientDescent({ learningRate: expected.rate }).minimize(loss);
    await using session = await hub.session(graph);
    const feeds = layer.feeds(batch, withImages(goldens.records));
    for (const value of expected.losses) {
      const [actual] = await session.run([loss, step], { feeds });
      expect(hub.toNested(actual!)).toBeCloseTo(value, 5);
    }
    expectClose((await session.run([matrix], { feeds }))[0], expected.after);
  });

  it('trains nothing where it is not trainable itself', async () => {
    const graph = new Graph();
    await hub.inputLayer([await text('text', { trainable: true })], { graph, trainable: false });
    expect(graph.collections.get('trainable_variables') ?? []).toEqual([]);
  });

  it('shares the weights of a column among all its uses', async () => {
    const graph = new Graph();
    const column = await text('text', { trainable: true });
    const first = await hub.inputLayer([column], { graph });
    const second = await hub.inputLayer([column, await text('Zebra')], { graph });
    first(first.placeholders());
    first(first.placeholders());
    second(second.placeholders());
    expect(graph.collections.get('trainable_variables')!.length).toBe(1);
    expect(graph.collections.get('variables')!.length).toBe(2);
  });

  it('takes tensors of its graph', async () => {
    const graph = new Graph();
    const layer = await hub.inputLayer([await text()], { graph });
    const matrix = layer({
      text: tf.constant(
        graph,
        goldens.records.map((record) => record.text),
      ),
    });
    expect(matrix.shape?.[1]).toBe(16);
    await using session = await hub.session(graph, { backend: null });
    expectClose((await session.run([matrix]))[0], goldens.matrices['text']!);
  });

  it('names all features that are missing or of the wrong kind', async () => {
    const graph = new Graph();
    const layer = await hub.inputLayer([await text(), await words('mean')], { graph });
    const dense = hub.placeholder(graph, { dtype: 'string', shape: [null, 1] });
    const failure = (() => {
      try {
        return layer({ words: dense });
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(hub.FeatureError);
    expect((failure as hub.FeatureError).problems).toEqual([
      { key: 'text', problem: 'is missing' },
      { key: 'words', problem: 'must be a sparse tensor; it is dense' },
    ]);
    expect(layer.placeholders()['text']).toBeInstanceOf(SymbolicTensor);
  });

  it('refuses no columns, and two of one name', async () => {
    const graph = new Graph();
    await expect(hub.inputLayer([], { graph })).rejects.toMatchObject({ code: 'ERR_FEATURE_COLUMN' });
    await expect(hub.inputLayer([await text(), await text()], { graph })).rejects.toThrow(
      'Two feature columns have the name "text_hub_module_embedding".',
    );
  });
});

describe('a text column of a TF2 SavedModel', () => {
  const saved = (name: string): string => fixturePath(`saved_models/tf2-${name}`);

  it('gives and trains what that of Python does', async () => {
    const expected = goldens.savedModel;
    const graph = new Graph();
    const columns = [
      await hub.textEmbeddingColumn('text', saved('text-embedding'), { trainable: true }),
      await hub.textEmbeddingColumn('Zebra', saved('text-embedding')),
    ];
    const layer = await hub.inputLayer(columns, { graph });
    const batch = layer.placeholders();
    const matrix = layer(batch);
    const loss = tf.reduceMean(tf.squaredDifference(matrix, tf.constant(graph, 0.25)));
    expect(graph.collections.get('trainable_variables')!.length).toBe(expected.trainable);
    const step = gradientDescent({ learningRate: expected.rate }).minimize(loss);
    await using session = await hub.session(graph);
    const feeds = layer.feeds(batch, goldens.records as unknown as hub.FeatureRecord[]);
    expectClose((await session.run([matrix], { feeds }))[0], expected.before);
    for (const value of expected.losses)
      expect(hub.toNested((await session.run([loss, step], { feeds }))[0]!)).toBeCloseTo(value, 5);
    expectClose((await session.run([matrix], { feeds }))[0], expected.after);
  });

  it.each([
    ['multi-signature', {}, 'its object has no __call__'],
    ['reusable', {}, 'must take one string [?]'],
    ['hash-table', {}, 'must give a single result; it gives 4: give outputKey, one of "'],
    ['hash-table', { outputKey: 'zz' }, 'It gives no "zz"'],
    ['hash-table', { outputKey: 'floats' }, 'Its result must be float32 [?, K]'],
    ['text-embedding', { outputKey: 'zz' }, 'outputKey is for modules that give results by name'],
  ])('is refused of one that is no such module: %s %j', async (name, options, message) => {
    const failure = hub.textEmbeddingColumn('key', saved(name), options);
    await expect(failure).rejects.toMatchObject({ code: 'ERR_FEATURE_MODULE' });
    await expect(failure).rejects.toThrow(message);
  });
});

describe('modules that are no such column are refused', () => {
  const parts = (message: string): number => [...message.matchAll(/Module '?default/g)].length;

  it.each(Object.entries(goldens.failures))('for texts: %s', async (name, messages) => {
    const path = fixturePath(`modules/${name}`);
    for (const [make, message] of [
      [() => hub.textEmbeddingColumn('key', path), messages.text],
      [() => hub.sparseTextEmbeddingColumn('key', path, { combiner: 'mean' }), messages.sparse],
    ] as const) {
      const error = (await make().catch((reason: unknown) => reason)) as hub.FeatureModuleError;
      expect(error).toBeInstanceOf(hub.FeatureModuleError);
      expect(error.message).toContain('Module is not a text-embedding');
      expect(error.problems.length).toBe(parts(message));
    }
  });

  it.each(Object.entries(goldens.imageFailures))('for images: %s', async (name, message) => {
    const failure = hub.imageEmbeddingColumn('key', fixturePath(`modules/${name}`));
    const error = (await failure.catch((reason: unknown) => reason)) as hub.FeatureModuleError;
    expect(error).toBeInstanceOf(hub.FeatureModuleError);
    expect(error.message).toContain('Module is not usable as image embedding');
    expect(error.problems.length).toBe(parts(message));
  });

  it('and combiners that there are not', async () => {
    await expect(words('max' as hub.Combiner)).rejects.toThrow('combiner must be "mean", "sqrtn" or "sum": "max".');
  });
});

describe('records that are not what columns take', () => {
  it('are all named at once', async () => {
    const columns = [
      await text(),
      await hub.sparseTextEmbeddingColumn('words', TEXT, { combiner: 'sum' }),
      await image(),
    ];
    await using features = await hub.denseFeatures(columns, { backend: null });
    const failure = features([
      { text: 1, words: [], image: [[0]] },
      { text: 'x', words: ['y', 2], image: null },
      { text: 'x', words: ['y'], image: new Uint8Array(32 * 32 * 3) },
    ]);
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_FEATURE',
      problems: [
        { key: 'image', record: 0, problem: 'must be float32 [32, 32, 3]; it is [1, 1]' },
        { key: 'image', record: 1, problem: 'must be float32 [32, 32, 3]; it is missing' },
        {
          key: 'image',
          record: 2,
          problem: 'must be float32 [32, 32, 3], mostly from 0 to 1; it has integers. Divide bytes by 255',
        },
        { key: 'text', record: 0, problem: 'must be a text; it is a number' },
        { key: 'words', record: 0, problem: 'has no texts, and the column no defaultValue' },
        { key: 'words', record: 1, problem: 'must hold texts; one is a number' },
      ],
    });
  });
});
