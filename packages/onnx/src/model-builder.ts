import { Tensor, type PartialShape, type Shape, type TensorReference } from '@tenon/tensor';
import { elementType, isConvertible, WIDER, type ConvertibleDType } from './data-types.js';
import { Unconvertible } from './errors.js';
import { decidingInput, hasKernel, outputTypes, spell, type Attributes, type Operator } from './operators.js';
import { permute } from './permutation.js';
import {
  Gathering,
  Placement,
  type DetachedData,
  type Elements,
  type GatheredWeights,
  type WeightPlacement,
} from './placement.js';
import { writeModel, type GraphParts, type InitializerParts, type NodeParts, type ValueParts } from './write-model.js';

/** A value of the ONNX graph: an input, an initializer, or what a node gives. */
export interface Value {
  readonly name: string;
  readonly dtype: ConvertibleDType;
  /** The elements, where they are constant and few. */
  readonly constant?: Tensor;
  /** The same numbers as int64, where those were there first: shapes. */
  readonly int64?: Value;
}

interface Initializer {
  readonly name: string;
  readonly dtype: ConvertibleDType;
  readonly shape: Shape;
  readonly content: TensorReference | { readonly tensor: Tensor; readonly permutation?: readonly number[] };
  /** The initializers of its graph, to which it is added in the end. */
  readonly target: InitializerParts[];
}

/** A value, and what is known of its shape. */
export interface ShapedValue {
  readonly value: Value;
  readonly shape: PartialShape;
}

/** What an iteration of a loop gives. */
export interface Iteration {
  /** Whether another one follows: a bool scalar. */
  readonly condition: Value;
  /** What the next one starts from, or the loop ends with. */
  readonly state: readonly ShapedValue[];
  /** What is collected along a new first axis, one element per iteration. */
  readonly collected: readonly ShapedValue[];
}

interface FinishOptions {
  readonly gather?: { readonly file: string; readonly over: number } | undefined;
  readonly namesDimensions?: boolean;
}

/** Constants of up to so many elements may be looked at while converting. */
const FEW_ELEMENTS = 1024;

/** Collects the parts of an ONNX model. Every node is checked against the kernels that ONNX Runtime has. */
export class ModelBuilder {
  private readonly names = new Set<string>();
  /** Of the graph that is added to: the model's, or one inside of it. */
  private nodes: NodeParts[] = [];
  private readonly initializers: Initializer[] = [];
  /** Those of the model's graph; small ones all are, since they are shared. */
  private readonly outermost: InitializerParts[] = [];
  /** Those of the graph that is added to: ONNX Runtime packs the weights of a loop only where they are in its own graph. */
  private own = this.outermost;
  private readonly shared = new Map<string, Value>();
  private readonly inputs: ValueParts[] = [];
  /** Stands before the names of what is added: the operation being converted. */
  scope = '';

  /** @param hasBlockedConvolutions Whether the model may use ONNX Runtime's operators for images whose channels lie in blocks. */
  constructor(readonly hasBlockedConvolutions = false) {}

  /** An input of the model. */
  input(name: string, dtype: ConvertibleDType, shape: PartialShape): Value {
    const value = { name: this.uniqueName(name), dtype };
    this.inputs.push({ ...value, shape });
    return value;
  }

  /**
   * Adds a node.
   *
   * @param inputs `undefined` for an optional input that is not given.
   * @param outputs How many outputs it has, for an operator with any number of them.
   * @throws Unconvertible if ONNX Runtime has no kernel for these types, nor for wider ones.
   */
  node(
    operator: Operator,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    outputs = outputTypes(operator).length,
  ): Value[] {
    const dtype = inputs[decidingInput(operator)]!.dtype;
    const wider = hasKernel(operator, dtype)
      ? dtype
      : WIDER[dtype]?.find((candidate) => hasKernel(operator, candidate));
    if (!wider) throw new Unconvertible(`ONNX Runtime has no ${operator} for ${dtype}`);
    const types = outputTypes(operator);
    const isOfType = (index: number) => (types[index] ?? types[0]) === 'T';
    const values = this.addNode(
      operator,
      inputs.map((input, index) =>
        input?.dtype === dtype && index >= decidingInput(operator) ? this.cast(input, wider) : input,
      ),
      attributes,
      Array.from({ length: outputs }, (_, index) => {
        const type = types[index] ?? types[0]!;
        return type === 'T' ? wider : type;
      }),
    );
    return values.map((value, index) => (isOfType(index) ? this.cast(value, dtype) : value));
  }

