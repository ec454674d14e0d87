import type { Segment } from '@tenon/backend';
import type { ConstantValue, Operation, SymbolicTensor } from '@tenon/graph';
import { Tensor, type DType, type Shape } from '@tenon/tensor';
import { dispose, tidy, type Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel } from './engine.js';
import { TfjsError } from './errors.js';
import type { Call, Result } from './op.js';
import { findOp } from './ops/index.js';
import { hostInputs } from './supported.js';
import { toDevice, toHost } from './values.js';
import type { Weight, Weights } from './weights.js';

/** A value of a run, on the device, on the host, or on both. */
interface Value {
  readonly dtype: DType;
  device?: TfTensor;
  host?: Tensor;
  /** Whether the run made what is on the device, and disposes it. */
  isOwned: boolean;
}

/** What goes into a run: a value on the host, or one on the device, which stays whose it is. */
export type Input = Tensor | { readonly dtype: DType; readonly tensor: TfTensor };

/** What comes out: where it lies. What is on the device belongs to the caller. */
export type Output = Tensor | { readonly dtype: DType; readonly tensor: TfTensor };

interface Step {
  readonly operation: string;
  readonly inputs: readonly number[];
  /** The positions among `inputs` that are read on the host. */
  readonly onHost: ReadonlySet<number>;
  readonly compute: (call: Call) => Result | readonly Result[];
  readonly outputs: readonly { readonly slot: number; readonly dtype: DType }[];
  /** Slots that nothing needs after this step. */
  readonly released: readonly number[];
}

/**
 * A segment as steps over slots, with its weights on the device.
 *
 * A run is a generator, since some backends can be waited for only: it yields what it needs to read from the device, and is given its
 * elements. Between its steps it holds no scope of TensorFlow.js, so runs that wait may overlap.
 */
export class SegmentProgram {
  private constructor(
    private readonly steps: readonly Step[],
    private readonly template: readonly (Value | undefined)[],
    private readonly inputs: readonly { readonly slot: number; readonly dtype: DType }[],
    private readonly outputs: readonly number[],
    private readonly weights: readonly Weight[],
  ) {}

  /** @param backend What TensorFlow.js calls the backend, which has started. */
  static async compile(
    { graph, inputs, outputs }: Segment,
    weights: Weights,
    backend: string,
  ): Promise<SegmentProgram> {
    const slots = new Map<SymbolicTensor, number>();
    const slotOf = (tensor: SymbolicTensor): number => {
      const slot = slots.get(tensor) ?? slots.size;
      slots.set(tensor, slot);
      return slot;
    };
    const onHost = new Set<SymbolicTensor>();
    const onDevice = new Set<SymbolicTensor>(outputs);
    const unreleased: Omit<Step, 'released'>[] = [];
    for (const operation of graph.operations) {
      if (operation.type === 'Const' || operation.type === 'Placeholder') continue;
      const op = findOp(operation.type)!;
      const read = hostInputs(op, operation);
      operation.inputs.forEach((input, index) => (read.has(index) ? onHost : onDevice).add(input));
      const name = nameOf(operation);
      unreleased.push({
        operation: name,
        inputs: operation.inputs.map(slotOf),
        onHost: read,
        compute: orThrow('compile', name, () => op.prepare(operation)),
        outputs: operation.outputs.map((output) => ({ slot: slotOf(output), dtype: output.dtype })),
      });
    }
    const ends = outputs.map(slotOf);
    const starts = inputs.map((input) => ({ slot: slotOf(input), dtype: input.dtype }));
    const held: Weight[] = [];
    try {
      const template = new Array<Value | undefined>(slots.size).fill(undefined);
      for (const [tensor, slot] of slots) {
        const constant = constantOf(tensor);
        if (!constant) continue;
        const value: Value = { dtype: tensor.dtype, isOwned: false };
        if (onHost.has(tensor)) value.host = Tensor.isTensor(constant) ? constant : await constant.read();
        if (onDevice.has(tensor)) {
          const weight = await weights.acquire(constant, backend);
          held.push(weight);
          value.device = weight.tensor;
        }
        template[slot] = value;
      }
      return new SegmentProgram(release(unreleased, new Set(ends)), template, starts, ends, held);
    } catch (error) {
      held.forEach((weight) => weight.release());
      throw error;
    }
  }

