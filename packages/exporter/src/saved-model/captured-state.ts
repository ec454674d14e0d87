import { type AssetFileDef, type Init } from '@tenon/format';
import {
  BuiltFunction,
  exportGraphDef,
  FunctionLibrary,
  Graph,
  type Operation,
  type SymbolicTensor,
} from '@tenon/graph';
import { isCreator, UnexportableModuleError, type ModuleGraph, type ModuleVariable } from '@tenon/module-spec';
import { Tensor, type TensorReference } from '@tenon/tensor';
import { captureFunction, freeName, type CapturingFunction } from './capture-function.js';
import type { FunctionDefinitions } from './function-definitions.js';
import { addTable, type MainGraph, type SavedVariable } from './main-graph.js';
import type { ObjectGraph } from './object-graph.js';
import { spec } from './structured-values.js';

/** Something that functions take after their arguments: among the objects, and in the graph for those who know no objects. */
interface Captured {
  readonly node: number;
  readonly tensor: SymbolicTensor;
}

interface CapturedAsset extends Captured {
  /** What signatures read its path from, which `tensor` only has while the model is being loaded. */
  kept?: SymbolicTensor;
}

export interface FunctionContext {
  readonly definitions: FunctionDefinitions;
  readonly constants: Map<TensorReference, Tensor>;
  readonly objects: ObjectGraph;
  readonly main: MainGraph;
}

/** The variables, tables and files of a SavedModel that is made of the graphs of a module. */
export class CapturedState {
  readonly assetFiles: Init<AssetFileDef>[] = [];
  /** What the files are to be called, by where they are. */
  readonly assetNames = new Map<string, string>();
  private readonly variables = new Map<string, Captured & SavedVariable & { readonly trainable: boolean }>();
  private readonly assets = new Map<string, CapturedAsset>();
  private readonly tables = new Map<Operation, Captured>();
  private readonly problems: string[] = [];
  private destroyer: number | undefined;

  constructor(
    private readonly context: FunctionContext,
    variables: readonly ModuleVariable[],
  ) {
    const { objects, main } = context;
    variables.forEach(({ name, dtype, shape, trainable }, index) => {
      const tensor = main.variable(name, dtype, shape);
      const key = `variables/${index}/.ATTRIBUTES/VARIABLE_VALUE`;
      const node = objects.addVariable({ name, dtype, shape, trainable, key });
      this.variables.set(name, { node, tensor, key, handle: tensor, dtype, trainable });
    });
  }

  get savedVariables(): readonly SavedVariable[] {
    return [...this.variables.values()];
  }

  get variableNodes(): number[] {
    return [...this.variables.values()].map(({ node }) => node);
  }

  get trainableNodes(): number[] {
    return [...this.variables.values()].filter(({ trainable }) => trainable).map(({ node }) => node);
  }

  get tableNodes(): number[] {
    return [...this.tables.values()].map(({ node }) => node);
  }

  get assetNodes(): number[] {
    return [...this.assets.values()].map(({ node }) => node);
  }

  /** The objects that a function takes. */
  async nodes(module: ModuleGraph, { captures }: CapturingFunction): Promise<number[]> {
    const nodes: number[] = [];
    for (const name of captures) nodes.push((await this.find(module, name))?.node ?? 0);
    return nodes;
  }

  /** What a signature passes to the function that it calls. */
  async tensors(module: ModuleGraph, { captures }: CapturingFunction): Promise<SymbolicTensor[]> {
    const tensors: SymbolicTensor[] = [];
    for (const name of captures) {
      const asset = this.findAsset(module, name);
      if (asset) asset.kept ??= this.context.main.keepPath(asset.tensor);
      const captured = asset?.kept ? this.context.main.read(asset.kept, 'string') : undefined;
      const tensor = captured ?? (await this.find(module, name))?.tensor;
      if (tensor) tensors.push(tensor);
    }
    return tensors;
  }

  /** @throws UnexportableModuleError naming every operation whose state there are no objects for. */
  check(): void {
    if (this.problems.length > 0) throw new UnexportableModuleError([...new Set(this.problems)]);
  }

  private async find(module: ModuleGraph, name: string): Promise<Captured | undefined> {
    const operation = module.graph.operation(name)!;
    const variable = module.variables.find((candidate) => candidate.operation === operation);
    if (variable) return this.variables.get(variable.name);
    return this.findAsset(module, name) ?? this.tables.get(operation) ?? (await this.addTable(module, operation));
  }

