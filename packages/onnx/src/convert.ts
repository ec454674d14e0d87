import {
  GraphCycleError,
  topologicalOrder,
  type ConstantValue,
  type FunctionGraph,
  type Graph,
  type Operation,
  type SymbolicTensor,
} from '@tenon/graph';
import type { DType } from '@tenon/tensor';
import { ConversionContext } from './conversion-context.js';
import { CONVERTERS } from './converters/index.js';
import { isConvertible } from './data-types.js';
import { Unconvertible, UnconvertibleOperationsError, type UnconvertibleOperation } from './errors.js';
import { ModelBuilder, type Value } from './model-builder.js';
import type { DetachedData, GatheredWeights } from './placement.js';
import { plainForm, type TensorForms } from './tensor-forms.js';

/** What is converted: a pure piece of graph in topological order, whose `Placeholder`s are its inputs. */
export interface ConvertibleGraph {
  readonly graph: Graph;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

export interface ConversionOptions {
  /**
   * Inputs and outputs that are bfloat16 are float32 in the model, and cast inside: runtimes' bindings often lack the type.
   * Default false.
   */
  readonly widenBfloat16?: boolean;
  /**
   * The model may use operators of ONNX Runtime that are not ONNX's, for convolutions with filters that are trained: only ONNX Runtime runs it then, on processors that
   * it has such kernels for. Default false.
   */
  readonly blockedConvolutions?: boolean;
  /** What the model calls its inputs and outputs, in order: by default what the tensors are called. */
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
  /**
   * Where weights go: into the model if they come to no more than so many bytes, else into a file beside it, which whoever asks for it writes.
   * By default they stay where they are.
   */
  readonly gather?: { readonly file: string; readonly over: number };
  /** Whether unknown dimensions of inputs and outputs get names: `images_0`. Default false. */
  readonly namesDimensions?: boolean;
}

/** An ONNX model. */
export interface ConvertedModel {
  /** The `ModelProto`. */
  readonly model: Uint8Array;
  /** The folder of the files that initializers lie in, with a separator at its end; `undefined` if none lies in a file. */
  readonly directory: string | undefined;
  /** Where there is no such folder: initializers to be handed to the runtime. */
  readonly detached: readonly DetachedData[];
  /** With `gather`: what the file of weights holds, in order; nothing if it is not needed. */
  readonly gathered: readonly GatheredWeights[];
  /** One per input, in order. */
  readonly inputNames: readonly string[];
  /** One per output, in order. */
  readonly outputNames: readonly string[];
}

/**
 * Converts a graph to ONNX (operator set 21). Unknown dimensions stay unknown. Weights stay where they are: references become external data;
 * only those of up to 1 KB are read.
 *
 * @throws UnconvertibleOperationsError naming every operation that does not convert.
 */
export async function convert(
  { graph, inputs, outputs }: ConvertibleGraph,
  {
    widenBfloat16 = false,
    blockedConvolutions = false,
    gather,
    namesDimensions = false,
    ...names
  }: ConversionOptions = {},
): Promise<ConvertedModel> {
  const builder = new ModelBuilder(blockedConvolutions);
  const converter = new OperationConverter(builder);
  const values = new Map<SymbolicTensor, TensorForms>();
  const problems: UnconvertibleOperation[] = [];
  const failed = new Set<Operation>();
  const attempt = (operation: Operation, body: () => void) => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof Unconvertible)) throw error;
      problems.push({ type: operation.type, operation: operation.name, reason: error.reason });
      failed.add(operation);
    }
  };

  const inputNames: string[] = [];
  const given = new Set(inputs.map(({ operation }) => operation));
  for (const [index, input] of inputs.entries()) {
    attempt(input.operation, () => {
      builder.scope = input.operation.name;
      const dtype = convertible(input.dtype);
      const name = names.inputNames?.[index] ?? input.name;
      const value = builder.input(name, dtype === 'bfloat16' && widenBfloat16 ? 'float32' : dtype, input.shape);
      inputNames.push(value.name);
      values.set(input, { shape: input.shape, plain: builder.cast(value, dtype) });
    });
  }
  for (const operation of graph.operations) {
    if (given.has(operation)) continue;
    // What others only wait for.
    if (operation.type === 'NoOp') continue;
    if (operation.inputs.some((input) => failed.has(input.operation))) {
      failed.add(operation);
      const reason = whyUnconvertible(operation);
      if (reason !== undefined) problems.push({ type: operation.type, operation: operation.name, reason });
      continue;
    }
    attempt(operation, () => {
      const forms = converter.convert(operation, (tensor) => formsOf(values.get(tensor), tensor));
      operation.outputs.forEach((output, index) => forms[index] && values.set(output, forms[index]));
    });
  }

  const finals: { value: Value; name: string; shape: SymbolicTensor['shape'] }[] = [];
  for (const [index, output] of outputs.entries()) {
    if (failed.has(output.operation)) continue;
    attempt(output.operation, () => {
      builder.scope = output.operation.name;
      const known = values.get(output);
      if (!known) throw new Unconvertible(`output ${output.index} is not given`);
      const value = plainForm(known, builder);
      const dtype = value.dtype === 'bfloat16' && widenBfloat16 ? 'float32' : value.dtype;
      const name = names.outputNames?.[index] ?? output.name;
      finals.push({ value: builder.cast(value, dtype), name, shape: output.shape });
    });
  }
  if (problems.length > 0) throw new UnconvertibleOperationsError(distinct(problems));
  return { ...(await builder.finish(finals, { gather, namesDimensions })), inputNames };
}

