import { SymbolicTensor } from '@tenon/graph';
import { placeholder } from '@tenon/layers';
import {
  assemble,
  bindInputNames,
  encodeInputs,
  encodeValue,
  isDictionary,
  OutputNotFoundError,
  restructure,
  selectTrace,
  variableMapOf,
  type FunctionTrace,
  type ModuleInstance,
  type ModuleVariant,
  type ModuleSpec,
  type Restructured,
  type SavedFunction,
  type Signature,
  type TensorInfo,
  type Value,
  type VariableOrParts,
} from '@tenon/module-spec';
import type { Callable, Preview, Session } from '@tenon/runtime';
import type { RaggedTensor, SparseTensor, Tensor, TensorLike } from '@tenon/tensor';
import { LoadedVariable } from './loaded-variable.js';
import { defaultSignatureOf, ModuleInfo } from './module-info.js';
import { findTensor, findTensors, infoOf, placeholdersOf } from './named-tensors.js';

/** What an input can be given as: a tensor, or a plain value, nested or typed array that becomes one; sparse and ragged values. */
export type InputValue = TensorLike | SparseTensor | RaggedTensor;

/** All inputs of a signature: by name, or the only one as it is. */
export type Inputs = InputValue | { readonly [name: string]: InputValue } | ReadonlyMap<string, InputValue>;

/** The outputs of a signature by name. */
export type Outputs = Record<string, Value>;

export interface CallOptions {
  /**
   * The signature to call. Left out, a TF2 SavedModel that can be called itself is; else `default`, `serving_default`, or the only one.
   */
  readonly signature?: string | undefined;
  /** Whether to return all outputs by name, and not the one called `default`. */
  readonly asDict?: boolean | undefined;
  /** Compute only these outputs, and return them by name. */
  readonly outputs?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A module that is loaded and ready to be called: `load` makes it. */
export interface CallableModule extends LoadedModule {
  /**
   * Computes outputs by name.
   *
   * @throws SignatureNotFoundError, OutputNotFoundError
   * @throws InputNamesError, InputTypeError naming everything that is wrong with the inputs
   * @throws UnsupportedOperationError naming every operation that nothing at hand can run
   */
  (inputs: Inputs | undefined, options: CallOptions & { readonly asDict: true }): Promise<Outputs>;
  (inputs: Inputs | undefined, options: CallOptions & { readonly outputs: readonly string[] }): Promise<Outputs>;
  /**
   * Computes the output called `default`; of a SavedModel the only one. Others cost nothing.
   *
   * @throws OutputNotFoundError if there is none of that name: use `asDict: true`.
   */
  <R = import('@tenon/tensor').Tensor>(inputs?: Inputs, options?: CallOptions): Promise<R>;
}

const CALL = '__call__';

/** What one signature computes, for one choice of outputs. */
interface Computation {
  readonly outputs: ReadonlyMap<string, TensorInfo>;
  readonly callable: Callable;
}

/** What one trace of a function computes. */
interface TracedComputation {
  readonly trace: FunctionTrace;
  readonly callable: Callable;
}

/**
 * A module with a graph and a session of its own. Values go in, promises of values come out; its variables and tables live as long as it
 * does.
 */
export class LoadedModule extends ModuleInfo implements AsyncDisposable, Disposable {
  readonly spec: ModuleSpec;
  override readonly defaultSignature: string;
  /** @internal */
  protected readonly variant: ModuleVariant;
  private readonly computations = new Map<string, Computation>();
  private readonly traced = new Map<FunctionTrace, TracedComputation>();
  private readonly loadedVariables: readonly LoadedVariable[];

  /** @internal Made by `load`. */
  constructor(
    private readonly instance: ModuleInstance,
    readonly session: Session,
    private readonly release: () => void,
  ) {
    super();
    this.spec = instance.spec;
    this.variant = instance.variant;
    this.defaultSignature = defaultSignatureOf(instance.variant);
    this.loadedVariables = instance.variables.map((variable) => new LoadedVariable(variable, session));
  }

  /** What runs the heavy operations: the backend's name, or `host` where the host kernels run everything. */
  get backend(): string {
    return this.session.backend?.name ?? 'host';
  }

  /** The module's variables. */
  get variables(): readonly LoadedVariable[] {
    return this.loadedVariables;
  }

  /** The module's variables by name; those in parts as lists of their parts. */
  get variableMap(): ReadonlyMap<string, VariableOrParts<LoadedVariable>> {
    return variableMapOf(this.loadedVariables);
  }