  dispose(): void {
    this.weights.forEach((weight) => weight.release());
  }

  /**
   * @param toRead Whether all outputs are wanted on the host.
   * @throws TfjsError
   */
  *run(inputs: readonly Input[], toRead: boolean): Generator<TfTensor, Output[], ArrayLike<number>> {
    const frame = this.template.map((value) => value && { ...value });
    this.inputs.forEach(({ slot, dtype }, index) => {
      const input = inputs[index]!;
      frame[slot] = Tensor.isTensor(input)
        ? { dtype, host: input, isOwned: false }
        : { dtype, device: input.tensor, isOwned: false };
    });
    try {
      for (const step of this.steps) {
        for (const index of step.onHost) yield* readValue(frame[step.inputs[index]!]!);
        orThrow('run', step.operation, () => runStep(step, frame));
        for (const slot of step.released) {
          disposeValue(frame[slot]);
          frame[slot] = undefined;
        }
      }
      const results: Output[] = [];
      for (const slot of this.outputs) {
        const value = frame[slot]!;
        if (toRead) yield* readValue(value);
        results.push(value.host ?? { dtype: value.dtype, tensor: kernel('Identity', { x: value.device! }) });
      }
      return results;
    } finally {
      frame.forEach(disposeValue);
    }
  }
}

function* readValue(value: Value): Generator<TfTensor, void, ArrayLike<number>> {
  if (value.host) return;
  const device = value.device!;
  value.host = toHost(yield device, device.shape, value.dtype);
}

function runStep({ inputs, onHost, compute, outputs }: Step, frame: (Value | undefined)[]): void {
  const values = inputs.map((slot) => frame[slot]!);
  // Before the scope is opened that ends with this step: later steps may need it, too.
  values.forEach((value, index) => {
    if (onHost.has(index) || value.device) return;
    value.device = toDevice(value.host!);
    value.isOwned = true;
  });
  const call: Call = {
    count: inputs.length,
    tensor: (index) => values[index]!.device!,
    host: (index) => values[index]!.host!,
    numbers: (index) => Array.from(values[index]!.host!.data as ArrayLike<number | bigint>, Number),
    shape: (index): Shape => (values[index]!.host ?? values[index]!.device!).shape,
  };
  let results: readonly Result[] = [];
  tidy(() => {
    results = [compute(call)].flat();
    return results.filter((result): result is TfTensor => !Tensor.isTensor(result));
  });
  outputs.forEach(({ slot, dtype }, index) => {
    const result = results[index]!;
    frame[slot] = Tensor.isTensor(result)
      ? { dtype, host: result, isOwned: false }
      : { dtype, device: result, isOwned: true };
  });
}

function disposeValue(value: Value | undefined): void {
  if (value?.isOwned && value.device) dispose(value.device);
}

/** Says of each step which slots nothing needs any more after it. */
function release(steps: readonly Omit<Step, 'released'>[], kept: ReadonlySet<number>): Step[] {
  const seen = new Set(kept);
  return steps
    .toReversed()
    .map((step): Step => {
      const released: number[] = [];
      for (const slot of [...step.inputs, ...step.outputs.map((output) => output.slot)]) {
        if (seen.has(slot)) continue;
        seen.add(slot);
        released.push(slot);
      }
      return { ...step, released };
    })
    .toReversed();
}

function orThrow<T>(action: 'compile' | 'run', operation: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw new TfjsError(action, operation, error);
  }
}

function nameOf({ type, name }: Operation): string {
  return `${type} "${name}"`;
}

function constantOf({ operation }: SymbolicTensor): ConstantValue | undefined {
  const attribute = operation.type === 'Const' ? operation.find('value') : undefined;
  return attribute?.kind === 'tensor' ? attribute.value : undefined;
}
