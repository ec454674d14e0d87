import type { ConstantValue, Graph, Operation, SymbolicTensor } from '@tenon/graph';
import type { DType } from '@tenon/tensor';
import { ConversionContext } from './conversion-context.js';
import { CONVERTERS } from './converters/index.js';
import { isConvertible } from './data-types.js';
import { Unconvertible, UnconvertibleOperationsError, type UnconvertibleOperation } from './errors.js';
import { ModelBuilder, type Value } from './model-builder.js';
import type { DetachedData } from './placement.js';
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
}

/** An ONNX model. */
export interface ConvertedModel {
  /** The `ModelProto`. */
  readonly model: Uint8Array;
  /** The folder of the files that initializers lie in, with a separator at its end; `undefined` if none lies in a file. */
  readonly directory: string | undefined;
  /** Where there is no such folder: initializers to be handed to the runtime. */
  readonly detached: readonly DetachedData[];
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
  { widenBfloat16 = false }: ConversionOptions = {},
): Promise<ConvertedModel> {
  const builder = new ModelBuilder();
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
  for (const input of inputs) {
    attempt(input.operation, () => {
      builder.scope = input.operation.name;
      const dtype = convertible(input.dtype);
      const value = builder.input(input.name, dtype === 'bfloat16' && widenBfloat16 ? 'float32' : dtype, input.shape);
      inputNames.push(value.name);
      values.set(input, { shape: input.shape, plain: builder.cast(value, dtype) });
    });
  }
  for (const operation of graph.operations) {
    if (operation.inputs.length === 0 && operation.outputs.length === 1 && values.has(operation.output())) continue;
    if (operation.inputs.some((input) => failed.has(input.operation))) {
      failed.add(operation);
      const reason = whyUnconvertible(operation);
      if (reason !== undefined) problems.push({ type: operation.type, operation: operation.name, reason });
      continue;
    }
    attempt(operation, () => {
      const forms = convertOperation(operation, builder, (tensor) => formsOf(values.get(tensor), tensor));
      operation.outputs.forEach((output, index) => forms[index] && values.set(output, forms[index]));
    });
  }

  const finals: { value: Value; name: string; shape: SymbolicTensor['shape'] }[] = [];
  for (const output of outputs) {
    if (failed.has(output.operation)) continue;
    attempt(output.operation, () => {
      builder.scope = output.operation.name;
      const known = values.get(output);
      if (!known) throw new Unconvertible(`output ${output.index} is not given`);
      const value = plainForm(known, builder);
      const dtype = value.dtype === 'bfloat16' && widenBfloat16 ? 'float32' : value.dtype;
      finals.push({ value: builder.cast(value, dtype), name: output.name, shape: output.shape });
    });
  }
  if (problems.length > 0) throw new UnconvertibleOperationsError(distinct(problems));
  return { ...(await builder.finish(finals)), inputNames };
}

/** Why the operation cannot be converted; `undefined` if it can. Quick, and reads no weights. */
export function whyUnconvertible(operation: Operation): string | undefined {
  if (operation.type === 'Const' || operation.type === 'Placeholder') {
    const { dtype } = operation.output();
    return isConvertible(dtype) ? undefined : `its type is ${dtype}`;
  }
  const builder = new ModelBuilder();
  try {
    convertOperation(operation, builder, (tensor) =>
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

function convertOperation(
  operation: Operation,
  builder: ModelBuilder,
  find: (tensor: SymbolicTensor) => TensorForms,
): readonly TensorForms[] {
  if (operation.type === 'Const') {
    return [{ shape: operation.output().shape, constant: constantOf(operation) }];
  }
  const converter = CONVERTERS.get(operation.type);
  if (!converter) throw new Unconvertible('no converter for this op');
  builder.scope = operation.name;
  operation.outputs.forEach(({ dtype }) => convertible(dtype));
  const context = new ConversionContext(operation, builder, operation.inputs.map(find));
  converter.convert(context);
  return context.outputs;
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
