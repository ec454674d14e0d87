import type { DeviceTensor, Executable } from '@tenon/backend';
import { Tensor } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { TfjsDeviceTensor, TfjsTensor } from './device-tensor.js';
import { withBackend } from './engine.js';
import { DisposedError } from './errors.js';
import type { Input, Output, SegmentProgram } from './segment-program.js';

/** On a backend whose memory can be read at once: what comes out is on the host. */
export class SyncExecutable implements Executable {
  private isDisposed = false;

  constructor(
    private readonly program: SegmentProgram,
    private readonly backend: string,
  ) {}

  async run(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly Tensor[]> {
    if (this.isDisposed) throw new DisposedError();
    // Computed before anything else can happen: a disposal that follows finds nothing in flight.
    if (inputs.every((input) => Tensor.isTensor(input))) return this.runSync(inputs);
    return this.runSync(
      await Promise.all(inputs.map(async (input) => (Tensor.isTensor(input) ? input : input.read()))),
    );
  }

  runSync(inputs: readonly (Tensor | DeviceTensor)[]): readonly Tensor[] {
    if (this.isDisposed) throw new DisposedError();
    return withBackend(this.backend, () => {
      // Sessions hand a backend what it returned itself, and this one returns host tensors.
      const run = this.program.run(inputs as readonly Tensor[], true);
      try {
        let next = run.next();
        while (!next.done) next = run.next(next.value.dataSync());
        return next.value as Tensor[];
      } finally {
        run.return([]);
      }
    });
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.program.dispose();
  }
}

/** On a backend whose memory can be read at once, for those who compute with TensorFlow.js themselves: what comes out stays on the device. */
export class DeviceExecutable implements Executable {
  private isDisposed = false;

  constructor(
    private readonly program: SegmentProgram,
    private readonly backend: string,
  ) {}

  async run(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly (Tensor | DeviceTensor)[]> {
    return this.runSync(inputs);
  }

  runSync(inputs: readonly (Tensor | DeviceTensor)[]): readonly (Tensor | DeviceTensor)[] {
    if (this.isDisposed) throw new DisposedError();
    return withBackend(this.backend, () => {
      const given = inputs.map((input): Input => (input instanceof TfjsTensor ? input : (input as Tensor)));
      const run = this.program.run(given, false);
      try {
        let next = run.next();
        while (!next.done) next = run.next(next.value.dataSync());
        return next.value.map((output) =>
          Tensor.isTensor(output) ? output : new TfjsTensor(output.tensor, output.dtype, true),
        );
      } finally {
        run.return([]);
      }
    });
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.program.dispose();
  }
}

/** On a backend that is waited for: what comes out stays on the device until it is read. */
export class AsyncExecutable implements Executable {
  private isDisposed = false;
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly program: SegmentProgram,
    private readonly backend: string,
  ) {}

  async run(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly (Tensor | DeviceTensor)[]> {
    if (this.isDisposed) throw new DisposedError();
    const run = this.runOnce(inputs);
    this.running.add(run);
    try {
      return await run;
    } finally {
      this.running.delete(run);
    }
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    await Promise.allSettled(this.running);
    this.program.dispose();
  }

  private async runOnce(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly (Tensor | DeviceTensor)[]> {
    const given = await Promise.all(
      inputs.map(async (input): Promise<Input> => {
        if (Tensor.isTensor(input)) return input;
        return input instanceof TfjsDeviceTensor && input.backend === this.backend ? input : input.read();
      }),
    );
    const run = this.program.run(given, false);
    try {
      let next = this.within(() => run.next());
      while (!next.done) {
        const data = await next.value.data();
        next = this.within(() => run.next(data));
      }
      return next.value.map((output) =>
        Tensor.isTensor(output) ? output : new TfjsDeviceTensor(output.tensor, output.dtype, this.backend),
      );
    } finally {
      this.within(() => run.return([]));
    }
  }

  private within(step: () => IteratorResult<TfTensor, Output[]>): IteratorResult<TfTensor, Output[]> {
    return withBackend(this.backend, step);
  }
}
