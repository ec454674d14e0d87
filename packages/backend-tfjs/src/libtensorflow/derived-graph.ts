import type { Program } from '@tenon/backend';
import {
  AttrValueSchema,
  create,
  dtypeToProto,
  encodeTensor,
  NodeDefSchema,
  shapeToProto,
  type AttrValue,
  type GraphDef,
  type Init,
  type NodeDef,
} from '@tenon/format';
import { exportGraphDef, type Operation, type SymbolicTensor } from '@tenon/graph';
import { StringArray, Tensor, type DType, type PartialShape, type TensorReference } from '@tenon/tensor';
import { carrierOf } from './carriers.js';

/** A tensor of a derived graph that passes through tfjs-node, and what it carries. */
export interface Port {
  /** Of the tensor in the derived graph. */
  readonly name: string;
  /** Of the value that it carries. */
  readonly dtype: DType;
  readonly shape: PartialShape;
}

/** A program as a graph of which every value that goes in or comes out is of a type that tfjs-node carries. */
export interface DerivedGraph {
  readonly graphDef: GraphDef;
  readonly inputs: readonly Port[];
  /** Where the values of inputs can be put before a run that is then fed nothing; left out where there are none. */
  readonly staging: Staging | undefined;
  readonly outputs: readonly Port[];
  /** A tensor to fetch for the effect of a run; left out where there is none beside the outputs. */
  readonly effects: string | undefined;
  /** Tensors to fetch that run the program's initializers. */
  readonly initializers: ReadonlyMap<Operation, string>;
  readonly state: ReadonlyMap<Operation, DerivedState>;
  /** The names that operations have in the program, by those that they have here, where they differ. */
  readonly names: ReadonlyMap<string, string>;
}

/** How a variable or a table is read and written: a table has two ports each way, keys and values. */
export interface DerivedState {
  readonly reads: readonly Port[];
  readonly writes: readonly Port[];
  /** A tensor to fetch, so that what is fed to `writes` is written. */
  readonly write: string;
}

/** Variables that inputs which are not fed are read from. */
export interface Staging {
  /** One for each input. */
  readonly inputs: readonly Port[];
  /** A tensor to fetch, so that what is fed to `inputs` is kept. */
  readonly write: string;
}

type Attributes = Record<string, Init<AttrValue>>;

const type = (dtype: DType): Init<AttrValue> => ({ value: { case: 'type', value: dtypeToProto(dtype) } });

/**
 * Derives the graph that libtensorflow runs.
 *
 * @param values What was read of constants that are not in memory.
 * @param paths Where the program's files lie, in their order.
 * @throws UnwritableGraphError
 */
export function deriveGraph(
  program: Program,
  values: ReadonlyMap<TensorReference, Tensor>,
  paths: readonly string[],
): DerivedGraph {
  const graphDef = exportGraphDef(program.graph, values);
  const nodes = new Map(graphDef.node.map((node) => [node.name, withoutPlaces(node)]));
  for (const operation of program.state) nameVariable(operation, nodes.get(operation.name)!);
  const adding = new AddedNodes(nodes);

  program.files.forEach(({ operation, input }, index) => {
    const value = new Tensor('string', [], StringArray.from([paths[index]!]));
    const attr: Attributes = {
      dtype: type('string'),
      value: { value: { case: 'tensor', value: encodeTensor(value) } },
    };
    nodes.get(operation.name)!.input[input] = adding.add('Const', 'file', [], attr);
  });
  const staged = program.inputs.map(({ dtype, shape }) => adding.addStaged(dtype, shape));
  const inputs = program.inputs.map(({ operation, dtype }, index) => {
    nodes.delete(operation.name);
    const { input } = staged[index]!;
    adding.decode(input.name, dtype, operation.name);
    return input;
  });
  const staging =
    staged.length > 0
      ? { inputs: staged.map(({ port }) => port), write: adding.addEffect(staged.map(({ write }) => write)) }
      : undefined;
  const outputs = program.outputs.map((tensor) => adding.addOutput(nameOf(tensor), tensor.dtype, tensor.shape));
  const { targets } = program;
  const effects = targets.length > 0 ? adding.addEffect(targets.map(({ name }) => name)) : undefined;
  const initializers = new Map(
    program.initializers.map((operation) => [operation, adding.addEffect([operation.name])]),
  );
  const state = new Map(program.state.map((operation) => [operation, deriveState(operation, adding)]));
  graphDef.node = [...nodes.values()];
  const names = giveValidNames(graphDef.node);
  keepReachableFunctions(graphDef);
  return { graphDef, inputs, staging, outputs, effects, initializers, state, names };
}

function nameOf({ operation, index }: SymbolicTensor): string {
  return index === 0 ? operation.name : `${operation.name}:${index}`;
}

