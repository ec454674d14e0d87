import { describe, expect, it } from '@jest/globals';
import {
  AssetFileDefSchema,
  create,
  MalformedFileError,
  ModuleAttachmentSchema,
  ModuleDefSchema,
  parseSavedModel,
  SavedModelSchema,
  serialize,
  TextFormatError,
  type SavedModel,
} from '@tenon/format';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import {
  AssetError,
  AttachmentNotFoundError,
  InvalidModuleError,
  NoSavedModelError,
  RepeatedTagsError,
  RestoreError,
  SignatureNotFoundError,
  UnsupportedCollectionsError,
  UnsupportedFeaturesError,
  UnsupportedModuleFormatError,
  VariantNotFoundError,
} from './errors.js';
import { getExpectedImageSize } from './image-module-info.js';
import { loadModuleSpec } from './load-module-spec.js';
import { fixture } from './testing/fixtures.js';
import { memoryDirectory } from './testing/memory-directory.js';

const V3 = Uint8Array.of(8, 3);
const encoder = new TextEncoder();

async function filesOf(path: string, ...names: string[]): Promise<Record<string, Uint8Array>> {
  const directory = fixture(path);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await directory.readFile(name)] as const)),
  );
}

const ALL = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'];

/** `modules/half-plus-two`, changed. */
async function changed(
  change: (model: SavedModel) => void,
  path = 'modules/half-plus-two',
): Promise<Record<string, Uint8Array>> {
  const files = await filesOf(path, ...ALL);
  const model = parseSavedModel(files['saved_model.pb']!);
  change(model);
  return { ...files, 'tfhub_module.pb': V3, 'saved_model.pb': serialize(SavedModelSchema, model) };
}

