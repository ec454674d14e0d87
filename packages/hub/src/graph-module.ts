import {
  exportModule,
  exportOnnx,
  exportSavedModel,
  type ExportSavedModelOptions,
  type ExportOnnxOptions,
  type OnnxExport,
} from '@tenon/exporter';
import type { Graph } from '@tenon/graph';
import {
  instantiate,
  OutputNotFoundError,
  type ApplyOptions as InstanceApplyOptions,
  type InstantiateOptions,
  type ModuleInstance,
  type ModuleSpec,
  type ModuleVariable,
  type ModuleVariant,
  type Restructured,
  type SavedFunction,
  type SymbolicValue,
  type VariableOrParts,
} from '@tenon/module-spec';
import type { ResolveOptions } from '@tenon/resolver';
import type { Session } from '@tenon/runtime';
import type { SymbolicTensor } from '@tenon/graph';
import { makeCallable } from './callable-module.js';
import { openModule } from './load-module-spec.js';
import type { InputValue } from './loaded-module.js';
import { addModuleFiles } from './module-files.js';
import { defaultSignatureOf, ModuleInfo } from './module-info.js';

export interface ModuleOptions extends InstantiateOptions, ResolveOptions {
  /** The graph that the module becomes a part of. */
  readonly graph: Graph;
}

/** What an input can be given as: tensors of the module's graph, and values, which become constants. */
export type SymbolicInput = SymbolicValue | InputValue;
export type SymbolicInputs =
  SymbolicInput | { readonly [name: string]: SymbolicInput } | ReadonlyMap<string, SymbolicInput>;

export interface ApplyOptions extends InstanceApplyOptions {
  /** Whether to return all outputs by name, and not the one called `default`. */
  readonly asDict?: boolean | undefined;
}

/** A module in a graph: `module` makes it. */
export interface CallableGraphModule extends GraphModule {
  /** Applies the module: all outputs by name. */
  (
    inputs: SymbolicInputs | undefined,
    options: ApplyOptions & { readonly asDict: true },
  ): Record<string, SymbolicValue>;
  /**
   * Applies the module: the output called `default`; of a SavedModel the only one.
   *
   * @throws SignatureNotFoundError, InputNamesError, InputTypeError, SymbolicInputError, OutputNotFoundError
   */
  <R extends SymbolicValue = SymbolicTensor>(inputs?: SymbolicInputs, options?: ApplyOptions): R;
}

/**
 * A module as a piece of a graph. Applying it adds what computes; its variables and tables are shared by all applications.
 */
export class GraphModule extends ModuleInfo {
  readonly spec: ModuleSpec;
  override readonly defaultSignature: string;
  /** @internal */
  protected readonly variant: ModuleVariant;

  /** @internal Made by `module`. */
  constructor(private readonly instance: ModuleInstance) {
    super();
    this.spec = instance.spec;
    this.variant = instance.variant;
    this.defaultSignature = defaultSignatureOf(instance.variant);
  }

  get graph(): Graph {
    return this.instance.graph;
  }

  /** Under which its variables are in the graph: `module`, `module_1`, … */
  get scope(): string {
    return this.instance.scope;
  }

  get trainable(): boolean {
    return this.instance.trainable;
  }

  /** Its variables in the graph. */
  get variables(): readonly ModuleVariable[] {
    return this.instance.variables;
  }

  /** Its variables by their names in the module; those in parts as lists of their parts. */
  get variableMap(): ReadonlyMap<string, VariableOrParts> {
    return this.instance.variableMap;
  }

  /** The functions that a TF2 SavedModel's object offers, as `LoadedModule.functions`. */
  get functions(): ReadonlyMap<string, SavedFunction> {
    return this.instance.functions;
  }

  /**
   * The variables that the object of a TF2 SavedModel lists as `trainable_variables` or `variables`, in its order; `undefined` if it has no
   * such list.
   */
  listedVariables(name: 'trainable_variables' | 'variables'): readonly ModuleVariable[] | undefined {
    return this.instance.listedVariables(name);
  }

  /**
   * One of those functions, or one of an object within the model's object, as `LoadedModule.findFunction`.
   *
   * @throws CallableNotFoundError
   */
  findFunction(path: string): SavedFunction {
    return this.instance.findFunction(path);
  }

