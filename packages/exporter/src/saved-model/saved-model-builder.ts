import {
  create,
  GraphDefSchema,
  MetaGraphDefSchema,
  SaverDef_CheckpointFormatVersion as CheckpointVersion,
  type CheckpointTensor,
  type Init,
  type MetaGraphDef,
  type SignatureDef,
} from '@tenon/format';
import { exportGraphDef, type Operation, type SymbolicTensor } from '@tenon/graph';
import {
  Collections,
  defineSignature,
  isComputable,
  sortedFields,
  type ComponentInfo,
  type ModuleGraph,
  type ModuleVariable,
  type Signature,
  type TensorInfo,
} from '@tenon/module-spec';
import { StringArray, Tensor } from '@tenon/tensor';
import { captureFunction, type CapturingFunction, type FunctionPart } from './capture-function.js';
import { CapturedState, type FunctionContext } from './captured-state.js';
import { FunctionDefinitions, portable } from './function-definitions.js';
import { MainGraph } from './main-graph.js';
import { OBJECT_GRAPH_KEY, ObjectGraph, type ConcreteFunction } from './object-graph.js';
import { bool, dictionary, spec, type Structured } from './structured-values.js';

/** What TensorFlow Serving calls signatures that take tensors and give tensors. */
const PREDICT = 'tensorflow/serving/predict';
const SERVING_DEFAULT = 'serving_default';
const INIT_OPERATION = '__saved_model_init_op';

/** One graph of a module that goes into the SavedModel. */
export interface ModelVariant {
  readonly module: ModuleGraph;
  readonly signatures: ReadonlyMap<string, Signature>;
}

export interface ModelParts {
  /** For use: signatures are those of it, and calls that do not train. */
  readonly inference: ModelVariant;
  /** What calls that train do, if there is a graph for it; losses are from it, too. */
  readonly training: ModelVariant | undefined;
  /** All variables, with the values that they have now. */
  readonly variables: readonly { readonly variable: ModuleVariable; readonly value: Tensor }[];
}

/** A SavedModel that was made of a module. */
export interface BuiltModel {
  readonly metaGraph: MetaGraphDef;
  readonly checkpoint: readonly CheckpointTensor[];
  readonly assets: readonly { readonly path: string; readonly filename: string }[];
}

/**
 * Makes a module a SavedModel as TensorFlow 2 has them: an object with `__call__`, `variables`, `trainable_variables` and
 * `regularization_losses`, which `hub.KerasLayer` trains; and a graph with signatures and a saver, which TensorFlow Serving runs.
 *
 * @throws UnexportableModuleError naming every operation that holds what there are no objects for.
 */
export async function buildSavedModel(parts: ModelParts): Promise<BuiltModel> {
  const objects = new ObjectGraph();
  const context = { definitions: new FunctionDefinitions(), constants: new Map(), objects, main: new MainGraph() };
  const root = objects.addObject('_generic_user_object');
  const state = new CapturedState(
    context,
    parts.variables.map(({ variable }) => variable),
  );
  const builder = new SavedModelBuilder(parts, context, state);
  const members = new Map<string, number>([
    ['variables', objects.addList(state.variableNodes)],
    ['trainable_variables', objects.addList(state.trainableNodes)],
    ['regularization_losses', objects.addList(await builder.addLosses())],
  ]);
  const call = await builder.addCall();
  if (call !== undefined) members.set('__call__', call);
  members.set('signatures', await builder.addSignatures());
  state.check();
  if (state.tableNodes.length > 0) members.set('tables', objects.addList(state.tableNodes));
  if (state.assetNodes.length > 0) members.set('assets', objects.addList(state.assetNodes));
  for (const [name, node] of members) objects.connect(root, name, node);

  const tree = objects.defineStored();
  const keys = state.savedVariables.map(({ key }) => key);
  return {
    metaGraph: defineModel(context, state, builder.signatureDefinitions, tree),
    checkpoint: [
      ...parts.variables.map(({ value }, index) => ({ key: keys[index]!, value })),
      { key: OBJECT_GRAPH_KEY, value: new Tensor('string', [], StringArray.from([tree])) },
    ],
    assets: [...state.assetNames].map(([path, filename]) => ({ path, filename })),
  };
}

function defineModel(
  { main, objects, definitions }: FunctionContext,
  state: CapturedState,
  signatures: ReadonlyMap<string, Init<SignatureDef>>,
  tree: Uint8Array,
): MetaGraphDef {
  const saver = main.addSaver(state.savedVariables, { key: OBJECT_GRAPH_KEY, bytes: tree });
  const initialize = main.addInitializer().name;
  const tensorInfo = { encoding: { case: 'name', value: initialize }, tensorShape: { unknownRank: true } } as const;
  const all = new Map(signatures).set(INIT_OPERATION, { outputs: { [INIT_OPERATION]: tensorInfo } });
  const graphDef = exportGraphDef(main.graph);
  return create(MetaGraphDefSchema, {
    metaInfoDef: { tags: ['serve'], strippedDefaultAttrs: true },
    graphDef: create(GraphDefSchema, {
      ...graphDef,
      node: graphDef.node.map((node) => portable(node)),
      library: { function: definitions.all },
    }),
    saverDef: { ...saver, version: CheckpointVersion.V2 },
    collectionDef: { saved_model_main_op: { kind: { case: 'nodeList', value: { value: [initialize] } } } },
    signatureDef: Object.fromEntries(sortedFields(all)),
    assetFileDef: state.assetFiles,
    objectGraphDef: objects.define(),
  });
}

