import type { Backend } from '@tenon/backend';
import {
  BuiltFunction,
  FunctionLibrary,
  Graph,
  GraphCycleError,
  NotInGraphError,
  sortByDependencies,
  type Attribute,
  type FunctionGraph,
  type Operation,
  type RewrittenGraph,
  type SymbolicTensor,
} from '@tenon/graph';
import { isNumeric } from '@tenon/tensor';
import { isContraction, isHeavy, partition, type Partitioning } from './partition.js';
import { SpecializedCopy, type ReadyBody, type ReadyGraph } from './specialize-control-flow.js';

/** What a call stands for that the backend runs as a whole: control flow, and what makes and reads the lists that go through it. */
export interface Region {
  /** In topological order. */
  readonly operations: readonly Operation[];
  readonly bodies: ReadonlyMap<Operation, ReadyBody>;
}

/** A graph with calls in the place of regions. */
export interface OutlinedGraph extends RewrittenGraph {
  /** By the call that stands for it. */
  readonly regions: ReadonlyMap<Operation, Candidate>;
}

interface Candidate extends Region {
  /** Whether it is worth a trip to the backend alone. */
  readonly isWorthIt: boolean;
  /** The control-flow operation's. */
  readonly name: string;
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly body: FunctionGraph;
}

/**
 * Makes control flow that the backend can take whole a call of a function without effects: numbers in, numbers out. What goes between a loop and
 * the operations around it that is no number (lists and arrays of tensors) stays inside of the function. Control flow that is cheap stays as it is, unless it stands
 * between operations of the backend.
 *
 * @param wanting Found: control flow that is worth it, which the backend cannot take with what is known of shapes.
 */
export function outlineControlFlow(
  { graph, outputs, bodies }: ReadyGraph,
  partitioning: Partitioning,
): OutlinedGraph | undefined {
  const { backend, wanting, takesAll } = partitioning;
  if (!backend || bodies.size === 0) return undefined;
  const uses = new Uses(graph, outputs);
  const handles = findHandles(graph, bodies);
  const candidates: Candidate[] = [];
  const taken = new Set<Operation>();
  for (const operation of bodies.keys()) {
    if (taken.has(operation)) continue;
    const members = regionAround(graph, operation, handles, uses);
    for (const member of members) taken.add(member);
    const candidate = makeCandidate(graph, operation, members, bodies, uses);
    if (candidate && canRun(backend, candidate)) candidates.push(candidate);
    // More may be known of shapes when it runs.
    else if (candidate?.isWorthIt) wanting.push(operation);
  }
  if (candidates.length === 0) return undefined;
  const outlined = replace(graph, candidates);
  if (!outlined || takesAll || candidates.every(({ isWorthIt: isWorth }) => isWorth)) return outlined;
  const cheap = new Set([...outlined.regions].filter(([, region]) => !region.isWorthIt).map(([call]) => call));
  const trial = partition(outlined.graph, { ...partitioning, cheap, unsupported: [], wanting: [] });
  const onHost = new Set(trial.flatMap((part) => (part.place === 'host' ? part.operations : [])));
  const rest = [...outlined.regions].filter(([call]) => !onHost.has(call)).map(([, region]) => region);
  if (rest.length === 0) return undefined;
  return rest.length === outlined.regions.size ? outlined : replace(graph, rest);
}

/** Whether a trip to the backend is worth it: what is repeated costs more each time. */
function isWorthIt({ flow, plans }: ReadyBody, isRepeated = false): boolean {
  const repeats = isRepeated || flow.isLoop;
  const isWorth = (operation: Operation): boolean => isHeavy(operation) || (repeats && isContraction(operation));
  return plans.some(
    ({ graph, bodies }) =>
      Array.from(graph.operations).some(isWorth) || [...bodies.values()].some((body) => isWorthIt(body, repeats)),
  );
}

/** Who reads tensors. */
class Uses {
  private readonly consumers = new Map<SymbolicTensor, Operation[]>();
  private readonly fetched: ReadonlySet<SymbolicTensor>;

