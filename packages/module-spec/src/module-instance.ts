import {
  importGraph,
  inferAddedOperation,
  inlineFunctions,
  prune,
  ShapeInferenceError,
  SymbolicTensor,
  type Attribute,
  type Graph,
  type Operation,
  type RewrittenGraph,
} from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import { bindInputNames, encodeInputs, graphEncoder } from './bind-inputs.js';
import { Collections, operationsIn } from './collections.js';
import { assemble, type SymbolicValue } from './composite.js';
import type { ModuleAsset, ModuleGraph, ModuleVariable } from './module-graph.js';
import type { ModuleSpec, VariantOptions } from './module-spec.js';
import type { ModuleVariant } from './module-variant.js';
import { CallableNotFoundError } from './errors.js';
import { functionBody, selectTrace, traceComponents, type FunctionBody } from './call-function.js';
import { findSavedFunction, listFunctionPaths, type FunctionTrace, type SavedFunction } from './saved-functions.js';
import { restructure, type Restructured } from './restructure.js';
import type { Signature } from './signature.js';
import { isComputable } from './is-computable.js';
import { isState } from './trace-calls.js';
import { dependsOn, operationOf, trainablePart, type TrainablePart, type TrainablePattern } from './trainable.js';
import type { ComponentInfo } from './tensor-info.js';
import { constantStrings } from './constant.js';
import { variableMapOf, type VariableOrParts } from './variable-map.js';

export interface InstantiateOptions extends VariantOptions {
  /** What the scope of the module's variables begins with: `module`, or `module_1`, … where that is taken. */
  readonly name?: string | undefined;
  /**
   * Whether training may change the module: its variables then are among the graph's trainable ones, and its update ops and
   * regularization losses come along. Which variant is used, tags alone say.
   *
   * A pattern, or a function of names, says which variables: `/last_block/`. Losses then are those that depend on one of them, and update
   * ops those that change a variable whose name matches: of the others, the averages of batch normalisation stay what they are.
   */
  readonly trainable?: TrainablePattern | undefined;
}

export interface ApplyOptions {
  /** `default` if it is left out. */
  readonly signature?: string | undefined;
  /** The name scope that the application is put into. */
  readonly scope?: string | undefined;
}

/**
 * Puts a module into a graph, once: its variables, tables and assets, under a scope of their own. Applying it then adds what computes,
 * and shares them (TF1 Hub contract, Instantiation).
 *
 * @throws VariantNotFoundError; NothingTrainableError if a pattern matches no trainable variable; and what loading the variant throws.
 */
export async function instantiate(
  spec: ModuleSpec,
  graph: Graph,
  { name = 'module', tags, trainable = false }: InstantiateOptions = {},
): Promise<ModuleInstance> {
  const variant = spec.variant(tags);
  const module = await variant.load();
  const trained = trainablePart(module, trainable);
  const scope = graph.uniqueScope(name);
  const imported = importGraph(module.graph, graph, { prefix: scope });
  const instance = new ModuleInstance(spec, variant, { module, imported, scope, trainable, trained });
  for (const name of CREATED) addToCollection(imported, name, module.graph.collections.get(name) ?? []);
  for (const [name, members] of stateOf(module)) addToCollection(imported, name, unlisted(module.graph, name, members));
  addToCollection(imported, Collections.trainableVariables, trained.variables);
  addToCollection(imported, Collections.regularizationLosses, trained.losses);
  if (trainable !== false) addLosses(instance, trained.variables.map((variable) => imported.operation(operationOf(variable)))); // prettier-ignore
  return instance;
}

/** The regularization losses that the object of a TF2 SavedModel lists as functions: those that depend on what is trained. */
function addLosses(instance: ModuleInstance, trained: readonly Operation[]): void {
  const { collections } = instance.graph;
  const variables = new Set(trained);
  for (let index = 0; instance.hasFunction(`regularization_losses.${index}`); index++) {
    const loss = instance.call(`regularization_losses.${index}`);
    if (!(loss instanceof SymbolicTensor) || !dependsOn(loss.operation, variables)) continue;
    const name = Collections.regularizationLosses;
    collections.set(name, [...(collections.get(name) ?? []), loss]);
  }
}

