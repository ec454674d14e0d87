import { Tensor, type DType, type PartialShape } from '@tenon/tensor';
import type { Attribute, FunctionReference } from './attributes.js';
import { BuiltFunction } from './built-function.js';
import { completeAttributes, type AttributeInput, type OperationInputs } from './complete-attributes.js';
import { OperationCopier } from './copy-operations.js';
import { ControlFlowError } from './errors.js';
import type { FunctionGraph, FunctionLibrary } from './function-library.js';
import { Graph } from './graph.js';
import { findOperationDefinition } from './operation-definition.js';
import type { Operation, SymbolicTensor } from './operation.js';
import { Replacements, unchanged, type RewrittenGraph } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';

/**
 * Copies a graph with lists of tensors, which are values, in the place of TensorFlow 1's arrays of tensors, which are places. The flow of an
 * array, a number that keeps the order in which it is written and read, becomes the list. Into branches and loops, too.
 *
 * @param graph With functional control flow alone.
 * @returns The graph itself if it makes no such array.
 * @throws ControlFlowError if something else is done with an array.
 */
export function useTensorLists(graph: Graph): RewrittenGraph {
  if (!makesArrays(graph, new Set())) return unchanged(graph);
  return convert(graph, new Map(), graph.functions).replacements;
}

/** What a tensor that belongs to an array is, and how the array was made. */
interface ArrayTensor {
  readonly role: 'handle' | 'flow';
  readonly array: { readonly dtype: DType; readonly elementShape: PartialShape; readonly grows: boolean };
}

type ArrayTensors = Map<SymbolicTensor, ArrayTensor>;

interface Converted {
  readonly replacements: Replacements;
  /** By tensor of the original. */
  readonly arrays: ArrayTensors;
}

function makesArrays(graph: Graph, seen: Set<string>): boolean {
  return [...graph.operations].some(
    (operation) =>
      operation.type === 'TensorArrayV3' ||
      functionsOf(operation).some(([, { name, attributes }]) => {
        if (seen.has(name)) return false;
        seen.add(name);
        const entry = graph.functions.find(name);
        return entry !== undefined && makesArrays(entry.instantiate(attributes).graph, seen);
      }),
  );
}

/** The functions that control flow takes, by attribute. */
function functionsOf(operation: Operation): [string, FunctionReference][] {
  const names = FUNCTION_ATTRIBUTES[operation.type] ?? [];
  return names.map((name) => [name, operation.attribute(name, 'function')]);
}

const FUNCTION_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  While: ['cond', 'body'],
  StatelessWhile: ['cond', 'body'],
  If: ['then_branch', 'else_branch'],
  StatelessIf: ['then_branch', 'else_branch'],
};

function convert(source: Graph, given: ArrayTensors, library: FunctionLibrary): Converted {
  const graph = new Graph(library);
  const replacements = new Replacements(graph, () => 'it belongs to an array of tensors');
  const arrays = new Map(given);
  const copier = new OperationCopier(replacements);
  for (const operation of topologicalOrder(source.operations)) {
    const conversion = new Conversion(operation, arrays, replacements);
    if (functionsOf(operation).length > 0) conversion.controlFlow(library);
    else if (operation.type in ARRAY_OPS) ARRAY_OPS[operation.type]!(conversion);
    else if (operation.outputs.some((output) => arrays.has(output))) conversion.retype();
    else if (operation.type === 'Identity' && arrays.has(operation.input(0))) {
      arrays.set(operation.output(), arrays.get(operation.input(0))!);
      conversion.retype();
    } else {
      const used = operation.inputs.filter((input) => arrays.has(input));
      if (used.length > 0)
        throw new ControlFlowError('An array of tensors is used by something else than operations of such arrays', [
          operation.name,
          ...used.map(({ name }) => name),
        ]);
      copier.copy(operation);
    }
  }
  return { replacements, arrays };
}

/** What one operation becomes. */
class Conversion {
  constructor(
    readonly operation: Operation,
    private readonly arrays: ArrayTensors,
    private readonly replacements: Replacements,
  ) {}

  /** What stands for an input. */
  input(index: number): SymbolicTensor {
    return this.replacements.tensor(this.operation.input(index));
  }

