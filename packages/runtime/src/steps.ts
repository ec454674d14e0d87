import type { DeviceTensor, Executable } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { formatShape, isNumeric, Tensor } from '@tenon/tensor';
import { OperationError } from './errors.js';
import type { Kernel, KernelDefinition } from './kernel.js';
import { InvalidArgumentError } from './kernels/errors.js';
import { Pace } from './pace.js';
import { readNow, type Program, type RunContext, type Slot, type Step } from './program.js';

/** The slots that a step reads and writes, in the order of its operation's inputs and outputs. */
export interface Slots {
  readonly inputs: readonly number[];
  /** -1 for an output that nobody reads. */
  readonly outputs: readonly number[];
}

/** Runs one operation on the host. */
export function hostStep(operation: Operation, definition: KernelDefinition, { inputs, outputs }: Slots): Step {
  const { type, name } = operation;
  const kernel = prepare(operation, definition);
  return {
    inputs,
    run(frame, context) {
      let results: readonly Tensor[];
      const values = gather(frame, inputs);
      try {
        results = kernel(values, context);
      } catch (error) {
        throw new OperationError(type, name, explainFailure(error, values));
      }
      store(frame, outputs, results);
      if (results.some(isLarge)) checkMemory(operation, frame);
    },
  };
}

/** @throws OperationError if its attributes make no sense: a regular expression that is none. */
function prepare(operation: Operation, definition: KernelDefinition): Kernel {
  try {
    return definition.prepare(operation);
  } catch (error) {
    throw new OperationError(operation.type, operation.name, error);
  }
}

/** A kernel that stumbles over values which no op could have given it fails in words of its own, and not in JavaScript's. */
function explainFailure(error: unknown, values: readonly Tensor[]): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  const given = values.slice(0, MOST_LISTED).map(({ dtype, shape }) => `${dtype} ${formatShape(shape)}`);
  const more = values.length > given.length ? ', …' : '';
  return new InvalidArgumentError(
    `It cannot be computed from ${given.join(', ') || 'nothing'}${more}: ${error.message}.`,
    { cause: error },
  );
}

const MOST_LISTED = 10;

/** A value of so many bytes takes longer to make than to look for others like it. */
const LARGE_BYTES = 2 ** 20;

/** All large values that a program holds at once, in bytes: a few operations on sizes that a file names fill any memory. */
const MOST_BYTES = 2 ** 33;

function isLarge({ data }: Tensor): boolean {
  return ArrayBuffer.isView(data) && data.byteLength >= LARGE_BYTES;
}

/** @throws OperationError if the frame holds more than it may. */
function checkMemory({ type, name }: Operation, frame: readonly Slot[]): void {
  const buffers = new Set<ArrayBufferLike>();
  for (const slot of frame) {
    if (slot === undefined || !Tensor.isTensor(slot) || !isLarge(slot)) continue;
    buffers.add((slot.data as ArrayBufferView).buffer);
  }
  let bytes = 0;
  for (const { byteLength } of buffers) bytes += byteLength;
  if (bytes <= MOST_BYTES) return;
  const problem = `With it, the program holds ${bytes} bytes at once; ${MOST_BYTES} is the most.`;
  throw new OperationError(type, name, new InvalidArgumentError(problem));
}

/** Runs a segment on the backend. `onHost` says of each output whether the host reads it. */
export function segmentStep(executable: Executable, { inputs, outputs }: Slots, onHost: readonly boolean[]): Step {
  const settle = (frame: Slot[], results: readonly (Tensor | DeviceTensor)[]): Promise<void> | void => {
    const reads: Promise<void>[] = [];
    results.forEach((result, index) => {
      const slot = outputs[index]!;
      frame[slot] = result;
      // What can be read at once is read by whoever needs it.
      if (Tensor.isTensor(result) || result.readSync || !onHost[index]) return;
      reads.push(
        result.read().then((value) => {
          frame[slot] = value;
          result.dispose();
        }),
      );
    });
    if (reads.length > 0) return Promise.all(reads).then(() => undefined);
  };
  return {
    inputs,
    run: (frame) => {
      const values = inputs.map((slot) => frame[slot]!);
      return executable.runSync
        ? settle(frame, executable.runSync(values))
        : executable.run(values).then((results) => settle(frame, results));
    },
  };
}

/** Runs one of several branches: `If` and `Case`. `choose` says which, from the value of the first input. */
export function branchStep(
  branches: readonly Program[],
  choose: (value: Tensor) => number,
  { inputs, outputs }: Slots,
): Step {
  const [selector, ...rest] = inputs as [number, ...number[]];
  return {
    inputs,
    run(frame, context) {
      const branch = branches[choose(readNow(frame[selector]))]!;
      const results = branch.run(gather(frame, rest), context);
      if (results instanceof Promise) return results.then((values) => store(frame, outputs, values));
      store(frame, outputs, results);
    },
  };
}

/** Runs `body` for as long as `condition` holds. */
export function whileStep(condition: Program, body: Program, { inputs, outputs }: Slots): Step {
  const wait = async (
    frame: Slot[],
    context: RunContext,
    start: readonly Tensor[],
    started?: Promise<Tensor[]>,
  ): Promise<void> => {
    const pace = Pace.of(context);
    let values = start;
    let holds = await (started ?? condition.run(values, context));
    while (isTrue(holds[0]!)) {
      values = await body.run(values, context);
      context.signal?.throwIfAborted();
      if (pace.isDueAfterIteration()) await pace.turn();
      holds = await condition.run(values, context);
    }
    store(frame, outputs, values);
  };
  return {
    inputs,
    run(frame, context) {
      const pace = Pace.of(context);
      let values: readonly Tensor[] = gather(frame, inputs);
      for (;;) {
        const holds = condition.run(values, context);
        if (holds instanceof Promise) return wait(frame, context, values, holds);
        if (!isTrue(holds[0]!)) return store(frame, outputs, values);
        const next = body.run(values, context);
        if (next instanceof Promise) return next.then((results) => wait(frame, context, results));
        values = next;
        if (pace.isDueAfterIteration()) return pace.turn().then(() => wait(frame, context, values));
      }
    },
  };
}

/** TensorFlow's truth: a scalar that is not zero or empty, or anything else that has elements. */
export function isTrue(value: Tensor): boolean {
  if (value.rank > 0) return value.size > 0;
  if (value.is('string')) return value.data.at(0).length > 0;
  return isNumeric(value.dtype) && Number((value.data as ArrayLike<number | bigint>)[0]) !== 0;
}

function gather(frame: readonly Slot[], slots: readonly number[]): Tensor[] {
  const values = new Array<Tensor>(slots.length);
  for (let index = 0; index < slots.length; index++) values[index] = readNow(frame[slots[index]!]);
  return values;
}

function store(frame: Slot[], slots: readonly number[], values: readonly Tensor[]): void {
  for (let index = 0; index < slots.length; index++) if (slots[index]! >= 0) frame[slots[index]!] = values[index];
}
