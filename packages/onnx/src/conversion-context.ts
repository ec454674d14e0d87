import type { FunctionGraph, FunctionReference, Operation } from '@tenon/graph';
import { sizeOf, Tensor, type PartialShape } from '@tenon/tensor';
import { isConvertible, type ConvertibleDType } from './data-types.js';
import { Unconvertible } from './errors.js';
import type { ListValue } from './list-value.js';
import type { ModelBuilder, Value } from './model-builder.js';
import type { Attributes, Operator } from './operators.js';
import { movesNothing, toChannelsFirst } from './permutation.js';
import { plainForm, type Layout, type TensorForms } from './tensor-forms.js';

/** Converts the body of a function where it stands; gives what it returns. */
export type ConvertBody = (body: FunctionGraph, inputs: readonly TensorForms[]) => readonly TensorForms[];

/** What a converter sees: the operation, its inputs as values of the ONNX graph, and a place for its outputs. */
export class ConversionContext {
  readonly outputs: TensorForms[] = [];

  constructor(
    readonly operation: Operation,
    readonly builder: ModelBuilder,
    private readonly inputs: readonly TensorForms[],
    readonly convertBody: ConvertBody,
  ) {}

  /** Says that the operation cannot be converted. */
  unsupported(reason: string): never {
    throw new Unconvertible(reason);
  }

  get inputCount(): number {
    return this.inputs.length;
  }

  shape(index: number): PartialShape {
    return this.operation.input(index).shape;
  }

  /** The rank of an input; without it the operation cannot be converted. */
  rank(index: number): number {
    return this.shape(index)?.length ?? this.unsupported(`the rank of input ${index} is unknown`);
  }

  dtype(index: number): ConvertibleDType {
    const { dtype } = this.operation.input(index);
    return isConvertible(dtype) ? dtype : this.unsupported(`input ${index} is ${dtype}`);
  }

  outputDtype(index = 0): ConvertibleDType {
    const { dtype } = this.operation.output(index);
    return isConvertible(dtype) ? dtype : this.unsupported(`output ${index} is ${dtype}`);
  }

  /** A data type attribute. */
  dtypeAttribute(name: string): ConvertibleDType {
    const dtype = this.operation.dtype(name);
    return isConvertible(dtype) ? dtype : this.unsupported(`${name} is ${dtype}`);
  }

  /** The elements of an input that is a constant with its elements at hand. */
  constant(index: number): Tensor | undefined {
    const constant = this.inputs[index]?.constant;
    return constant instanceof Tensor ? constant : undefined;
  }

  /** The elements of an input that must be constant. */
  numbers(index: number, what: string): number[] {
    return this.knownNumbers(index) ?? this.unsupported(`${what} is not constant`);
  }

  number(index: number, what: string): number {
    return this.numbers(index, what)[0] ?? this.unsupported(`${what} is empty`);
  }

  knownNumbers(index: number): number[] | undefined {
    const constant = this.constant(index);
    return constant && Array.from(constant.data as ArrayLike<number | bigint>, Number);
  }

  /** The elements of an integer input, exact; `undefined` if it is not constant. */
  integers(index: number): bigint[] | undefined {
    const constant = this.constant(index);
    return constant && Array.from(constant.data as ArrayLike<number | bigint>, BigInt);
  }

  /** The input as TensorFlow has it. */
  plain(index: number): Value {
    return plainForm(this.forms(index), this.builder);
  }

  /** The input with its channels behind its batch. */
  channelsFirst(index: number): Value {
    const forms = this.forms(index);
    return (forms.channelsFirst ??= this.makeChannelsFirst(forms, index));
  }

  /** Whether the input is there with channels first only, so that its other form would cost a transposition. */
  isChannelsFirst(index: number): boolean {
    const forms = this.forms(index);
    return forms.channelsFirst !== undefined && forms.plain === undefined && forms.constant === undefined;
  }

  /** The layout in which the input is at hand. */
  layout(index: number): Layout {
    return this.isChannelsFirst(index) ? 'channelsFirst' : 'plain';
  }

  inLayout(index: number, layout: Layout): Value {
    return layout === 'plain' ? this.plain(index) : this.channelsFirst(index);
  }

  /**
   * Inputs of an elementwise operation in one layout: channels first if one of them is there like that only. Inputs of lower rank are
   * seen so that they broadcast against channels-first values.
   */
  aligned(indices: readonly number[]): { readonly values: Value[]; readonly layout: Layout } {
    const ranks = indices.map((index) => this.shape(index)?.length);
    const rank = Math.max(...ranks.map((known) => known ?? Infinity));
    const isWorthIt = indices.some((index, place) => ranks[place] === rank && this.isChannelsFirst(index));
    if (!isWorthIt || rank === Infinity) return { values: indices.map((index) => this.plain(index)), layout: 'plain' };
    const values = indices.map((index, place) =>
      ranks[place] === rank ? this.channelsFirst(index) : this.broadcastable(index, rank),
    );
    return { values, layout: 'channelsFirst' };
  }

  /** The input as an int64 value: what ONNX wants of shapes and indices. */
  int64(index: number): Value {
    const constant = this.constant(index);
    if (!constant) return this.builder.cast(this.plain(index), 'int64');
    const elements = BigInt64Array.from(this.integers(index)!);
    return this.builder.constant(new Tensor('int64', constant.shape, elements));
  }

