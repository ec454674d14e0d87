import type { Operation } from '@tenon/graph';
import { sizeOf, stridesOf, Tensor } from '@tenon/tensor';
import type { Kernel } from '../kernel.js';
import { cast } from './cast.js';
import { InvalidArgumentError } from './errors.js';
import { copyStrided, gatherStrided, makeTensor, transpose, wordsOf, wordsPerElement } from './movement.js';
import { sumOver } from './reduction.js';

type Labels = readonly string[];

/** A tensor whose axes have names. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: Labels;
}

interface Equation {
  readonly inputs: readonly string[];
  readonly output: string;
}

function parse(equation: string): Equation {
  const [left, output, ...rest] = equation.replaceAll(' ', '').split('->');
  if (left === undefined || output === undefined || rest.length > 0) {
    throw new InvalidArgumentError(`"${equation}" is not an equation of the form "ab,bc->ac".`);
  }
  return { inputs: left.split(','), output };
}

/** The names of axes; those that an ellipsis stands for are numbered from the last one on, because they broadcast from there. */
function expandLabels(term: string, rank: number): string[] {
  const [before = '', after] = term.split('...');
  if (after === undefined) return [...before];
  const hidden = rank - before.length - after.length;
  if (hidden < 0) throw new InvalidArgumentError(`"${term}" names more axes than there are: ${rank}.`);
  return [...before, ...Array.from({ length: hidden }, (_, i) => `.${hidden - i}`), ...after];
}

/** Takes the diagonal of axes that have the same name, so that every name stands once. */
function diagonal({ tensor, labels }: Labelled): Labelled {
  const distinct = [...new Set(labels)];
  if (distinct.length === labels.length) return { tensor, labels };
  const strides = stridesOf(tensor.shape);
  const merged = distinct.map((label) =>
    labels.reduce((sum, other, axis) => sum + (other === label ? strides[axis]! : 0), 0),
  );
  const shape = distinct.map((label) => tensor.shape[labels.indexOf(label)]!);
  return { tensor: gatherStrided(tensor, 0, merged, shape), labels: distinct };
}

/** Sums over the axes that nobody else names. */
function sumAway({ tensor, labels }: Labelled, isKept: (label: string) => boolean): Labelled {
  const axes = labels.flatMap((label, axis) => (isKept(label) ? [] : [axis]));
  if (axes.length === 0) return { tensor, labels };
  return { tensor: sumOver(tensor, axes), labels: labels.filter(isKept) };
}

function arrange({ tensor, labels }: Labelled, order: Labels): Tensor {
  const permutation = order.map((label) => labels.indexOf(label));
  return permutation.every((axis, i) => axis === i) ? tensor : transpose(tensor, permutation);
}

/** Brings the result to the order that is asked for; a name that stands twice there puts the elements on a diagonal. */
function present(result: Labelled, output: Labels): Tensor {
  const distinct = [...new Set(output)];
  const tensor = arrange(result, distinct);
  if (distinct.length === output.length) return tensor;
  const shape = output.map((label) => tensor.shape[distinct.indexOf(label)]!);
  const inflated = makeTensor(tensor.dtype, shape);
  const strides = stridesOf(shape);
  const merged = distinct.map((label) =>
    output.reduce((sum, other, axis) => sum + (other === label ? strides[axis]! : 0), 0),
  );
  const words = wordsPerElement(tensor.dtype);
  copyStrided(wordsOf(tensor), 0, stridesOf(tensor.shape), wordsOf(inflated), 0, merged, tensor.shape, words);
  return inflated;
}

type Product = (left: Tensor, right: Tensor) => Tensor;

/** `left` and `right` as one product of matrices, with a batch of the axes that all three share. */
function contract(left: Labelled, right: Labelled, output: Labels, product: Product): Labelled {
  const inBoth = left.labels.filter((label) => right.labels.includes(label));
  const batch = inBoth.filter((label) => output.includes(label));
  const summed = inBoth.filter((label) => !output.includes(label));
  const leftFree = left.labels.filter((label) => !inBoth.includes(label));
  const rightFree = right.labels.filter((label) => !inBoth.includes(label));
  const sizesIn = ({ tensor, labels }: Labelled, names: Labels): number[] =>
    names.map((label) => tensor.shape[labels.indexOf(label)]!);
  // A hidden axis of one element broadcasts; the product of matrices does that by its batch axes.
  const leftBatch = sizesIn(left, batch);
  const rightBatch = sizesIn(right, batch);
  const leftSummed = sizesIn(left, summed);
  const rightSummed = sizesIn(right, summed);
  if (leftSummed.some((size, i) => size !== rightSummed[i])) {
    throw new InvalidArgumentError(
      `Axes ${summed.join(', ')} have ${leftSummed.join(', ')} and ${rightSummed.join(', ')} elements.`,
    );
  }
  const leftSizes = sizesIn(left, leftFree);
  const rightSizes = sizesIn(right, rightFree);
  const result = product(
    arrange(left, [...batch, ...leftFree, ...summed]).reshape([...leftBatch, sizeOf(leftSizes), sizeOf(leftSummed)]),
    arrange(right, [...batch, ...summed, ...rightFree]).reshape([
      ...rightBatch,
      sizeOf(leftSummed),
      sizeOf(rightSizes),
    ]),
  );
  return {
    tensor: result.reshape([...result.shape.slice(0, -2), ...leftSizes, ...rightSizes]),
    labels: [...batch, ...leftFree, ...rightFree],
  };
}

/** Sums of products over named axes, of one operand or two. Halves are summed in float32 and rounded once. */
export function prepareEinsum(product: Product): (operation: Operation) => Kernel {
  return (operation) => {
    const equation = parse(operation.string('equation'));
    const { dtype } = operation.output();
    const isNarrow = dtype === 'float16' || dtype === 'bfloat16';
    return (inputs) => {
      if (inputs.length !== equation.inputs.length || inputs.length > 2) {
        throw new InvalidArgumentError(
          `${equation.inputs.length} operands are named, ${inputs.length} were given; one or two can be.`,
        );
      }
      const terms = inputs.map((tensor, i) => {
        const labels = expandLabels(equation.inputs[i]!, tensor.rank);
        if (labels.length !== tensor.rank) {
          throw new InvalidArgumentError(
            `"${equation.inputs[i]}" does not name the axes of [${tensor.shape.join(', ')}].`,
          );
        }
        return diagonal({ tensor: isNarrow ? cast(tensor, 'float32') : tensor, labels });
      });
      const hidden = Math.max(...terms.map(({ labels }) => labels.filter((label) => label.startsWith('.')).length));
      const output = expandLabels(equation.output, equation.output.replace('...', '').length + hidden);
      const summed = terms.map((term, i) =>
        sumAway(term, (label) => output.includes(label) || !!terms[1 - i]?.labels.includes(label)),
      );
      const [left, right] = summed;
      const result = right ? contract(left!, right, output, product) : left!;
      return [cast(present(result, output), dtype)];
    };
  };
}
