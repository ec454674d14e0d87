import type { DType, PartialShape } from '@tenon/tensor';
import type { Attribute, AttributeKind, Attributes, AttributeValue, ConstantValue } from './attributes.js';
import { InvalidGraphError } from './errors.js';
import { FunctionLibrary } from './function-library.js';
import { findOperationDefinition, type ArgumentDefinition, type OperationDefinition } from './operation-definition.js';
import { Operation, SymbolicTensor } from './operation.js';

/** What an operation is made from. */
export interface OperationOptions {
  /** TensorFlow's op, or the name of a function in the graph's library. */
  readonly type: string;
  /** The op's type by default; made unique by a suffix if it is taken. */
  readonly name?: string;
  readonly inputs?: readonly SymbolicTensor[];
  readonly controlInputs?: readonly Operation[];
  readonly attributes?: Attributes;
  readonly device?: string;
  /** Of an op that TensorFlow does not have, as a copy takes it from its original. Found by `type` when it is left out. */
  readonly definition?: OperationDefinition;
  /** Output shapes, one per output, where they are known; else unknown until `inferShapes`. Data types follow from the op's definition. */
  readonly shapes?: readonly PartialShape[];
}

/**
 * How a state operation (a variable, a table) gets its first value: from a value, a checkpoint's usually, or by running an operation
 * (an `Assign` of an initial value, an `InitializeTable`).
 */
export type Initializer = { readonly value: ConstantValue } | { readonly operation: Operation };

/**
 * TensorFlow's operations, as data. Everything meets here: TF1 Hub modules, SavedModels and graphs built by hand are all `Graph`s,
 * and pruning, partitioning, conversion, gradients and export read nothing else.
 *
 * Operations keep the order in which they were added. It is a topological order but for the back edges of version 1 loops, and where
 * an operation was redefined or given another input since; `topologicalOrder` always finds one.
 */
export class Graph {
  /** The outputs of operations that have many. */
  private manyOutputs = 0;
  private readonly byName = new Map<string, Operation>();
  /** Every name scope that an operation is or was in: `a` and `a/b` for `a/b/c`. */
  private readonly scopes = new Set<string>();
  /** Where the search for a free name starts, by the name asked for: many operations ask for the same one. */
  private readonly nextSuffix = new Map<string, number>();

  /**
   * For each state operation (`VarHandleOp`, `VariableV2`, `HashTableV2`, …) how it gets its first value, in order.
   * A session runs these before the first run that needs the state. A later entry replaces what an earlier one did.
   */
  readonly initializers = new Map<Operation, Initializer[]>();

  /**
   * What TensorFlow 1 calls collections: `variables`, `trainable_variables`, `update_ops`, `regularization_losses`, `table_initializer`, …
   * as operations and tensors of this graph.
   */
  readonly collections = new Map<string, (Operation | SymbolicTensor)[]>();

  constructor(
    /** The functions that operations call by name; none by default. Copies of a graph share it. */
    readonly functions: FunctionLibrary = new FunctionLibrary(),
  ) {}

  get operations(): Iterable<Operation> {
    return this.byName.values();
  }

  /** The number of operations. */
  get size(): number {
    return this.byName.size;
  }

  operation(name: string): Operation | undefined {
    return this.byName.get(name);
  }

  /**
   * The tensor of that name: `operation:index`, or `operation` for its first output.
   *
   * @throws InvalidGraphError if there is none.
   */
  tensor(name: string): SymbolicTensor {
    const colon = name.lastIndexOf(':');
    const operation = this.byName.get(colon < 0 ? name : name.slice(0, colon));
    const output = operation?.outputs[colon < 0 ? 0 : Number(name.slice(colon + 1))];
    if (!output) throw new InvalidGraphError([`There is no tensor "${name}" in the graph.`]);
    return output;
  }

  /** `base` if no operation has that name, else `base_1`, `base_2`, … */
  uniqueName(base: string): string {
    return this.unique(base, (name) => this.byName.has(name));
  }

  /** A name scope that nothing is in and no operation is called: `base`, else `base_1`, `base_2`, … */
  uniqueScope(base: string): string {
    return this.unique(base, (name) => this.byName.has(name) || this.scopes.has(name));
  }

  private unique(base: string, isTaken: (name: string) => boolean): string {
    if (!isTaken(base)) return base;
    let suffix = this.nextSuffix.get(base) ?? 1;
    while (isTaken(`${base}_${suffix}`)) suffix++;
    this.nextSuffix.set(base, suffix);
    return `${base}_${suffix}`;
  }

  /**
   * @throws InvalidGraphError if TensorFlow has no such op, an input is of another graph, there are too few or too many inputs, or an
   *   attribute that output types follow from is missing.
   */
  addOperation(options: OperationOptions): Operation {
    const {
      type,
      inputs = [],
      controlInputs = [],
      attributes = new Map<string, Attribute>(),
      device = '',
      shapes,
    } = options;
    const name = this.uniqueName(options.name ?? type);
    const definition = options.definition ?? this.functions.find(type)?.definition ?? findOperationDefinition(type);
    if (!definition)
      throw new InvalidGraphError([`"${name}" is a "${type}"; there is neither an op nor a function of that name.`]);
    for (const input of inputs) {
      if (input.graph !== this) {
        throw new InvalidGraphError([
          `${type} "${name}" cannot take "${input.name}": that tensor is in another graph.`,
        ]);
      }
    }
    const expected = expand(definition.inputs, definition, attributes, name);
    if (expected.length !== inputs.length) {
      throw new InvalidGraphError([`${type} "${name}" takes ${expected.length} inputs; ${inputs.length} were given.`]);
    }
    const outputs = expand(definition.outputs, definition, attributes, name).map((output, index) => ({
      ...output,
      shape: shapes?.[index] ?? null,
    }));
    this.countOutputs(name, outputs.length);
    const operation = new Operation(
      this,
      name,
      type,
      definition,
      [...inputs],
      [...controlInputs],
      attributes,
      device,
      outputs,
    );
    this.byName.set(name, operation);
    this.addScopes(name);
    return operation;
  }

