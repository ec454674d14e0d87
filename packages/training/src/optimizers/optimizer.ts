import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import {
  apply,
  assignAdd,
  cast,
  constant,
  controlDependencies,
  group,
  nameScope,
  operation,
  type Variable,
} from '@tenon/layers';
import type { DType } from '@tenon/tensor';
import { OptimizerArgumentError } from '../errors.js';
import { gradients } from '../gradients/gradients.js';
import { isIndexedSlices, type Gradient, type IndexedSlices } from '../gradients/indexed-slices.js';
import { trainableVariables, trainedVariables, type Trainable, type TrainedVariable } from './trained-variable.js';
import { computableUpdates } from './update-operations.js';

/** A gradient and the variable that it moves; no gradient where nothing depends on the variable. */
export type GradientAndVariable = readonly [gradient: Gradient | undefined, variable: Trainable];

export interface ApplyGradientsOptions {
  /** A variable that counts the steps: grows by 1 after each. See `globalStep`. */
  readonly globalStep?: Variable | undefined;
  /** The name scope of the operations that are added: by default the optimizer's name. */
  readonly name?: string | undefined;
}

export interface MinimizeOptions extends ApplyGradientsOptions {
  /** What to train: by default the graph's collection `trainable_variables`, those of modules that are trained among them. */
  readonly variables?: Iterable<Trainable>;
  /**
   * What else a step runs: by default everything in the collection `update_ops` that needs no more to be fed than the loss does, so that
   * the averages of batch normalisation move.
   */
  readonly updateOps?: readonly Operation[];
  /** Changes gradients before they are applied: clips them, say. See `clipByGlobalNorm`. */
  readonly transformGradients?: (gradients: readonly GradientAndVariable[]) => readonly GradientAndVariable[];
}

/** A number, or a scalar tensor of the graph: a schedule, or a placeholder. */
export type Rate = number | SymbolicTensor;

/** How one variable is moved, given how the graph's tensors are. Made by each optimizer for one call of `applyGradients`. */
export interface UpdateRules {
  /** Moves a variable by all of its gradient. */
  dense(variable: TrainedVariable, gradient: SymbolicTensor): Operation;
  /** Moves rows of a variable; each is named once, unless `takesRepeatedRows`. */
  sparse(variable: TrainedVariable, gradient: IndexedSlices): Operation;
  readonly takesRepeatedRows?: boolean;
  /** What follows when all variables have been moved: operations that run after `updates`. */
  finish?(): Operation[];
}

/**
 * Moves variables against the gradient of a loss. What it keeps between steps are variables of the graph, which are saved as the others are.
 *
 * @see gradientDescent, momentum, adagrad, rmsProp, adam
 */
export class Optimizer {
  /** @internal */
  constructor(
    /** What scopes and slots are named after: `Adam`. */
    readonly name: string,
    private readonly makeRules: (context: UpdateContext) => UpdateRules,
  ) {}

  /**
   * Adds to a graph what makes one step of training.
   *
   * @param loss What to make small: a real floating-point tensor; of more than one element the sum.
   * @returns The operation to run, once per step.
   * @throws OptimizerArgumentError if there is nothing to train, or the loss depends on none of it; NoGradientError.
   * @example
   * const step = adam({ learningRate: 0.001 }).minimize(loss);
   * for (const batch of batches) await session.run([step], { feeds: batch });
   */
  minimize(loss: SymbolicTensor, options: MinimizeOptions = {}): Operation {
    const { variables = trainableVariables(loss.graph), updateOps, transformGradients = (all) => all } = options;
    const computed = this.computeGradients(loss, variables);
    const updates = updateOps ?? computableUpdates(loss);
    return this.applyGradientsAfter(updates, loss.operation, transformGradients(computed), options);
  }

  /** Adds what computes the gradient of a loss by each variable. @throws as `minimize`. */
  computeGradients(
    loss: SymbolicTensor,
    variables: Iterable<Trainable> = trainableVariables(loss.graph),
  ): GradientAndVariable[] {
    const list = [...variables];
    if (list.length === 0) throw new OptimizerArgumentError(['There are no variables to train.']);
    const found = gradients(
      [loss],
      trainedVariables(list).map(({ handle }) => handle),
    );
    return list.map((variable, index) => [found[index], variable]);
  }