class SavedModelBuilder {
  readonly signatureDefinitions = new Map<string, Init<SignatureDef>>();

  constructor(
    private readonly parts: ModelParts,
    private readonly context: FunctionContext,
    private readonly state: CapturedState,
  ) {}

  private capture({ module }: ModelVariant, part: FunctionPart): Promise<CapturingFunction> {
    return captureFunction(module, part, this.context.definitions, this.context.constants);
  }

  /** What calling the object does: the signature that is meant where none is named; undefined if there is no such. */
  async addCall(): Promise<number | undefined> {
    const { inference, training } = this.parts;
    const signature = callableSignature(inference.signatures);
    if (!signature) return undefined;
    const trained = training?.signatures.get(signature.name);
    const isTrained = training && trained && sameNames(signature.inputs, trained.inputs);
    const names = signature.inputs.size === 0 ? [] : [parameterName(signature)];
    const traces = [await this.addTrace('call', inference, signature, isTrained ? [bool(false)] : [])];
    if (isTrained) {
      names.push('training');
      traces.push(await this.addTrace('call_training', training, trained, [bool(true)]));
    }
    return this.context.objects.addFunction(names, traces);
  }

  private async addTrace(
    name: string,
    variant: ModelVariant,
    signature: Signature,
    flags: readonly Structured[],
  ): Promise<ConcreteFunction> {
    const { module } = variant;
    const inputs = sortedFields(signature.inputs);
    const args = inputs.flatMap(([, info]) => tensorsOf(module, info));
    const outputs = resultsOf(signature);
    const effects = flags.length > 0 && variant === this.parts.training ? updatesFor(module, args) : [];
    const results = outputs.flatMap(([, info]) => tensorsOf(module, info));
    const made = await this.capture(variant, { name, inputs: args, outputs: results, effects });
    const [only] = inputs.length === 1 ? inputs : [];
    const argument = only
      ? spec(parameterName(signature), only[1])
      : dictionary(inputs.map(([key, info]) => [key, spec(key, info)]));
    const isLone = outputs.length === 1;
    return {
      name: made.name,
      positional: inputs.length === 0 ? flags : [argument, ...flags],
      output: isLone
        ? spec(outputs[0]![0], outputs[0]![1])
        : dictionary(outputs.map(([key, info]) => [key, spec(key, info)])),
      boundInputs: await this.state.nodes(module, made),
    };
  }

  /** Each a function without arguments that gives a scalar. */
  async addLosses(): Promise<number[]> {
    const variant = this.parts.training ?? this.parts.inference;
    const { module } = variant;
    const members = module.graph.collections.get(Collections.regularizationLosses) ?? [];
    const losses: number[] = [];
    for (const member of members) {
      const loss = 'operation' in member ? member : member.output();
      if (!isComputable(loss, new Set())) continue;
      const name = `regularization_loss_${losses.length}`;
      const made = await this.capture(variant, { name, inputs: [], outputs: [loss] });
      const info: TensorInfo = { kind: 'dense', dtype: loss.dtype, shape: [], components: [] };
      const boundInputs = await this.state.nodes(module, made);
      losses.push(this.context.objects.addFunction([], [{ name: made.name, output: spec('loss', info), boundInputs }]));
    }
    return losses;
  }

  async addSignatures(): Promise<number> {
    const { objects } = this.context;
    const { signatures } = this.parts.inference;
    const map = objects.addObject('signature_map');
    for (const [name, signature] of sortedFields(signatures))
      objects.connect(map, name, await this.addSignature(signature));
    const standard = callableSignature(signatures);
    if (standard && !signatures.has(SERVING_DEFAULT)) {
      this.signatureDefinitions.set(SERVING_DEFAULT, this.signatureDefinitions.get(standard.name)!);
      objects.connect(map, SERVING_DEFAULT, this.signatureNodes.get(standard.name)!);
    }
    return map;
  }

  private readonly signatureNodes = new Map<string, number>();

