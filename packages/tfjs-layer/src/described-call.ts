import type { CallableGraphModule } from '@tenon/hub';
import { placeholder } from '@tenon/layers';
import {
  formatStructure,
  leavesOf,
  restructure,
  type Restructured,
  type Structure,
  type SymbolicValue,
  type TensorInfo,
} from '@tenon/module-spec';
import { SymbolicTensor } from '@tenon/graph';
import type { PartialShape } from '@tenon/tensor';
import type { Shape } from '@tensorflow/tfjs-layers';
import type { Computation } from './application.js';
import { LayerOptionsError } from './errors.js';
import type { HubLayerOptions } from './options.js';
import { tfDType } from './values.js';

/** One tensor that a layer takes or gives. */
export interface Port {
  readonly name: string;
  readonly info: TensorInfo;
}

/**
 * The shape in which a module takes what a layer was given. TensorFlow.js makes vectors of examples columns: what is one number or text per
 * example for the module may be `[batch, 1]`.
 */
export function withoutColumn<S extends readonly unknown[]>({ info: { shape } }: Port, given: S): S {
  const isColumn = shape?.length === 1 && given.length === 2 && given[1] === 1;
  return isColumn ? (given.slice(0, 1) as readonly unknown[] as S) : given;
}

/** What calling a module as a layer does. */
export interface DescribedCall {
  readonly inputs: readonly Port[];
  /** Whether it can be called for training and for inference. */
  readonly hasTraining: boolean;
  /** Adds a call to the module's graph. */
  call(training: boolean): Computation & { readonly outputNames: readonly string[] };
}

const CALL = '__call__';

/** A module, and what is asked of it. */
export interface Request {
  readonly module: CallableGraphModule;
  readonly handle: string;
  readonly options: HubLayerOptions;
}

/**
 * Finds out how a module is called, as `hub.KerasLayer` does.
 *
 * @throws LayerOptionsError naming everything that does not fit; SignatureNotFoundError.
 */
export function describeCall(request: Request): DescribedCall {
  const { module, handle, options } = request;
  const isHubModule = module.spec.format === 'hub-module';
  const signature = options.signature ?? (isHubModule ? 'default' : undefined);
  const outputKey = options.outputKey ?? (isHubModule && !options.asDict ? 'default' : undefined);
  const problems: string[] = [];
  if (signature !== undefined && (outputKey !== undefined) === (options.asDict ?? false))
    problems.push(
      `With a signature, give either outputKey (one of ${list(outputsOf(module, signature))}) or asDict: true.`,
    );
  if (signature === undefined && options.asDict) problems.push('asDict goes with a signature; give one.');
  if (signature === undefined && !module.functions.has(CALL)) {
    problems.push(`It cannot be called itself; give a signature: ${list(module.getSignatureNames())}.`);
  }
  if (options.trainable && signature !== undefined) problems.push(untrainable(isHubModule));
  if (problems.length > 0) throw new LayerOptionsError(handle, problems);
  return signature === undefined
    ? describeObject(request, outputKey)
    : describeSignature(request, signature, outputKey);
}

/** Why calls of signatures are not trained: nothing says what they do while training, which averages they move, and what is lost. */
export function untrainable(isHubModule: boolean): string {
  return isHubModule
    ? 'a TF1 Hub module cannot be trained as a layer (fine-tune it with module() of @tenon/hub)'
    : 'a signature cannot be trained; the object itself can, if it can be called';
}

function outputsOf(module: CallableGraphModule, signature: string): Iterable<string> {
  return module.getSignatureNames().includes(signature) ? module.getOutputInfo(signature).keys() : ['none'];
}

function describeSignature(
  { module, handle, options }: Request,
  signature: string,
  outputKey: string | undefined,
): DescribedCall {
  const given = options.arguments ?? {};
  const infos = module.getInputInfo(signature);
  const outputs = module.getOutputInfo(signature);
  const problems = Object.keys(given)
    .filter((name) => !infos.has(name))
    .map((name) => `The signature "${signature}" takes no "${name}"; it takes ${list(infos.keys())}.`);
  if (outputKey !== undefined && !outputs.has(outputKey))
    problems.push(`The signature "${signature}" has no output "${outputKey}"; it has ${list(outputs.keys())}.`);
  const inputs = [...infos].filter(([name]) => !(name in given)).map(([name, info]): Port => ({ name, info }));
  const outputNames = outputKey === undefined ? [...outputs.keys()] : [outputKey];
  const shapes = checkPorts(inputs, options, problems);
  for (const name of outputNames) {
    const info = outputs.get(name);
    if (info) problems.push(...portProblems({ name, info }, 'output'));
  }
  if (problems.length > 0) throw new LayerOptionsError(handle, problems);
  return {
    inputs,
    hasTraining: false,
    call() {
      const placeholders = placeholdersFor(module, inputs, shapes);
      const byName = Object.fromEntries(inputs.map(({ name }, index) => [name, placeholders[index]!]));
      const results = module({ ...given, ...byName } as Record<string, SymbolicTensor>, { signature, asDict: true });
      return {
        inputs: placeholders,
        outputs: outputNames.map((name) => results[name] as SymbolicTensor),
        outputNames,
      };
    },
  };
}

