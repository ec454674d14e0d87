import type { FunctionGraph, FunctionReference, Operation, SymbolicTensor } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import { isTrue } from './steps.js';

/** A functional control-flow operation: the functions that it calls, and with what. */
export interface ControlFlow {
  readonly functions: readonly FunctionReference[];
  /** What every one of the functions takes. */
  readonly arguments: readonly SymbolicTensor[];
  /** Whether the last function runs again on its own results. */
  readonly isLoop: boolean;
  /** Of a branching operation: which branch to take, from the value of its first input. */
  readonly choose?: (value: Tensor) => number;
}

/** The ops that call functions as control flow. */
export const CONTROL_FLOW = ['While', 'StatelessWhile', 'If', 'StatelessIf', 'Case', 'StatelessCase'];

/** What sort of control flow an operation is; `undefined` if it is none. */
export function controlFlowOf(operation: Operation): ControlFlow | undefined {
  switch (operation.type) {
    case 'While':
    case 'StatelessWhile':
      return {
        functions: [operation.attribute('cond', 'function'), operation.attribute('body', 'function')],
        arguments: operation.inputs,
        isLoop: true,
      };
    case 'If':
    case 'StatelessIf':
      return {
        functions: [operation.attribute('then_branch', 'function'), operation.attribute('else_branch', 'function')],
        arguments: operation.inputs.slice(1),
        isLoop: false,
        choose: (value) => (isTrue(value) ? 0 : 1),
      };
    case 'Case':
    case 'StatelessCase': {
      const branches = operation.list('branches', 'function');
      return {
        functions: branches,
        arguments: operation.inputs.slice(1),
        isLoop: false,
        // An index outside the branches takes the last one.
        choose: (value) => {
          const index = Number((value.data as Int32Array)[0]);
          return index >= 0 && index < branches.length ? index : branches.length - 1;
        },
      };
    }
    default:
      return undefined;
  }
}

/** Whether a loop body hands its input `index` on unchanged, so that it is the same in every iteration. */
export function isInvariant(body: FunctionGraph, index: number): boolean {
  let tensor = body.outputs[index];
  while (tensor?.operation.type === 'Identity') tensor = tensor.operation.inputs[0];
  return tensor === body.inputs[index];
}