/** Its state by the collections that it belongs to, whether it is listed there or not: SavedModels of TensorFlow 2 list nothing. */
function stateOf({ graph, variables, assets }: ModuleGraph): [collection: string, members: Operation[]][] {
  const initialized = [...graph.initializers];
  const own = new Set(variables.map(({ operation }) => operation));
  for (const [state] of initialized) if (VARIABLES.has(state.type)) own.add(state);
  const fills = initialized.flatMap(([state, initializers]) =>
    own.has(state)
      ? []
      : initializers.flatMap((initializer) => ('operation' in initializer ? initializer.operation : [])),
  );
  return [
    [Collections.variables, [...own]],
    [Collections.tableInitializers, [...new Set(fills)]],
    [Collections.assetPaths, assets.map(({ tensor }) => tensor.operation)],
  ];
}

const VARIABLES: ReadonlySet<string> = new Set(['VarHandleOp', 'VariableV2', 'Variable']);

function unlisted(graph: Graph, collection: string, members: readonly Operation[]): Operation[] {
  const listed = new Set(operationsIn(graph, collection));
  return members.filter((member) => !listed.has(member));
}

/** Takes the graph of a module as it is for one that the module is instantiated in: for a session of its own. */
export async function instantiateAlone(spec: ModuleSpec, { tags }: VariantOptions = {}): Promise<ModuleInstance> {
  const variant = spec.variant(tags);
  const module = await variant.loadForCalls();
  const itself: RewrittenGraph = {
    graph: module.graph,
    tensor: (original) => original,
    operation: (original) => original,
  };
  return new ModuleInstance(spec, variant, {
    module,
    imported: itself,
    scope: 'module',
    trainable: false,
    trained: trainablePart(module, false),
  });
}

/** A tensor that is there when these have run, as the output of a call is when all that the function does is done. */
function after(operations: readonly Operation[], tensor: SymbolicTensor): SymbolicTensor {
  if (operations.length === 0) return tensor;
  const { graph, name } = tensor.operation;
  return graph
    .addOperation({
      type: 'Identity',
      name: `${name}/after`,
      inputs: [tensor],
      controlInputs: operations,
      attributes: new Map<string, Attribute>([['T', { kind: 'dtype', value: tensor.dtype }]]),
      shapes: [tensor.shape],
    })
    .output();
}

interface Imported {
  readonly module: ModuleGraph;
  readonly imported: RewrittenGraph;
  readonly scope: string;
  readonly trainable: TrainablePattern;
  readonly trained: TrainablePart;
}

/** A module in a graph. Made by `instantiate`. */
export class ModuleInstance {
  /** Under which its state is in the graph: `module`. */
  readonly scope: string;
  /** Its variables in the graph. Where a pattern says what is trained, no others are `trainable`. */
  readonly variables: readonly ModuleVariable[];
  /** Whether training may change any of it. */
  readonly trainable: boolean;
  private readonly module: ModuleGraph;
  private readonly imported: RewrittenGraph;
  private readonly trained: TrainablePart;
  /** Of instances that are trained in part: the others of a module share theirs. */
  private readonly bodies: SignatureBodies | undefined;
  private readonly state = new Map<SymbolicTensor, SymbolicTensor>();
  private readonly signatures = new Map<Signature, Signature>();
  private readonly nested = new Map<string, SavedFunction>();
  private readonly encode: ReturnType<typeof graphEncoder>;

  /** @internal */
  constructor(
    readonly spec: ModuleSpec,
    readonly variant: ModuleVariant,
    { module, imported, scope, trainable, trained }: Imported,
  ) {
    this.module = module;
    this.imported = imported;
    this.scope = scope;
    this.trainable = trainable !== false;
    this.trained = trained;
    this.bodies = typeof trainable === 'boolean' ? undefined : new Map();
    for (const operation of module.graph.operations) {
      if (isState(operation)) this.state.set(operation.output(), imported.tensor(operation.output()));
    }
    this.variables = module.variables.map((variable) => ({
      ...variable,
      ...(this.bodies && { trainable: variable.trainable && trained.includes(variable) }),
      operation: imported.operation(variable.operation),
    }));
    this.encode = graphEncoder(this.graph);
  }

