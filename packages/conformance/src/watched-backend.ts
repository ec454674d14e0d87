import type { Backend, DeviceTensor, Executable, Program, ProgramExecutable, Segment } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';

/** A backend that counts what it was asked to keep. */
export class WatchedBackend implements Backend {
  /** Executables that nobody disposed. */
  executables = 0;
  /** Values on the device that nobody disposed. */
  deviceTensors = 0;

  /** Only there where the backend has it: sessions take its being there for an answer. */
  readonly compileProgram?: (program: Program) => Promise<ProgramExecutable>;

  constructor(private readonly watched: Backend) {
    if (watched.compileProgram) this.compileProgram = (program) => this.watchProgram(program);
  }

  get name(): string {
    return this.watched.name;
  }

  supports(operation: Operation): boolean {
    return this.watched.supports(operation);
  }

  async compile(segment: Segment): Promise<Executable> {
    const executable = await this.watched.compile(segment);
    this.executables++;
    let isDisposed = false;
    return {
      run: async (inputs) => this.watch(await executable.run(inputs.map(unwatch))),
      ...(executable.runSync && { runSync: (inputs) => this.watch(executable.runSync!(inputs.map(unwatch))) }),
      dispose: async () => {
        if (!isDisposed) this.executables--;
        isDisposed = true;
        await executable.dispose();
      },
    };
  }

  private async watchProgram(program: Program): Promise<ProgramExecutable> {
    const executable = await this.watched.compileProgram!(program);
    this.executables++;
    let isDisposed = false;
    return {
      run: (inputs) => executable.run(inputs),
      initialize: (operation) => executable.initialize(operation),
      readState: (state) => executable.readState(state),
      writeState: (values) => executable.writeState(values),
      dispose: async () => {
        if (!isDisposed) this.executables--;
        isDisposed = true;
        await executable.dispose();
      },
    };
  }

  /** What is kept though nobody needs it any more. */
  get problems(): string[] {
    const left: string[] = [];
    if (this.executables > 0) left.push(`${this.executables} executables were not disposed`);
    if (this.deviceTensors > 0) left.push(`${this.deviceTensors} tensors stayed on the device`);
    return left;
  }

  private watch(values: readonly (Tensor | DeviceTensor)[]): (Tensor | DeviceTensor)[] {
    return values.map((value) => {
      if (Tensor.isTensor(value)) return value;
      this.deviceTensors++;
      return new WatchedTensor(value, () => this.deviceTensors--);
    });
  }
}

class WatchedTensor implements DeviceTensor {
  private isDisposed = false;

  constructor(
    readonly watched: DeviceTensor,
    private readonly release: () => void,
  ) {}

  get dtype() {
    return this.watched.dtype;
  }

  get shape() {
    return this.watched.shape;
  }

  read(): Promise<Tensor> {
    return this.watched.read();
  }

  dispose(): void {
    if (!this.isDisposed) this.release();
    this.isDisposed = true;
    this.watched.dispose();
  }
}

/** A backend takes device tensors that are its own. */
function unwatch(value: Tensor | DeviceTensor): Tensor | DeviceTensor {
  return value instanceof WatchedTensor ? value.watched : value;
}