  /** The functions that a TF2 SavedModel's object offers, for `callFunction`. */
  getFunctionNames(): string[] {
    return [...this.instance.functions.keys()];
  }

  /** What those functions take and give: their parameters, and the traces that they were saved with. */
  get functions(): ReadonlyMap<string, SavedFunction> {
    return this.instance.functions;
  }

  /**
   * One of those functions, or one that an object within the model's object offers, by the path to it: `encoder.scale`, `blocks.1.__call__`.
   *
   * @throws CallableNotFoundError
   */
  findFunction(path: string): SavedFunction {
    return this.instance.findFunction(path);
  }

  /** What calling the module does. */
  async run(inputs?: Inputs, options: CallOptions = {}): Promise<unknown> {
    const called = this.instance.functions.get(CALL);
    if (options.signature === undefined && called) return this.runObject(called, inputs, options);
    return this.runSignature(inputs, options);
  }

  private async runSignature(inputs: Inputs | undefined, options: CallOptions): Promise<unknown> {
    const signature = this.instance.signature(options.signature ?? this.defaultSignature);
    const bound = bindInputNames(signature.name, signature.inputs, inputs);
    const { outputs, callable } = this.compute(signature, this.chooseOutputs(signature, options));
    const feeds = encodeInputs(signature.name, signature.inputs, bound, encodeValue);
    const results = await callable.run(feeds, options.signal);
    let next = 0;
    const values = [...outputs].map(([name, info]): [string, Value] => [
      name,
      assemble(info, results.slice(next, (next += info.components.length))),
    ]);
    return isByName(options) ? Object.fromEntries(values) : values[0]?.[1];
  }

  private chooseOutputs(signature: Signature, options: CallOptions): readonly string[] {
    const available = [...signature.outputs.keys()];
    const wanted = options.outputs ?? (isByName(options) ? available : [this.loneOutput(available)]);
    const missing = wanted.filter((name) => !signature.outputs.has(name));
    if (missing.length > 0) throw new OutputNotFoundError(signature.name, missing, available);
    return wanted;
  }

  private loneOutput(available: readonly string[]): string {
    const isLone = available.length === 1 && this.spec.format !== 'hub-module';
    return isLone ? available[0]! : 'default';
  }

  private compute(signature: Signature, wanted: readonly string[]): Computation {
    const key = JSON.stringify([signature.name, ...wanted]);
    let computation = this.computations.get(key);
    if (!computation) {
      const outputs = new Map(wanted.map((name) => [name, signature.outputs.get(name)!]));
      const callable = this.session.callable(this.tensors(outputs), this.tensors(signature.inputs));
      computation = { outputs, callable };
      this.computations.set(key, computation);
    }
    return computation;
  }

  private tensors(infos: ReadonlyMap<string, TensorInfo>): SymbolicTensor[] {
    return [...infos.values()].flatMap(({ components }) =>
      components.map(({ tensor }) => this.instance.tensor(tensor)),
    );
  }

  /** As in Python, calling the object passes the inputs as its argument; unless it takes no object, and the inputs name its arguments. */
  private async runObject(called: SavedFunction, inputs: Inputs | undefined, options: CallOptions): Promise<unknown> {
    const takesObject = called.traces.some(({ positional }) => positional[0]?.kind === 'dict');
    const byName: unknown =
      inputs instanceof Map ? Object.fromEntries(inputs as ReadonlyMap<string, InputValue>) : inputs;
    const result =
      isDictionary(byName) && !takesObject && !('values' in byName && ('rowSplits' in byName || 'denseShape' in byName))
        ? await this.callFunction(CALL, [], byName, options)
        : await this.callFunction(CALL, inputs === undefined ? [] : [inputs], {}, options);
    if (!isByName(options)) return result;
    const named = isDictionary(result) ? result : { default: result };
    const missing = (options.outputs ?? []).filter((name) => !Object.hasOwn(named, name));
    if (missing.length > 0) throw new OutputNotFoundError(CALL, missing, Object.keys(named));
    return options.outputs ? Object.fromEntries(options.outputs.map((name) => [name, named[name]])) : named;
  }

