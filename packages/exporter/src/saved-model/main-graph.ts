import { Graph, type Attribute, type Operation, type SymbolicTensor } from '@tenon/graph';
import { StringArray, Tensor, tensorFrom, type DType, type PartialShape } from '@tenon/tensor';
import type { CapturingFunction } from './capture-function.js';

const dtypeAttribute = (value: DType): Attribute => ({ kind: 'dtype', value });
const typesAttribute = (tensors: readonly SymbolicTensor[]): Attribute => ({
  kind: 'list',
  value: tensors.map(({ dtype }) => dtypeAttribute(dtype)),
});
const bytesAttribute = (value: string): Attribute => ({ kind: 'bytes', value: new TextEncoder().encode(value) });

/** A variable that is saved. */
export interface SavedVariable {
  readonly key: string;
  readonly handle: SymbolicTensor;
  readonly dtype: DType;
}

/** What the tensors are called that savers are driven with. */
export interface SaverNames {
  readonly filenameTensorName: string;
  readonly saveTensorName: string;
  readonly restoreOpName: string;
}

/** The graph of a SavedModel that those read who know no objects: TensorFlow Serving, TensorFlow 1. */
export class MainGraph {
  readonly graph = new Graph();
  private readonly initializers: Operation[] = [];

  placeholder(name: string, dtype: DType, shape: PartialShape): SymbolicTensor {
    const attributes = new Map<string, Attribute>([
      ['dtype', dtypeAttribute(dtype)],
      ['shape', { kind: 'shape', value: shape }],
    ]);
    return this.graph.addOperation({ type: 'Placeholder', name, attributes, shapes: [shape] }).output();
  }

  variable(name: string, dtype: DType, shape: PartialShape): SymbolicTensor {
    const unique = this.graph.uniqueName(name);
    const attributes = new Map<string, Attribute>([
      ['dtype', dtypeAttribute(dtype)],
      ['shape', { kind: 'shape', value: shape }],
      ['shared_name', bytesAttribute(unique)],
    ]);
    return this.graph.addOperation({ type: 'VarHandleOp', name: unique, attributes, shapes: [[]] }).output();
  }

  table(original: Operation, sharedName: string): SymbolicTensor {
    return addTable(this.graph, original, sharedName);
  }

  call({ name, outputs }: Pick<CapturingFunction, 'name' | 'outputs'>, inputs: readonly SymbolicTensor[]): Operation {
    return this.graph.addOperation({
      type: 'StatefulPartitionedCall',
      inputs,
      attributes: new Map<string, Attribute>([
        ['Tin', typesAttribute(inputs)],
        ['Tout', typesAttribute(outputs)],
        ['f', { kind: 'function', value: { name, attributes: new Map() } }],
      ]),
      shapes: outputs.map(({ shape }) => shape),
    });
  }

  /** Keeps the path of an asset, which is only known while the model is being loaded. */
  keepPath(path: SymbolicTensor): SymbolicTensor {
    const handle = this.variable(`${path.operation.name}/kept`, 'string', []);
    const attributes = new Map([['dtype', dtypeAttribute('string')]]);
    const name = `${handle.operation.name}/Assign`;
    this.initializeWith(
      this.graph.addOperation({ type: 'AssignVariableOp', name, inputs: [handle, path], attributes }),
    );
    return handle;
  }

  read(handle: SymbolicTensor, dtype: DType): SymbolicTensor {
    const attributes = new Map([['dtype', dtypeAttribute(dtype)]]);
    const name = `${handle.operation.name}/Read`;
    return this.graph.addOperation({ type: 'ReadVariableOp', name, inputs: [handle], attributes }).output();
  }

  /** Runs when the model is loaded, after variables got their values. */
  initializeWith(operation: Operation): void {
    this.initializers.push(operation);
  }

  addInitializer(): Operation {
    return this.graph.addOperation({ type: 'NoOp', name: 'init', controlInputs: this.initializers });
  }

  /**
   * What saves variables and restores them.
   *
   * @param objects The tree of objects that a checkpoint holds, as bytes; `key` is its key.
   */
  addSaver(
    variables: readonly SavedVariable[],
    objects: { readonly key: string; readonly bytes: Uint8Array },
  ): SaverNames {
    const { graph } = this;
    const filename = this.placeholder('saver_filename', 'string', []);
    const keys = variables.map(({ key }) => key);
    const values = variables.map(({ handle, dtype }) => this.read(handle, dtype));
    const tree = this.constant('save/objects', new Tensor('string', [], StringArray.from([objects.bytes])));
    const saved = [...values, tree];
    const save = graph.addOperation({
      type: 'SaveV2',
      name: 'save/SaveV2',
      inputs: [
        filename,
        this.constant('save/keys', strings([...keys, objects.key])),
        this.constant('save/slices', strings(saved.map(() => ''))),
        ...saved,
      ],
      attributes: new Map([['dtypes', typesAttribute(saved)]]),
    });
    const identity = graph.addOperation({
      type: 'Identity',
      name: 'save/filename',
      inputs: [filename],
      controlInputs: [save],
      attributes: new Map([['T', dtypeAttribute('string')]]),
      shapes: [[]],
    });
    const restore = graph.addOperation({
      type: 'NoOp',
      name: 'restore/all',
      controlInputs: variables.length === 0 ? [] : this.restore(filename, variables),
    });
    return {
      filenameTensorName: filename.name,
      saveTensorName: identity.output().name,
      restoreOpName: restore.name,
    };
  }

  private restore(filename: SymbolicTensor, variables: readonly SavedVariable[]): Operation[] {
    const { graph } = this;
    const dtypes: Attribute = { kind: 'list', value: variables.map(({ dtype }) => dtypeAttribute(dtype)) };
    const restored = graph.addOperation({
      type: 'RestoreV2',
      name: 'restore/RestoreV2',
      inputs: [
        filename,
        this.constant('restore/keys', strings(variables.map(({ key }) => key))),
        this.constant('restore/slices', strings(variables.map(() => ''))),
      ],
      attributes: new Map([['dtypes', dtypes]]),
    });
    return variables.map(({ handle, dtype }, index) =>
      graph.addOperation({
        type: 'AssignVariableOp',
        name: `${handle.operation.name}/Restore`,
        inputs: [handle, restored.output(index)],
        attributes: new Map([['dtype', dtypeAttribute(dtype)]]),
      }),
    );
  }

  private constant(name: string, value: Tensor): SymbolicTensor {
    const attributes = new Map<string, Attribute>([
      ['dtype', dtypeAttribute(value.dtype)],
      ['value', { kind: 'tensor', value }],
    ]);
    return this.graph.addOperation({ type: 'Const', name, attributes, shapes: [value.shape] }).output();
  }
}

function strings(values: readonly string[]): Tensor {
  return tensorFrom(values, 'string').reshape([values.length]);
}

/** A table like another, found by a name of its own. */
export function addTable(
  graph: Graph,
  { name, type, attributes, definition }: Operation,
  sharedName: string,
): SymbolicTensor {
  const own = new Map(attributes);
  own.delete('container');
  own.delete('use_node_name_sharing');
  if (definition.attributes.has('shared_name')) own.set('shared_name', bytesAttribute(sharedName));
  return graph.addOperation({ type, name, attributes: own, shapes: [[]] }).output();
}