  /** Adds what moves variables by gradients. @throws OptimizerArgumentError if there are none. */
  applyGradients(pairs: readonly GradientAndVariable[], options: ApplyGradientsOptions = {}): Operation {
    const first = pairs.find(([gradient]) => gradient !== undefined)?.[0];
    if (!first) throw new OptimizerArgumentError([noGradients(pairs)]);
    return this.applyGradientsAfter([], valuesOf(first).operation, pairs, options);
  }

  private applyGradientsAfter(
    updateOps: readonly Operation[],
    computed: Operation,
    pairs: readonly GradientAndVariable[],
    { globalStep, name = this.name }: ApplyGradientsOptions,
  ): Operation {
    const moved = pairs.flatMap(([gradient, variable]) => (gradient ? [[gradient, variable] as const] : []));
    if (moved.length === 0) throw new OptimizerArgumentError([noGradients(pairs)]);
    const variables = trainedVariables(moved.map(([, variable]) => variable));
    const { graph } = computed;
    const scope = graph.uniqueScope(name);
    // TensorFlow changes what a reference refers to in place, under whoever still reads it.
    const waitsFor = variables.some(({ handle }) => handle.isReference)
      ? [computed, ...moved.map(([gradient]) => valuesOf(gradient).operation)]
      : [];
    return nameScope(graph, name, () => {
      const rules = this.makeRules(new UpdateContext(graph, this.name, variables));
      const updates = controlDependencies(graph, waitsFor, () =>
        moved.map(([gradient], index) =>
          nameScope(graph, `update_${variables[index]!.name}`, () => update(rules, variables[index]!, gradient)),
        ),
      );
      const finished = controlDependencies(graph, updates, () => rules.finish?.() ?? []);
      const all = [...updates, ...finished, ...updateOps] as [Operation, ...Operation[]];
      const step = globalStep && controlDependencies(graph, all, () => assignAdd(globalStep, 1));
      return group(step ? [...all, step] : all, { name: `${scope}/train` });
    });
  }
}

function valuesOf(gradient: Gradient): SymbolicTensor {
  return isIndexedSlices(gradient) ? gradient.values : gradient;
}

function update(rules: UpdateRules, variable: TrainedVariable, gradient: Gradient): Operation {
  if (!isIndexedSlices(gradient)) return rules.dense(variable, gradient);
  return rules.sparse(variable, rules.takesRepeatedRows ? gradient : withoutRepeatedRows(gradient));
}

/** The sum of what each row is moved by. */
function withoutRepeatedRows({ values, indices, denseShape }: IndexedSlices): IndexedSlices {
  const { graph } = values;
  const [unique, positions] = operation(graph, 'Unique', [indices]).outputs;
  const count = apply('Size', [unique!]);
  return { values: apply('UnsortedSegmentSum', [values, positions!, count]), indices: unique!, denseShape };
}

function noGradients(pairs: readonly GradientAndVariable[]): string {
  return `The loss depends on none of the variables: ${pairs.map(([, { name }]) => `"${name}"`).join(', ') || 'there are none'}.`;
}

/** What rules build with. */
export class UpdateContext {
  private readonly constants = new Map<string, SymbolicTensor>();

  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly variables: readonly TrainedVariable[],
  ) {}

  /**
   * A hyperparameter as a scalar of that type; one constant for all variables. TensorFlow rounds them to float32 on their way to any type,
   * and what is trained with the same numbers here and there is to come out the same.
   */
  scalar(name: string, value: Rate, dtype: DType): SymbolicTensor {
    if (typeof value !== 'number') return value.dtype === dtype ? value : cast(value, dtype);
    const key = `${name} ${dtype}`;
    const made = this.constants.get(key) ?? constant(this.graph, Math.fround(value), { dtype, name });
    this.constants.set(key, made);
    return made;
  }
}
