import type { Operation } from '@tenon/graph';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { currentBackend, kernel } from '../engine.js';
import { ALL, NUMBERS, type Op } from '../op.js';
import { add, binary, cast, divide, multiply, same, scalar } from './arithmetic.js';
import { reduce, SUM } from './reduction.js';

type Options = Omit<Op, 'type' | 'prepare'>;

/** An op that is one kernel of one input. */
const direct = (type: string, kernelName = type, options: Options = {}): Op => ({
  type,
  ...options,
  prepare: () => (call) => kernel(kernelName, { x: call.tensor(0) }),
});

const composed = (
  type: string,
  compute: (x: TfTensor, operation: Operation) => TfTensor,
  options: Options = {},
): Op => ({
  type,
  ...options,
  prepare: (operation) => (call) => compute(call.tensor(0), operation),
});

const identity = (type: string): Op => ({
  type,
  types: ALL,
  prepare: () => (call) => Array.from({ length: call.count }, (_, index) => same(call.tensor(index))),
});

const notZero = (x: TfTensor, dtype: 'float32' | 'int32'): TfTensor => binary('NotEqual', x, scalar(0, dtype));

export const unaryOps: readonly Op[] = [
  ...['Exp', 'Log', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Erf', 'Sigmoid', 'Tanh', 'Expm1', 'Log1p'].map((type) =>
    direct(type),
  ),
  ...['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh'].map((type) =>
    direct(type),
  ),
  ...['Floor', 'Ceil', 'Round', 'Relu', 'Relu6', 'Elu', 'Selu', 'Softplus', 'Square', 'Abs'].map((type) =>
    direct(type),
  ),
  // Of int32 it goes through float32 there.
  direct('Neg', 'Neg', { types: NUMBERS, floatsOnly: ['wasm'] }),
  // Of NaN it is 0 in one, and of small numbers in the other.
  direct('Sign', 'Sign', { except: ['cpu', 'wasm'] }),
  direct('Inv', 'Reciprocal'),
  direct('Rint', 'Round'),
  direct('IsNan'),
  direct('IsInf'),
  direct('IsFinite'),
  direct('LogicalNot', 'LogicalNot', { types: ['bool'] }),
  ...['Identity', 'IdentityN', 'StopGradient', 'PreventGradient', 'Snapshot', 'PlaceholderWithDefault'].map(identity),
  composed('Softsign', (x) => divide(x, add(kernel('Abs', { x }), scalar(1)))),
  {
    type: 'LeakyRelu',
    prepare(operation) {
      const alpha = operation.float('alpha');
      return (call) => kernel('LeakyRelu', { x: call.tensor(0) }, { alpha });
    },
  },
  composed('ZerosLike', (x) => kernel('ZerosLike', { x }), { types: ALL }),
  composed('OnesLike', (x) => kernel('OnesLike', { x }), { types: ALL }),
  {
    type: 'L2Loss',
    prepare: () => (call) => {
      const x = call.tensor(0);
      const axis = x.shape.map((_, index) => index);
      return multiply(reduce(kernel('Square', { x }), axis, false, SUM), scalar(0.5));
    },
  },
  {
    type: 'Cast',
    types: ALL,
    problem(operation) {
      if (operation.bool('Truncate')) return 'it truncates instead of rounding';
      const [from, to] = [operation.input(0).dtype, operation.output().dtype];
      return from === 'float32' && to === 'int32' ? 'what does not fit into int32 wraps around' : undefined;
    },
    prepare(operation) {
      const [from, to] = [operation.input(0).dtype as 'float32' | 'int32' | 'bool', operation.output().dtype];
      return (call) => {
        const x = call.tensor(0);
        if (from === to) return same(x);
        if (to === 'bool' && from !== 'bool') return notZero(x, from);
        const y = cast(x, to as 'float32');
        // What the kernel there gives are the same elements, which are not rounded to float32 before something computes with them.
        return from === 'int32' && currentBackend() === 'cpu' ? multiply(y, scalar(1)) : y;
      };
    },
  },
];