  constructor(graph: Graph, outputs: readonly SymbolicTensor[]) {
    this.fetched = new Set(outputs);
    for (const operation of graph.operations) {
      for (const input of operation.inputs) {
        const known = this.consumers.get(input);
        if (known) known.push(operation);
        else this.consumers.set(input, [operation]);
      }
    }
  }

  of(tensor: SymbolicTensor): readonly Operation[] {
    return this.consumers.get(tensor) ?? [];
  }

  isUsed(tensor: SymbolicTensor): boolean {
    return this.consumers.has(tensor) || this.fetched.has(tensor);
  }

  isUsedOutside(tensor: SymbolicTensor, members: ReadonlySet<Operation>): boolean {
    return this.fetched.has(tensor) || this.of(tensor).some((consumer) => !members.has(consumer));
  }
}

/** Operations that give the flow of an array of tensors: a number that only stands for the array as it is by then. */
const FLOWS = new Set(['TensorArrayV3', 'TensorArrayWriteV3', 'TensorArrayScatterV3', 'TensorArraySplitV3']);

/** Tensors that stand for lists and arrays of tensors. */
function findHandles(graph: Graph, bodies: ReadonlyMap<Operation, ReadyBody>): ReadonlySet<SymbolicTensor> {
  const handles = new Set<SymbolicTensor>();
  for (const operation of graph.operations) {
    const isHandedOn = (index: number) =>
      (operation.type === 'Identity' || bodies.get(operation)?.flow.isLoop === true) &&
      handles.has(operation.input(index));
    operation.outputs.forEach((output, index) => {
      if (output.dtype === 'variant' || FLOWS.has(operation.type) || isHandedOn(index)) handles.add(output);
    });
  }
  return handles;
}

/** The operation, all that hang together with it by lists and arrays, and what stands between these. */
function regionAround(
  graph: Graph,
  operation: Operation,
  handles: ReadonlySet<SymbolicTensor>,
  uses: Uses,
): Set<Operation> {
  const members = new Set([operation]);
  for (let size = 0; size !== members.size;) {
    size = members.size;
    // A set hands out what is added while it is gone through.
    for (const { inputs, outputs } of members) {
      for (const input of inputs) if (handles.has(input) && !isSource(input.operation)) members.add(input.operation);
      for (const output of outputs) if (handles.has(output)) for (const user of uses.of(output)) members.add(user);
    }
    if (members.size > 1) for (const between of operationsBetween(graph, members)) members.add(between);
  }
  return members;
}

/** Operations that need a result of a member, and that a member needs: the size of an array, and what counts up to it. */
function operationsBetween(graph: Graph, members: ReadonlySet<Operation>): Operation[] {
  const operations = [...graph.operations];
  const after = new Set<Operation>();
  for (const operation of operations) {
    const isAfter = (other: Operation) => members.has(other) || after.has(other);
    if (predecessors(operation).some(isAfter)) after.add(operation);
  }
  const before = new Set<Operation>();
  for (const operation of operations.reverse())
    if (members.has(operation) || before.has(operation)) for (const other of predecessors(operation)) before.add(other);
  return [...after].filter((operation) => before.has(operation) && !members.has(operation));
}

function predecessors({ inputs, controlInputs }: Operation): Operation[] {
  return [...inputs.map((input) => input.operation), ...controlInputs];
}

function isSource({ type }: Operation): boolean {
  return type === 'Placeholder' || type === 'Const';
}

/** Operations with state that only a run of their own sees, or none at all once planning is through. */
function isHarmless({ type }: Operation): boolean {
  return type.startsWith('TensorArray') || type === 'VarHandleOp' || type === 'Placeholder' || type === '_Arg';
}

