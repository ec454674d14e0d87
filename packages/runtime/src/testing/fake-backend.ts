import {
  UnsupportedOperationError,
  type Backend,
  type DeviceTensor,
  type Executable,
  type Segment,
} from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import { Resources } from '../resources.js';
import { hostKernels } from '../kernels/index.js';
import { NO_FILES } from '../host.js';

/** A backend that runs some ops, on the host's own kernels, and leaves its results on a "device" that counts what it holds. */
export class FakeBackend implements Backend {
  readonly name = 'fake';
  readonly segments: Segment[] = [];
  /** Device tensors that nobody disposed. */
  held = 0;
  disposed = 0;
  /** What runs wait for before they compute. */
  gate: Promise<void> | undefined;
  /** Makes runs fail after they have put something on the device. */
  failure: Error | undefined;

  /** @param accepts Which operations of these ops it supports: all of them by default. */
  constructor(
    private readonly types: readonly string[],
    private readonly accepts: (operation: Operation) => boolean = () => true,
  ) {}

  supports(operation: Operation): boolean {
    return this.types.includes(operation.type) && this.accepts(operation);
  }

  async compile(segment: Segment): Promise<Executable> {
    this.segments.push(segment);
    const unsupported = [...segment.graph.operations].filter(
      (operation) => !['Placeholder', 'Const'].includes(operation.type) && !this.supports(operation),
    );
    if (unsupported.length > 0) {
      throw new UnsupportedOperationError(
        this.name,
        unsupported.map(({ type, name }) => ({ type, operation: name })),
      );
    }
    let isDisposed = false;
    return {
      run: async (inputs) => {
        await this.gate;
        if (isDisposed) throw new Error('It was disposed.');
        const values = new Map(segment.inputs.map((input, index) => [input, valueOf(inputs[index]!)]));
        for (const operation of segment.graph.operations) {
          if (operation.type === 'Placeholder') continue;
          if (operation.type === 'Const') {
            values.set(operation.output(), operation.attribute('value', 'tensor') as Tensor);
            continue;
          }
          const kernel = hostKernels.get(operation.type)!.prepare(operation);
          const results = kernel(
            operation.inputs.map((input) => values.get(input)!),
            { resources: new Resources(), files: NO_FILES },
          );
          results.forEach((result, index) => values.set(operation.output(index), result));
        }
        if (this.failure) throw this.failure;
        return segment.outputs.map((output) => this.onDevice(values.get(output)!));
      },
      dispose: async () => {
        isDisposed = true;
        this.disposed++;
      },
    };
  }

  private onDevice(value: Tensor): DeviceTensor {
    this.held++;
    return new FakeDeviceTensor(value, () => this.held--);
  }
}

class FakeDeviceTensor implements DeviceTensor {
  private isHeld = true;

  constructor(
    readonly value: Tensor,
    private readonly release: () => void,
  ) {}

  get dtype() {
    return this.value.dtype;
  }

  get shape() {
    return this.value.shape;
  }

  async read(): Promise<Tensor> {
    return this.value;
  }

  dispose(): void {
    if (this.isHeld) this.release();
    this.isHeld = false;
  }
}

function valueOf(value: Tensor | DeviceTensor): Tensor {
  return Tensor.isTensor(value) ? value : (value as FakeDeviceTensor).value;
}