  /**
   * Writes the module with the values that its variables have in a session, in the TF1 Hub format: what `load` reads, and Python's
   * `hub.Module`. The folder is there as a whole or not at all.
   *
   * @param path Where to: a folder that is not there yet.
   * @throws TargetExistsError, SessionGraphError, MissingVariablesError, AssetFilesError, UnexportableModuleError, UninitializedError
   */
  async export(path: string, session: Session): Promise<void> {
    await exportModule(this.instance, path, session);
  }

  /**
   * Writes the module with the values that its variables have in a session as a SavedModel: what `tf.saved_model.load`, `hub.load`,
   * `hub.KerasLayer` (also with `trainable=True`) and TensorFlow Serving read. The folder is there as a whole or not at all.
   *
   * @param path Where to: a folder that is not there yet.
   * @throws TargetExistsError, SessionGraphError, VariantNotFoundError, MissingVariablesError, AssetFilesError, UnexportableModuleError,
   *   UninitializedError
   */
  async exportSavedModel(path: string, session: Session, options: ExportSavedModelOptions = {}): Promise<void> {
    await exportSavedModel(this.instance, path, session, options);
  }

  /**
   * Writes a signature of the module, with the values that its variables have in a session, as an ONNX model: one file, or two where weights come to much.
   *
   * @param path Of the file, which is not there yet.
   * @returns The names that inputs and outputs have in the model.
   * @throws UnconvertibleOperationsError naming every operation that ONNX cannot express; TargetExistsError, SessionGraphError,
   *   SignatureNotFoundError, OutputNotFoundError, UninitializedError
   */
  async exportOnnx(path: string, session: Session, options: Partial<ExportOnnxOptions> = {}): Promise<OnnxExport> {
    const { signature = this.defaultSignature } = options;
    return exportOnnx(this.instance, path, session, { ...options, signature });
  }

  /** What calling the module does. */
  apply(
    inputs?: SymbolicInputs,
    { asDict = false, signature = this.defaultSignature, scope }: ApplyOptions = {},
  ): unknown {
    const available = [...this.variant.signature(signature).outputs.keys()];
    const isLone = available.length === 1 && this.spec.format !== 'hub-module';
    const wanted = isLone ? available[0]! : 'default';
    if (!asDict && !available.includes(wanted)) throw new OutputNotFoundError(signature, [wanted], available);
    const outputs = this.instance.apply(inputs, { signature, scope });
    return asDict ? Object.fromEntries(outputs) : outputs.get(wanted);
  }

  /**
   * Calls a function of a TF2 SavedModel's object, as `LoadedModule.callFunction` does.
   *
   * @throws CallableNotFoundError, NoMatchingFunctionError, InputTypeError, UnsupportedCaptureError, SymbolicInputError
   */
  callFunction(
    name: string,
    args: readonly unknown[] = [],
    keywords: Readonly<Record<string, unknown>> = {},
    { scope }: Pick<ApplyOptions, 'scope'> = {},
  ): Restructured<SymbolicValue> {
    return this.instance.call(name, args, keywords, scope);
  }
}

/**
 * Makes a module a piece of a graph: its state is added now, once, and each call adds what computes.
 *
 * @param handle A path or URL; or what `loadModuleSpec` gave.
 * @throws InvalidHandleError, VariantNotFoundError, and what resolving and reading modules throws.
 * @example
 * const graph = new Graph();
 * const embed = await module('path/to/module', { graph, trainable: true });
 * const vectors = embed(placeholder(graph, { dtype: 'string', shape: [null] }));
 */
export async function module(handle: string | ModuleSpec, options: ModuleOptions): Promise<CallableGraphModule> {
  const { graph, name, tags, trainable, ...resolving } = options;
  const { spec, directory } = await openModule(handle, resolving);
  const instance = await instantiate(spec, graph, { name, tags, trainable });
  await addModuleFiles(instance, directory?.name);
  const applied = new GraphModule(instance);
  return makeCallable(applied, (inputs?: SymbolicInputs, applyOptions?: ApplyOptions) =>
    applied.apply(inputs, applyOptions),
  ) as CallableGraphModule;
}
