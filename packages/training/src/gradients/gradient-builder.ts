import {
  BuiltFunction,
  completeAttributes,
  findOperationDefinition,
  type Attribute,
  type AttributeInput,
  type FunctionGraph,
  type Graph,
  type InferredFacts,
  type Operation,
  type OperationInputs,
  type OperationOptions,
  type SymbolicTensor,
  type TensorFacts,
} from '@tenon/graph';
import { isFullyKnown, sizeOf, Tensor, tensorFrom, type DType, type PartialShape, type Shape } from '@tenon/tensor';
import { isIndexedSlices, type Gradient } from './indexed-slices.js';
import { UndifferentiableError } from './undifferentiable-error.js';

/** What lies between tensors of one graph, and how gradients flow there. */
export interface GradientFlow {
  /** Whether a tensor depends on some `x`. */
  reaches(tensor: SymbolicTensor): boolean;
  /** The ops between. */
  types(): readonly string[];
  /** The tensors that gradients come to. */
  arrivals(): ReadonlySet<SymbolicTensor>;
  /** @throws NoGradientError */
  check(): void;
  /** @throws NoGradientError */
  backwards(build: GradientBuilder, initial: readonly SymbolicTensor[] | undefined): (Gradient | undefined)[];
}

/** Adds operations to a graph for rules, under the scope of the operation that they differentiate. */
export class GradientBuilder {
  /** Every operation that was added, in order. */
  readonly added = new Set<Operation>();
  /** Those among them that the operations that are differentiated read: they come before. */
  readonly ahead = new Set<Operation>();
  private readonly shapes = new Map<SymbolicTensor, SymbolicTensor>();
  private readonly reductions = new Map<SymbolicTensor, Map<SymbolicTensor, Operation>>();
  private readonly changes: (() => void)[] = [];
  private scope = '';
  private flowsInto: (input: SymbolicTensor) => boolean = () => false;

  constructor(
    readonly graph: Graph,
    private readonly rootScope: string,
    private readonly inferred: InferredFacts,
    /** For functions: rules of operations that call them differentiate these, too. */
    readonly Flow: new (ys: readonly SymbolicTensor[], xs: readonly SymbolicTensor[]) => GradientFlow,
  ) {}

  /** Says which operation is differentiated now, and which inputs by; or that what follows belongs to none. */
  enter(operation?: Operation, flowsInto: (input: SymbolicTensor) => boolean = () => false): void {
    this.scope = operation ? `${this.rootScope}/${operation.name}_grad` : this.rootScope;
    this.flowsInto = flowsInto;
  }

  /** Whether an input of the operation that is differentiated now wants a gradient. */
  wants(input: SymbolicTensor): boolean {
    return this.flowsInto(input);
  }

  /** Makes the graph what it was before anything was added. */
  undo(): void {
    for (const change of this.changes.splice(0).reverse()) change();
    for (const operation of this.added) this.graph.remove(operation);
  }

  /** Adds an operation with all that is said of it. */
  addOperation(options: Omit<OperationOptions, 'name'>): Operation {
    const operation = this.graph.addOperation({ ...options, name: `${this.scope}/${options.type}` });
    this.added.add(operation);
    return operation;
  }

  /** See `Graph.redefine`. */
  redefine(operation: Operation, definition: Parameters<Graph['redefine']>[1]): void {
    this.changes.push(this.graph.redefine(operation, definition));
    const before = new Set(definition.inputs.map((input) => input.operation).filter((one) => this.added.has(one)));
    for (const { inputs } of before)
      for (const input of inputs) if (this.added.has(input.operation)) before.add(input.operation);
    for (const one of before) this.ahead.add(one);
  }

  /** Adds a function to the graph's library, and gives an attribute that names it. */
  addFunction(body: FunctionGraph): Attribute {
    const { functions } = this.graph;
    functions.add(new BuiltFunction(body));
    this.changes.push(() => functions.remove(body.name));
    return { kind: 'function', value: { name: body.name, attributes: new Map<string, Attribute>() } };
  }

  /** A name for a function that belongs to the operation that is differentiated now. */
  functionName(suffix: string): string {
    return this.graph.functions.uniqueName(`${this.scope}_${suffix}`.replace(/[^\w]/g, '_'));
  }