/** Devices and neighbourhoods are those of another machine, and of operations that are not here. */
function withoutPlaces(node: NodeDef): NodeDef {
  const attr = Object.entries(node.attr).filter(([name]) => name !== '_class');
  return { ...node, input: [...node.input], device: '', attr: Object.fromEntries(attr) };
}

/** A resource variable has no name of its own unless it is given one, and all those are the same to libtensorflow. */
function nameVariable(operation: Operation, node: NodeDef): void {
  if (operation.type !== 'VarHandleOp' || operation.string('shared_name') !== '') return;
  node.attr['shared_name'] = create(AttrValueSchema, {
    value: { case: 's', value: new TextEncoder().encode(operation.name) },
  });
}

/** Adds nodes under names that no other node has. */
class AddedNodes {
  private count = 0;

  constructor(private readonly nodes: Map<string, NodeDef>) {}

  /** @returns the name of the node. */
  add(op: string, purpose: string, input: readonly string[], attr: Attributes, wanted?: string): string {
    let name = wanted;
    while (name === undefined || this.nodes.has(name)) name = `tenon/${purpose}_${this.count++}`;
    this.nodes.set(name, create(NodeDefSchema, { name, op, input: [...input], attr }));
    return name;
  }

  /** A placeholder for what carries a value. */
  addInput(dtype: DType, shape: PartialShape): Port {
    const carrier = carrierOf(dtype);
    const carried = shape && carrier.words > 1 ? [...shape, carrier.words] : shape;
    const name = this.add('Placeholder', 'input', [], {
      dtype: type(carrier.dtype),
      shape: { value: { case: 'shape', value: shapeToProto(carried) } },
    });
    return { name, dtype, shape };
  }

  /** An input that need not be fed, and what writes the variable that it is read from otherwise. */
  addStaged(dtype: DType, shape: PartialShape): { readonly input: Port; readonly port: Port; readonly write: string } {
    const carrier = type(carrierOf(dtype).dtype);
    const port = this.addInput(dtype, shape);
    const stays = this.copy(port.name, carrierOf(dtype).dtype);
    const anyShape: Init<AttrValue> = { value: { case: 'shape', value: shapeToProto(null) } };
    const name = `tenon/stage_${this.count++}`;
    const shared = { value: { case: 's' as const, value: new TextEncoder().encode(name) } };
    const variable = this.add('VarHandleOp', 'stage', [], { dtype: carrier, shape: anyShape, shared_name: shared });
    const write = this.add('AssignVariableOp', 'assign', [variable, stays], { dtype: carrier });
    const read = this.add('ReadVariableOp', 'read', [variable], { dtype: carrier });
    const { attr } = this.nodes.get(port.name)!;
    const input = this.add('PlaceholderWithDefault', 'input', [read], { dtype: attr['dtype']!, shape: attr['shape']! });
    return { input: { name: input, dtype, shape }, port, write };
  }

  /** What was fed is JavaScript's, and must not stay in a variable. */
  private copy(name: string, dtype: DType, wanted?: string): string {
    const attr = { T: type(dtype) };
    return dtype === 'string'
      ? this.add('Identity', 'value', [name], attr, wanted)
      : this.add('DeepCopy', 'copy', [name], attr, wanted);
  }

  /**
   * The value that a placeholder carries, as a copy.
   *
   * @param wanted The name of the value.
   */
  decode(name: string, dtype: DType, wanted?: string): string {
    const carrier = carrierOf(dtype);
    const last = (at: DType): string | undefined => (at === dtype ? wanted : undefined);
    if (carrier.isCast) {
      const bits = carrier.bits ?? dtype;
      const attr = { SrcT: type(carrier.dtype), DstT: type(bits) };
      return this.decodeBits(this.add('Cast', 'cast', [name], attr, last(bits)), bits, dtype, wanted);
    }
    const copied = this.copy(name, carrier.dtype, last(carrier.dtype));
    return this.decodeBits(copied, carrier.dtype, dtype, wanted);
  }

  private decodeBits(name: string, bits: DType, dtype: DType, wanted: string | undefined): string {
    if (bits === dtype) return name;
    return this.add('Bitcast', 'bits', [name], { T: type(bits), type: type(dtype) }, wanted);
  }

  /** What carries a value out. */
  addOutput(input: string, dtype: DType, shape: PartialShape): Port {
    const carrier = carrierOf(dtype);
    let name = input;
    let at = dtype;
    if (carrier.bits !== undefined && carrier.bits !== at) {
      name = this.add('Bitcast', 'bits', [name], { T: type(at), type: type(carrier.bits) });
      at = carrier.bits;
    }
    if (carrier.isCast && at !== carrier.dtype)
      name = this.add('Cast', 'cast', [name], { SrcT: type(at), DstT: type(carrier.dtype) });
    return { name: this.add('Identity', 'output', [name], { T: type(carrier.dtype) }), dtype, shape };
  }

