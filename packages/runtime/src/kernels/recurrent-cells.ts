import type { Operation } from '@tenon/graph';
import type { DType, Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf } from './integers.js';
import { addMatrixProduct } from './matrix-product.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** @throws InvalidArgumentError unless the tensor has that shape. */
function checkShape(tensor: Tensor, what: string, shape: readonly number[]): void {
  if (tensor.shape.join() !== shape.join())
    throw new InvalidArgumentError(
      `${what} must have shape [${shape.join(', ')}]; it has [${tensor.shape.join(', ')}].`,
    );
}

/** `[left, right] · weights + bias`, for rows of both. */
function affine(
  left: NumberArray,
  right: NumberArray,
  [rows, inputs, units]: readonly [number, number, number],
  weights: NumberArray,
  bias: NumberArray,
): Float64Array {
  const width = bias.length;
  const sums = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) sums.set(bias, row * width);
  addMatrixProduct(left, 0, inputs, 1, weights, 0, false, sums, 0, rows, inputs, width);
  addMatrixProduct(right, 0, units, 1, weights, inputs * width, false, sums, 0, rows, units, width);
  return sums;
}

interface LstmOptions {
  /** Where in the weights the gates for input, cell, forgetting and output are. */
  readonly order: readonly [input: number, cell: number, forget: number, output: number];
  readonly forgetBias: number;
  /** 0 for none. */
  readonly clip: number;
  readonly usesPeepholes: boolean;
}

interface LstmWeights {
  readonly matrix: NumberArray;
  readonly bias: NumberArray;
  /** How the state of the cell enters the gates for input, forgetting and output. */
  readonly peepholes: readonly [NumberArray, NumberArray, NumberArray];
}

/** What one step of an LSTM gives, in the order of its ops' outputs: i, cs, f, o, ci, co, h. */
type LstmStep = readonly [NumberArray, NumberArray, NumberArray, NumberArray, NumberArray, NumberArray, NumberArray];

const STATE = 1;
const HIDDEN = 6;
const LSTM_OUTPUTS = 7;

function lstmStep(
  input: NumberArray,
  state: NumberArray,
  hidden: NumberArray,
  sizes: readonly [rows: number, inputs: number, units: number],
  { matrix, bias, peepholes }: LstmWeights,
  { order, forgetBias, clip, usesPeepholes }: LstmOptions,
  outputs: LstmStep,
): void {
  const [rows, , units] = sizes;
  const gates = affine(input, hidden, sizes, matrix, bias);
  const [i, cs, f, o, ci, co, h] = outputs;
  const peep = (which: 0 | 1 | 2, unit: number, value: number): number =>
    usesPeepholes ? peepholes[which][unit]! * value : 0;
  for (let at = 0; at < rows * units; at++) {
    const unit = at % units;
    const gate = (kind: 0 | 1 | 2 | 3): number =>
      gates[((at - unit) / units) * 4 * units + order[kind] * units + unit]!;
    const before = state[at]!;
    i[at] = sigmoid(gate(0) + peep(0, unit, before));
    ci[at] = Math.tanh(gate(1));
    f[at] = sigmoid(gate(2) + forgetBias + peep(1, unit, before));
    const next = ci[at]! * i[at]! + before * f[at]!;
    cs[at] = clip > 0 ? Math.max(-clip, Math.min(clip, next)) : next;
    o[at] = sigmoid(gate(3) + peep(2, unit, cs[at]!));
    co[at] = Math.tanh(cs[at]!);
    h[at] = o[at]! * co[at]!;
  }
}

function lstmOptions(operation: Operation, order: LstmOptions['order']): LstmOptions {
  return {
    order,
    forgetBias: operation.find('forget_bias') ? operation.float('forget_bias') : 0,
    clip: operation.float('cell_clip'),
    usesPeepholes: operation.bool('use_peephole'),
  };
}

function lstmWeights(tensors: readonly Tensor[], inputs: number, units: number): LstmWeights {
  const [matrix, first, second, third, bias] = tensors as readonly [Tensor, Tensor, Tensor, Tensor, Tensor];
  checkShape(matrix, 'The matrix of an LSTM', [inputs + units, 4 * units]);
  checkShape(bias, 'The bias of an LSTM', [4 * units]);
  for (const peephole of [first, second, third]) checkShape(peephole, 'A peephole of an LSTM', [units]);
  return {
    matrix: numbersOf(matrix),
    bias: numbersOf(bias),
    peepholes: [numbersOf(first), numbersOf(second), numbersOf(third)],
  };
}