  /** A number in a file makes any number of outputs, each of which takes memory, and time in all that is done with the graph. */
  private countOutputs(name: string, count: number): void {
    if (count <= FEW_OUTPUTS) return;
    this.manyOutputs += count;
    if (this.manyOutputs > MOST_OUTPUTS)
      throw new InvalidGraphError([
        `With the ${count} outputs of "${name}", operations of more than ${FEW_OUTPUTS} outputs have more than ${MOST_OUTPUTS} in all.`,
      ]);
  }

  private addScopes(name: string): void {
    for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
      const scope = name.slice(0, slash);
      if (this.scopes.has(scope)) return;
      this.scopes.add(scope);
    }
  }

  /** Makes `operation` read another tensor of this graph. For back edges, and for rewriting a copy. */
  replaceInput(operation: Operation, index: number, input: SymbolicTensor): void {
    operation.inputs[index] = input;
  }

  /**
   * Gives an operation another definition in its place, with more outputs or fewer at the end: a loop that keeps for its gradient what it
   * computed on its way. Whoever reads it goes on reading it.
   *
   * @returns What puts it back.
   * @throws InvalidGraphError as `addOperation`, or if an output that stays would be of another type.
   */
  redefine(
    operation: Operation,
    {
      type = operation.type,
      inputs,
      attributes,
      shapes,
    }: Required<Pick<OperationOptions, 'inputs' | 'attributes' | 'shapes'>> & { readonly type?: string },
  ): () => void {
    const { name } = operation;
    const definition = this.functions.find(type)?.definition ?? findOperationDefinition(type) ?? operation.definition;
    const expected = expand(definition.inputs, definition, attributes, name);
    if (expected.length !== inputs.length || inputs.some(({ graph }) => graph !== this)) {
      throw new InvalidGraphError([`${type} "${name}" takes ${expected.length} inputs of its own graph.`]);
    }
    const outputs = expand(definition.outputs, definition, attributes, name).map(
      ({ dtype, isReference }, index): SymbolicTensor => {
        const known = operation.outputs[index];
        if (!known) return new SymbolicTensor(operation, index, dtype, shapes[index] ?? null, isReference);
        if (known.dtype === dtype && known.isReference === isReference) return known;
        throw new InvalidGraphError([`Output ${index} of "${name}" is ${known.dtype} and cannot become ${dtype}.`]);
      },
    );
    const { type: oldType, definition: oldDefinition, attributes: oldAttributes, outputs: oldOutputs } = operation;
    const before = { type: oldType, definition: oldDefinition, attributes: oldAttributes, outputs: oldOutputs };
    const oldInputs = operation.inputs.splice(0, Infinity, ...inputs);
    Object.assign(operation, { type, definition, attributes, outputs });
    return () => {
      operation.inputs.splice(0, Infinity, ...oldInputs);
      Object.assign(operation, before);
    };
  }

  /** Removes an operation that nothing reads any more. */
  remove(operation: Operation): void {
    this.byName.delete(operation.name);
  }
}

export interface TensorType {
  readonly dtype: DType;
  readonly isReference: boolean;
}

/** The data types of the tensors that arguments stand for, given the values of the attributes. */
export function expand(
  args: readonly ArgumentDefinition[],
  definition: OperationDefinition,
  attributes: Attributes,
  operationName: string,
): TensorType[] {
  const find = <K extends AttributeKind>(name: string, kind: K): AttributeValue<K> => {
    const attribute = attributes.get(name) ?? definition.attributes.get(name)?.default;
    if (attribute?.kind !== kind) {
      throw new InvalidGraphError([`${definition.name} "${operationName}" needs the ${kind} attribute "${name}".`]);
    }
    return attribute.value as AttributeValue<K>;
  };
  return args.flatMap(({ type, numberAttribute, isReference }): TensorType[] => {
    if ('listAttribute' in type) {
      return find(type.listAttribute, 'list').map((item) => {
        if (item.kind !== 'dtype') {
          throw new InvalidGraphError([
            `${definition.name} "${operationName}": "${type.listAttribute}" must list types.`,
          ]);
        }
        return { dtype: item.value, isReference };
      });
    }
    const dtype = 'dtype' in type ? type.dtype : find(type.attribute, 'dtype');
    if (numberAttribute === undefined) return [{ dtype, isReference }];
    const count = Number(find(numberAttribute, 'int'));
    if (!(count >= 0 && count <= MOST_TENSORS)) {
      throw new InvalidGraphError([`${definition.name} "${operationName}": "${numberAttribute}" is ${count}.`]);
    }
    return Array.from({ length: count }, () => ({ dtype, isReference }));
  });
}

/** Inputs or outputs that one argument may stand for; more is a broken or hostile file. */
const MOST_TENSORS = 250_000;

/** Operations of up to so many outputs are not counted. */
const FEW_OUTPUTS = 64;

/** The outputs of all operations of a graph that are counted. */
const MOST_OUTPUTS = 250_000;