  /** Adds an operation. Attributes that follow from the inputs (`T`, `N`) are left out. */
  operation(
    type: string,
    inputs: OperationInputs,
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): Operation {
    const definition = findOperationDefinition(type);
    if (!definition) throw new TypeError(`"${type}" is not an op of TensorFlow.`);
    const operation = this.graph.addOperation({
      type,
      name: `${this.scope}/${type}`,
      inputs: inputs.flat(),
      attributes: completeAttributes(definition, inputs, attributes),
    });
    this.added.add(operation);
    return operation;
  }

  /** Adds an operation and gives its first output. */
  apply(
    type: string,
    inputs: OperationInputs,
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): SymbolicTensor {
    return this.operation(type, inputs, attributes).output();
  }

  constant(value: Tensor): SymbolicTensor {
    const operation = this.graph.addOperation({
      type: 'Const',
      name: `${this.scope}/Const`,
      attributes: new Map<string, Attribute>([
        ['dtype', { kind: 'dtype', value: value.dtype }],
        ['value', { kind: 'tensor', value }],
      ]),
      shapes: [value.shape],
    });
    this.added.add(operation);
    return operation.output();
  }

  /** A constant of rank 0. */
  scalar(value: number, dtype: DType): SymbolicTensor {
    return this.constant(tensorFrom(value, dtype));
  }

  /** An int32 constant: of rank 1 for a list. */
  integers(values: number | readonly number[]): SymbolicTensor {
    const shape: Shape = typeof values === 'number' ? [] : [values.length];
    return this.constant(new Tensor('int32', shape, Int32Array.from(typeof values === 'number' ? [values] : values)));
  }

  // What is known.

  /** What is known of a tensor that was there before. */
  facts(tensor: SymbolicTensor): TensorFacts {
    return this.inferred.facts(tensor);
  }

  knownShape(tensor: SymbolicTensor): PartialShape {
    return this.added.has(tensor.operation) ? tensor.shape : (this.facts(tensor).shape ?? tensor.shape);
  }

  rank(tensor: SymbolicTensor): number | undefined {
    return this.knownShape(tensor)?.length;
  }

  /** The elements of an integer tensor, if all of them are known. */
  knownElements(tensor: SymbolicTensor): readonly number[] | undefined {
    const value = this.inferred.partialValue(tensor);
    return value?.every((element) => element !== null) ? value : undefined;
  }

  // Shapes.

  /** int32 `[rank]`: a constant where the shape is known. */
  shape(tensor: SymbolicTensor): SymbolicTensor {
    const known = this.shapes.get(tensor);
    if (known) return known;
    const shape = this.knownShape(tensor);
    const made = isFullyKnown(shape) ? this.integers(shape) : this.apply('Shape', [tensor]);
    this.shapes.set(tensor, made);
    return made;
  }

  /** The number of elements, as a scalar of that type. */
  size(tensor: SymbolicTensor, dtype: DType): SymbolicTensor {
    const shape = this.knownShape(tensor);
    return isFullyKnown(shape) ? this.scalar(sizeOf(shape), dtype) : this.cast(this.apply('Size', [tensor]), dtype);
  }

  /** int32 scalar. */
  rankOf(tensor: SymbolicTensor): SymbolicTensor {
    const rank = this.rank(tensor);
    return rank === undefined ? this.apply('Rank', [tensor]) : this.integers(rank);
  }

  reshape(tensor: SymbolicTensor, shape: SymbolicTensor): SymbolicTensor {
    return this.apply('Reshape', [tensor, shape]);
  }

  reshapeLike(tensor: SymbolicTensor, like: SymbolicTensor): SymbolicTensor {
    return this.reshape(tensor, this.shape(like));
  }

  /** Elements `from`, `from + 1`, … of a vector, up to and without `to`; to its end where that is left out. */
  slice(vector: SymbolicTensor, from: number, to?: number): SymbolicTensor {
    return this.apply('StridedSlice', [vector, this.integers([from]), this.integers([to ?? 0]), this.integers([1])], {
      end_mask: to === undefined ? 1 : 0,
    });
  }

  element(vector: SymbolicTensor, index: number): SymbolicTensor {
    return this.apply(
      'StridedSlice',
      [vector, this.integers([index]), this.integers([index + 1]), this.integers([1])],
      { shrink_axis_mask: 1, ...(index === -1 && { end_mask: 1 }) },
    );
  }

  concat(vectors: readonly SymbolicTensor[], axis = 0): SymbolicTensor {
    return vectors.length === 1 ? vectors[0]! : this.apply('ConcatV2', [vectors, this.integers(axis)]);
  }