  /** The array that an input belongs to. */
  arrayOf(index: number): ArrayTensor['array'] {
    const found = this.arrays.get(this.operation.input(index));
    if (found) return found.array;
    throw new ControlFlowError('Where an array of tensors was made is not known', [this.operation.name]);
  }

  add(
    type: string,
    inputs: OperationInputs,
    attributes: Readonly<Record<string, AttributeInput>>,
    shapes: readonly PartialShape[],
  ): Operation {
    const { operation, replacements } = this;
    const added = replacements.graph.addOperation({
      type,
      name: operation.name,
      inputs: inputs.flat(),
      controlInputs: operation.controlInputs.map(replacements.operation),
      attributes: completeAttributes(findOperationDefinition(type)!, inputs, attributes),
      device: operation.device,
      shapes,
    });
    replacements.setOperation(operation, added);
    return added;
  }

  /** Makes a list, and says of which array. */
  list(added: Operation, output: number, array: ArrayTensor['array']): void {
    this.arrays.set(this.operation.output(output), { role: 'flow', array });
    this.replacements.setTensor(this.operation.output(output), added.output());
  }

  handle(array: ArrayTensor['array']): void {
    this.arrays.set(this.operation.output(0), { role: 'handle', array });
    this.replacements.setTensor(this.operation.output(0), this.constant(Int32Array.of(0), []));
  }

  constant(data: Int32Array | BigInt64Array, shape: readonly number[]): SymbolicTensor {
    const value = new Tensor(data instanceof Int32Array ? 'int32' : 'int64', shape, data);
    return this.replacements.graph
      .addOperation({
        type: 'Const',
        name: `${this.operation.name}/Const`,
        attributes: new Map<string, Attribute>([
          ['dtype', { kind: 'dtype', value: value.dtype }],
          ['value', { kind: 'tensor', value }],
        ]),
        shapes: [shape],
      })
      .output();
  }

  /** A shape as lists of tensors take it. */
  spelled(shape: PartialShape): SymbolicTensor {
    const sizes = shape?.map((size) => size ?? -1) ?? [-1];
    return this.constant(Int32Array.from(sizes), shape ? [sizes.length] : []);
  }

  /** Copies an operation that hands on what belongs to an array. */
  retype(): void {
    const { operation, arrays, replacements } = this;
    const copy = replacements.graph.addOperation({
      type: operation.type,
      name: operation.name,
      inputs: operation.inputs.map(replacements.tensor),
      controlInputs: operation.controlInputs.map(replacements.operation),
      attributes: new Map([
        ...operation.attributes,
        ['T', { kind: 'dtype', value: typeOf(operation.output(), arrays) }] as const,
      ]),
      device: operation.device,
      shapes: [[]],
    });
    replacements.setOperation(operation, copy);
  }

  controlFlow(library: FunctionLibrary): void {
    const { operation, arrays, replacements } = this;
    const isLoop = operation.type.endsWith('While');
    const args = isLoop ? operation.inputs : operation.inputs.slice(1);
    const functions = functionsOf(operation).map(([attribute, reference]) => {
      const body = library.find(reference.name)?.instantiate(reference.attributes);
      if (!body) throw new ControlFlowError(`There is no function "${reference.name}"`, [operation.name]);
      const inner: ArrayTensors = new Map();
      body.inputs.forEach((input, index) => {
        const array = args[index] && arrays.get(args[index]);
        if (array) inner.set(input, array);
      });
      const converted = convert(body.graph, inner, library);
      return { attribute, reference, body, ...converted };
    });
    const result = functions.at(-1)!;
    operation.outputs.forEach((output, index) => {
      const array = result.arrays.get(result.body.outputs[index]!);
      if (array) arrays.set(output, array);
    });
    const types = (tensors: readonly SymbolicTensor[]): Attribute => ({
      kind: 'list',
      value: tensors.map((tensor) => ({ kind: 'dtype', value: typeOf(tensor, arrays) })),
    });
    const copy = replacements.graph.addOperation({
      type: operation.type,
      name: operation.name,
      inputs: operation.inputs.map(replacements.tensor),
      controlInputs: operation.controlInputs.map(replacements.operation),
      attributes: new Map<string, Attribute>([
        ...operation.attributes,
        ...(isLoop ? [['T', types(args)] as const] : ([['Tin', types(args)], ['Tout', types(operation.outputs)]] as const)), // prettier-ignore
        ...functions.map(
          ({ attribute, reference, body, replacements: inner }) =>
            [attribute, addFunction(`${reference.name}_lists`, body, inner, library)] as const,
        ),
      ]),
      device: operation.device,
      shapes: operation.outputs.map((output) => (arrays.has(output) ? [] : output.shape)),
    });
    replacements.setOperation(operation, copy);
  }
}