  /**
   * Calls a function of a TF2 SavedModel's object, `__call__` or another, or of an object within it (`encoder.scale`), with positional arguments and keywords as in Python. Which of
   * the function's traces runs, the arguments say: tensors by their types, all others (`{ training: false }`) by their values.
   *
   * @returns What the function returns: a tensor, or lists and objects of them.
   * @throws CallableNotFoundError, NoMatchingFunctionError, InputTypeError, UnsupportedCaptureError, UnsupportedOperationError
   * @example
   * const logits = await model.callFunction('__call__', [images], { training: false });
   */
  async callFunction(
    name: string,
    args: readonly unknown[] = [],
    keywords: Readonly<Record<string, unknown>> = {},
    { signal }: Pick<CallOptions, 'signal'> = {},
  ): Promise<Restructured<Value>> {
    const saved = this.findFunction(name);
    const { trace, components } = selectTrace(saved, args, keywords, encodeValue);
    const results = await this.computeTrace(name, trace).callable.run(components, signal);
    return restructure(trace.output, ({ info }, first) =>
      assemble(info, results.slice(first, first + info.components.length)),
    );
  }

  private computeTrace(name: string, trace: FunctionTrace): TracedComputation {
    let computation = this.traced.get(trace);
    if (!computation) {
      const { graph } = this.session;
      const feeds = this.instance
        .traceInputs(trace)
        .map(({ dtype, shape }) => placeholder(graph, { dtype, shape, name: `${name}/input` }));
      const callable = this.session.callable(this.instance.callTrace(name, trace, feeds), feeds);
      computation = { trace, callable };
      this.traced.set(trace, computation);
    }
    return computation;
  }

  /**
   * Computes tensors by their names in the graph, as a TensorFlow 1 session does: for models without signatures, and for what lies
   * between the inputs and outputs of a signature. A TF1 Hub module holds what its signatures need, and nothing else.
   *
   * @param names Of tensors, `dense/Softmax:0`; without a number, the first output of the operation, which is run if it has none.
   * @param feeds Values by the names of tensors, which need not be placeholders. Plain values become what the tensors are.
   * @returns The tensors by the names that were asked for.
   * @throws UnknownTensorError naming all that are not in the graph; InputTypeError, MissingFeedError, UnsupportedOperationError
   * @example
   * const { 'Softmax:0': probabilities } = await model.fetch(['Softmax:0'], { 'Placeholder:0': images });
   */
  async fetch(
    names: readonly string[],
    feeds: Readonly<Record<string, TensorLike>> | ReadonlyMap<string, TensorLike> = {},
    { signal }: Pick<CallOptions, 'signal'> = {},
  ): Promise<Record<string, Tensor>> {
    const values = feeds instanceof Map ? (feeds as ReadonlyMap<string, TensorLike>) : new Map(Object.entries(feeds));
    const { fetched, fed } = findTensors(this.session.graph, names, [...values.keys()]);
    const infos = new Map([...fed].map(([name, tensor]) => [name, infoOf(tensor)]));
    const components = encodeInputs('fetch', infos, values, encodeValue);
    const callable = this.session.callable([...fetched.values()], [...fed.values()]);
    const results = await callable.run(components, signal);
    const tensors = [...fetched].filter(([, item]) => item instanceof SymbolicTensor);
    return Object.fromEntries(tensors.map(([name], index) => [name, results[index]!]));
  }

  /** What a tensor of the graph is, by its name: what `fetch` takes for it. Undefined if there is none of that name. */
  getTensorInfo(name: string): TensorInfo | undefined {
    const tensor = findTensor(this.session.graph, name);
    return tensor && infoOf(tensor);
  }

  /**
   * What has to be fed to `fetch` these tensors: placeholders, by the names of their tensors.
   *
   * @param names As `fetch` takes them; all of the graph, if they are left out.
   * @throws UnknownTensorError
   */
  getPlaceholderInfo(names?: readonly string[]): ReadonlyMap<string, TensorInfo> {
    const { graph } = this.session;
    const roots = names ? findTensors(graph, names, []).fetched.values() : graph.operations;
    return placeholdersOf(graph, roots);
  }

  /**
   * Where each operation of a signature would run, and which could run nowhere. Compiles nothing and reads no weights.
   *
   * @throws SignatureNotFoundError, OutputNotFoundError
   */
  preview({ signature: name, outputs }: Pick<CallOptions, 'signature' | 'outputs'> = {}): Preview {
    const signature = this.instance.signature(name ?? this.defaultSignature);
    return this.compute(signature, this.chooseOutputs(signature, { outputs, asDict: true })).callable.preview();
  }

  /** Frees what the module holds: its session, and the files it read from. Calls that come later fail. */
  async dispose(): Promise<void> {
    await this.session.dispose();
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  [Symbol.dispose](): void {
    void this.dispose();
  }
}

function isByName({ asDict, outputs }: CallOptions): boolean {
  return asDict === true || outputs !== undefined;
}
