import { topologicalOrder, type Operation, type SymbolicTensor } from '@tenon/graph';
import { apply, placeholder } from '@tenon/layers';
import { isFloating } from '@tenon/tensor';
import { gradients, isIndexedSlices, type Gradient } from '@tenon/training';

/** What leads back from the outputs of a computation to what it was computed from, in the same graph. */
export interface Backwards {
  /** To be fed with the gradients of the outputs. */
  readonly outputGradients: readonly SymbolicTensor[];
  /** Per tensor or variable asked for: its gradient, dense; `undefined` where the outputs do not depend on it. */
  readonly gradients: readonly (SymbolicTensor | undefined)[];
  /** Tensors of the computation to be kept for the way back. */
  readonly saved: readonly SymbolicTensor[];
}

/**
 * Adds to a graph what computes gradients of a computation.
 *
 * @param outputs Floats.
 * @param sources Inputs of the computation, and handles of variables whose shapes are known.
 * @param isSaving Whether what was computed on the way is kept: otherwise the way back computes it once more, unless it is random.
 * @throws NoGradientError
 */
export function differentiate(
  outputs: readonly SymbolicTensor[],
  sources: readonly { readonly tensor: SymbolicTensor; readonly rows?: number | undefined }[],
  isSaving: boolean,
): Backwards {
  const { graph } = outputs[0]!;
  const forwards = new Set(graph.operations);
  const outputGradients = outputs.map(({ dtype, shape }) =>
    placeholder(graph, { dtype, shape, name: 'output_gradient' }),
  );
  const found = gradients(
    outputs,
    sources.map(({ tensor }) => tensor),
    { initial: outputGradients },
  );
  const dense = found.map((gradient, index) => gradient && toDense(gradient, sources[index]!.rows));
  return {
    outputGradients,
    gradients: dense,
    saved:
      isSaving || isRandom(outputs)
        ? findSaved(
            dense.filter((gradient) => gradient !== undefined),
            forwards,
          )
        : [],
  };
}

/** Whether outputs are others each time. */
function isRandom(outputs: readonly SymbolicTensor[]): boolean {
  const needed = topologicalOrder(new Set(outputs.map(({ operation }) => operation)));
  return [...needed].some(({ type }) => RANDOM.test(type));
}

const RANDOM = /Random|Multinomial|TruncatedNormal/;

function toDense(gradient: Gradient, rows: number | undefined): SymbolicTensor {
  if (!isIndexedSlices(gradient)) return gradient;
  const { values, indices, denseShape } = gradient;
  const count =
    rows ?? apply('StridedSlice', [denseShape, [0], [1], [1]], { shrink_axis_mask: 1 }, { name: 'gradient_rows' });
  return apply('UnsortedSegmentSum', [values, indices, count], {}, { name: 'dense_gradient' });
}

/** Where the way back reads from the way there: but for what is there anyway, and for shapes, which are known better where they are computed. */
function findSaved(gradients: readonly SymbolicTensor[], forwards: ReadonlySet<Operation>): SymbolicTensor[] {
  const saved = new Set<SymbolicTensor>();
  const seen = new Set<SymbolicTensor>();
  const pending = [...gradients];
  for (let tensor = pending.pop(); tensor; tensor = pending.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const { operation } = tensor;
    if (!forwards.has(operation) || isShapeArithmetic(tensor)) pending.push(...operation.inputs);
    else if (!isAtHand(tensor)) saved.add(tensor);
  }
  return [...saved];
}

const AT_HAND = new Set(['Const', 'Placeholder', 'ReadVariableOp', 'VarHandleOp']);

function isAtHand({ operation, dtype, isReference }: SymbolicTensor): boolean {
  return AT_HAND.has(operation.type) || dtype === 'resource' || dtype === 'variant' || isReference;
}

const SHAPES = new Set(['Shape', 'ShapeN', 'Size', 'Rank']);

const arithmetic = new WeakMap<SymbolicTensor, boolean>();

/** Whether a tensor is computed from shapes and constants alone. */
function isShapeArithmetic(tensor: SymbolicTensor): boolean {
  const { operation, dtype } = tensor;
  let known = arithmetic.get(tensor);
  if (known === undefined) {
    known =
      SHAPES.has(operation.type) ||
      operation.type === 'Const' ||
      (!isFloating(dtype) &&
        !AT_HAND.has(operation.type) &&
        operation.inputs.length > 0 &&
        operation.inputs.every(isShapeArithmetic));
    arithmetic.set(tensor, known);
  }
  return known;
}