  /** As `int64`; a scalar becomes a vector of one element. */
  int64Vector(index: number): Value {
    const integers = this.integers(index);
    if (integers) return this.builder.int64s(integers);
    return this.one('Reshape', [this.int64(index), this.builder.int64s([-1])]);
  }

  /** What an input is, or a transposition of it, without elements that are known to move: for `Identity` and its like. */
  alias(index: number, output = 0): void {
    this.outputs[output] = this.forms(index);
  }

  /** Binds an output. */
  set(value: Value, layout: Layout = 'plain', output = 0): void {
    this.outputs[output] = { shape: this.operation.output(output).shape, [layout]: value };
  }

  one(operator: Operator, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value {
    return this.builder.one(operator, inputs, attributes);
  }

  transpose(value: Value, perm: readonly number[]): Value {
    if (perm.every((axis, index) => axis === index)) return value;
    return this.one('Transpose', [value], { perm });
  }

  /** The value under another shape, which may have one dimension of -1; dimensions of 0 mean 0. */
  reshape(value: Value, shape: readonly number[]): Value {
    return this.one('Reshape', [value, this.builder.int64s(shape)], shape.includes(0) ? { allowzero: 1 } : {});
  }

  unsqueeze(value: Value, axes: readonly number[]): Value {
    return axes.length === 0 ? value : this.one('Unsqueeze', [value, this.builder.int64s(axes)]);
  }

  squeeze(value: Value, axes: readonly number[]): Value {
    return axes.length === 0 ? value : this.one('Squeeze', [value, this.builder.int64s(axes)]);
  }

  concat(values: readonly Value[], axis: number): Value {
    return values.length === 1 ? values[0]! : this.one('Concat', values, { axis });
  }

  /** An input under another shape. For a constant whose shape stays known no node is needed. */
  reshapedInput(index: number, shape: readonly number[]): Value {
    const { constant } = this.forms(index);
    if (!constant || shape.includes(-1)) return this.reshape(this.plain(index), shape);
    if (sizeOf(shape) !== sizeOf(constant.shape))
      this.unsupported(`[${constant.shape.join()}] does not reshape to [${shape.join()}]`);
    return constant instanceof Tensor
      ? this.builder.constant(constant.reshape(shape))
      : this.builder.reference(constant, shape);
  }

  /** A weight under another shape, then with its axes permuted. */
  weight(index: number, shape: readonly number[] | undefined, permutation: readonly number[]): Value {
    const { constant } = this.forms(index);
    if (!constant) {
      const value = this.plain(index);
      return this.transpose(shape ? this.reshape(value, shape) : value, permutation);
    }
    const seen = shape ?? constant.shape;
    if (constant instanceof Tensor) return this.builder.constant(constant.reshape(seen), permutation);
    if (movesNothing(seen, permutation))
      return this.builder.reference(
        constant,
        permutation.map((axis) => seen[axis]!),
      );
    return this.transpose(this.builder.reference(constant, seen), permutation);
  }

  /** The list that a handle is of, or that the flow of an array stands for. */
  list(index: number): ListValue {
    return this.forms(index).list ?? this.unsupported(`input ${index} is not a list that was made here`);
  }

  setList(list: ListValue, output = 0): void {
    this.outputs[output] = { shape: this.operation.output(output).shape, list };
  }

  /** Binds an output that has no value: the handle of an array, whose flow says all. */
  setHandle(output = 0): void {
    this.outputs[output] = { shape: this.operation.output(output).shape };
  }

  /** The body of a function that the operation calls. */
  body({ name, attributes }: FunctionReference): FunctionGraph {
    const entry = this.operation.graph.functions.find(name) ?? this.unsupported(`there is no function "${name}"`);
    const body = entry.instantiate(attributes);
    if (body.controlOutputs.length > 0) this.unsupported(`"${name}" has effects`);
    return body;
  }

  forms(index: number): TensorForms {
    const forms = this.inputs[index];
    if (!forms) throw new RangeError(`${this.operation.type} "${this.operation.name}" has no input ${index}.`);
    return forms;
  }

  private makeChannelsFirst(forms: TensorForms, index: number): Value {
    const permutation = toChannelsFirst(this.rank(index));
    if (forms.constant) return this.weight(index, undefined, permutation);
    return this.transpose(this.plain(index), permutation);
  }

  /** An input of lower rank as it broadcasts against a channels-first value of that rank: `[C]` as `[C, 1, 1]`. */
  private broadcastable(index: number, rank: number): Value {
    const own = this.rank(index);
    const shape = this.shape(index)!;
    if (own === 0 || shape.every((dimension) => dimension === 1)) return this.plain(index);
    const missing = Array.from({ length: rank - 1 - own }, (_, axis) => axis + 1);
    const lastFirst = [own - 1, ...Array.from({ length: own - 1 }, (_, axis) => axis)];
    const { constant } = this.forms(index);
    if (!constant) return this.unsqueeze(this.transpose(this.plain(index), lastFirst), missing);
    const padded = [...missing.map(() => 1), ...constant.shape];
    return this.weight(index, padded, [rank - 2, ...Array.from({ length: rank - 2 }, (_, axis) => axis)]);
  }
}