/** An LSTM over a sequence whose first axis is time; after its end everything is zero. */
const blockLstm =
  (order: LstmOptions['order']) =>
  (operation: Operation): Kernel => {
    const options = lstmOptions(operation, order);
    return ([length, x, state, hidden, ...rest]) => {
      const [steps, rows, inputs] = x!.shape as [number, number, number];
      const units = state!.shape[1] ?? 0;
      if (x!.rank !== 3) throw new InvalidArgumentError(`A sequence has three axes; this one has ${x!.rank}.`);
      checkShape(state!, 'The state of an LSTM', [rows, units]);
      checkShape(hidden!, 'The output of an LSTM', [rows, units]);
      const weights = lstmWeights(rest, inputs, units);
      const end = integerOf(length!);
      if (!(end >= 0 && end <= steps))
        throw new InvalidArgumentError(`The longest sequence has ${end} steps; there are ${steps}.`);
      const size = rows * units;
      const outputs = Array.from({ length: LSTM_OUTPUTS }, () => makeNumbers(x!.dtype, steps * size));
      const values = numbersOf(x!);
      let before = [numbersOf(state!), numbersOf(hidden!)] as const;
      for (let step = 0; step < end; step++) {
        const parts = outputs.map((output) => output.subarray(step * size, (step + 1) * size));
        const input = values.subarray(step * rows * inputs, (step + 1) * rows * inputs);
        lstmStep(input, before[0], before[1], [rows, inputs, units], weights, options, parts as unknown as LstmStep);
        before = [parts[STATE]!, parts[HIDDEN]!];
      }
      return outputs.map((output) => fromNumbers(x!.dtype, [steps, rows, units], output));
    };
  };

const ICFO: LstmOptions['order'] = [0, 1, 2, 3];
const IFCO: LstmOptions['order'] = [0, 2, 1, 3];

function prepareLstmCell(operation: Operation): Kernel {
  const options = lstmOptions(operation, ICFO);
  return ([x, state, hidden, ...rest]) => {
    const [rows, inputs] = x!.shape as [number, number];
    const units = state!.shape[1] ?? 0;
    if (x!.rank !== 2) throw new InvalidArgumentError(`One step has two axes; this one has ${x!.rank}.`);
    checkShape(state!, 'The state of an LSTM', [rows, units]);
    checkShape(hidden!, 'The output of an LSTM', [rows, units]);
    const outputs = Array.from({ length: LSTM_OUTPUTS }, () => makeNumbers(x!.dtype, rows * units));
    const sizes = [rows, inputs, units] as const;
    const weights = lstmWeights(rest, inputs, units);
    lstmStep(
      numbersOf(x!),
      numbersOf(state!),
      numbersOf(hidden!),
      sizes,
      weights,
      options,
      outputs as unknown as LstmStep,
    );
    return outputs.map((output) => fromNumbers(x!.dtype, [rows, units], output));
  };
}

/** One step of a GRU: the gates for resetting and updating, the candidate, and the new state. */
const gruCell: Kernel = ([x, hidden, gateMatrix, candidateMatrix, gateBias, candidateBias]) => {
  const { dtype } = x!;
  const [rows, inputs] = x!.shape as [number, number];
  const units = hidden!.shape[1] ?? 0;
  if (x!.rank !== 2) throw new InvalidArgumentError(`One step has two axes; this one has ${x!.rank}.`);
  checkShape(hidden!, 'The state of a GRU', [rows, units]);
  checkShape(gateMatrix!, 'The matrix of the gates', [inputs + units, 2 * units]);
  checkShape(candidateMatrix!, 'The matrix of the candidate', [inputs + units, units]);
  checkShape(gateBias!, 'The bias of the gates', [2 * units]);
  checkShape(candidateBias!, 'The bias of the candidate', [units]);
  const [input, before] = [numbersOf(x!), numbersOf(hidden!)];
  const sizes = [rows, inputs, units] as const;
  const gates = affine(input, before, sizes, numbersOf(gateMatrix!), numbersOf(gateBias!));
  const [r, u, c, h] = Array.from({ length: 4 }, () => makeNumbers(dtype, rows * units)) as [
    NumberArray,
    NumberArray,
    NumberArray,
    NumberArray,
  ];
  const reset = makeNumbers(dtype, rows * units);
  for (let at = 0; at < reset.length; at++) {
    const unit = at % units;
    const gate = ((at - unit) / units) * 2 * units + unit;
    r[at] = sigmoid(gates[gate]!);
    u[at] = sigmoid(gates[gate + units]!);
    reset[at] = before[at]! * r[at]!;
  }
  const candidates = affine(input, reset, sizes, numbersOf(candidateMatrix!), numbersOf(candidateBias!));
  for (let at = 0; at < reset.length; at++) {
    c[at] = Math.tanh(candidates[at]!);
    h[at] = u[at]! * before[at]! + (1 - u[at]!) * c[at]!;
  }
  return [r, u, c, h].map((values) => fromNumbers(dtype, [rows, units], values));
};

const isCell = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float16' || dtype === 'int64';

/** Recurrent cells that TensorFlow 1 has as one operation each. */
export const recurrentCellKernels: readonly KernelDefinition[] = [
  define('BlockLSTM', blockLstm(ICFO), isCell),
  define('BlockLSTMV2', blockLstm(IFCO), isCell),
  define('LSTMBlockCell', prepareLstmCell, isCell),
  define('GRUBlockCell', () => gruCell, isCell),
];