/** Why the operation cannot be converted; `undefined` if it can. Quick, and reads no weights. */
export function whyUnconvertible(operation: Operation): string | undefined {
  if (operation.type === 'Const' || operation.type === 'Placeholder') {
    const { dtype } = operation.output();
    return isConvertible(dtype) ? undefined : `its type is ${dtype}`;
  }
  const builder = new ModelBuilder();
  try {
    operation.outputs.forEach(({ dtype }) => convertible(dtype));
    new OperationConverter(builder).convert(operation, (tensor) =>
      tensor.operation.type === 'Const'
        ? { shape: tensor.shape, constant: constantOf(tensor.operation) }
        : { shape: tensor.shape, plain: builder.input(tensor.name, convertible(tensor.dtype), tensor.shape) },
    );
    return undefined;
  } catch (error) {
    if (error instanceof Unconvertible) return error.reason;
    throw error;
  }
}

/** The TensorFlow ops that have converters; whether an operation converts also depends on its types, attributes and constants. */
export function convertibleTypes(): string[] {
  return [...CONVERTERS.keys()];
}

/** Calls within calls that are followed; a function that calls itself ends here. */
const DEEPEST_CALL = 64;

/** Operations within functions that are converted, all calls together: a file of a few kilobytes may call for 2^64 of them. */
const MOST_CALLED = 100_000;

/** Stands before the reason why an operation of a function cannot be converted. */
const WITHIN = 'within it, ';

/** Converts operations one by one, those of the functions that they call included. */
class OperationConverter {
  private depth = 0;
  private called = 0;

  constructor(private readonly builder: ModelBuilder) {}

  convert(operation: Operation, find: (tensor: SymbolicTensor) => TensorForms): readonly TensorForms[] {
    if (operation.type === 'Const') {
      return [{ shape: operation.output().shape, constant: constantOf(operation) }];
    }
    const converter = CONVERTERS.get(operation.type);
    if (!converter) throw new Unconvertible('no converter for this op');
    this.builder.scope = operation.name;
    operation.outputs.forEach(({ dtype }) => isHandle(dtype) || convertible(dtype));
    const inputs = operation.inputs.map(find);
    const context = new ConversionContext(operation, this.builder, inputs, (body, args) => {
      const { scope } = this.builder;
      const results = this.convertBody(body, args);
      this.builder.scope = scope;
      return results;
    });
    converter.convert(context);
    return context.outputs;
  }

  private convertBody(body: FunctionGraph, args: readonly TensorForms[]): readonly TensorForms[] {
    if (body.inputs.length !== args.length) throw new Unconvertible(`"${body.name}" takes other inputs`);
    if (this.depth >= DEEPEST_CALL) throw new Unconvertible('functions call each other too deep');
    const values = new Map<SymbolicTensor, TensorForms>();
    body.inputs.forEach((input, index) => values.set(input, args[index]!));
    this.depth++;
    try {
      return this.convertOperations(body, values);
    } finally {
      this.depth--;
    }
  }

  private convertOperations(body: FunctionGraph, values: Map<SymbolicTensor, TensorForms>): readonly TensorForms[] {
    const find = (tensor: SymbolicTensor) => formsOf(values.get(tensor), tensor);
    for (const operation of operationsOf(body)) {
      if (++this.called > MOST_CALLED) throw new Unconvertible('its functions have too many operations');
      try {
        const forms = this.convert(operation, find);
        operation.outputs.forEach((output, index) => forms[index] && values.set(output, forms[index]));
      } catch (error) {
        // The innermost operation says it all.
        if (!(error instanceof Unconvertible) || error.reason.startsWith(WITHIN)) throw error;
        throw new Unconvertible(`${WITHIN}${operation.type} "${operation.name}": ${error.reason}`);
      }
    }
    return body.outputs.map(find);
  }
}

/** What has to be computed for a function's results, in an order in which it can be. What only waits for effects waits for nothing here. */
function operationsOf({ inputs, outputs }: FunctionGraph): Operation[] {
  const given = new Set(inputs);
  const needed = new Set<Operation>();
  const pending = [...outputs];
  for (let tensor = pending.pop(); tensor; tensor = pending.pop()) {
    if (given.has(tensor) || needed.has(tensor.operation)) continue;
    needed.add(tensor.operation);
    pending.push(...tensor.operation.inputs);
  }
  try {
    return topologicalOrder(needed, (consumer, index) => given.has(consumer.inputs[index]!)).filter((operation) =>
      needed.has(operation),
    );
  } catch (error) {
    if (error instanceof GraphCycleError) throw new Unconvertible('one of its functions is cyclic');
    throw error;
  }
}

/** Types of tensors that are no values in ONNX, but that some converters follow. */
function isHandle(dtype: DType): boolean {
  return dtype === 'variant' || dtype === 'resource';
}

function formsOf(forms: TensorForms | undefined, { name }: SymbolicTensor): TensorForms {
  if (!forms) throw new Unconvertible(`its input "${name}" is not given`);
  return forms;
}

function constantOf(operation: Operation): ConstantValue {
  const constant = operation.attribute('value', 'tensor');
  convertible(constant.dtype);
  return constant;
}

function convertible(dtype: DType) {
  if (!isConvertible(dtype)) throw new Unconvertible(`${dtype} has no place in it`);
  return dtype;
}

function distinct(problems: readonly UnconvertibleOperation[]): UnconvertibleOperation[] {
  return [...new Map(problems.map((problem) => [problem.operation, problem])).values()];
}