function addFunction(
  base: string,
  { inputs, outputs, outputNames, controlOutputs }: FunctionGraph,
  { graph, tensor, operation }: Replacements,
  library: FunctionLibrary,
): Attribute {
  const name = library.uniqueName(base);
  library.add(
    new BuiltFunction({
      name,
      graph,
      inputs: inputs.map(tensor),
      outputs: outputs.map(tensor),
      outputNames,
      controlOutputs: controlOutputs
        .map(operation)
        .filter(({ definition, type }) => definition.isStateful || type === 'NoOp'),
    }),
  );
  return { kind: 'function', value: { name, attributes: new Map<string, Attribute>() } };
}

function typeOf(tensor: SymbolicTensor, arrays: ArrayTensors): DType {
  const array = arrays.get(tensor);
  if (!array) return tensor.dtype;
  return array.role === 'flow' ? 'variant' : 'int32';
}

/** What operations of arrays become, by op. */
const ARRAY_OPS: Readonly<Record<string, (conversion: Conversion) => void>> = {
  TensorArrayV3: (c) => {
    const { operation } = c;
    const array = {
      dtype: operation.dtype('dtype'),
      elementShape: operation.shape('element_shape'),
      grows: operation.bool('dynamic_size'),
    };
    const element = { element_dtype: { kind: 'dtype', value: array.dtype } } as const;
    const list = c.add('TensorListReserve', [c.spelled(array.elementShape), c.input(0)], element, [[]]);
    c.handle(array);
    c.list(list, 1, array);
  },
  TensorArrayWriteV3: (c) => {
    const array = c.arrayOf(3);
    const grows = array.grows ? { resize_if_index_out_of_bounds: true } : {};
    c.list(c.add('TensorListSetItem', [c.input(3), c.input(1), c.input(2)], grows, [[]]), 0, array);
  },
  TensorArrayReadV3: (c) => {
    const { dtype, elementShape } = c.arrayOf(2);
    const element = { element_dtype: { kind: 'dtype', value: dtype } } as const;
    const inputs = [c.input(2), c.input(1), c.spelled(elementShape)];
    c.add('TensorListGetItem', inputs, element, [c.operation.output().shape]);
  },
  TensorArrayGatherV3: (c) => {
    const { dtype, elementShape } = c.arrayOf(2);
    const element = { element_dtype: { kind: 'dtype', value: dtype } } as const;
    const shape = c.operation.shape('element_shape') ?? elementShape;
    c.add('TensorListGather', [c.input(2), c.input(1), c.spelled(shape)], element, [c.operation.output().shape]);
  },
  TensorArrayScatterV3: (c) => {
    const array = c.arrayOf(3);
    c.list(c.add('TensorListScatterIntoExistingList', [c.input(3), c.input(2), c.input(1)], {}, [[]]), 0, array);
  },
  TensorArraySizeV3: (c) => void c.add('TensorListLength', [c.input(1)], {}, [[]]),
  TensorArrayConcatV3: (c) => {
    const { dtype, elementShape } = c.arrayOf(1);
    const rest = c.operation.shape('element_shape_except0');
    const shape = elementShape ?? (rest && [null, ...rest]);
    const element = { element_dtype: { kind: 'dtype', value: dtype } } as const;
    const inputs = [c.input(1), c.spelled(shape && [null, ...shape.slice(1)]), c.constant(new BigInt64Array(0), [0])];
    c.add('TensorListConcatV2', inputs, element, c.operation.outputs.map(({ shape: known }) => known)); // prettier-ignore
  },
  TensorArraySplitV3: (c) => {
    const array = c.arrayOf(3);
    const element = { element_dtype: { kind: 'dtype', value: array.dtype } } as const;
    c.list(c.add('TensorListSplit', [c.input(1), c.spelled(array.elementShape), c.input(2)], element, [[]]), 0, array);
  },
  TensorArrayCloseV3: (c) => void c.add('NoOp', [], {}, []),
};
