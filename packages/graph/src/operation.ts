import type { DType, PartialShape } from '@tenon/tensor';
import type { Attribute, AttributeKind, Attributes, AttributeValue } from './attributes.js';
import { AttributeError, InvalidGraphError } from './errors.js';
import type { Graph } from './graph.js';
import type { OperationDefinition } from './operation-definition.js';

/** One output of one operation: a value that will exist when the graph runs. */
export class SymbolicTensor {
  /** Widened as inference learns; see `inferShapes`. */
  shape: PartialShape;

  constructor(
    readonly operation: Operation,
    readonly index: number,
    readonly dtype: DType,
    shape: PartialShape,
    /** Whether the output is a reference to a variable (TensorFlow 1's `VariableV2`) and not a value. */
    readonly isReference: boolean,
  ) {
    this.shape = shape;
  }

  /** `operation:index`, as TensorFlow names it. */
  get name(): string {
    return `${this.operation.name}:${this.index}`;
  }

  get graph(): Graph {
    return this.operation.graph;
  }
}

/**
 * One operation of a graph: TensorFlow's `NodeDef`, with its inputs as objects.
 *
 * Made by `Graph.addOperation` alone.
 */
export class Operation {
  /** @internal */
  constructor(
    readonly graph: Graph,
    readonly name: string,
    /** The name of TensorFlow's op: `MatMul`. */
    readonly type: string,
    /** What TensorFlow says of ops of this type; for the functions of a graph, what their signature says. */
    readonly definition: OperationDefinition,
    /** @internal Changed through `Graph.replaceInput` alone. */
    readonly inputs: SymbolicTensor[],
    /** @internal */
    readonly controlInputs: Operation[],
    readonly attributes: Attributes,
    /** As the file says it; nothing here acts on it. */
    readonly device: string,
    outputs: readonly { readonly dtype: DType; readonly shape: PartialShape; readonly isReference: boolean }[],
  ) {
    this.outputs = outputs.map(
      ({ dtype, shape, isReference }, index) => new SymbolicTensor(this, index, dtype, shape, isReference),
    );
  }

  readonly outputs: readonly SymbolicTensor[];

  output(index = 0): SymbolicTensor {
    const output = this.outputs[index];
    if (!output)
      throw new InvalidGraphError([
        `${this.type} "${this.name}" has ${this.outputs.length} outputs; there is no output ${index}.`,
      ]);
    return output;
  }

  input(index: number): SymbolicTensor {
    const input = this.inputs[index];
    if (!input)
      throw new InvalidGraphError([
        `${this.type} "${this.name}" has ${this.inputs.length} inputs; there is no input ${index}.`,
      ]);
    return input;
  }

  /**
   * The attribute, or the default of its op's definition: files leave defaults out.
   *
   * @throws AttributeError if there is neither, or if it is of another kind.
   */
  attribute<K extends AttributeKind>(name: string, kind: K): AttributeValue<K> {
    const attribute = this.find(name);
    if (attribute?.kind !== kind) throw new AttributeError(this, name, kind, attribute?.kind);
    return attribute.value as AttributeValue<K>;
  }

  /** The attribute or its default, of whatever kind; `undefined` if there is neither. */
  find(name: string): Attribute | undefined {
    return this.attributes.get(name) ?? this.definition.attributes.get(name)?.default;
  }

  /** An `int` attribute as a number. */
  int(name: string): number {
    return Number(this.attribute(name, 'int'));
  }

  float(name: string): number {
    return this.attribute(name, 'float');
  }

  bool(name: string): boolean {
    return this.attribute(name, 'bool');
  }

  dtype(name: string): DType {
    return this.attribute(name, 'dtype');
  }

  shape(name: string): PartialShape {
    return this.attribute(name, 'shape');
  }

  /** A `string` attribute decoded as UTF-8. */
  string(name: string): string {
    return new TextDecoder().decode(this.attribute(name, 'bytes'));
  }

  /** A list of `int`s as numbers. */
  ints(name: string): number[] {
    return this.list(name, 'int').map(Number);
  }

  list<K extends AttributeKind>(name: string, kind: K): AttributeValue<K>[] {
    return this.attribute(name, 'list').map((item) => {
      if (item.kind !== kind) throw new AttributeError(this, name, kind, item.kind);
      return item.value as AttributeValue<K>;
    });
  }
}
