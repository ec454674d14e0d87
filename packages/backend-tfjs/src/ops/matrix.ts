import { sizeOf, type Shape } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { kernel } from '../engine.js';
import type { Op } from '../op.js';
import { broadcastShape, broadcastTo, filled, require, reshape, same, transpose } from './arithmetic.js';
import { reduce, SUM } from './reduction.js';

/** The product of matrices, whose batch dimensions broadcast. */
function multiplyMatrices(a: TfTensor, b: TfTensor, transposeA: boolean, transposeB: boolean): TfTensor {
  require(a.rank >= 2 && b.rank >= 2, `[${a.shape.join()}] and [${b.shape.join()}] are not matrices.`);
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const [inner, other] = [a.shape.at(transposeA ? -2 : -1)!, b.shape.at(transposeB ? -1 : -2)!];
  require(inner === other, `Rows of ${inner} and columns of ${other} elements cannot be multiplied.`);
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  if (sizeOf(shape) === 0 || inner === 0) return filled(shape, 0, 'float32');
  // Kernels repeat one matrix for all of a batch, but do not broadcast dimension by dimension.
  const flat = (x: TfTensor): TfTensor => {
    const count = sizeOf(x.shape.slice(0, -2));
    const whole = count === 1 || count === sizeOf(batch) ? x : broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    return reshape(whole, [count === 1 ? 1 : sizeOf(batch), ...x.shape.slice(-2)]);
  };
  return reshape(kernel('BatchMatMul', { a: flat(a), b: flat(b) }, { transposeA, transposeB }), shape);
}

const multiplication = (type: string, [left, right]: readonly [string, string]): Op => ({
  type,
  prepare(operation) {
    const [transposeA, transposeB] = [operation.bool(left), operation.bool(right)];
    return (call) => multiplyMatrices(call.tensor(0), call.tensor(1), transposeA, transposeB);
  },
});

/** `ab,bc->ac`: one letter per axis, or `...` for those that only stand beside the others. */
const EQUATION = /^([A-Za-z]*(?:\.{3})?[A-Za-z]*)(?:,([A-Za-z]*(?:\.{3})?[A-Za-z]*))?->([A-Za-z]*(?:\.{3})?[A-Za-z]*)$/;

interface Equation {
  readonly operands: readonly string[];
  readonly result: string;
}

function parseEquation(equation: string): Equation | undefined {
  const match = EQUATION.exec(equation.replaceAll(' ', ''));
  if (!match) return undefined;
  const operands = [match[1]!, match[2]].filter((operand) => operand !== undefined);
  const result = match[3]!;
  const isPlain = [...operands, result].every((letters) => {
    const named = letters.replace('...', '');
    return new Set(named).size === named.length;
  });
  return isPlain ? { operands, result } : undefined;
}

/** The operands with all their axes named: those under an ellipsis by digits, from the last, and broadcast to each other. */
function nameAxes({ operands, result }: Equation, values: readonly TfTensor[]) {
  const hidden = operands.map((letters, index) => {
    const count = values[index]!.rank - letters.replace('...', '').length;
    require(letters.includes('...')
      ? count >= 0
      : count === 0, `[${values[index]!.shape.join()}] has not the axes "${letters}".`);
    return count;
  });
  const most = Math.max(...hidden.filter((_, index) => operands[index]!.includes('...')), 0);
  require(most <= DIGITS.length, `There are ${most} axes under an ellipsis.`);
  const digits = (count: number): string =>
    Array.from({ length: count }, (_, index) => DIGITS[most - count + index]).join('');
  const named = operands.map((letters, index) => ({
    x: values[index]!,
    letters: letters.replace('...', digits(hidden[index]!)),
  }));
  const sizeOfDigit = (digit: string): number =>
    named.flatMap(({ x, letters }) => x.shape[letters.indexOf(digit)] ?? []).find((size) => size !== 1) ?? 1;
  const operandsNamed = named.map(({ x, letters }) => {
    const shape = x.shape.map((size, axis) =>
      DIGITS.includes(letters[axis]!) && size === 1 ? sizeOfDigit(letters[axis]!) : size,
    );
    return { x: String(shape) === String(x.shape) ? x : broadcastTo(x, shape), letters };
  });
  return { operands: operandsNamed, result: result.replace('...', digits(most)) };
}

const DIGITS = '0123456789';

/** Sums over the axes whose letters nobody else has. */
function sumOut(x: TfTensor, letters: string, kept: string): { readonly x: TfTensor; readonly letters: string } {
  const axis = [...letters].flatMap((letter, index) => (kept.includes(letter) ? [] : [index]));
  if (axis.length === 0) return { x, letters };
  const rest = [...letters].filter((letter) => kept.includes(letter)).join('');
  return { x: reduce(x, axis, false, SUM), letters: rest };
}

function reorder(x: TfTensor, letters: string, order: string): TfTensor {
  return letters === order
    ? same(x)
    : transpose(
        x,
        [...order].map((letter) => letters.indexOf(letter)),
      );
}

function contract(operands: readonly { readonly x: TfTensor; readonly letters: string }[], result: string): TfTensor {
  const [left, right] = operands.map(({ x, letters }, index) => {
    const others = operands.filter((_, other) => other !== index).map((other) => other.letters);
    return sumOut(x, letters, result + others.join(''));
  });
  if (!right) return reorder(left!.x, left!.letters, result);
  const [a, b] = [left!.letters, right.letters];
  const batch = [...a].filter((letter) => b.includes(letter) && result.includes(letter)).join('');
  const inner = [...a].filter((letter) => b.includes(letter) && !result.includes(letter)).join('');
  const rows = [...a].filter((letter) => !b.includes(letter)).join('');
  const columns = [...b].filter((letter) => !a.includes(letter)).join('');
  const sizes = new Map<string, number>();
  for (const { x, letters } of [left!, right]) {
    [...letters].forEach((letter, axis) => {
      const size = x.shape[axis]!;
      require((sizes.get(letter) ?? size) === size, `The axes "${letter}" differ: ${sizes.get(letter)} and ${size}.`);
      sizes.set(letter, size);
    });
  }
  const shapeOf = (letters: string): Shape => [...letters].map((letter) => sizes.get(letter)!);
  const matrices = (x: TfTensor, letters: string, order: readonly string[]): TfTensor =>
    reshape(
      reorder(x, letters, order.join('')),
      order.map((group) => sizeOf(shapeOf(group))),
    );
  const product = multiplyMatrices(
    matrices(left!.x, a, [batch, rows, inner]),
    matrices(right.x, b, [batch, inner, columns]),
    false,
    false,
  );
  const order = batch + rows + columns;
  return reorder(reshape(product, shapeOf(order)), order, result);
}

export const matrixOps: readonly Op[] = [
  multiplication('MatMul', ['transpose_a', 'transpose_b']),
  multiplication('BatchMatMul', ['adj_x', 'adj_y']),
  multiplication('BatchMatMulV2', ['adj_x', 'adj_y']),
  multiplication('BatchMatMulV3', ['adj_x', 'adj_y']),
  {
    type: 'Einsum',
    problem: (operation) =>
      parseEquation(operation.string('equation'))?.operands.length === operation.inputs.length
        ? undefined
        : `the equation ${operation.string('equation')}`,
    prepare(operation) {
      const equation = parseEquation(operation.string('equation'))!;
      return (call) => {
        const values = equation.operands.map((_, index) => call.tensor(index));
        const { operands, result } = nameAxes(equation, values);
        return contract(operands, result);
      };
    },
  },
];
