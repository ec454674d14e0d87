import type { Backend, DeviceTensor, Executable, Segment } from '@tenon/backend';
import { Tensor } from '@tenon/tensor';

/** Compiles a segment, lets `use` have it, and disposes it. */
export async function withExecutable<T>(
  backend: Backend,
  segment: Segment,
  use: (executable: Executable) => Promise<T>,
): Promise<T> {
  const executable = await backend.compile(segment);
  try {
    return await use(executable);
  } finally {
    await executable.dispose();
  }
}

/** Runs it, and brings to the host what stayed on the device. */
export async function runOnHost(executable: Executable, inputs: readonly Tensor[]): Promise<Tensor[]> {
  return read(await executable.run(inputs));
}

export async function read(values: readonly (Tensor | DeviceTensor)[]): Promise<Tensor[]> {
  const results: Tensor[] = [];
  for (const value of values) {
    if (Tensor.isTensor(value)) results.push(value);
    else {
      results.push(await value.read());
      value.dispose();
    }
  }
  return results;
}

/** The bytes of numbers, as they are now. */
export function bytesOf({ data }: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}
