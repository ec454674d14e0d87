import type { Operation } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import { CONTROL_FLOW, controlFlowOf } from './control-flow.js';
import { FileAccessError } from './errors.js';
import type { FileAccess, KernelContext } from './kernel.js';
import { hostKernels } from './kernels/index.js';
import { Resources } from './resources.js';
import { whyNowhere } from './why-nowhere.js';

/** Access to no file at all. */
export const NO_FILES: FileAccess = {
  mayRead: () => false,
  mayWrite: false,
  readFile(path) {
    throw new FileAccessError(path, 'this session reads no files.');
  },
  writeFile(path) {
    throw new FileAccessError(path, 'this session writes no files.');
  },
};

/** Why an operation cannot run on the host; `undefined` if it can. */
export function hostProblem(operation: Operation): { readonly reason?: string } | undefined {
  if (controlFlowOf(operation)) return undefined;
  const kernel = hostKernels.get(operation.type);
  if (!kernel) {
    const reason = whyNowhere(operation);
    return reason === undefined ? {} : { reason };
  }
  const reason = kernel.unsupported?.(operation);
  return reason === undefined ? undefined : { reason };
}

/** The TensorFlow ops that sessions run without a backend. */
export function hostTypes(): string[] {
  return [...hostKernels.keys(), ...CONTROL_FLOW];
}

/**
 * Runs one operation on the host, outside any session; `undefined` if that cannot be done.
 * What fails is left for the run to fail at, where TensorFlow would.
 */
export function evaluateOnHost(operation: Operation, inputs: readonly Tensor[]): readonly Tensor[] | undefined {
  if (controlFlowOf(operation) || hostProblem(operation)) return undefined;
  const context: KernelContext = { resources: new Resources(), files: NO_FILES };
  try {
    return hostKernels.get(operation.type)!.prepare(operation)(inputs, context);
  } catch {
    return undefined;
  }
}
