import { UndifferentiableError, type GradientRule } from '../rule.js';

/** The gradient goes through as it is. */
const pass: GradientRule = ({ inputs }, dy) => inputs.map((_, index) => () => dy.raw(index));

/** Ops whose first input passes through; what else they take is not differentiated. */
const passFirst: GradientRule = (_operation, dy) => [() => dy.raw(0)];

export const passing: Readonly<Record<string, GradientRule>> = {
  Identity: pass,
  IdentityN: pass,
  RefIdentity: pass,
  Snapshot: pass,
  CheckNumerics: pass,
  CheckNumericsV2: pass,
  PlaceholderWithDefault: pass,
  EnsureShape: pass,
  Print: passFirst,
  ReadVariableOp: passFirst,
  OptimizationBarrier: pass,
  PreventGradient: (operation) => {
    throw new UndifferentiableError(operation.string('message') || 'it says so itself');
  },
};

/** Ops that nothing flows through, whatever they are given: steps, positions, shapes, and what is meant to stop gradients. */
export const stopping: ReadonlySet<string> = new Set(
  `StopGradient Floor Ceil Round Rint FloorDiv TruncateDiv ZerosLike OnesLike Shape ShapeN Size Rank VariableShape
   ArgMax ArgMin Equal NotEqual Greater GreaterEqual Less LessEqual IsNan IsInf IsFinite ApproximateEqual Where Assert
   NextAfter Bucketize InTopK InTopKV2 Bitcast HistogramFixedWidth Range LinSpace OneHot
   RandomUniform RandomStandardNormal TruncatedNormal StatelessRandomUniform StatelessRandomNormal StatelessTruncatedNormal
   StatelessRandomUniformV2 StatelessRandomNormalV2 StatelessTruncatedNormalV2 RandomShuffle Multinomial StatelessMultinomial
   Const Placeholder VarHandleOp VariableV2 Variable VarIsInitializedOp IsVariableInitialized NoOp
   Assign AssignAdd AssignSub AssignVariableOp AssignAddVariableOp AssignSubVariableOp
   ResourceScatterUpdate ResourceScatterAdd ResourceScatterSub NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3
   NonMaxSuppressionV4 CombinedNonMaxSuppression AsString StringFormat
   TensorListReserve EmptyTensorList TensorListLength TensorListElementShape`.split(/\s+/),
);
