import { describe, expect, it } from '@jest/globals';
import { Graph, importGraph, SymbolicTensor, type Attribute } from '@tenon/graph';
import { Tensor, TensorReference, toNested, type DType, type PartialShape } from '@tenon/tensor';
import { InputNamesError, InputTypeError, SymbolicInputError } from './errors.js';
import { loadModuleSpec } from './load-module-spec.js';
import { instantiate, type InstantiateOptions, type ModuleInstance } from './module-instance.js';
import type { ComponentInfo } from './tensor-info.js';
import { fixture } from './testing/fixtures.js';

async function create(path: string, graph = new Graph(), options?: InstantiateOptions): Promise<ModuleInstance> {
  return instantiate(await loadModuleSpec(fixture(path)), graph, options);
}

function placeholder(graph: Graph, dtype: DType, shape: PartialShape = null): SymbolicTensor {
  const attributes = new Map<string, Attribute>([['dtype', { kind: 'dtype', value: dtype }]]);
  return graph.addOperation({ type: 'Placeholder', attributes, shapes: [shape] }).output();
}

function count(graph: Graph, collection: string): number {
  return graph.collections.get(collection)?.length ?? 0;
}

const stateTypes = (graph: Graph): string[] =>
  [...graph.operations].filter(({ type }) => /VarHandleOp|VariableV2|HashTable/.test(type)).map(({ name }) => name);

