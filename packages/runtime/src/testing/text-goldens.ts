import { readFileSync } from 'node:fs';
import { UnsupportedOperationError } from '@tenon/backend';
import { FunctionLibrary, Graph, type Attribute, type Attributes } from '@tenon/graph';
import {
  allocate,
  slotsPerElement,
  StringArray,
  Tensor,
  type DType,
  type NumericDType,
  type PartialShape,
  type Shape,
} from '@tenon/tensor';
import { FileAccessError } from '../errors.js';
import { NO_FILES } from '../host.js';
import type { KernelContext, KernelDefinition } from '../kernel.js';
import { Resources } from '../resources.js';

/** A tensor as `tools/tensorflow/text_kernel_goldens.py` writes it: bytes as one character each, what JSON cannot hold as strings. */
export interface GoldenTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: readonly (number | boolean | string)[];
}

type GoldenAttribute =
  | { readonly type: DType }
  | { readonly bytes: string }
  | { readonly bool: boolean }
  | { readonly int: string }
  | { readonly float: number }
  | { readonly shape: PartialShape }
  | { readonly list: readonly GoldenAttribute[] };

/** One op as TensorFlow ran it; `outputs` is null where they are a handle, and `error` stands where it refused. */
export interface GoldenStep {
  readonly op: string;
  readonly attrs?: Readonly<Record<string, GoldenAttribute>>;
  readonly inputs: readonly (GoldenTensor | { readonly step: number } | { readonly file: string })[];
  readonly outputs?: readonly GoldenTensor[] | null;
  readonly error?: string;
}

interface GoldenFile {
  readonly tensors: readonly GoldenTensor[];
  readonly cases: readonly (readonly GoldenStep[])[];
}

/** The cases of one file, each a list of steps. */
export function readTextGoldens(path: string): readonly (readonly GoldenStep[])[] {
  const { tensors, cases } = JSON.parse(readFileSync(path, 'utf8')) as GoldenFile;
  const resolve = <T extends object>(item: T): T => ('tensor' in item ? (tensors[item.tensor as number] as T) : item);
  return cases.map((steps) =>
    steps.map((step) => ({
      ...step,
      inputs: step.inputs.map(resolve),
      ...(step.outputs && { outputs: step.outputs.map(resolve) }),
    })),
  );
}

export function decodeGoldenTensor({ dtype, shape, data }: GoldenTensor): Tensor {
  if (dtype === 'string') {
    return new Tensor('string', shape, StringArray.from(data.map((text) => Buffer.from(text as string, 'latin1'))));
  }
  const numeric = dtype as NumericDType;
  const elements = allocate(numeric, data.length / slotsPerElement(numeric));
  const isWide = elements instanceof BigInt64Array || elements instanceof BigUint64Array;
  data.forEach((value, index) => {
    elements[index] = isWide
      ? BigInt(value)
      : Number(value === 'inf' ? Infinity : value === '-inf' ? -Infinity : value);
  });
  return new Tensor(numeric, shape, elements);
}

function decodeAttribute(attribute: GoldenAttribute): Attribute {
  if ('type' in attribute) return { kind: 'dtype', value: attribute.type };
  if ('bytes' in attribute) return { kind: 'bytes', value: new Uint8Array(Buffer.from(attribute.bytes, 'latin1')) };
  if ('bool' in attribute) return { kind: 'bool', value: attribute.bool };
  if ('int' in attribute) return { kind: 'int', value: BigInt(attribute.int) };
  if ('float' in attribute) return { kind: 'float', value: attribute.float };
  if ('shape' in attribute) return { kind: 'shape', value: attribute.shape };
  return { kind: 'list', value: attribute.list.map(decodeAttribute) };
}

/** What the kernels made of one step: its outputs, or what they threw. */
export type StepResult = { readonly outputs: readonly Tensor[] } | { readonly error: unknown };

/** Runs steps, which share resources, with the given kernels. */
export function runGoldenSteps(steps: readonly GoldenStep[], kernels: readonly KernelDefinition[]): StepResult[] {
  const files = new Map<string, Uint8Array>();
  const context: KernelContext = {
    resources: new Resources(),
    files: {
      ...NO_FILES,
      readFile(path) {
        const file = files.get(path);
        if (!file) throw new FileAccessError(path, 'it is not there.');
        return file;
      },
    },
  };
  const results: StepResult[] = [];
  for (const step of steps) {
    try {
      const inputs = step.inputs.map((input, index) => {
        if ('file' in input) {
          files.set(`file-${index}`, Buffer.from(input.file, 'latin1'));
          return new Tensor('string', [], StringArray.from([`file-${index}`]));
        }
        if (!('step' in input)) return decodeGoldenTensor(input);
        const source = results[input.step]!;
        if ('error' in source) throw source.error;
        return source.outputs[0]!;
      });
      results.push({ outputs: runOperation(step, inputs, kernels, context) });
    } catch (error) {
      results.push({ error });
    }
  }
  return results;
}

function runOperation(
  step: GoldenStep,
  inputs: readonly Tensor[],
  kernels: readonly KernelDefinition[],
  context: KernelContext,
): readonly Tensor[] {
  const definition = kernels.find(({ type }) => type === step.op);
  if (!definition) throw new Error(`There is no kernel for ${step.op}.`);
  const graph = new Graph(new FunctionLibrary());
  const attributes: Attributes = new Map(
    Object.entries(step.attrs ?? {}).map(([name, attribute]) => [name, decodeAttribute(attribute)]),
  );
  const placeholders = inputs.map(({ dtype }) => {
    const dtypeAttribute: Attributes = new Map([['dtype', { kind: 'dtype', value: dtype }]]);
    return graph.addOperation({ type: 'Placeholder', attributes: dtypeAttribute }).output();
  });
  const operation = graph.addOperation({ type: step.op, inputs: placeholders, attributes });
  const reason = definition.unsupported?.(operation);
  if (reason !== undefined)
    throw new UnsupportedOperationError('host', [{ type: step.op, operation: operation.name, reason }]);
  return definition.prepare(operation)(inputs, context);
}