  get graph(): Graph {
    return this.imported.graph;
  }

  /** The files that its programs may read. */
  get assets(): readonly ModuleAsset[] {
    return this.module.assets;
  }

  /** Functions that it offers, if it is a TF2 SavedModel. */
  get functions(): ReadonlyMap<string, SavedFunction> {
    return this.module.functions;
  }

  /**
   * One of those functions, or of the functions that objects within the root object offer, by the path to it: `encoder.scale`,
   * `blocks.1.__call__`.
   *
   * @throws CallableNotFoundError
   */
  findFunction(path: string): SavedFunction {
    const { functions, objects } = this.module;
    const found = this.lookUpFunction(path);
    if (!found)
      throw new CallableNotFoundError(path, objects ? listFunctionPaths(objects.graph) : [...functions.keys()]);
    return found;
  }

  /** Whether there is a function at that path. */
  hasFunction(path: string): boolean {
    return this.lookUpFunction(path) !== undefined;
  }

  private lookUpFunction(path: string): SavedFunction | undefined {
    const { functions, objects } = this.module;
    let found = functions.get(path) ?? this.nested.get(path);
    if (!found && objects) {
      found = findSavedFunction(path, objects.graph);
      if (found) this.nested.set(path, found);
    }
    return found;
  }

  /**
   * The variables that the object of a TF2 SavedModel lists under a name, `trainable_variables` or `variables`, in its order (the interface of
   * reusable SavedModels); `undefined` if it has no such list.
   */
  listedVariables(name: string): readonly ModuleVariable[] | undefined {
    const { objects, variables } = this.module;
    const nodes = objects?.graph.nodes;
    const list = nodes?.[0]?.children.find(({ localName }) => localName === name);
    if (!objects || !list) return undefined;
    const items = (nodes?.[list.nodeId]?.children ?? []).filter(({ localName }) => /^\d+$/.test(localName));
    return items
      .toSorted((a, b) => Number(a.localName) - Number(b.localName))
      .flatMap(({ nodeId }) => {
        const found = objects.find(nodeId);
        const index = variables.findIndex(({ operation }) => operation.outputs[0] === found);
        return this.variables[index] ?? [];
      });
  }

  /** The files that come with it: where they lie, and what they are called in its assets folder. */
  get assetFiles(): readonly { readonly path: string; readonly filename: string }[] {
    return this.module.assets.flatMap(({ tensor, filename }) => {
      const [path] = constantStrings({ tensor, frame: { depth: 0 } }) ?? [];
      return path === undefined ? [] : [{ path, filename }];
    });
  }

  /** Its variables by their names in the module; those in parts as lists. */
  get variableMap(): ReadonlyMap<string, VariableOrParts> {
    return variableMapOf(this.variables);
  }

  /** What stands in the graph for a tensor of the module's own graph: how to feed and fetch its signatures without applying them. */
  tensor(name: string): SymbolicTensor {
    return this.imported.tensor(this.module.graph.tensor(name));
  }

  /**
   * A signature as the graph has it: exporters have been known to declare an input with the data type of another.
   *
   * @throws SignatureNotFoundError
   */
  signature(name?: string): Signature {
    const declared = this.variant.signature(name);
    let actual = this.signatures.get(declared);
    if (!actual) {
      actual = withActualTypes(declared, this.module.graph);
      this.signatures.set(declared, actual);
    }
    return actual;
  }

  /**
   * Applies the module to tensors of its graph, or to values, which become constants. Every application shares its variables and tables;
   * only what the signature needs is added (TF1 Hub contract, Application).
   *
   * @returns The outputs by name. One that is itself an input is the tensor that was given.
   * @throws SignatureNotFoundError, InputNamesError, InputTypeError, SymbolicInputError
   */
  apply(inputs?: unknown, { signature: signatureName, scope }: ApplyOptions = {}): Map<string, SymbolicValue> {
    const signature = this.signature(signatureName);
    const bound = bindInputNames(signature.name, signature.inputs, inputs);
    const components = encodeInputs(signature.name, signature.inputs, bound, this.encode);
    const body = this.signatureBody(signature);
    const results = this.import(body, components, this.applicationScope(signature.name, scope));
    let next = 0;
    const outputs = new Map<string, SymbolicValue>();
    for (const [name, info] of signature.outputs) {
      outputs.set(name, assemble(info, results.slice(next, (next += info.components.length))));
    }
    return outputs;
  }

