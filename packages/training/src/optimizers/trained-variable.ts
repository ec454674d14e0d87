import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import { Variable } from '@tenon/layers';
import { isFullyKnown, type DType, type Shape } from '@tenon/tensor';
import { OptimizerArgumentError } from '../errors.js';

/** What can be trained: a variable that was made with `@tenon/layers`, or a module's (`ModuleVariable.operation`). */
export type Trainable = Variable | Operation;

/** A resource variable, wherever it comes from. */
export interface TrainedVariable {
  readonly name: string;
  readonly handle: SymbolicTensor;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** @throws OptimizerArgumentError naming every one that is no resource variable of known shape. */
export function trainedVariables(trainable: Iterable<Trainable>): TrainedVariable[] {
  const problems: string[] = [];
  const variables = [...trainable].flatMap((item): TrainedVariable[] => {
    const operation = item instanceof Variable ? item.operation : item;
    const { name, type } = operation;
    if (type !== 'VarHandleOp') {
      problems.push(`"${name}" is a ${type}; only resource variables (VarHandleOp) are trained.`);
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

/** The variables in a graph's collection `trainable_variables`. */
export function trainableVariables(graph: Graph): Operation[] {
  return (graph.collections.get('trainable_variables') ?? []).map((member) =>
    'operation' in member ? member.operation : member,
  );
}