  private async addSignature(signature: Signature): Promise<number> {
    const { objects, main } = this.context;
    const { inference } = this.parts;
    const { module } = inference;
    const { name } = signature;
    const inputs = flatten(signature.inputs, argumentName);
    const outputs = flatten(signature.outputs);
    const of = ({ component }: FlatComponent): SymbolicTensor => module.graph.tensor(component.tensor);
    const label = `signature_${this.signatureNodes.size}_${plainName(name)}`;
    const part = { name: label, inputs: inputs.map(of), outputs: outputs.map(of) };
    const made = await this.capture(inference, part);

    const fed = inputs.map((input) =>
      main.placeholder(`${plainName(name)}_${plainName(input.name)}`, of(input).dtype, input.component.shape),
    );
    const called = main.call(made, [...fed, ...(await this.state.tensors(module, made))]);
    const definition = defineSignature({
      method: PREDICT,
      inputs: renamed(signature.inputs, inputs, fed),
      outputs: renamed(signature.outputs, outputs, called.outputs),
    });
    this.signatureDefinitions.set(name, definition);

    const specs = (flat: readonly FlatComponent[]): [string, Structured][] =>
      flat.map((one) => [
        one.name,
        spec(one.name, { ...one.component, dtype: of(one).dtype, kind: 'dense', components: [] }),
      ]);
    const node = objects.addBareFunction({
      name: made.name,
      keyword: new Map(specs(inputs)),
      output: dictionary(specs(outputs)),
      boundInputs: await this.state.nodes(module, made),
    });
    this.signatureNodes.set(name, node);
    return node;
  }
}

/** `default`, as TensorFlow Hub has it; of others that for serving, or the only one. */
function callableSignature(signatures: ReadonlyMap<string, Signature>): Signature | undefined {
  const [only, ...others] = signatures.values();
  return signatures.get('default') ?? signatures.get(SERVING_DEFAULT) ?? (others.length === 0 ? only : undefined);
}

/** What a call's only parameter is called: as the only input is, where Python can; several are a dictionary. */
function parameterName({ inputs }: Signature): string {
  const [only, ...others] = inputs.keys();
  const isOwn = only !== undefined && others.length === 0 && argumentName(only) === only && !TAKEN_PARAMETERS.has(only);
  return isOwn ? only : 'inputs';
}

/** What an input is called as an argument of Python: TensorFlow loads no function whose arguments are called otherwise. */
function argumentName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}_]/gu, '_').replace(/^(?=\p{N}|$)/u, 'arg_');
  return PYTHON_WORDS.has(plain) ? `${plain}_` : plain;
}

/** No arguments can be called so. */
const PYTHON_WORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or ' +
    'pass raise return try while with yield False None True self'
  ).split(' '),
);

/** What these mean in a function that is called, or nothing. */
const TAKEN_PARAMETERS = new Set(['self', 'training', 'default']);

/** What a call returns: the output called `default`, or the only one, or all by their names. */
function resultsOf({ outputs }: Signature): [string, TensorInfo][] {
  const standard = outputs.get('default');
  return standard ? [['default', standard]] : sortedFields(outputs);
}

function sameNames(left: Signature['inputs'], right: Signature['inputs']): boolean {
  return left.size === right.size && [...left].every(([name, { kind }]) => right.get(name)?.kind === kind);
}

function tensorsOf({ graph }: ModuleGraph, { components }: TensorInfo): SymbolicTensor[] {
  return components.map(({ tensor }) => graph.tensor(tensor));
}

function updatesFor({ graph }: ModuleGraph, inputs: readonly SymbolicTensor[]): Operation[] {
  const fed = new Set(inputs);
  const updates = (graph.collections.get(Collections.updateOps) ?? []).filter((update) => isComputable(update, fed));
  return [...new Set(updates.map((update) => ('operation' in update ? update.operation : update)))];
}

/** A tensor of a signature by the name that those know it by who have no sparse and ragged values: TensorFlow's `hub.load` uses these. */
interface FlatComponent {
  readonly name: string;
  readonly input: string;
  readonly index: number;
  readonly component: ComponentInfo;
}

const SPARSE_PARTS = ['indices', 'values', 'dense_shape'];

/** In the order of their names, which is that of Python's dictionaries when they are arguments. */
function flatten(infos: Signature['inputs'], rename = (name: string) => name): FlatComponent[] {
  const flat = new Map<string, FlatComponent>();
  for (const [input, { kind, components }] of infos) {
    components.forEach((component, index) => {
      const part = kind === 'sparse' ? SPARSE_PARTS[index] : `component_${index}`;
      let name = rename(kind === 'dense' ? input : `${input}_${part}`);
      while (flat.has(name)) name += '_';
      flat.set(name, { name, input, index, component });
    });
  }
  return sortedFields(flat).map(([, component]) => component);
}

/** The inputs or outputs of a signature, with the names that their tensors have in the file's graph. */
function renamed(
  infos: Signature['inputs'],
  flat: readonly FlatComponent[],
  tensors: readonly SymbolicTensor[],
): Signature['inputs'] {
  const position = (input: string, index: number): number =>
    flat.findIndex((one) => one.input === input && one.index === index);
  return new Map(
    [...infos].map(([name, info]) => {
      const components = info.components.map((component, index) => {
        const tensor = tensors[position(name, index)]!;
        return { ...component, tensor: tensor.name, dtype: tensor.dtype };
      });
      return [name, { ...info, components, dtype: components[info.kind === 'sparse' ? 1 : 0]!.dtype }];
    }),
  );
}

/** Of a name what operations may be called. */
function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, '_').replace(/^[_.]+/, '') || 'unnamed';
}