  /** A tensor whose computation runs operations. */
  addEffect(operations: readonly string[]): string {
    const value = encodeTensor(new Tensor('int32', [], Int32Array.of(0)));
    const attr: Attributes = { dtype: type('int32'), value: { value: { case: 'tensor', value } } };
    const controls = operations.map((name) => `^${name}`);
    return this.add('Const', 'done', controls, attr);
  }
}

function deriveState(operation: Operation, adding: AddedNodes): DerivedState {
  const { name } = operation;
  if (operation.find('key_dtype')) return deriveTable(operation, adding);
  const dtype = operation.dtype('dtype');
  const shape = operation.shape('shape');
  const written = adding.addInput(dtype, shape);
  const value = adding.decode(written.name, dtype);
  if (operation.type === 'VarHandleOp') {
    const read = adding.add('ReadVariableOp', 'read', [name], { dtype: type(dtype) });
    const assign = adding.add('AssignVariableOp', 'assign', [name, value], { dtype: type(dtype) });
    return { reads: [adding.addOutput(read, dtype, shape)], writes: [written], write: adding.addEffect([assign]) };
  }
  const attr: Attributes = { T: type(dtype), validate_shape: { value: { case: 'b', value: false } } };
  const assign = adding.add('Assign', 'assign', [name, value], attr);
  return { reads: [adding.addOutput(name, dtype, shape)], writes: [written], write: adding.addEffect([assign]) };
}

/** Importing into a table puts what is imported in the place of what it held. */
function deriveTable(operation: Operation, adding: AddedNodes): DerivedState {
  const { name } = operation;
  const version = operation.type.endsWith('V2') ? 'V2' : '';
  const dtypes = [operation.dtype('key_dtype'), operation.dtype('value_dtype')] as const;
  const written = dtypes.map((dtype) => adding.addInput(dtype, null));
  const values = written.map(({ name, dtype }) => adding.decode(name, dtype));
  const exported = adding.add(`LookupTableExport${version}`, 'read', [name], {
    Tkeys: type(dtypes[0]),
    Tvalues: type(dtypes[1]),
  });
  const imported = adding.add(`LookupTableImport${version}`, 'assign', [name, ...values], {
    Tin: type(dtypes[0]),
    Tout: type(dtypes[1]),
  });
  const reads = dtypes.map((dtype, index) =>
    adding.addOutput(index === 0 ? exported : `${exported}:${index}`, dtype, null),
  );
  return { reads, writes: written, write: adding.addEffect([imported]) };
}

const VALID_NAME = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;

/**
 * Names nodes anew whose names libtensorflow does not take in a file, such as those that start with `_`.
 *
 * @returns The old names by the new ones.
 */
function giveValidNames(nodes: readonly NodeDef[]): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  for (const { name } of nodes) if (!VALID_NAME.test(name)) renamed.set(name, `tenon/renamed_${renamed.size}`);
  if (renamed.size === 0) return renamed;
  for (const node of nodes) {
    node.name = renamed.get(node.name) ?? node.name;
    node.input = node.input.map((input) => {
      const [, control, name, index] = /^(\^?)(.*?)((?::\d+)?)$/s.exec(input) as unknown as [
        string,
        string,
        string,
        string,
      ];
      return `${control}${renamed.get(name) ?? name}${index}`;
    });
  }
  return new Map([...renamed].map(([before, now]) => [now, before]));
}

/** What nothing calls would be read and checked for nothing. */
function keepReachableFunctions(graphDef: GraphDef): void {
  const { library } = graphDef;
  if (!library) return;
  const byName = new Map(library.function.map((one) => [one.signature?.name ?? '', one]));
  const gradients = new Map(library.gradient.map(({ functionName, gradientFunc }) => [functionName, gradientFunc]));
  const kept = new Set<string>();
  const pending: string[] = [];
  const keep = (name: string | undefined): void => {
    if (name === undefined || kept.has(name) || !byName.has(name)) return;
    kept.add(name);
    pending.push(name);
  };
  const visit = (nodes: readonly NodeDef[]): void => {
    for (const { op, attr } of nodes) {
      keep(op);
      for (const { value } of Object.values(attr)) {
        if (value.case === 'func') keep(value.value.name);
        if (value.case === 'list') for (const { name } of value.value.func) keep(name);
      }
    }
  };
  visit(graphDef.node);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    visit(byName.get(name)!.nodeDef);
    keep(gradients.get(name));
  }
  library.function = library.function
    .filter(({ signature }) => kept.has(signature?.name ?? ''))
    .map((one) => ({ ...one, nodeDef: one.nodeDef.map(withoutPlaces) }));
  library.gradient = library.gradient.filter(({ functionName }) => kept.has(functionName));
}