  /**
   * Calls a function that a TF2 SavedModel's object offers, as `apply` applies a signature. Which of its traces is meant, the arguments
   * say: tensors by their types, all others by their values.
   *
   * @param args Positional arguments: tensors of the graph, values, lists and dictionaries of them, and plain values such as `true`.
   * @returns What the function returns, in the structure in which it returns it.
   * @throws CallableNotFoundError, NoMatchingFunctionError, UnsupportedCaptureError, SymbolicInputError
   */
  call(
    name: string,
    args: readonly unknown[] = [],
    keywords: Readonly<Record<string, unknown>> = {},
    scope?: string,
  ): Restructured<SymbolicValue> {
    const saved = this.findFunction(name);
    const { trace, components } = selectTrace(saved, args, keywords, this.encode);
    const results = this.callTrace(name, trace, components, scope);
    return restructure(trace.output, (leaf, first) =>
      assemble(leaf.info, results.slice(first, first + leaf.info.components.length)),
    );
  }

  /** Calls one trace of a function with all its tensors, one after the other. */
  callTrace(
    name: string,
    trace: FunctionTrace,
    components: readonly (Tensor | SymbolicTensor)[],
    scope?: string,
  ): SymbolicTensor[] {
    const body = functionBody(this.module, name, trace);
    return this.import(body, components, this.applicationScope(name, scope));
  }

  /** What one trace of a function takes before what it captured. */
  traceInputs(trace: FunctionTrace): readonly ComponentInfo[] {
    return traceComponents(trace);
  }

  /** The part of the module's graph that one signature needs, inputs and state replaced by placeholders; made once per signature. */
  private signatureBody(signature: Signature): FunctionBody {
    const { graph } = this.module;
    const bodies = this.bodies ?? sharedBodies(graph, this.trainable);
    let body = bodies.get(signature);
    if (!body) {
      body = pruneToSignature(graph, signature, this.trained.updates);
      bodies.set(signature, body);
    }
    return body;
  }

  private applicationScope(signature: string, scope = ''): string {
    const name = this.scope.slice(this.scope.lastIndexOf('/') + 1);
    const base = `${name}_apply_${signature.replaceAll(':', '_')}`;
    return this.graph.uniqueScope(scope === '' ? base : `${scope}/${base}`);
  }

  private import(
    body: FunctionBody,
    components: readonly (Tensor | SymbolicTensor)[],
    prefix: string,
  ): SymbolicTensor[] {
    const inputMap = new Map<SymbolicTensor, SymbolicTensor>();
    for (const [original, placeholder] of body.captures) {
      inputMap.set(placeholder, this.state.get(original) ?? this.imported.tensor(original));
    }
    // An input may stand for a state operation, and then wins.
    body.inputs.forEach((placeholder, index) => inputMap.set(placeholder, this.symbolic(components[index]!)));
    // Gradients flow through operations, and not into functions.
    const inlined = inlineFunctions(body.graph);
    const mapped = new Map(Array.from(inputMap, ([placeholder, value]) => [inlined.tensor(placeholder), value]));
    const imported = importGraph(inlined.graph, this.graph, { prefix, inputMap: mapped });
    const applied: RewrittenGraph = {
      graph: this.graph,
      tensor: (original) => imported.tensor(inlined.tensor(original)),
      operation: (original) => imported.operation(inlined.operation(original)),
    };
    for (const original of inlined.graph.operations) inferShapesOf(imported.operation(original));
    for (const name of APPLIED) addToCollection(applied, name, body.graph.collections.get(name) ?? []);
    const effects = inlined.sideEffects.map(imported.operation);
    return body.outputs.map((output) => after(effects, applied.tensor(output)));
  }

