import type { DeviceTensor } from '@tenon/backend';
import { Tensor } from '@tenon/tensor';
import { SynchronousRunError } from './errors.js';
import type { KernelContext } from './kernel.js';
import { Pace } from './pace.js';

/** What a slot of a frame holds: a value on the host, one on the backend's device, or nothing (yet, or any more). */
export type Slot = Tensor | DeviceTensor | undefined;

/** What a run may reach, and what may stop it. */
export interface RunContext extends KernelContext {
  readonly signal: AbortSignal | undefined;
  /** Whether nothing may wait. */
  readonly isSynchronous?: boolean;
}

/**
 * One step of a program. It returns a promise only where it must wait, so that a program of host steps alone runs without a single turn
 * of the event loop.
 */
export interface Step {
  /** The slots that it reads. */
  readonly inputs: readonly number[];
  run(frame: Slot[], context: RunContext): Promise<void> | void;
}

/** What a program is made of. */
export interface ProgramOptions {
  /** The frame to start from: constants in their slots. */
  readonly template: readonly Slot[];
  /** The slots of the inputs, in order. */
  readonly inputs: readonly number[];
  /** The slots of the outputs, in order. */
  readonly outputs: readonly number[];
  readonly steps: readonly Step[];
}

/** A compiled program: steps over a frame of slots. It holds no state of its own, so runs may overlap. */
export class Program {
  /** For each step, the slots that no later step reads: what they hold is let go. */
  private readonly released: readonly (readonly number[])[];

  constructor(private readonly options: ProgramOptions) {
    this.released = lastReads(options);
  }

  /**
   * @param inputs One per input of the program, in order.
   * @returns One per output, in order; a promise where a step had to wait.
   */
  run(inputs: readonly Tensor[], context: RunContext): Tensor[] | Promise<Tensor[]> {
    const frame = this.options.template.slice();
    this.options.inputs.forEach((slot, index) => (frame[slot] = inputs[index]));
    try {
      const result = this.resume(frame, 0, context);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        disposeDeviceTensors(frame);
        throw error;
      });
    } catch (error) {
      disposeDeviceTensors(frame);
      throw error;
    }
  }

  /**
   * As `run`, at once: with values that may be on the device, and outputs that stay where they are.
   *
   * @param inputs Those on the device must survive to be disposed of: what a program needs no more, it disposes.
   * @throws SynchronousRunError if a step has to wait.
   */
  runSync(inputs: readonly (Tensor | DeviceTensor)[], context: RunContext): (Tensor | DeviceTensor)[] {
    const frame = this.options.template.slice();
    this.options.inputs.forEach((slot, index) => (frame[slot] = inputs[index]));
    try {
      this.options.steps.forEach((step, index) => {
        if (step.run(frame, context)) throw new SynchronousRunError('a step of it runs asynchronously');
        this.release(frame, index);
      });
      return this.options.outputs.map((slot) => frame[slot]!);
    } catch (error) {
      disposeDeviceTensors(frame);
      throw error;
    }
  }

  private resume(frame: Slot[], from: number, context: RunContext): Tensor[] | Promise<Tensor[]> {
    const { steps, outputs } = this.options;
    const pace = context.signal && Pace.of(context);
    for (let index = from; index < steps.length; index++) {
      const waiting = steps[index]!.run(frame, context);
      if (waiting) {
        return waiting.then(() => {
          context.signal?.throwIfAborted();
          this.release(frame, index);
          return this.resume(frame, index + 1, context);
        });
      }
      this.release(frame, index);
      if (pace?.isDue()) return pace.turn().then(() => this.resume(frame, index + 1, context));
    }
    for (const slot of outputs) {
      const value = frame[slot];
      if (value === undefined || Tensor.isTensor(value)) continue;
      frame[slot] = readNow(value);
      value.dispose();
    }
    return outputs.map((slot) => frame[slot] as Tensor);
  }

  private release(frame: Slot[], step: number): void {
    for (const slot of this.released[step]!) {
      const value = frame[slot];
      if (value !== undefined && !Tensor.isTensor(value)) value.dispose();
      frame[slot] = undefined;
    }
  }
}

function lastReads({ steps, outputs, template }: ProgramOptions): number[][] {
  const kept = new Set(outputs);
  template.forEach((value, slot) => value !== undefined && kept.add(slot));
  const seen = new Set<number>();
  const released: number[][] = steps.map(() => []);
  for (let index = steps.length - 1; index >= 0; index--) {
    for (const slot of new Set(steps[index]!.inputs)) {
      if (kept.has(slot) || seen.has(slot)) continue;
      seen.add(slot);
      released[index]!.push(slot);
    }
  }
  return released;
}

function disposeDeviceTensors(frame: Slot[]): void {
  for (const slot of frame) if (slot !== undefined && !Tensor.isTensor(slot)) slot.dispose();
}

/** A value on the host. What is on the device and read by the host can be read at once, or was read when it came. */
export function readNow(value: Slot): Tensor {
  return value === undefined || Tensor.isTensor(value) ? (value as Tensor) : value.readSync!();
}
