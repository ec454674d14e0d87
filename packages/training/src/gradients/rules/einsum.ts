import type { SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from '../gradient-builder.js';
import { UndifferentiableError, type GradientRule } from '../rule.js';

/** The labels of one operand: letters, of which `…` stands for as many dimensions as are left. */
type Labels = readonly string[];

const ELLIPSIS = '…';

const einsumRule: GradientRule = (operation, dz, b) => {
  const equation = operation.string('equation').replace(/\s/g, '').replaceAll('...', ELLIPSIS);
  const [left, right] = equation.split('->');
  if (left === undefined || right === undefined) throw new UndifferentiableError('its equation names no result');
  const operands: Labels[] = left.split(',').map((labels) => [...labels]);
  const result = [...right];
  for (const labels of [...operands, result]) {
    if (new Set(labels).size < labels.length)
      throw new UndifferentiableError(`a label stands twice for one operand in "${operation.string('equation')}"`);
  }
  return operation.inputs.map((x, index) => () => {
    const others = operation.inputs.filter((_, place) => place !== index);
    const given = [result, ...operands.filter((_, place) => place !== index)];
    return gradientOf(b, [x, operands[index]!], [dz(), ...others], given);
  });
};

function gradientOf(
  b: GradientBuilder,
  [x, labels]: readonly [SymbolicTensor, Labels],
  tensors: readonly SymbolicTensor[],
  given: readonly Labels[],
): SymbolicTensor {
  // Labels that only x has were summed over: every place along them has the same gradient.
  const found = labels.filter((label) => given.some((other) => other.includes(label)));
  const missing = labels.filter((label) => !found.includes(label));
  if (missing.includes(ELLIPSIS)) throw new UndifferentiableError('dimensions of "..." are summed over');
  const spelled = (list: Labels) => list.join('').replace(ELLIPSIS, '...');
  // An ellipsis may stand for fewer dimensions in x than in the others, for ones, or for none: what was broadcast is summed. TensorFlow
  // itself sums over no ellipsis.
  const isBroadcast = given.some((other) => other.includes(ELLIPSIS));
  const wanted = isBroadcast ? [ELLIPSIS, ...found.filter((label) => label !== ELLIPSIS)] : found;
  const gradient = b.apply('Einsum', [tensors], { equation: `${given.map(spelled).join(',')}->${spelled(wanted)}` });
  if (!isBroadcast && missing.length === 0) return gradient;
  const ellipsis = labels.indexOf(ELLIPSIS);
  const rank = ellipsis < 0 ? labels.length : b.rank(x);
  if (rank === undefined) throw new UndifferentiableError('the ranks of what it takes must be known');
  const hidden = rank - labels.filter((label) => label !== ELLIPSIS).length;
  const axesOf = (label: string): number[] => {
    const place = labels.indexOf(label);
    if (label === ELLIPSIS) return Array.from({ length: hidden }, (_, axis) => place + axis);
    return [ellipsis >= 0 && place > ellipsis ? place + hidden - 1 : place];
  };
  // In the order of `wanted`, with the missing labels last.
  const order = [...wanted, ...missing].flatMap(axesOf);
  const shape = b.apply('GatherV2', [b.shape(x), b.integers(order), b.integers(0)]);
  const ones = b.integers(missing.map(() => 1));
  const kept = found.length === 0 ? ones : b.concat([b.slice(shape, 0, order.length - missing.length), ones]);
  const summed = isBroadcast ? sumTo(b, gradient, b.slice(shape, 0, rank - missing.length)) : gradient;
  const spread = missing.length > 0 ? b.apply('BroadcastTo', [b.reshape(summed, kept), shape]) : summed;
  return b.transpose(
    spread,
    order.map((_, axis) => order.indexOf(axis)),
  );
}

/** Sums what was broadcast from `shape`. */
function sumTo(b: GradientBuilder, gradient: SymbolicTensor, shape: SymbolicTensor): SymbolicTensor {
  const axes = b.operation('BroadcastGradientArgs', [shape, b.apply('Shape', [gradient])]).output(0);
  return b.reshape(b.sum(gradient, axes), shape);
}

export const einsum: Readonly<Record<string, GradientRule>> = { Einsum: einsumRule };