/** Whether running the operations does more than compute their outputs. */
function haveEffects(operations: Iterable<Operation>, bodies: ReadonlyMap<Operation, ReadyBody>): boolean {
  for (const operation of operations) {
    const body = bodies.get(operation);
    if (body) {
      if (body.plans.some(({ graph, bodies: inner }) => haveEffects(graph.operations, inner))) return true;
    } else if (operation.definition.isStateful && !isHarmless(operation)) return true;
  }
  return false;
}

/** The region as a function; `undefined` if it cannot be one. */
function makeCandidate(
  graph: Graph,
  operation: Operation,
  members: ReadonlySet<Operation>,
  bodies: ReadonlyMap<Operation, ReadyBody>,
  uses: Uses,
): Candidate | undefined {
  const operations = Array.from(graph.operations).filter((each) => members.has(each));
  if (haveEffects(operations, bodies)) return undefined;
  const outputs = operations.flatMap(({ outputs: all }) => all).filter((output) => uses.isUsedOutside(output, members));
  const copy = new SpecializedCopy(bodies, (output) => uses.isUsed(output));
  const args = new Map<SymbolicTensor, SymbolicTensor>();
  for (const member of operations) {
    for (const input of member.inputs) {
      if (copy.has(input)) continue;
      const { type, name } = input.operation;
      if (type === 'Const') copy.add(input.operation);
      else if (!members.has(input.operation)) {
        const { dtype, shape } = input;
        args.set(
          input,
          copy.addInput({ name: input.index === 0 ? name : `${name}/${input.index}`, dtype, shape }, input),
        );
      }
    }
    copy.add(member);
  }
  // A loop may have needed a variable that is a constant by now; the copy does not.
  const read = new Set(Array.from(copy.graph.operations).flatMap(({ inputs }) => inputs));
  const inputs = [...args].filter(([, input]) => read.has(input));
  const isPlain = ({ dtype, isReference }: SymbolicTensor) => isNumeric(dtype) && !isReference;
  if (!inputs.every(([input]) => isPlain(input)) || !outputs.every((output) => copy.has(output) && isPlain(output)))
    return undefined;
  const body = {
    name: `${operation.name}/region`,
    graph: copy.graph,
    inputs: inputs.map(([, input]) => input),
    outputs: outputs.map((output) => copy.tensor(output)),
    controlOutputs: [],
    outputNames: outputs.map((_, index) => `output_${index}`),
  };
  return {
    name: operation.name,
    operations,
    bodies,
    isWorthIt: operations.some((member) => bodies.has(member) && isWorthIt(bodies.get(member)!)),
    inputs: inputs.map(([input]) => input),
    outputs,
    body,
  };
}

/** Whether the backend takes the region, asked for a call of it in a graph of its own. */
function canRun(backend: Backend, { inputs, outputs, body }: Candidate): boolean {
  const graph = new Graph(new FunctionLibrary([new BuiltFunction(body)]));
  const args = inputs.map(({ dtype, shape }) =>
    graph
      .addOperation({
        type: 'Placeholder',
        attributes: new Map([['dtype', { kind: 'dtype', value: dtype }]]),
        shapes: [shape],
      })
      .output(),
  );
  return backend.supports(addCall(graph, { inputs: args, outputs, body }, body.name, []));
}

function addCall(
  graph: Graph,
  { inputs, outputs, body }: Pick<Candidate, 'inputs' | 'outputs' | 'body'>,
  name: string,
  controlInputs: readonly Operation[],
): Operation {
  const types = (tensors: readonly SymbolicTensor[]): Attribute => ({
    kind: 'list',
    value: tensors.map(({ dtype }) => ({ kind: 'dtype', value: dtype })),
  });
  return graph.addOperation({
    type: 'PartitionedCall',
    name,
    inputs,
    controlInputs,
    attributes: new Map<string, Attribute>([
      ['Tin', types(inputs)],
      ['Tout', types(outputs)],
      ['f', { kind: 'function', value: { name: body.name, attributes: new Map() } }],
    ]),
    shapes: outputs.map(({ shape }) => shape),
  });
}

/** What becomes one operation: a region, or an operation outside of all. */
interface Node {
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly region?: Candidate;
}

