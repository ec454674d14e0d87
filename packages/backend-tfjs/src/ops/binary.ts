import type { Operation } from '@tenon/graph';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel } from '../engine.js';
import { ALL, NUMBERS, type Op } from '../op.js';
import { add, binary, broadcastShape, broadcastTo, divide, multiply, reshape, same, scalar } from './arithmetic.js';

type Options = Omit<Op, 'type' | 'prepare'>;

const composed = (type: string, compute: (a: TfTensor, b: TfTensor) => TfTensor, options: Options = {}): Op => ({
  type,
  ...options,
  prepare: () => (call) => compute(call.tensor(0), call.tensor(1)),
});

/** An op that is one kernel of two inputs, which broadcast. */
const direct = (type: string, kernelName = type, options: Options = {}): Op =>
  composed(type, (a, b) => binary(kernelName, a, b), options);

function equality(type: 'Equal' | 'NotEqual'): Op {
  return direct(type, type, {
    types: ALL,
    problem: (operation) =>
      operation.bool('incompatible_shape_error') ? undefined : 'it compares what does not broadcast',
  });
}

/** What `value` is where `guard` is not zero, and zero where it is. */
export function unlessZero(guard: TfTensor, value: TfTensor): TfTensor {
  const isZero = binary('Equal', broadcastTo(guard, value.shape), scalar(0));
  return select(isZero, kernel('ZerosLike', { x: value }), value);
}

/** Chooses between values of the same shape. */
export function select(condition: TfTensor, t: TfTensor, e: TfTensor): TfTensor {
  return kernel('Select', { condition, t, e });
}

function selectBroadcast(condition: TfTensor, t: TfTensor, e: TfTensor): TfTensor {
  const shape = broadcastShape(condition.shape, broadcastShape(t.shape, e.shape));
  return select(broadcastTo(condition, shape), broadcastTo(t, shape), broadcastTo(e, shape));
}

/** The kernel there writes four bytes for each. */
function whyNotSelect(operation: Operation, backends: readonly string[]): string | undefined {
  return backends.includes('wasm') && operation.output().dtype === 'bool' ? 'bool on the backend "wasm"' : undefined;
}

function sum(operation: Operation): ReturnType<Op['prepare']> {
  return (call) => {
    const terms = operation.inputs.map((_, index) => call.tensor(index));
    return terms.length === 1 ? same(terms[0]!) : terms.reduce(add);
  };
}

export const binaryOps: readonly Op[] = [
  direct('Add', 'Add', { types: NUMBERS }),
  direct('AddV2', 'Add', { types: NUMBERS }),
  direct('Sub', 'Sub', { types: NUMBERS }),
  // Products of int32 beyond 2^53 are rounded in JavaScript before they wrap around.
  direct('Mul', 'Multiply', { types: NUMBERS, floatsOnly: ['cpu'] }),
  direct('RealDiv'),
  direct('Div', 'RealDiv'),
  direct('Maximum', 'Maximum', { types: NUMBERS }),
  direct('Minimum', 'Minimum', { types: NUMBERS }),
  direct('SquaredDifference'),
  // 1 to the power of NaN is 1, but not in JavaScript.
  direct('Pow', 'Pow', { except: ['cpu'] }),
  direct('Atan2'),
  // What is a little less than nothing is the divisor in TensorFlow and nothing in one; of an infinite divisor it is NaN in both.
  direct('FloorMod', 'Mod', { except: ['cpu', 'wasm'] }),
  composed('FloorDiv', (a, b) => kernel('Floor', { x: divide(a, b) })),
  composed('DivNoNan', (a, b) => unlessZero(b, divide(a, b))),
  composed('MulNoNan', (a, b) => unlessZero(b, multiply(a, b))),
  composed('Xdivy', (a, b) => unlessZero(a, divide(a, b))),
  composed('Xlogy', (a, b) => unlessZero(a, multiply(a, kernel('Log', { x: b })))),
  equality('Equal'),
  equality('NotEqual'),
  ...['Less', 'LessEqual', 'Greater', 'GreaterEqual'].map((type) => direct(type, type, { types: NUMBERS })),
  direct('LogicalAnd', 'LogicalAnd', { types: ['bool'] }),
  direct('LogicalOr', 'LogicalOr', { types: ['bool'] }),
  { type: 'AddN', types: NUMBERS, prepare: sum },
  {
    type: 'ClipByValue',
    // In this order, which counts where the least is more than the most.
    prepare: () => (call) => binary('Maximum', binary('Minimum', call.tensor(0), call.tensor(2)), call.tensor(1)),
  },
  {
    type: 'SelectV2',
    types: ALL,
    problem: whyNotSelect,
    prepare: () => (call) => selectBroadcast(call.tensor(0), call.tensor(1), call.tensor(2)),
  },
  {
    type: 'Select',
    types: ALL,
    problem: whyNotSelect,
    prepare: () => (call) => {
      const [condition, t, e] = [call.tensor(0), call.tensor(1), call.tensor(2)];
      // A vector chooses whole rows.
      const isRows = condition.rank === 1 && t.rank > 1;
      const rows = isRows ? reshape(condition, [...condition.shape, ...t.shape.slice(1).map(() => 1)]) : condition;
      return select(broadcastTo(rows, t.shape), t, e);
    },
  },
];