  /** A node with one output. */
  one(operator: Operator, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value {
    return this.node(operator, inputs, attributes)[0]!;
  }

  cast(value: Value, dtype: ConvertibleDType): Value {
    if (value.dtype === dtype) return value;
    if (dtype === 'int64' && value.int64) return value.int64;
    const cast = this.addNode('Cast', [value], { to: elementType(dtype) }, [dtype])[0]!;
    return value.dtype === 'int64' && dtype === 'int32' ? { ...cast, int64: value } : cast;
  }

  /**
   * A loop. What `body` adds goes into a graph inside of this one; it may use values from outside.
   *
   * @param state What the first iteration starts from; the shapes hold in every iteration.
   * @param condition Whether there is a first iteration.
   */
  loop(
    state: readonly ShapedValue[],
    condition: Value,
    body: (state: readonly Value[]) => Iteration,
  ): { readonly state: readonly Value[]; readonly collected: readonly Value[] } {
    const control = [
      { name: this.uniqueName(`${this.scope}/iteration`), dtype: 'int64', shape: [] },
      { name: this.uniqueName(`${this.scope}/condition`), dtype: 'bool', shape: [] },
    ] as const;
    const inside = state.map(({ value: { dtype }, shape }) => ({
      name: this.uniqueName(`${this.scope}/state`),
      dtype,
      shape,
    }));
    const graph = this.inside([...control, ...inside], () => {
      const { condition: goesOn, state: next, collected } = body(inside.map(({ name, dtype }) => ({ name, dtype })));
      return [{ value: goesOn, shape: [] }, ...next, ...collected];
    });
    const values = graph.outputs.slice(1).map(({ dtype }) => ({ name: this.uniqueName(`${this.scope}/Loop`), dtype }));
    this.nodes.push({
      type: 'Loop',
      inputs: ['', condition.name, ...state.map(({ value }) => value.name)],
      outputs: values.map(({ name }) => name),
      attributes: { body: { graph } },
    });
    return { state: values.slice(0, state.length), collected: values.slice(state.length) };
  }

  /**
   * One of two branches, which give values of the same types. What they add goes into graphs inside of this one; they may use values from
   * outside.
   *
   * @param condition A bool scalar.
   */
  branch(
    condition: Value,
    thenBranch: () => readonly ShapedValue[],
    elseBranch: () => readonly ShapedValue[],
  ): Value[] {
    const [thenGraph, elseGraph] = [this.inside([], thenBranch), this.inside([], elseBranch)];
    const values = thenGraph.outputs.map(({ dtype }) => ({ name: this.uniqueName(`${this.scope}/If`), dtype }));
    if (values.length === 0) return values;
    this.nodes.push({
      type: 'If',
      inputs: [condition.name],
      outputs: values.map(({ name }) => name),
      attributes: { then_branch: { graph: thenGraph }, else_branch: { graph: elseGraph } },
    });
    return values;
  }

  /** The graph that `body` adds. */
  private inside(inputs: readonly ValueParts[], body: () => readonly ShapedValue[]): GraphParts {
    const outside = { nodes: this.nodes, own: this.own };
    this.nodes = [];
    this.own = [];
    try {
      const results = body();
      const made = new Set(this.nodes.flatMap(({ outputs }) => outputs));
      const outputs = results.map(({ value: { name, dtype }, shape }) => {
        // What no node of this graph makes, or what is an output already, goes through an Identity.
        if (made.delete(name)) return { name, dtype, shape };
        const output = this.uniqueName(`${this.scope}/output`);
        this.nodes.push({ type: 'Identity', inputs: [name], outputs: [output], attributes: {} });
        return { name: output, dtype, shape };
      });
      return { nodes: this.nodes, initializers: this.own, inputs, outputs };
    } finally {
      this.nodes = outside.nodes;
      this.own = outside.own;
    }
  }

  /** An initializer written into the model. Equal small ones are shared. */
  constant(tensor: Tensor, permutation?: readonly number[]): Value {
    const { dtype } = tensor;
    if (!isConvertible(dtype)) throw new Unconvertible(`a constant is ${dtype}`);
    if (tensor.size > FEW_ELEMENTS)
      return this.initializer({ dtype, tensor, ...(permutation && { permutation }) }, this.own);
    const arranged = permutation ? permute(tensor, permutation) : tensor;
    const key = `${dtype}|${arranged.shape.join()}|${Array.from(arranged.data as ArrayLike<unknown>, keyOf).join()}`;
    let value = this.shared.get(key);
    if (!value) {
      value = { ...this.initializer({ dtype, tensor: arranged }, this.outermost), constant: arranged };
      this.shared.set(key, value);
    }
    return value;
  }

  /** An initializer that stays where it is stored, seen under `shape`. */
  reference(reference: TensorReference, shape: Shape = reference.shape): Value {
    const { dtype } = reference;
    if (!isConvertible(dtype)) throw new Unconvertible(`a constant is ${dtype}`);
    const name = this.uniqueName(`${this.scope}/value`);
    this.initializers.push({ name, dtype, shape, content: reference, target: this.own });
    return { name, dtype };
  }

  /** An int64 vector. */
  int64s(values: readonly (number | bigint)[]): Value {
    return this.constant(new Tensor('int64', [values.length], BigInt64Array.from(values, BigInt)));
  }

  int64(value: number | bigint): Value {
    return this.constant(new Tensor('int64', [], BigInt64Array.of(BigInt(value))));
  }

  /** A scalar of that type. */
  scalar(value: number, dtype: ConvertibleDType): Value {
    if (dtype === 'int64') return this.int64(value);
    if (dtype === 'int32') return this.constant(new Tensor('int32', [], Int32Array.of(value)));
    if (dtype === 'float64') return this.constant(new Tensor('float64', [], Float64Array.of(value)));
    if (dtype === 'float32') return this.constant(new Tensor('float32', [], Float32Array.of(value)));
    return this.cast(this.scalar(value, Number.isInteger(value) && dtype !== 'bool' ? 'int64' : 'float32'), dtype);
  }

  /**
   * The model's bytes, and where its large initializers are. Small ones are read and written into it.
   *
   * @param outputs The model's outputs, and what they are to be called.
   * @param options As those of `convert`.
   */
  async finish(
    outputs: readonly { readonly value: Value; readonly name: string; readonly shape: PartialShape }[],
    { gather, namesDimensions = false }: FinishOptions = {},
  ): Promise<{
    readonly model: Uint8Array;
    readonly directory: string | undefined;
    readonly detached: readonly DetachedData[];
    readonly gathered: readonly GatheredWeights[];
    readonly outputNames: readonly string[];
  }> {
    const { names, outputNames } = this.nameOutputs(outputs);
    const rename = (name: string) => names.get(name) ?? name;
    const elements = this.initializers.map(elementsOf);
    const placement: WeightPlacement = gather
      ? new Gathering(elements, gather.file, gather.over)
      : new Placement(elements.flatMap(({ reference }) => reference ?? []));
    const parts = await Promise.all(
      this.initializers.map(async ({ name, dtype, shape }, index): Promise<InitializerParts> => {
        const content = placement.place(elements[index]!) ?? (await elements[index]!.read());
        return { name, dtype, shape, content };
      }),
    );
    this.initializers.forEach(({ target }, index) => {
      const part = parts[index]!;
      // ONNX Runtime takes what is handed to it for the model's graph alone, not for those inside.
      const isDetached = !gather && placement.directory === undefined && !(part.content instanceof Uint8Array);
      (isDetached ? this.outermost : target).push(part);
    });
    const named = (value: ValueParts): ValueParts =>
      namesDimensions
        ? { ...value, shape: value.shape?.map((dimension, axis) => dimension ?? `${value.name}_${axis}`) ?? null }
        : value;
    const model = writeModel({
      nodes: names.size === 0 ? this.nodes : renameValues(this.nodes, rename),
      initializers: this.outermost,
      inputs: this.inputs.map(named),
      outputs: outputs.map(({ value, shape }, index) =>
        named({ name: outputNames[index]!, dtype: value.dtype, shape }),
      ),
    });
    const { directory, detached, gathered } = placement;
    return { model, directory, detached, gathered, outputNames };
  }

  /** Gives outputs their names; one that no node makes, or that has a name already, goes through an Identity. */
  private nameOutputs(outputs: readonly { readonly value: Value; readonly name: string }[]) {
    const names = new Map<string, string>();
    const made = new Set(this.nodes.flatMap((node) => node.outputs));
    const outputNames = outputs.map(({ value, name }) => {
      const outputName = this.names.has(name) ? this.uniqueName(`${name}_output`) : this.uniqueName(name);
      if (made.has(value.name) && !names.has(value.name)) names.set(value.name, outputName);
      else this.nodes.push({ type: 'Identity', inputs: [value.name], outputs: [outputName], attributes: {} });
      return outputName;
    });
    return { names, outputNames };
  }

  private initializer(
    {
      dtype,
      ...content
    }: {
      dtype: ConvertibleDType;
      tensor: Tensor;
      permutation?: readonly number[];
    },
    target: InitializerParts[],
  ): Value {
    const name = this.uniqueName(`${this.scope}/value`);
    const shape = content.permutation?.map((axis) => content.tensor.shape[axis]!) ?? content.tensor.shape;
    this.initializers.push({ name, dtype, shape, content, target });
    return { name, dtype };
  }

  private addNode(
    operator: Operator,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes,
    types: readonly ConvertibleDType[],
  ): Value[] {
    const { type, domain, attributes: all } = spell(operator, attributes);
    const values = types.map((dtype) => ({ name: this.uniqueName(`${this.scope}/${type}`), dtype }));
    this.nodes.push({
      type,
      domain,
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: values.map(({ name }) => name),
      attributes: all,
    });
    return values;
  }

  private uniqueName(base: string): string {
    let name = base;
    for (let suffix = 1; this.names.has(name); suffix++) name = `${base}_${suffix}`;
    this.names.add(name);
    return name;
  }
}

/** The nodes with other names for values, those in graphs inside of them included. */
function renameValues(nodes: readonly NodeParts[], rename: (name: string) => string): NodeParts[] {
  return nodes.map(({ type, domain, inputs, outputs, attributes }) => ({
    type,
    domain,
    inputs: inputs.map(rename),
    outputs: outputs.map(rename),
    attributes: Object.fromEntries<Attributes[string]>(
      Object.entries(attributes).map(([name, value]) =>
        typeof value === 'object' && 'graph' in value
          ? [name, { graph: { ...value.graph, nodes: renameValues(value.graph.nodes, rename) } }]
          : [name, value],
      ),
    ),
  }));
}

/** Distinguishes what `String` does not: negative zero. */
function keyOf(element: unknown): string {
  return Object.is(element, -0) ? '-0' : String(element);
}

function elementsOf({ content }: Initializer): Elements {
  if (!('tensor' in content)) {
    const { byteLength } = content;
    return { byteLength, reference: content, read: async () => bytesOf(await content.read()) };
  }
  const { tensor, permutation } = content;
  const { byteLength } = tensor.data as Uint8Array;
  return { byteLength, read: () => Promise.resolve(bytesOf(permutation ? permute(tensor, permutation) : tensor)) };
}

function bytesOf({ data }: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