/** Puts calls in the place of regions; `undefined` if there is no region that nothing outside of it stands between. */
function replace(graph: Graph, candidates: readonly Candidate[]): OutlinedGraph | undefined {
  const order = inOrder(graph, candidates);
  if (!order) {
    // Rare: a list that is read between two loops which it goes through, say. One by one they may do.
    const fitting: Candidate[] = [];
    for (const candidate of candidates) if (inOrder(graph, [...fitting, candidate])) fitting.push(candidate);
    return fitting.length === 0 || fitting.length === candidates.length ? undefined : replace(graph, fitting);
  }
  const copy = new Graph(withFunctions(graph.functions, candidates));
  const operations = new Map<Operation, Operation>();
  const tensors = new Map<SymbolicTensor, SymbolicTensor>();
  const regions = new Map<Operation, Candidate>();
  const quiet = new Set<Operation>();
  const tensor = (original: SymbolicTensor) => found(tensors.get(original), original.name);
  const operation = (original: Operation) => found(operations.get(original), original.name);
  for (const { name, operations: members, region } of order) {
    const own = new Set(members);
    const before = members.flatMap(({ controlInputs }) => controlInputs.filter((input) => !own.has(input)));
    // Nothing has to wait for what has no effect.
    const controlInputs = [...new Set(before.map(operation))].filter((input) => !quiet.has(input));
    const inputs = (region?.inputs ?? members[0]!.inputs).map(tensor);
    const outputs = region?.outputs ?? members[0]!.outputs;
    const replacement = region
      ? addCall(copy, { inputs, outputs, body: region.body }, name, controlInputs)
      : copyOf(copy, members[0]!, inputs, controlInputs);
    for (const member of members) operations.set(member, replacement);
    outputs.forEach((output, index) => tensors.set(output, replacement.output(index)));
    if (region) regions.set(replacement, region);
    const isStateful = !region && members[0]!.definition.isStateful && !isHarmless(members[0]!);
    if (!isStateful && controlInputs.length === 0 && inputs.every((input) => quiet.has(input.operation)))
      quiet.add(replacement);
  }
  return { graph: copy, tensor, operation, regions };
}

function copyOf(
  graph: Graph,
  { name, type, definition, attributes, device, outputs }: Operation,
  inputs: readonly SymbolicTensor[],
  controlInputs: readonly Operation[],
): Operation {
  const shapes = outputs.map(({ shape }) => shape);
  return graph.addOperation({ name, type, definition, inputs, controlInputs, attributes, device, shapes });
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new NotInGraphError(name, 'it is inside of what the backend runs as a whole');
  return value;
}

/** The library with the regions' functions; the original is shared by other graphs, and stays as it is. */
function withFunctions(functions: FunctionLibrary, regions: readonly Candidate[]): FunctionLibrary {
  const library = new FunctionLibrary();
  for (const name of functions.names) library.add(functions.find(name)!);
  for (const { body } of regions) library.add(new BuiltFunction(body));
  return library;
}

/** The graph with each region taken for one operation; `undefined` if a region needs something that needs the region. */
function inOrder(graph: Graph, regions: readonly Candidate[]): Node[] | undefined {
  const nodes = new Map<Operation, Node>();
  for (const region of regions) {
    const node = { name: region.name, operations: region.operations, region };
    for (const member of region.operations) nodes.set(member, node);
  }
  for (const operation of graph.operations)
    if (!nodes.has(operation)) nodes.set(operation, { name: operation.name, operations: [operation] });
  const dependencies = (node: Node): Node[] => {
    const all = node.operations.flatMap(predecessors);
    return [...new Set(all.map((operation) => nodes.get(operation)!))].filter((other) => other !== node);
  };
  try {
    return sortByDependencies(
      new Set(Array.from(graph.operations, (operation) => nodes.get(operation)!)),
      dependencies,
    );
  } catch (error) {
    if (error instanceof GraphCycleError) return undefined;
    throw error;
  }
}