  private symbolic(component: Tensor | SymbolicTensor): SymbolicTensor {
    if (component instanceof SymbolicTensor) return component;
    const constant = this.graph.addOperation({
      type: 'Const',
      attributes: new Map<string, Attribute>([
        ['dtype', { kind: 'dtype', value: component.dtype }],
        ['value', { kind: 'tensor', value: component }],
      ]),
      shapes: [component.shape],
    });
    return constant.output();
  }
}

/** Who builds on an application needs the shapes of what it gives: files mostly state none. What is wrong in there shows when it is planned. */
function inferShapesOf(operation: Operation): void {
  try {
    inferAddedOperation(operation);
  } catch (error) {
    if (!(error instanceof ShapeInferenceError)) throw error;
  }
}

/** Adds members of a graph's collections to those of the graph that it was copied into. */
function addToCollection(copies: RewrittenGraph, name: string, members: readonly (Operation | SymbolicTensor)[]): void {
  if (members.length === 0) return;
  const { collections } = copies.graph;
  const kept = members.map((member) => ('operation' in member ? copies.tensor(member) : copies.operation(member)));
  collections.set(name, [...(collections.get(name) ?? []), ...kept]);
}

const CREATED = [
  Collections.variables,
  Collections.modelVariables,
  Collections.tableInitializers,
  Collections.assetPaths,
];
const APPLIED = [Collections.assetPaths, Collections.updateOps];

function withActualTypes(signature: Signature, graph: Graph): Signature {
  const actual = (infos: Signature['inputs']): Signature['inputs'] =>
    new Map(
      [...infos].map(([name, info]) => {
        const components = info.components.map((component) => ({
          ...component,
          dtype: graph.tensor(component.tensor).dtype,
        }));
        return [name, { ...info, components, dtype: components[info.kind === 'sparse' ? 1 : 0]!.dtype }];
      }),
    );
  return {
    name: signature.name,
    method: signature.method,
    inputs: actual(signature.inputs),
    outputs: actual(signature.outputs),
  };
}

type SignatureBodies = Map<Signature, FunctionBody>;

/** For the graphs of modules, those of which nothing is trained and those of which everything is. */
const shared = new WeakMap<Graph, { readonly frozen: SignatureBodies; readonly trained: SignatureBodies }>();

function sharedBodies(graph: Graph, trainable: boolean): SignatureBodies {
  const known = shared.get(graph) ?? {
    frozen: new Map<Signature, FunctionBody>(),
    trained: new Map<Signature, FunctionBody>(),
  };
  shared.set(graph, known);
  return trainable ? known.trained : known.frozen;
}

function pruneToSignature(
  graph: Graph,
  signature: Signature,
  wanted: readonly (Operation | SymbolicTensor)[],
): FunctionBody {
  const tensors = (infos: Signature['inputs']): SymbolicTensor[] =>
    [...infos.values()].flatMap(({ components }) => components.map(({ tensor }) => graph.tensor(tensor)));
  const inputs = tensors(signature.inputs);
  const outputs = tensors(signature.outputs);
  const assets = graph.collections.get(Collections.assetPaths) ?? [];
  const fed = new Set(inputs);
  const updates = wanted.filter((update) => isComputable(update, fed));
  const state = [...graph.operations].filter((operation) => isState(operation) && !fed.has(operation.output()));
  const pruned = prune(
    graph,
    [...outputs, ...assets, ...updates],
    [...inputs, ...state.map((operation) => operation.output())],
  );
  const inPruned = (member: Operation | SymbolicTensor): Operation | SymbolicTensor =>
    'operation' in member ? pruned.tensor(member) : pruned.operation(member);
  if (assets.length > 0) pruned.graph.collections.set(Collections.assetPaths, assets.map(inPruned));
  if (updates.length > 0) pruned.graph.collections.set(Collections.updateOps, updates.map(inPruned));
  return {
    graph: pruned.graph,
    inputs: inputs.map((input) => pruned.tensor(input)),
    outputs: outputs.map((output) => pruned.tensor(output)),
    captures: state.map((operation) => [operation.output(), pruned.tensor(operation.output())]),
  };
}
