import { isFullyKnown } from '@tenon/tensor';
import { broadcast, unify } from '../partial-shape.js';
import { forAll, sameAsAll, sameAsFirst, type ShapeFunctions } from '../shape-context.js';

// prettier-ignore
const UNARY = [
  'Abs', 'Acos', 'Acosh', 'Angle', 'Asin', 'Asinh', 'Atan', 'Atanh', 'BesselI0', 'BesselI0e', 'BesselI1', 'BesselI1e', 'Bucketize',
  'Cast', 'Ceil', 'ComplexAbs', 'Conj', 'Cos', 'Cosh', 'Digamma', 'Erf', 'Erfc', 'Erfinv', 'Exp', 'Expm1', 'Floor', 'Imag', 'Inv',
  'Invert', 'IsFinite', 'IsInf', 'IsNan', 'Lgamma', 'Log', 'Log1p', 'LogicalNot', 'Ndtri', 'Neg', 'PopulationCount', 'Real',
  'Reciprocal', 'Rint', 'Round', 'Rsqrt', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Sqrt', 'Square', 'Tan', 'Tanh',
];

// prettier-ignore
const BINARY = [
  'Add', 'AddV2', 'ApproximateEqual', 'Atan2', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'Complex', 'Div', 'DivNoNan', 'FloorDiv',
  'FloorMod', 'Greater', 'GreaterEqual', 'Igamma', 'IgammaGradA', 'Igammac', 'LeftShift', 'Less', 'LessEqual', 'LogicalAnd',
  'LogicalOr', 'Maximum', 'Minimum', 'Mod', 'Mul', 'MulNoNan', 'NextAfter', 'Polygamma', 'Pow', 'RealDiv', 'RightShift',
  'SquaredDifference', 'Sub', 'TruncateDiv', 'TruncateMod', 'Xdivy', 'Xlog1py', 'Xlogy', 'Zeta',
];

// prettier-ignore
const GRADIENTS = [
  'InvGrad', 'ReciprocalGrad', 'RsqrtGrad', 'SigmoidGrad', 'SqrtGrad', 'TanhGrad',
];

/** Ops that work element by element. */
export const MATH: ShapeFunctions = {
  ...forAll(UNARY, sameAsFirst),
  ...forAll(BINARY, (c) => [broadcast(c.shape(0), c.shape(1))]),
  ...forAll(GRADIENTS, sameAsAll),
  ...forAll(['AddN'], sameAsAll),
  ...forAll(['Equal', 'NotEqual'], (c) => {
    // Shapes that do not broadcast may be meant to be: the whole is then one answer.
    if (c.operation.bool('incompatible_shape_error')) return [broadcast(c.shape(0), c.shape(1))];
    const [a, b] = [c.shape(0), c.shape(1)];
    if (!isFullyKnown(a) || !isFullyKnown(b)) return [null];
    const fits = a.toReversed().every((size, index) => {
      const other = b.at(-1 - index) ?? 1;
      return size === 1 || other === 1 || size === other;
    });
    return [fits ? broadcast(a, b) : []];
  }),
  ClipByValue: (c) => [broadcast(broadcast(c.shape(0), c.shape(1)), c.shape(2))],
  SelectV2: (c) => [broadcast(c.shape(0), broadcast(c.shape(1), c.shape(2)))],
  Select: (c) => {
    const condition = c.shape(0);
    const shape = unify(c.shape(1), c.shape(2));
    // A condition is a scalar, a vector that picks rows, or of the shape of what it picks from.
    if (condition === null || condition.length === 0) return [shape];
    if (condition.length === 1 && shape?.length !== 1) {
      return [shape && [...unify(shape.slice(0, 1), condition)!, ...shape.slice(1)]];
    }
    return [unify(shape, condition)];
  },
  Betainc: (c) => {
    // Scalars stand for values of the others' shape.
    const others = c.shapes.filter((shape) => shape === null || shape.length > 0);
    return [others.length === 0 ? [] : c.unify(others)];
  },
  ...forAll(['Cumsum', 'Cumprod', 'CumulativeLogsumexp'], sameAsFirst),
  Cross: (c) => [unify(c.shape(0), c.shape(1))],
  HistogramFixedWidth: (c) => [[c.scalar(2)]],
};
