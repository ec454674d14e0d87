import type { Operation, SymbolicTensor } from '@tenon/graph';
import type { DType } from '@tenon/tensor';
import { ALL, FLOATS, type Op } from './op.js';
import { findOp } from './ops/index.js';

/** What may be read on the host. */
const HOST_TYPES: readonly DType[] = ['int32', 'int64', 'float32', 'bool'];

/** Backends that hold int32 as float32, which loses what is beyond 2^24. */
const ROUNDS_INT32: readonly string[] = ['webgl'];

/**
 * Why an operation cannot run on any of these backends of TensorFlow.js as TensorFlow runs it; `undefined` if it can.
 *
 * TensorFlow.js has float32, int32 and bool alone: everything else is no, so that nothing is ever rounded to fit.
 */
export function whyUnsupported(operation: Operation, backends: readonly string[]): string | undefined {
  const op = findOp(operation.type);
  if (!op) return `TensorFlow.js has no kernel for it`;
  const read = hostInputs(op, operation);
  const refusing = backends.find((backend) => op.except?.includes(backend));
  const device = operation.inputs.filter((_, index) => !read.has(index));
  return (
    whyTypes(op, operation, device, backends) ??
    [...read].map((index) => whyNot(operation.input(index), HOST_TYPES)).find((reason) => reason !== undefined) ??
    op.problem?.(operation, backends) ??
    (refusing === undefined ? undefined : `the backend "${refusing}" does not compute it as TensorFlow does`)
  );
}

/** The inputs of an operation that are read on the host. */
export function hostInputs({ host = [] }: Op, { inputs }: Operation): ReadonlySet<number> {
  return new Set(host.map((index) => (index < 0 ? index + inputs.length : index)).filter((index) => index >= 0));
}

function whyTypes(
  { types = FLOATS, floatsOnly = [], int64Outputs = [] }: Op,
  { outputs }: Operation,
  inputs: readonly SymbolicTensor[],
  backends: readonly string[],
): string | undefined {
  const isRestricted = backends.some((backend) => floatsOnly.includes(backend));
  const accepted = isRestricted ? FLOATS : types;
  const isRounding = backends.some((backend) => ROUNDS_INT32.includes(backend));
  for (const input of inputs) {
    const reason = whyNot(input, isRounding ? accepted.filter((dtype) => dtype !== 'int32') : accepted);
    if (reason !== undefined) return reason;
  }
  for (const output of outputs) {
    if (int64Outputs.includes(output.index) && output.dtype === 'int64') continue;
    const reason = whyNot(output, ALL);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function whyNot({ dtype, isReference }: SymbolicTensor, accepted: readonly DType[]): string | undefined {
  if (isReference) return 'it works on a variable itself';
  return accepted.includes(dtype) ? undefined : `dtype ${dtype}`;
}
