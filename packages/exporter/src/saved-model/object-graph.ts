import {
  create,
  dtypeToProto,
  SavedObjectGraphSchema,
  serialize,
  shapeToProto,
  TrackableObjectGraphSchema,
  type Init,
  type SavedConcreteFunction,
  type SavedObject,
  type SavedObjectGraph,
  type TrackableObjectGraph_TrackableObject,
} from '@tenon/format';
import { sortedFields } from '@tenon/module-spec';
import type { DType, PartialShape } from '@tenon/tensor';
import { bool, none, parameters, tuple, type Structured } from './structured-values.js';

/** Under which a checkpoint has the tree of objects that its keys belong to. */
export const OBJECT_GRAPH_KEY = '_CHECKPOINTABLE_OBJECT_GRAPH';

/** What an object is; children come later. */
type Kind = NonNullable<Init<SavedObject>['kind']>;

interface ObjectNode {
  readonly kind: Kind;
  readonly children: Map<string, number>;
  /** Of variables: their names, and where the checkpoint has their values. */
  readonly stored?: { readonly name: string; readonly key: string };
}

/** A variable, and where the checkpoint has its value. */
export interface StoredVariable {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: PartialShape;
  readonly trainable: boolean;
  readonly key: string;
}

/** A concrete function: what it is called in the library, what it takes and returns, and the objects that it takes after its arguments. */
export interface ConcreteFunction {
  readonly name: string;
  readonly positional?: readonly Structured[];
  readonly keyword?: ReadonlyMap<string, Structured>;
  readonly output: Structured;
  readonly boundInputs: readonly number[];
}

/** The tree of Python objects that TensorFlow 2 makes of a SavedModel. The first that is added is its root. */
export class ObjectGraph {
  private readonly nodes: ObjectNode[] = [];
  private readonly functions = new Map<string, Init<SavedConcreteFunction>>();

  add(kind: Kind, stored?: ObjectNode['stored']): number {
    this.nodes.push({ kind, children: new Map(), ...(stored && { stored }) });
    return this.nodes.length - 1;
  }

  addVariable({ name, dtype, shape, trainable, key }: StoredVariable): number {
    const value = { name, dtype: dtypeToProto(dtype), shape: shapeToProto(shape), trainable };
    return this.add({ case: 'variable', value }, { name, key });
  }

  /** An object of a class that Python knows: a list, a map of signatures, or any. */
  addObject(identifier: '_generic_user_object' | 'signature_map' | 'trackable_list_wrapper'): number {
    const version = { producer: 1, minConsumer: 1 };
    return this.add({ case: 'userObject', value: { identifier, version } });
  }

  addList(items: readonly number[]): number {
    const list = this.addObject('trackable_list_wrapper');
    items.forEach((item, index) => this.connect(list, String(index), item));
    return list;
  }

  /**
   * A function with one trace for each of `traces`.
   *
   * @param names Of its parameters; a last one beyond what the traces are alike in is `training`, and false if it is not given.
   */
  addFunction(names: readonly string[], traces: readonly ConcreteFunction[]): number {
    const defaults = names.at(-1) === 'training' ? [bool(false)] : [];
    for (const trace of traces) this.addConcrete(trace);
    const functionSpec = { fullargspec: parameters(names, defaults), inputSignature: none };
    return this.add({ case: 'function', value: { concreteFunctions: traces.map(({ name }) => name), functionSpec } });
  }

  /** A function of one trace, called with keywords. */
  addBareFunction(trace: ConcreteFunction): number {
    this.addConcrete(trace);
    const argumentKeywords = [...(trace.keyword ?? new Map<string, Structured>()).keys()];
    const value = { concreteFunctionName: trace.name, argumentKeywords, allowedPositionalArguments: 0n };
    return this.add({ case: 'bareConcreteFunction', value });
  }

  connect(parent: number, name: string, child: number): void {
    this.nodes[parent]!.children.set(name, child);
  }

  private addConcrete({ name, positional = [], keyword = new Map(), output, boundInputs }: ConcreteFunction): void {
    const fields = Object.fromEntries(keyword);
    this.functions.set(name, {
      boundInputs: [...boundInputs],
      canonicalizedInputSignature: tuple([tuple([...positional]), { kind: { case: 'dictValue', value: { fields } } }]),
      outputSignature: output,
    });
  }

  /** For `saved_model.pb`. */
  define(): SavedObjectGraph {
    return create(SavedObjectGraphSchema, {
      nodes: this.nodes.map(({ kind, children }): Init<SavedObject> => ({ kind, children: references(children) })),
      concreteFunctions: Object.fromEntries(sortedFields(this.functions)),
    });
  }

  /** For the checkpoint, as bytes. */
  defineStored(): Uint8Array {
    const nodes = this.nodes.map(({ children, stored }): Init<TrackableObjectGraph_TrackableObject> => ({
      children: references(children),
      ...(stored && {
        attributes: [{ name: 'VARIABLE_VALUE', fullName: stored.name, checkpointKey: stored.key }],
      }),
    }));
    return serialize(TrackableObjectGraphSchema, create(TrackableObjectGraphSchema, { nodes }));
  }
}

function references(children: ReadonlyMap<string, number>) {
  return [...children].map(([localName, nodeId]) => ({ nodeId, localName }));
}
