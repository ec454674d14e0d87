import {
  UnsupportedOperationError,
  type Backend,
  type DeviceTensor,
  type Executable,
  type Segment,
} from '@tenon/backend';
import type { Operation, SymbolicTensor } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import { DisposedError } from './errors.js';
import { OPS, type Floats } from './ops.js';

/** A backend of a few ops in plain TypeScript. Sessions run the rest on their own kernels. */
export function toy(): Backend {
  return new ToyBackend();
}

class ToyBackend implements Backend {
  readonly name = 'toy';

  supports({ type, inputs, outputs }: Operation): boolean {
    return Object.hasOwn(OPS, type) && [...inputs, ...outputs].every(({ dtype }) => dtype === 'float32');
  }

  async compile(segment: Segment): Promise<Executable> {
    const operations = Array.from(segment.graph.operations);
    const unsupported = operations.filter((operation) => !isSource(operation) && !this.supports(operation));
    if (unsupported.length > 0)
      throw new UnsupportedOperationError(
        this.name,
        unsupported.map(({ type, name }) => ({ type, operation: name })),
      );
    const constants = new Map<SymbolicTensor, Tensor>();
    for (const operation of operations) {
      if (operation.type !== 'Const') continue;
      const value = operation.attribute('value', 'tensor');
      // Weights may still lie on disk.
      constants.set(operation.output(), Tensor.isTensor(value) ? value : await value.read());
    }
    const steps = operations.filter((operation) => !isSource(operation)).map(stepOf);
    return new ToyExecutable(segment, constants, steps);
  }
}

/** Whether it is a value that is there before anything is computed: an input of the segment, or a constant. */
function isSource({ type }: Operation): boolean {
  return type === 'Placeholder' || type === 'Const';
}

type Values = Map<SymbolicTensor, Tensor>;
type Step = (values: Values) => void;

/** What does not depend on the values is done once, and not when the segment runs. */
function stepOf(operation: Operation): Step {
  const { type, inputs } = operation;
  const kernel = OPS[type]!(operation);
  const output = operation.output();
  return (values) => {
    const given = inputs.map((input) => values.get(input) as Floats);
    values.set(output, kernel(...given));
  };
}

class ToyExecutable implements Executable {
  private isDisposed = false;

  constructor(
    private readonly segment: Segment,
    private readonly constants: ReadonlyMap<SymbolicTensor, Tensor>,
    private readonly steps: readonly Step[],
  ) {}

  async run(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly Tensor[]> {
    return this.runSync(inputs);
  }

  runSync(inputs: readonly (Tensor | DeviceTensor)[]): readonly Tensor[] {
    if (this.isDisposed) throw new DisposedError();
    const values: Values = new Map(this.constants);
    // Of device tensors there are none: this backend returns host tensors, and gets no others.
    this.segment.inputs.forEach((input, index) => values.set(input, inputs[index] as Tensor));
    for (const step of this.steps) step(values);
    return this.segment.outputs.map((output) => values.get(output)!);
  }

  async dispose(): Promise<void> {
    this.isDisposed = true;
  }
}
