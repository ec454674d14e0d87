import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dtypeFromProto } from './data-type.js';
import { InvalidTensorError, MalformedFileError, UnsupportedDTypeError } from './errors.js';
import {
  DataType,
  GraphDefSchema,
  MetaGraphDefSchema,
  ModuleDef_Format,
  SavedModelSchema,
  type GraphDef,
} from './messages.js';
import {
  listMetaGraphs,
  parse,
  parseGraphDef,
  parseMetaGraph,
  parseModuleDef,
  parseSavedModel,
  serialize,
} from './parse.js';
import { decodeTensor } from './tensor-proto.js';
import { brokenBytes } from './testing/broken-bytes.js';

const root = `${__dirname}/../../../tools/fixtures`;
const models = ['modules', 'saved_models'].flatMap((kind) =>
  readdirSync(`${root}/${kind}`).map((name) => `${kind}/${name}`),
);
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(`${root}/${path}`));

describe('parseSavedModel', () => {
  it.each(models)('reads %s, and writes as many bytes again', (name) => {
    const bytes = read(`${name}/saved_model.pb`);
    const model = parseSavedModel(bytes, name);
    const written = serialize(SavedModelSchema, model);
    // Maps may stand in another order than that of the file, but nothing is lost.
    expect(written.length).toBe(bytes.length);
    expect(isSame(serialize(SavedModelSchema, parseSavedModel(written)), written)).toBe(true);
  });

  it('finds what TensorFlow put into a module', () => {
    const [graph] = parseSavedModel(read('modules/partitioned/saved_model.pb')).metaGraphs;
    const node = graph!.graphDef!.node.find(({ op }) => op === 'MatMul');
    expect(node).toMatchObject({ attr: { T: { value: { case: 'type', value: DataType.DT_FLOAT } } } });
    expect(Object.keys(graph!.collectionDef)).toContain('variables');
    expect(graph!.graphDef!.versions!.producer).toBeGreaterThan(1000);
  });

  it('decodes every constant of every fixture', () => {
    let constants = 0;
    for (const name of models) {
      for (const { graphDef } of parseSavedModel(read(`${name}/saved_model.pb`)).metaGraphs) {
        constants += decodeConstants(graphDef!);
      }
    }
    expect(constants).toBeGreaterThan(1000);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['an empty file', '', /holds no graph; the file is empty/],
    ['a page', '<!DOCTYPE html><html>404</html>', /looks like an HTML or XML page/],
    ['a pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00', /Git LFS pointer/],
    ['an archive', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0), /gzip archive/],
    ['JSON', '{"a": 1}', /looks like JSON/],
    ['noise', Uint8Array.of(0xff, 0xff, 0xff), /cannot be parsed/],
  ])('refuses %s', (_, content, message) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    for (const parser of [parseSavedModel, listMetaGraphs]) {
      expect(() => parser(bytes, 'dir/saved_model.pb')).toThrow(MalformedFileError);
      expect(() => parser(bytes, 'dir/saved_model.pb')).toThrow(message);
      expect(() => parser(bytes, 'dir/saved_model.pb')).toThrow(/^dir\/saved_model\.pb is not a valid SavedModel: /);
    }
  });

  it('gives a typed error, or a model with tensors, for whatever is broken', () => {
    const typed = [MalformedFileError, InvalidTensorError, UnsupportedDTypeError];
    for (const name of ['modules/half-plus-two', 'modules/control-flow', 'saved_models/tf2-hash-table']) {
      fc.assert(
        fc.property(brokenBytes(read(`${name}/saved_model.pb`)), (bytes) => {
          try {
            for (const { graphDef } of parseSavedModel(bytes).metaGraphs) if (graphDef) decodeConstants(graphDef);
          } catch (error) {
            expect(typed).toContain((error as Error).constructor);
          }
        }),
        { numRuns: 100 },
      );
    }
  });
});

describe('listMetaGraphs', () => {
  it('gives the tags of each graph, and each graph', () => {
    for (const name of models) {
      const bytes = read(`${name}/saved_model.pb`);
      const entries = listMetaGraphs(bytes);
      const { metaGraphs } = parseSavedModel(bytes);
      expect(entries.map(({ tags }) => tags)).toEqual(metaGraphs.map(({ metaInfoDef }) => metaInfoDef!.tags));
      entries.forEach((entry, index) => {
        const [alone, together] = [entry.parse(), metaGraphs[index]!].map((graph) =>
          serialize(MetaGraphDefSchema, graph),
        );
        expect(isSame(alone!, together!)).toBe(true);
      });
    }
  });

  it('leaves graphs that are not asked for alone', () => {
    // The second graph's graph_def holds a node that is longer than it.
    const first = Buffer.from('1208' + '0a06' + '2204676f6f64', 'hex');
    const second = Buffer.from('120b' + '0a05' + '2203626164' + '12020a7f', 'hex');
    const [good, bad] = listMetaGraphs(Buffer.concat([first, second]), 'm.pb');
    expect([good!.tags, bad!.tags]).toEqual([['good'], ['bad']]);
    expect(good!.parse().metaInfoDef!.tags).toEqual(['good']);
    expect(() => bad!.parse()).toThrow(/^m\.pb is not a valid MetaGraphDef: /);
  });
});

describe('the other files', () => {
  it('reads tfhub_module.pb', () => {
    expect(parseModuleDef(read('modules/half-plus-two/tfhub_module.pb'))).toMatchObject({
      format: ModuleDef_Format.V3,
      requiredFeatures: [],
    });
  });

  it('reads a graph by itself', () => {
    const graphDef = parseSavedModel(read('modules/half-plus-two/saved_model.pb')).metaGraphs[0]!.graphDef!;
    expect(parseGraphDef(serialize(GraphDefSchema, graphDef))).toEqual(graphDef);
  });

  it('names the file and the kind of file in errors', () => {
    const noise = Uint8Array.of(0x0a, 0x7f);
    expect(() => parseMetaGraph(noise)).toThrow(/^model\.meta is not a valid MetaGraphDef: /);
    expect(() => parseModuleDef(noise)).toThrow(/^tfhub_module\.pb is not a valid ModuleDef: /);
    expect(() => parse(GraphDefSchema, noise, 'a.pb')).toThrow(/^a\.pb is not a valid GraphDef: /);
  });
});

// `toEqual` takes seconds for graphs of thousands of nodes.
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** How many there are. */
function decodeConstants({ node }: GraphDef): number {
  let count = 0;
  for (const { name, op, attr } of node) {
    const value = attr['value']?.value;
    if (op !== 'Const' || value?.case !== 'tensor') continue;
    const { shape, dtype } = decodeTensor(value.value, name);
    expect(dtype).toBe(dtypeFromProto(value.value.dtype));
    expect(shape).toHaveLength(value.value.tensorShape?.dim.length ?? 0);
    count++;
  }
  return count;
}
