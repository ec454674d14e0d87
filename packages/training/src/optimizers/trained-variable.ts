import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { operation, Variable, type BuildAttributes, type TensorInput } from '@tenon/layers';
import { isFullyKnown, type DType, type Shape } from '@tenon/tensor';
import { OptimizerArgumentError } from '../errors.js';

/** What can be trained: a variable that was made with `@tenon/layers`, or a module's (`ModuleVariable.operation`). */
export type Trainable = Variable | Operation;

/** A variable, wherever it comes from. */
export interface TrainedVariable {
  readonly name: string;
  /** A resource, or a reference. */
  readonly handle: SymbolicTensor;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** @throws OptimizerArgumentError naming every one that is no variable of known shape. */
export function trainedVariables(trainable: Iterable<Trainable>): TrainedVariable[] {
  const problems: string[] = [];
  const variables = [...trainable].flatMap((item): TrainedVariable[] => {
    const operation = item instanceof Variable ? item.operation : item;
    const { name, type } = operation;
    if (type !== 'VarHandleOp' && type !== 'VariableV2' && type !== 'Variable') {
      problems.push(`"${name}" is a ${type}; only variables (VarHandleOp, VariableV2) are trained.`);
      return [];
    }
    const shape = operation.shape('shape');
    if (!isFullyKnown(shape)) {
      problems.push(`The shape of "${name}" is not fully known, so nothing can be kept beside it.`);
      return [];
    }
    return [{ name, handle: operation.output(), dtype: operation.dtype('dtype'), shape }];
  });
  if (problems.length > 0) throw new OptimizerArgumentError(problems);
  return variables;
}

/**
 * Adds an operation that changes a variable: TensorFlow has each for references and, with `Resource` before its name, for resources.
 *
 * @param inputs After the variable: what the optimizer keeps of it, and all else.
 */
export function changeVariable(
  op: string,
  { handle }: TrainedVariable,
  inputs: readonly TensorInput[],
  attributes?: BuildAttributes,
): Operation {
  return operation(undefined, handle.isReference ? op : `Resource${op}`, [handle, ...inputs], attributes);
}

/** Adds rows to a variable's. */
export function addRows(
  { handle, dtype }: Pick<TrainedVariable, 'handle' | 'dtype'>,
  indices: SymbolicTensor,
  rows: TensorInput,
): Operation {
  return handle.isReference
    ? operation(undefined, 'ScatterAdd', [handle, indices, rows])
    : operation(undefined, 'ResourceScatterAdd', [handle, indices, rows], { dtype });
}

/** The variables in a graph's collection `trainable_variables`. */
export function trainableVariables(graph: Graph): Operation[] {
  return (graph.collections.get('trainable_variables') ?? []).map((member) =>
    'operation' in member ? member.operation : member,
  );
}