  private findAsset(module: ModuleGraph, name: string): CapturedAsset | undefined {
    const asset = module.assets.find(({ tensor }) => tensor.operation.name === name);
    if (!asset) return undefined;
    const path = pathIn(asset.tensor.operation);
    let known = this.assets.get(path);
    if (!known) {
      const { objects, main } = this.context;
      const filename = this.freeFilename(asset.filename);
      const tensor = main.placeholder('asset_path', 'string', []);
      this.assetNames.set(path, filename);
      this.assetFiles.push({ filename, tensorInfo: { encoding: { case: 'name', value: tensor.name } } });
      const node = objects.add({ case: 'asset', value: { assetFileDefIndex: this.assetFiles.length - 1 } });
      known = { node, tensor };
      this.assets.set(path, known);
    }
    return known;
  }

  /** Graphs of a module that was made name their files each for itself. */
  private freeFilename(base: string): string {
    const taken = new Set(this.assetNames.values());
    let filename = base;
    for (let index = 0; taken.has(filename); index++) filename = `${base}${index}`;
    return filename;
  }

  private async addTable(module: ModuleGraph, operation: Operation): Promise<Captured | undefined> {
    const { objects, main, definitions, constants } = this.context;
    const { name, type, inputs, outputs } = operation;
    const isTable = type.includes('HashTable') && inputs.length === 0 && outputs[0]?.dtype === 'resource';
    if (!isTable && !isCreator(operation)) {
      this.problems.push(
        `"${name}" (${type}) holds state that is neither a variable nor a table which SavedModels have.`,
      );
      return undefined;
    }
    const sharedName = main.graph.uniqueName(name);
    const creator = this.defineCreator(operation, sharedName);
    const table: Captured = {
      node: objects.add({ case: 'resource', value: {} }),
      tensor: isTable ? main.table(operation, sharedName) : main.call({ name: creator, outputs }, []).output(),
    };
    this.tables.set(operation, table);
    const info = { kind: 'dense', dtype: 'resource', shape: [], components: [] } as const;
    const create = { name: creator, output: spec('table', info), boundInputs: [] };
    objects.connect(table.node, '_create_resource', objects.addFunction([], [create]));
    const effects = (module.graph.initializers.get(operation) ?? []).flatMap((initializer) =>
      'operation' in initializer ? [initializer.operation] : [],
    );
    const part = { name: 'initialize_table', inputs: [], outputs: [], effects, isAction: true };
    const initialize = await captureFunction(module, part, definitions, constants);
    const boundInputs = await this.nodes(module, initialize);
    const action = objects.addFunction([], [{ name: initialize.name, output: spec('done', DONE), boundInputs }]);
    objects.connect(table.node, '_initialize', action);
    const passed: SymbolicTensor[] = [];
    for (const capture of initialize.captures) {
      const captured = await this.find(module, capture);
      if (captured) passed.push(captured.tensor);
    }
    if (passed.length === initialize.captures.length) main.initializeWith(main.call(initialize, passed));
    objects.connect(table.node, '_destroy_resource', this.addDestroyer());
    return table;
  }

  /** A function that makes a table. Graphs that were loaded and saved again call one, which then is called here. */
  private defineCreator(operation: Operation, sharedName: string): string {
    const { type, attributes, definition, graph: source } = operation;
    const isCall = isCreator(operation);
    const graph = new Graph(isCall ? source.functions : undefined);
    const output = isCall
      ? graph.addOperation({ type, attributes, definition, shapes: [[]] }).output()
      : addTable(graph, operation, sharedName);
    return this.define('create_table', graph, output);
  }

  /** Tables are freed with what holds them; whoever asks for more gets a 1. */
  private addDestroyer(): number {
    if (this.destroyer === undefined) {
      const graph = new Graph();
      const attributes = new Map([
        ['dtype', { kind: 'dtype', value: 'int32' }],
        ['value', { kind: 'tensor', value: new Tensor('int32', [], Int32Array.of(1)) }],
      ] as const);
      const output = graph.addOperation({ type: 'Const', name: 'done', attributes, shapes: [[]] }).output();
      const name = this.define('destroy_table', graph, output);
      this.destroyer = this.context.objects.addFunction([], [{ name, output: spec('done', DONE), boundInputs: [] }]);
    }
    return this.destroyer;
  }

  private define(name: string, graph: Graph, output: SymbolicTensor): string {
    const own = freeName(name, graph.functions);
    const outputs = { inputs: [], outputs: [output], controlOutputs: [], outputNames: ['output_0'] };
    const called = [...graph.functions.names].map((one) => graph.functions.find(one)!);
    const library = new FunctionLibrary([new BuiltFunction({ name: own, graph, ...outputs }), ...called]);
    const definitions = exportGraphDef(new Graph(library), this.context.constants).library!.function;
    return this.context.definitions.add(own, new Map(definitions.map((one) => [one.signature!.name, one])));
  }
}

const DONE = { kind: 'dense', dtype: 'int32', shape: [], components: [] } as const;

function pathIn(operation: Operation): string {
  const value = operation.attribute('value', 'tensor');
  return Tensor.isTensor(value) && value.is('string') ? value.data.decode(0) : '';
}