  range(from: SymbolicTensor, to: SymbolicTensor, step = this.integers(1)): SymbolicTensor {
    return this.apply('Range', [from, to, step]);
  }

  /**
   * Sums a gradient of `x op y`, which has the shape that both are broadcast to, to the shape of `x`.
   */
  sumToShape(gradient: SymbolicTensor, x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    const [xShape, yShape] = [this.knownShape(x), this.knownShape(y)];
    if (isFullyKnown(xShape) && isFullyKnown(yShape)) {
      const axes = reducedAxes(xShape, yShape);
      return axes.length === 0 && xShape.length >= yShape.length
        ? gradient
        : this.reshape(this.sum(gradient, this.integers(axes)), this.shape(x));
    }
    const reduction = this.broadcastGradientArgs(x, y);
    return this.reshape(this.sum(gradient, reduction), this.shape(x));
  }

  private broadcastGradientArgs(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    const known = this.reductions.get(y)?.get(x);
    if (known) return known.output(1);
    const made =
      this.reductions.get(x)?.get(y) ?? this.operation('BroadcastGradientArgs', [this.shape(x), this.shape(y)]);
    const ofX = this.reductions.get(x) ?? new Map<SymbolicTensor, Operation>();
    this.reductions.set(x, ofX.set(y, made));
    return made.output(0);
  }

  // Arithmetic.

  add(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    return this.apply('AddV2', [x, y]);
  }

  sub(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    return this.apply('Sub', [x, y]);
  }

  mul(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    return this.apply('Mul', [x, y]);
  }

  /** Of a complex number; real ones are what they were. */
  conjugate(x: SymbolicTensor): SymbolicTensor {
    return isComplex(x.dtype) ? this.apply('Conj', [x]) : x;
  }

  div(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    return this.apply(isInteger(x.dtype) ? 'FloorDiv' : 'RealDiv', [x, y]);
  }

  neg(x: SymbolicTensor): SymbolicTensor {
    return this.apply('Neg', [x]);
  }

  square(x: SymbolicTensor): SymbolicTensor {
    return this.apply('Square', [x]);
  }

  sum(x: SymbolicTensor, axes: SymbolicTensor, keepDimensions = false): SymbolicTensor {
    return this.apply('Sum', [x, axes], { keep_dims: keepDimensions });
  }

  cast(x: SymbolicTensor, dtype: DType): SymbolicTensor {
    return x.dtype === dtype ? x : this.apply('Cast', [x], { DstT: { kind: 'dtype', value: dtype } });
  }

  where(condition: SymbolicTensor, x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    return this.apply('SelectV2', [condition, x, y]);
  }

  zerosLike(x: SymbolicTensor): SymbolicTensor {
    return this.apply('ZerosLike', [x]);
  }

  /** The zero gradient of a tensor; of a variable, that of its value. */
  zeros(x: SymbolicTensor): SymbolicTensor {
    if (x.dtype !== 'resource') return this.zerosLike(x);
    const element = this.facts(x).elements?.[0];
    if (!element) throw new UndifferentiableError(`what "${x.name}" is a handle of is not known`);
    const shape = isFullyKnown(element.shape) ? this.integers(element.shape) : this.apply('VariableShape', [x]);
    return this.apply('Fill', [shape, this.scalar(0, element.dtype)]);
  }

  transpose(x: SymbolicTensor, permutation: readonly number[]): SymbolicTensor {
    return this.apply('Transpose', [x, this.integers(permutation)]);
  }

  /** All of a gradient, rows that are zero included. */
  dense(gradient: Gradient): SymbolicTensor {
    if (!isIndexedSlices(gradient)) return gradient;
    const { values, indices, denseShape } = gradient;
    return this.apply('UnsortedSegmentSum', [values, indices, this.element(denseShape, 0)]);
  }
}

/** The axes along which a tensor of shape `x` is repeated when it meets one of shape `y`. */
function reducedAxes(x: Shape, y: Shape): number[] {
  const rank = Math.max(x.length, y.length);
  const at = (shape: Shape, axis: number) => shape[axis - (rank - shape.length)] ?? 1;
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => at(x, axis) === 1 && at(y, axis) !== 1);
}

export function isComplex(dtype: DType): boolean {
  return dtype === 'complex64' || dtype === 'complex128';
}

function isInteger(dtype: DType): boolean {
  return /^u?int/.test(dtype);
}