describe('loadModuleSpec', () => {
  it('reads models that are stored as text', async () => {
    const golden = readFileSync(`${__dirname}/../../format/testdata/text-format.json`, 'utf8');
    const { written } = JSON.parse(golden) as { written: { module: string; text: string }[] };
    const { text } = written.find(({ module }) => module === 'half-plus-two')!;
    const files = await filesOf('modules/half-plus-two', ...ALL.slice(1));
    const spec = await loadModuleSpec(memoryDirectory({ ...files, 'saved_model.pbtxt': encoder.encode(text) }));
    const expected = await loadModuleSpec(fixture('modules/half-plus-two'));
    expect(spec.variant().signatures).toEqual(expected.variant().signatures);
    expect((await spec.variant().load()).variables.map(({ name }) => name)).toEqual(
      (await expected.variant().load()).variables.map(({ name }) => name),
    );
    const wrong = memoryDirectory({ 'saved_model.pbtxt': encoder.encode('meta_graphs {') });
    await expect(loadModuleSpec(wrong)).rejects.toThrow(TextFormatError);
  });

  it('tells TF1 Hub modules and SavedModels apart', async () => {
    expect((await loadModuleSpec(fixture('modules/half-plus-two'))).format).toBe('hub-module');
    expect((await loadModuleSpec(fixture('saved_models/tf2-half-plus-two'))).format).toBe('saved-model-v2');
  });

  it('refuses a folder that is no module', async () => {
    await expect(loadModuleSpec(memoryDirectory({}))).rejects.toThrow(NoSavedModelError);
    await expect(loadModuleSpec(memoryDirectory({ 'tfhub_module.pb': V3 }))).rejects.toThrow(
      /there is neither saved_model.pb nor saved_model.pbtxt/,
    );
  });

  it('refuses formats and features that it does not know', async () => {
    const module = (bytes: Uint8Array) =>
      loadModuleSpec(memoryDirectory({ 'tfhub_module.pb': bytes, 'saved_model.pb': V3 }));
    await expect(module(Uint8Array.of())).rejects.toThrow(UnsupportedModuleFormatError);
    await expect(module(Uint8Array.of(8, 4))).rejects.toThrow(/^Unsupported module def format: 4/);
    const features = serialize(
      ModuleDefSchema,
      create(ModuleDefSchema, { format: 3, requiredFeatures: ['foo', 'bar'] }),
    );
    await expect(module(features)).rejects.toThrow(UnsupportedFeaturesError);
    await expect(module(features)).rejects.toThrow(/^Unsupported features: \['foo', 'bar'\]/);
    await expect(module(Uint8Array.of(255))).rejects.toThrow(MalformedFileError);
  });

  it('refuses collections that modules may not have, all at once', async () => {
    const files = await changed(({ metaGraphs }) => {
      const collection = { kind: { case: 'nodeList' as const, value: { value: ['x'] } } };
      Object.assign(metaGraphs[0]!.collectionDef, { summaries: collection, my_things: collection });
    });
    const variant = (await loadModuleSpec(memoryDirectory(files))).variant();
    expect(() => variant.signatures).toThrow(UnsupportedCollectionsError);
    expect(() => variant.signatures).toThrow(/^Unsupported collections in graph: \['my_things', 'summaries'\]/);
    await expect(variant.load()).rejects.toThrow(UnsupportedCollectionsError);
  });

  it('refuses tags that are used repeatedly', async () => {
    const files = await changed(({ metaGraphs }) => metaGraphs.push(metaGraphs[0]!));
    await expect(loadModuleSpec(memoryDirectory(files))).rejects.toThrow(RepeatedTagsError);
  });

  it('finds variants by their tags, in any order', async () => {
    const spec = await loadModuleSpec(fixture('modules/mobilenet-v2-small'));
    expect(spec.variant().tags).toEqual([]);
    expect(spec.variant(['train', 'train']).tags).toEqual(['train']);
    expect(() => spec.variant(['b', 'a'])).toThrow(VariantNotFoundError);
    expect(() => spec.variant(['b', 'a'])).toThrow(/^No such graph variant: tags=\['a', 'b'\]. Available: .*\[\]/);
    expect((await loadModuleSpec(fixture('saved_models/tf2-half-plus-two'))).variant().tags).toEqual(['serve']);
  });

  it('says which signatures there are when asked for another', async () => {
    const spec = await loadModuleSpec(fixture('modules/multi-signature'));
    expect(() => spec.getInputInfo({ signature: 'zz' })).toThrow(SignatureNotFoundError);
    expect(() => spec.getInputInfo({ signature: 'zz' })).toThrow(
      'Signature "zz" is not in this module; it has "default", "my_method", "version".',
    );
  });

  it('gives attached messages, the last of each key', async () => {
    const attachment = (key: string, value: string): Uint8Array =>
      serialize(ModuleAttachmentSchema, create(ModuleAttachmentSchema, { key, value: encoder.encode(value) }));
    const files = await changed(({ metaGraphs }) => {
      const value = { value: [attachment('a', 'first'), attachment('b', 'other'), attachment('a', 'last')] };
      Object.assign(metaGraphs[0]!.collectionDef, { hub_module_attachments: { kind: { case: 'bytesList', value } } });
    });
    const variant = (await loadModuleSpec(memoryDirectory(files))).variant();
    expect(variant.getAttachedMessage('a')).toEqual(encoder.encode('last'));
    expect(variant.getAttachedMessage('c')).toBeUndefined();
    expect(() => variant.getAttachedMessage('c', { required: true })).toThrow(AttachmentNotFoundError);
  });

  it('does not know the size of images that nothing says', async () => {
    const variant = (await loadModuleSpec(fixture('modules/half-plus-two'))).variant();
    expect(() => getExpectedImageSize(variant)).toThrow(/has no input "images"/);
    expect(() => getExpectedImageSize(variant, { input: 'x' })).toThrow(/no default size is attached/);
  });

  it('refuses assets outside the assets folder, and what is not one constant string', async () => {
    const withAsset = (filename: string, tensor: string) =>
      changed(({ metaGraphs }) => {
        const value = serialize(
          AssetFileDefSchema,
          create(AssetFileDefSchema, { filename, tensorInfo: { encoding: { case: 'name', value: tensor } } }),
        );
        const any = { typeUrl: 'type.googleapis.com/tensorflow.AssetFileDef', value };
        Object.assign(metaGraphs[0]!.collectionDef, {
          saved_model_assets: { kind: { case: 'anyList', value: { value: [any] } } },
        });
      });
    for (const filename of ['../secret', '/etc/passwd', 'a/../../b', '..\\b', 'C:\\b', '', 'a\0b']) {
      const spec = await loadModuleSpec(memoryDirectory(await withAsset(filename, 'x:0')));
      await expect(spec.variant().load()).rejects.toThrow(AssetError);
      await expect(spec.variant().load()).rejects.toThrow(/points outside assets_dir/);
    }
    const variable = await loadModuleSpec(memoryDirectory(await withAsset('f', 'a:0')));
    await expect(variable.variant().load()).rejects.toThrow(/must be a Const; it is a VarHandleOp/);
    const missing = await loadModuleSpec(memoryDirectory(await withAsset('f', 'nowhere:0')));
    await expect(missing.variant().load()).rejects.toThrow(/"nowhere" is not in the graph/);
    const number = await loadModuleSpec(memoryDirectory(await withAsset('f', 'Const:0')));
    await expect(number.variant().load()).rejects.toThrow(/must be a string/);
  });

  it('substitutes the real paths of assets', async () => {
    const { graph, assets } = await (await loadModuleSpec(fixture('modules/asset-collision'))).variant().load();
    expect(assets.map(({ filename }) => filename).sort()).toEqual([
      'tokens.txt',
      'tokens.txt',
      'tokens.txt0',
      'tokens.txt1',
    ]);
    const value = graph.operation('asset_path')!.attribute('value', 'tensor');
    expect('data' in value && value.is('string') && value.data.decode(0)).toMatch(
      /modules\/asset-collision\/assets\/tokens\.txt$/,
    );
  });

  it('names every variable that the checkpoint lacks', async () => {
    const files = await changed(() => {});
    const other = await filesOf('modules/no-variables', 'saved_model.pb').then(() =>
      filesOf('modules/token-embedding', ...ALL),
    );
    const spec = await loadModuleSpec(
      memoryDirectory({ ...files, ...other, 'saved_model.pb': files['saved_model.pb']! }),
    );
    await expect(spec.variant().load()).rejects.toThrow(RestoreError);
    await expect(spec.variant().load()).rejects.toThrow(
      /"a" from "a": the checkpoint has no such tensor[^]*"b" from "b"/,
    );
  });

  it('says which variables a variant without a graph lacks', async () => {
    const files = await changed(({ metaGraphs }) => {
      metaGraphs[0]!.graphDef = undefined;
    });
    await expect((await loadModuleSpec(memoryDirectory(files))).variant().load()).rejects.toThrow(InvalidModuleError);
  });

  it('names every member of a collection that is not in the graph', async () => {
    const files = await changed(({ metaGraphs }) => {
      const value = { value: ['nothing', 'a:7'] };
      Object.assign(metaGraphs[0]!.collectionDef, { update_ops: { kind: { case: 'nodeList', value } } });
    });
    const spec = await loadModuleSpec(memoryDirectory(files));
    await expect(spec.variant().load()).rejects.toThrow(InvalidModuleError);
    await expect(spec.variant().load()).rejects.toThrow(/"nothing"[^]*"a:7"/);
  });

  it('fails with an error of its own on damaged files, whatever the damage', async () => {
    for (const path of ['modules/half-plus-two', 'modules/ragged-input', 'saved_models/tf2-half-plus-two']) {
      const files = await filesOf(path, ...ALL);
      const bytes = files['saved_model.pb']!;
      const damage = fc.record({
        length: fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length)),
        changes: fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(damage, async ({ length, changes }) => {
          const damaged = bytes.slice(0, length);
          for (const [at, byte] of changes) if (at < length) damaged[at] = byte;
          try {
            const spec = await loadModuleSpec(memoryDirectory({ ...files, 'saved_model.pb': damaged }));
            await Promise.all(spec.variants.map((variant) => variant.load()));
          } catch (error) {
            expect(error).toHaveProperty('code', expect.stringMatching(/^ERR_[A-Z_]+$/));
          }
        }),
        { numRuns: 150 },
      );
    }
  });
});
