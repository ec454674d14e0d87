import type { Operation } from '@tenon/graph';
import type { DType, PartialShape } from '@tenon/tensor';

/** The data type and shape of the variable that a `VarHandleOp` or `VariableV2` holds. */
export function variableType(operation: Operation): { readonly dtype: DType; readonly shape: PartialShape } {
  const dtype = operation.find('dtype');
  const shape = operation.find('shape');
  return {
    dtype: dtype?.kind === 'dtype' ? dtype.value : operation.output().dtype,
    shape: shape?.kind === 'shape' ? shape.value : null,
  };
}
