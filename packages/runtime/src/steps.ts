import type { DeviceTensor, Executable } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { isNumeric, Tensor } from '@tenon/tensor';
import { OperationError } from './errors.js';
import type { Kernel, KernelDefinition } from './kernel.js';
import type { Program, RunContext, Slot, Step } from './program.js';

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
      try {
        results = kernel(gather(frame, inputs), context);
      } catch (error) {
        throw new OperationError(type, name, error);
      }
      store(frame, outputs, results);
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

/** Runs a segment on the backend. `onHost` says of each output whether the host reads it. */
export function segmentStep(executable: Executable, { inputs, outputs }: Slots, onHost: readonly boolean[]): Step {
  const settle = (frame: Slot[], results: readonly (Tensor | DeviceTensor)[]): Promise<void> | void => {
    const reads: Promise<void>[] = [];
    results.forEach((result, index) => {
      const slot = outputs[index]!;
      frame[slot] = result;
      if (Tensor.isTensor(result) || !onHost[index]) return;
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
      const branch = branches[choose(frame[selector] as Tensor)]!;
      const results = branch.run(gather(frame, rest), context);
      if (results instanceof Promise) return results.then((values) => store(frame, outputs, values));
      store(frame, outputs, results);
    },
  };
}

/** So many iterations may pass before the event loop gets its turn. */
const ITERATIONS_PER_TURN = 4096;

/** Runs `body` for as long as `condition` holds. */
export function whileStep(condition: Program, body: Program, { inputs, outputs }: Slots): Step {
  const wait = async (
    frame: Slot[],
    context: RunContext,
    start: readonly Tensor[],
    started?: Promise<Tensor[]>,
  ): Promise<void> => {
    let values = start;
    for (
      let iteration = 0;
      isTrue((await (iteration === 0 && started ? started : condition.run(values, context)))[0]!);
      iteration++
    ) {
      values = await body.run(values, context);
      context.signal?.throwIfAborted();
      if (iteration % ITERATIONS_PER_TURN === ITERATIONS_PER_TURN - 1) await nextTurn();
    }
    store(frame, outputs, values);
  };
  return {
    inputs,
    run(frame, context) {
      let values: readonly Tensor[] = gather(frame, inputs);
      for (let iteration = 0; iteration < ITERATIONS_PER_TURN; iteration++) {
        const holds = condition.run(values, context);
        if (holds instanceof Promise) return wait(frame, context, values, holds);
        if (!isTrue(holds[0]!)) return store(frame, outputs, values);
        const next = body.run(values, context);
        if (next instanceof Promise) return next.then((results) => wait(frame, context, results));
        values = next;
      }
      return nextTurn().then(() => wait(frame, context, values));
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** TensorFlow's truth: a scalar that is not zero or empty, or anything else that has elements. */
export function isTrue(value: Tensor): boolean {
  if (value.rank > 0) return value.size > 0;
  if (value.is('string')) return value.data.at(0).length > 0;
  return isNumeric(value.dtype) && Number((value.data as ArrayLike<number | bigint>)[0]) !== 0;
}

function gather(frame: readonly Slot[], slots: readonly number[]): Tensor[] {
  const values = new Array<Tensor>(slots.length);
  for (let index = 0; index < slots.length; index++) values[index] = frame[slots[index]!] as Tensor;
  return values;
}

function store(frame: Slot[], slots: readonly number[], values: readonly Tensor[]): void {
  for (let index = 0; index < slots.length; index++) if (slots[index]! >= 0) frame[slots[index]!] = values[index];
}
