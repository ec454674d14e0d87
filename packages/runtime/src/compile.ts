import type { Backend, Executable } from '@tenon/backend';
import { Graph, type Operation, type SymbolicTensor } from '@tenon/graph';
import { Tensor, TensorReference } from '@tenon/tensor';
import type { KernelDefinition } from './kernel.js';
import { constantOf, type Part } from './partition.js';
import type { Plan } from './plan.js';
import { Program, type Slot, type Step } from './program.js';
import { branchStep, hostStep, segmentStep, whileStep, type Slots } from './steps.js';

/** What compiling a plan needs. */
export interface Compilation {
  readonly backend: Backend | undefined;
  readonly kernels: ReadonlyMap<string, KernelDefinition>;
  /** Reads a constant that the host needs; the same one is read once. */
  readonly read: (reference: TensorReference) => Promise<Tensor>;
  /** What was compiled, to be disposed with the program. */
  readonly executables: Executable[];
}

/** Turns a plan into a program: gives every tensor a slot, compiles the segments, prepares the kernels, reads the constants that the host needs. */
export async function compile(plan: Plan, compilation: Compilation): Promise<Program> {
  const slots = new SlotTable();
  const consumers = findConsumers(plan);
  const steps: Step[] = [];
  for (const part of plan.parts) {
    if (part.place === 'backend') steps.push(await compileSegment(part, plan, compilation, slots, consumers));
    else
      for (const operation of part.operations)
        steps.push(await compileOnHost(operation, plan, compilation, slots, consumers));
  }
  const inputs = plan.inputs.map((input) => (input ? slots.of(input) : slots.unused()));
  const outputs = plan.outputs.map((output) => slots.of(output));
  return new Program({ template: await slots.template(compilation), inputs, outputs, steps });
}

/** Gives tensors their places in a frame. */
class SlotTable {
  private readonly slots = new Map<SymbolicTensor, number>();
  private count = 0;

  of(tensor: SymbolicTensor): number {
    let slot = this.slots.get(tensor);
    if (slot === undefined) {
      slot = this.count++;
      this.slots.set(tensor, slot);
    }
    return slot;
  }

  /** A slot that nobody reads. */
  unused(): number {
    return this.count++;
  }

  /** The frame that runs start from: the constants that the host or an output needs. */
  async template({ read }: Compilation): Promise<Slot[]> {
    const template = new Array<Slot>(this.count).fill(undefined);
    for (const [tensor, slot] of this.slots) {
      const value = constantOf(tensor);
      if (value) template[slot] = value instanceof TensorReference ? await read(value) : value;
    }
    return template;
  }
}

async function compileOnHost(
  operation: Operation,
  { bodies }: Plan,
  compilation: Compilation,
  slots: SlotTable,
  consumers: Consumers,
): Promise<Step> {
  const ownSlots: Slots = {
    inputs: operation.inputs.map((input) => slots.of(input)),
    outputs: operation.outputs.map((output) => (consumers.has(output) ? slots.of(output) : -1)),
  };
  const body = bodies.get(operation);
  if (!body) return hostStep(operation, compilation.kernels.get(operation.type)!, ownSlots);
  const programs = await Promise.all(body.plans.map((plan) => compile(plan, compilation)));
  const { flow } = body;
  return flow.choose ? branchStep(programs, flow.choose, ownSlots) : whileStep(programs[0]!, programs[1]!, ownSlots);
}

async function compileSegment(
  part: Part,
  plan: Plan,
  { backend, executables }: Compilation,
  slots: SlotTable,
  consumers: Consumers,
): Promise<Step> {
  const members = new Set(part.operations);
  const graph = new Graph(plan.graph.functions);
  const tensors = new Map<SymbolicTensor, SymbolicTensor>();
  const fed: SymbolicTensor[] = [];
  const inputs: SymbolicTensor[] = [];
  for (const operation of part.operations) {
    for (const input of operation.inputs) {
      if (tensors.has(input) || members.has(input.operation)) continue;
      const { type, name, attributes } = input.operation;
      const isConstant = type === 'Const';
      const source = graph.addOperation(
        isConstant
          ? { type, name, attributes, shapes: [input.shape] }
          : {
              type: 'Placeholder',
              name: input.index === 0 ? name : `${name}/${input.index}`,
              attributes: new Map([['dtype', { kind: 'dtype', value: input.dtype }]]),
              shapes: [input.shape],
            },
      );
      tensors.set(input, source.output());
      if (!isConstant) {
        inputs.push(source.output());
        fed.push(input);
      }
    }
    const copy = graph.addOperation({
      type: operation.type,
      name: operation.name,
      inputs: operation.inputs.map((input) => tensors.get(input)!),
      attributes: operation.attributes,
      shapes: operation.outputs.map(({ shape }) => shape),
    });
    operation.outputs.forEach((output, index) => tensors.set(output, copy.output(index)));
  }
  const produced = part.operations
    .flatMap(({ outputs }) => outputs)
    .filter((output) =>
      [...(consumers.get(output) ?? [])].some((consumer) => consumer === undefined || !members.has(consumer)),
    );
  const executable = await backend!.compile({ graph, inputs, outputs: produced.map((output) => tensors.get(output)!) });
  executables.push(executable);
  const onBackend = new Set(plan.parts.flatMap(({ place, operations }) => (place === 'backend' ? operations : [])));
  const isReadOnHost = produced.map((output) =>
    [...consumers.get(output)!].some((consumer) => consumer === undefined || !onBackend.has(consumer)),
  );
  return segmentStep(
    executable,
    { inputs: fed.map((input) => slots.of(input)), outputs: produced.map((output) => slots.of(output)) },
    isReadOnHost,
  );
}

/** Who reads each tensor; `undefined` among them stands for whoever fetches it. */
type Consumers = ReadonlyMap<SymbolicTensor, ReadonlySet<Operation | undefined>>;

function findConsumers({ graph, outputs }: Plan): Consumers {
  const consumers = new Map<SymbolicTensor, Set<Operation | undefined>>();
  const add = (tensor: SymbolicTensor, consumer: Operation | undefined) => {
    const known = consumers.get(tensor);
    if (known) known.add(consumer);
    else consumers.set(tensor, new Set([consumer]));
  };
  for (const operation of graph.operations) for (const input of operation.inputs) add(input, operation);
  for (const output of outputs) add(output, undefined);
  return consumers;
}