function describeObject({ module, handle, options }: Request, outputKey: string | undefined): DescribedCall {
  const { parameters, traces } = module.findFunction(CALL);
  const hasTraining = parameters.names.includes('training') || parameters.keywordOnly.includes('training');
  const [first] = traces;
  const argument = first?.positional[0];
  const problems: string[] = [];
  if (!first) problems.push('It was saved without a trace of its __call__.');
  const leaves = argument ? leavesOf(argument) : [];
  if (first && leaves.length === 0)
    problems.push(
      `Its __call__ takes ${argument ? formatStructure(argument) : 'nothing'} as its first argument, and no tensors.`,
    );
  const inputs = leaves.map(({ path, name, info }): Port => ({ name: nameOfLeaf(path) || name || 'inputs', info }));
  const shapes = checkPorts(inputs, options, problems);
  if (problems.length > 0) throw new LayerOptionsError(handle, problems);
  return {
    inputs,
    hasTraining,
    call(training) {
      const placeholders = placeholdersFor(module, inputs, shapes);
      let next = 0;
      const value = restructure<SymbolicTensor>(argument as Structure, () => placeholders[next++]!);
      const keywords = { ...options.arguments, ...(hasTraining && { training }) };
      const result = module.callFunction(CALL, [value], keywords);
      const named = selectOutputs(result, outputKey, handle);
      return {
        inputs: placeholders,
        outputs: named.map(([, output]) => output),
        outputNames: named.map(([name]) => name),
      };
    },
  };
}

/** `["a"][0]` as `a_0`. */
function nameOfLeaf(path: string): string {
  return path.replaceAll(/["\]]/g, '').replaceAll('[', '_').replace(/^_/, '');
}

function selectOutputs(
  result: Restructured<SymbolicValue>,
  outputKey: string | undefined,
  handle: string,
): [name: string, output: SymbolicTensor][] {
  const named = [...flatten(result, '')];
  if (outputKey !== undefined) {
    const isNamed = typeof result === 'object' && !(result instanceof SymbolicTensor) && !Array.isArray(result);
    const chosen = named.filter(([name]) => name === outputKey || name.startsWith(`${outputKey}_`));
    if (!isNamed || chosen.length === 0)
      throw new LayerOptionsError(handle, [
        isNamed
          ? `It returns no "${outputKey}"; it returns ${list(named.map(([name]) => name))}.`
          : 'outputKey is for modules that return outputs by name, and it does not.',
      ]);
    return dense(chosen, handle);
  }
  return dense(named, handle);
}

function dense(outputs: readonly (readonly [string, unknown])[], handle: string): [string, SymbolicTensor][] {
  const problems = outputs
    .filter(([, value]) => !(value instanceof SymbolicTensor))
    .map(([name]) => `The output "${name}" is no dense tensor.`);
  if (outputs.length === 0) problems.push('It returns no tensors.');
  if (problems.length > 0) throw new LayerOptionsError(handle, problems);
  return outputs.map(([name, value]) => [name, value as SymbolicTensor]);
}

function* flatten(value: Restructured<SymbolicValue>, path: string): Generator<[string, unknown]> {
  const inner = (key: string | number): string => (path === '' ? String(key) : `${path}_${key}`);
  if (value instanceof SymbolicTensor) yield [path || 'output', value];
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* flatten(item, inner(index));
  else if (typeof value === 'object' && value !== null) {
    if ('values' in value && ('denseShape' in value || 'rowSplits' in value)) yield [path || 'output', value];
    else for (const [key, item] of Object.entries(value)) yield* flatten(item, inner(key));
  }
}

/** Checks the inputs of a layer, and says which shapes they will have. */
function checkPorts(inputs: readonly Port[], options: HubLayerOptions, problems: string[]): PartialShape[] {
  for (const input of inputs) problems.push(...portProblems(input, 'input'));
  const { inputShape } = options;
  if (inputShape === undefined) return inputs.map(({ info }) => info.shape);
  const given = listShapes(inputShape);
  if (given.length !== inputs.length) {
    problems.push(
      `inputShape is for ${given.length} inputs; the module takes ${list(inputs.map(({ name }) => name))}.`,
    );
    return inputs.map(({ info }) => info.shape);
  }
  return inputs.map((port, index) => {
    const { name, info } = port;
    const { shape } = info;
    const [, ...examples] = withoutColumn(port, [null, ...given[index]!]);
    const [batch = null, ...rest] = shape ?? [];
    const fits =
      shape === null ||
      (rest.length === examples.length &&
        rest.every((size, axis) => size === null || examples[axis] === null || size === examples[axis]));
    if (!fits)
      problems.push(
        `inputShape [${examples.map((size) => size ?? '?').join(', ')}] is not what "${name}" takes: [${rest.map((size) => size ?? '?').join(', ')}].`,
      );
    return shape === null
      ? [null, ...examples]
      : fits
        ? [batch, ...rest.map((size, axis) => size ?? examples[axis]!)]
        : shape;
  });
}

/** One shape for each of several, whether there is one or a list of them. */
export function listShapes(shapes: Shape | readonly Shape[]): readonly Shape[] {
  const isList = shapes.length > 0 && shapes.every((item) => Array.isArray(item));
  return isList ? shapes : [shapes as Shape];
}

function portProblems({ name, info }: Port, kind: 'input' | 'output'): string[] {
  if (info.kind !== 'dense') return [`The ${kind} "${name}" is ${info.kind}; TensorFlow.js has dense tensors alone.`];
  if (!tfDType(info.dtype))
    return [`The ${kind} "${name}" is ${info.dtype}, for which TensorFlow.js has no data type.`];
  return [];
}

function placeholdersFor(
  { graph }: CallableGraphModule,
  inputs: readonly Port[],
  shapes: readonly PartialShape[],
): SymbolicTensor[] {
  return inputs.map(({ name, info: { dtype } }, index) =>
    placeholder(graph, { dtype, shape: shapes[index]!, name: `layer/${name.replaceAll(/[^A-Za-z0-9_.\\/>-]/g, '_')}` }),
  );
}

function list(names: Iterable<string>): string {
  return Array.from(names, (name) => `"${name}"`).join(', ');
}