describe('a module in a graph', () => {
  it('is put under a scope of its own, with its variables', async () => {
    const graph = new Graph();
    const first = await create('modules/half-plus-two', graph);
    const second = await create('modules/half-plus-two', graph);
    const third = await create('modules/half-plus-two', graph, { name: 'mine' });
    expect([first.scope, second.scope, third.scope]).toEqual(['module', 'module_1', 'mine']);
    expect(stateTypes(graph)).toEqual(['module/a', 'module/b', 'module_1/a', 'module_1/b', 'mine/a', 'mine/b']);
    expect(graph.operation('module_1/a')!.string('shared_name')).toBe('module_1/a');
    expect([...first.variableMap.keys()]).toEqual(['a', 'b']);
  });

  it('starts from the checkpoint', async () => {
    const graph = new Graph();
    const { variables } = await create('modules/half-plus-two', graph);
    const [initializer] = graph.initializers.get(variables[0]!.operation)!;
    expect(initializer && 'value' in initializer && initializer.value).toBeInstanceOf(TensorReference);
    const { value } = initializer as { value: TensorReference };
    expect(toNested(await value.read())).toBe(0.5);
  });

  it('starts the parts of a partitioned variable from their pieces of it', async () => {
    const graph = new Graph();
    const { variableMap } = await create('modules/partitioned', graph);
    const parts = variableMap.get('emb/table') as readonly { operation: import('@tenon/graph').Operation }[];
    const shapes = parts.map(({ operation }) => {
      const [initializer] = graph.initializers.get(operation)!;
      return (initializer as { value: Tensor | TensorReference }).value.shape;
    });
    expect(shapes).toEqual([[4, 4], [3, 4], [3, 4]]); // prettier-ignore
  });

  it('shares its state among all applications, and adds none', async () => {
    const graph = new Graph();
    const module = await create('modules/nnlm-small', graph, { trainable: true });
    const state = stateTypes(graph);
    const before = ['variables', 'trainable_variables', 'table_initializer'].map((name) => count(graph, name));
    const assets = count(graph, 'asset_filepaths');
    for (let application = 1; application <= 3; application++) {
      module.apply(['a']);
      expect(stateTypes(graph)).toEqual(state);
      expect(['variables', 'trainable_variables', 'table_initializer'].map((name) => count(graph, name))).toEqual(
        before,
      );
      expect(count(graph, 'asset_filepaths')).toBe(assets * (1 + application));
    }
  });

  it('names applications after their signature', async () => {
    const graph = new Graph();
    const module = await create('modules/multi-signature', graph, { name: 'a/mod' });
    const outputs = [
      module.apply([[1, 2, 3, 4]]),
      module.apply([[1, 2, 3, 4]]),
      module.apply({}, { signature: 'version', scope: 'here' }),
    ].map((values) => (values.get('default') ?? values.get('version')) as SymbolicTensor);
    expect(outputs[0]!.name).toMatch(/^mod_apply_default\//);
    expect(outputs[1]!.name).toMatch(/^mod_apply_default_1\//);
    expect(outputs[2]!.name).toMatch(/^here\/mod_apply_version\//);
  });

  it('returns the tensor given where an output is an input', async () => {
    const graph = new Graph();
    const module = await create('modules/multi-signature', graph);
    const apples = placeholder(graph, 'float32', [null, 3]);
    const outputs = module.apply({ apples, oranges: [[1, 2, 3]] }, { signature: 'my_method' });
    expect(outputs.get('apples')).toBe(apples);
  });

  // What TensorFlow inferred when it wrote the modules.
  it.each(['modules/mobilenet-v2-small', 'modules/nnlm-small', 'modules/progan-like'])(
    'knows the shapes of what it gives: %s',
    async (path) => {
      const graph = new Graph();
      const module = await create(path, graph);
      const { inputs, outputs } = module.signature('default');
      const fed = Object.fromEntries(
        [...inputs].map(([name, { components }]) => {
          const [{ dtype, shape }] = components as [ComponentInfo];
          return [name, placeholder(graph, dtype, shape)];
        }),
      );
      const applied = module.apply(fed);
      for (const [name, { shape }] of outputs) expect((applied.get(name) as SymbolicTensor).shape).toEqual(shape);
    },
  );

  it('adds only what a signature needs', async () => {
    const graph = new Graph();
    const module = await create('modules/multi-signature', graph);
    const before = graph.size;
    module.apply({}, { signature: 'version' });
    expect(graph.size - before).toBeLessThan(10);
  });

  it('keeps losses and trainable variables only when it is trainable', async () => {
    const frozen = new Graph();
    await create('modules/mobilenet-v2-small', frozen, { tags: ['train'] });
    expect([count(frozen, 'trainable_variables'), count(frozen, 'regularization_losses')]).toEqual([0, 0]);
    const trainable = new Graph();
    await create('modules/mobilenet-v2-small', trainable, { tags: ['train'], trainable: true });
    expect(count(trainable, 'trainable_variables')).toBeGreaterThan(0);
    expect(count(trainable, 'variables')).toBe(count(frozen, 'variables'));
  });

  it('brings the update ops of the signature applied, each time, and no others', async () => {
    const graph = new Graph();
    const module = await create('modules/mobilenet-v2-small', graph, { tags: ['train'], trainable: true });
    expect(count(graph, 'update_ops')).toBe(0);
    const images = placeholder(graph, 'float32', [null, 32, 32, 3]);
    module.apply({ images });
    const once = count(graph, 'update_ops');
    expect(once).toBeGreaterThan(0);
    module.apply({ images });
    expect(count(graph, 'update_ops')).toBe(2 * once);
    const frozen = await create('modules/mobilenet-v2-small', graph, { tags: ['train'] });
    frozen.apply({ images });
    expect(count(graph, 'update_ops')).toBe(2 * once);
    const unfed = [...graph.operations].filter(({ type, name }) => type === 'Placeholder' && name.includes('_apply_'));
    expect(unfed).toEqual([]);
  });

  it('takes sparse values and gives sparse outputs', async () => {
    const graph = new Graph();
    const module = await create('modules/sparse-input', graph);
    const indices = placeholder(graph, 'int64', [null, 2]);
    const outputs = module.apply({ indices, values: [1, 2], denseShape: [3n, 10n] });
    expect(outputs.get('doubled')).toMatchObject({ indices });
  });

  it('takes nested arrays for ragged values', async () => {
    const graph = new Graph();
    const module = await create('modules/ragged-input', graph);
    expect(module.apply([[1, 2], [], [3]]).get('ragged')).toHaveProperty('rowSplits.length', 1);
  });

  it('names all missing and extra inputs', async () => {
    const module = await create('modules/multi-signature');
    const refused = (inputs: unknown, signature: string): string => {
      try {
        module.apply(inputs, { signature });
      } catch (error) {
        expect(error).toBeInstanceOf(InputNamesError);
        return (error as Error).message;
      }
      throw new Error('It was accepted.');
    };
    expect(refused({ apples: [[1, 2, 3]], pears: 1, plums: 2 }, 'my_method')).toBe(
      'Cannot convert the inputs of signature "my_method": missing [\'oranges\'], extra given [\'pears\', \'plums\']; it takes "apples", "oranges".',
    );
    expect(refused([[1, 2, 3]], 'my_method')).toBe(
      'Signature "my_method" expects multiple inputs. Use an object with "apples", "oranges".',
    );
    expect(refused(undefined, 'my_method')).toMatch(/missing \['apples', 'oranges'\]/);
    expect(refused(1, 'version')).toBe('Signature "version" expects no inputs.');
    expect(refused({ x: 1 }, 'version')).toBe('Signature "version" expects no inputs; extra given [\'x\'].');
  });

  it('names everything that is wrong with the inputs, expected and got', async () => {
    const graph = new Graph();
    const module = await create('modules/multi-signature', graph);
    const before = graph.size;
    const apply = (): unknown =>
      module.apply({ apples: placeholder(graph, 'int32', [2, 3]), oranges: [[1, 2]] }, { signature: 'my_method' });
    expect(apply).toThrow(InputTypeError);
    expect(apply).toThrow(/Can't convert "apples": Got int32 \[2, 3\]. Expected float32 \[\?, 3\]./);
    expect(apply).toThrow(/Can't convert "oranges": Got float32 \[1, 2\]. Expected float32 \[\?, 3\]./);
    expect(graph.size - before).toBe(3);
  });

  it('refuses tensors of other graphs', async () => {
    const module = await create('modules/half-plus-two');
    expect(() => module.apply({ x: placeholder(new Graph(), 'float32', [null]) })).toThrow(SymbolicInputError);
  });

  it('can be imported into another graph with its state', async () => {
    const graph = new Graph();
    await create('modules/nnlm-small', graph);
    const copy = importGraph(graph, new Graph(), { prefix: 'copy' });
    expect(copy.graph.initializers.size).toBe(graph.initializers.size);
  });
});

describe('the functions of a TF2 SavedModel', () => {
  it('are told apart by the values of their arguments', async () => {
    const graph = new Graph();
    const module = await create('saved_models/tf2-reusable', graph);
    const x = placeholder(graph, 'float32', [null, 6]);
    const added = (call: () => unknown): string[] => {
      const before = new Set(graph.operations);
      call();
      return [...graph.operations].filter((operation) => !before.has(operation)).map(({ type }) => type);
    };
    const inference = added(() => module.call('__call__', [x]));
    expect(inference.filter((type) => type.startsWith('Assign'))).toEqual([]);
    expect(added(() => module.call('__call__', [x], { training: false }))).toEqual(inference);
    expect(added(() => module.call('__call__', [x, false]))).toEqual(inference);
    // Training moves two averages, and what is read then has waited for it.
    const training = added(() => module.call('__call__', [x, true]));
    expect(training.filter((type) => type === 'AssignVariableOp')).toHaveLength(2);
    const output = module.call('__call__', [x, true]) as SymbolicTensor;
    expect(output.operation.controlInputs.map(({ type }) => type)).toEqual(['AssignVariableOp', 'AssignVariableOp']);
  });

  it('share the variables of the signatures', async () => {
    const graph = new Graph();
    const module = await create('saved_models/tf2-reusable', graph);
    const state = stateTypes(graph);
    module.call('__call__', [placeholder(graph, 'float32', [null, 6])]);
    expect(stateTypes(graph)).toEqual(state);
    const read = [...graph.operations].filter(({ type }) => type === 'ReadVariableOp');
    expect(read.length).toBeGreaterThanOrEqual(8);
    const handles = read.map(({ inputs }) => inputs[0]!.operation.type);
    expect(new Set(handles)).toEqual(new Set(['VarHandleOp']));
  });

  it('say what they take when given something else', async () => {
    const graph = new Graph();
    const module = await create('saved_models/tf2-reusable', graph);
    const x = placeholder(graph, 'float32', [null, 6]);
    expect(() => module.call('__call__', [x], { training: 'yes' })).toThrow(/training: true[^]*training is not true/);
    expect(() => module.call('__call__', [x], { mode: 1 })).toThrow(/it takes no "mode"/);
    expect(() => module.call('__call__')).toThrow(/x is missing/);
    expect(() => module.call('__call__', [placeholder(graph, 'int32', [null, 6])])).toThrow(
      /Can't convert "x": Got int32 \[\?, 6\]. Expected float32 \[\?, 6\]./,
    );
    expect(() => module.call('predict')).toThrow(
      '"predict" is not a function of this model; it has "__call__", "regularization_losses.0", "regularization_losses.1".',
    );
  });
});
