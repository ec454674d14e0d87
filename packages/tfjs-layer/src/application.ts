import type { DeviceTensor } from '@tenon/backend';
import { TfjsTensor } from '@tenon/backend-tfjs';
import type { SymbolicTensor } from '@tenon/graph';
import type { Session } from '@tenon/hub';
import type { Callable } from '@tenon/runtime';
import { isFloating, Tensor } from '@tenon/tensor';
import { NoGradientError } from '@tenon/training';
import {
  concat,
  customGrad,
  engine,
  keep,
  reshape,
  split,
  zerosLike,
  type GradSaveFunc,
  type Tensor as TfTensor,
} from '@tensorflow/tfjs-core';
import { differentiate, type Backwards } from './differentiate.js';
import type { ModuleWeights } from './module-weights.js';
import { toProgram, toTfjs } from './values.js';

type Value = Tensor | DeviceTensor;

/** What a module computes of what, in the graph of its session. */
export interface Computation {
  /** Placeholders. */
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

/** The way back to what a computation was computed from: to its inputs alone, or to the weights as well. */
interface WayBack extends Backwards {
  readonly callable: Callable;
  /** The computation with what the way back needs of it. */
  readonly forwards: Callable;
}

/** What a computation is for. */
export interface Use {
  /**
   * Whether training runs it with gradients of the weights: then what the way back needs is kept. Otherwise, where a gradient is an exception,
   * the way back computes it once more.
   */
  readonly isForTraining: boolean;
  /** Whether it also runs without gradients of the weights. */
  readonly mayBeFrozen: boolean;
}

/** A computation of a module that runs at once on tensors of TensorFlow.js, as one operation of its own as far as its tape is concerned. */
export class Application {
  /** Positions among the outputs of those that have gradients. */
  private readonly floats: readonly number[];
  /** Positions among the inputs of those that may have. */
  private readonly sources: readonly number[];

  private constructor(
    private readonly computation: Computation,
    private readonly weights: ModuleWeights,
    private readonly callable: Callable,
    private readonly frozen: WayBack | NoGradientError | undefined,
    private readonly trained: WayBack | NoGradientError | undefined,
  ) {
    this.floats = floatsAmong(computation.outputs);
    this.sources = floatsAmong(computation.inputs);
  }

  /** Compiles everything that runs will need. */
  static async prepare(
    session: Session,
    computation: Computation,
    weights: ModuleWeights,
    { isForTraining, mayBeFrozen }: Use,
  ): Promise<Application> {
    const { inputs, outputs } = computation;
    const ys = floatsAmong(outputs).map((index) => outputs[index]!);
    const xs = floatsAmong(inputs).map((index) => ({ tensor: inputs[index]! }));
    const variables = weights.trainable.map(({ variable, shape }) => ({
      tensor: variable.operation.output(),
      rows: shape[0],
    }));
    const wayBack = async (
      sources: readonly { tensor: SymbolicTensor; rows?: number | undefined }[],
      isSaving: boolean,
    ) => {
      if (ys.length === 0 || sources.length === 0) return undefined;
      try {
        return await compileWayBack(session, computation, differentiate(ys, sources, isSaving));
      } catch (error) {
        // Nobody may ever ask for it.
        if (error instanceof NoGradientError) return error;
        throw error;
      }
    };
    const isTrained = variables.length > 0;
    const frozen = mayBeFrozen || !isTrained ? await wayBack(xs, false) : undefined;
    const trained = isTrained ? await wayBack([...xs, ...variables], isForTraining) : frozen;
    const callable = session.callable(outputs, inputs);
    await callable.prepare();
    return new Application(computation, weights, callable, frozen, trained);
  }

  /**
   * Computes the outputs. On a tape of TensorFlow.js (`tf.grad`, `model.fit`) they have gradients with respect to the inputs.
   *
   * @param values One per input, of the data types that `tfDType` says; they are cast to.
   * @param isTrained Whether they have gradients with respect to the weights, too.
   */
  run(values: readonly TfTensor[], isTrained: boolean): TfTensor[] {
    const weights = isTrained ? this.weights.trainable.map(({ weight }) => weight.read()) : [];
    const from = [...this.sources.map((index) => values[index]!), ...weights];
    const wayBack = isTrained ? this.trained : this.frozen;
    if (!wayBack || !engine().isTapeOn())
      return this.compute(this.callable, values).map((value, index) => this.give(value, index, values));
    return this.runOnTape(values, from, wayBack);
  }

  private runOnTape(
    values: readonly TfTensor[],
    from: readonly TfTensor[],
    wayBack: WayBack | NoGradientError,
  ): TfTensor[] {
    const forwards = wayBack instanceof NoGradientError ? this.callable : wayBack.forwards;
    const count = this.computation.outputs.length;
    const results = new Array<TfTensor>(count);
    const shapes: number[][] = [];
    const differentiable = customGrad((...args) => {
      const save = args.at(-1) as GradSaveFunc;
      const computed = this.compute(forwards, values);
      const given = computed.slice(0, count).map((value, index) => this.give(value, index, values));
      given.forEach((tensor, index) => {
        if (this.floats.includes(index)) shapes.push(tensor.shape.slice());
        // It has no gradient, and must outlive the scope of those that have one.
        else results[index] = keep(tensor);
      });
      const saved = computed.slice(count);
      save([...values, ...saved.flatMap((value) => (value instanceof TfjsTensor ? value.tensor : []))]);
      return {
        value: join(this.floats.map((index) => given[index]!)),
        gradFunc: (gradient: TfTensor, kept: TfTensor[]) => {
          if (wayBack instanceof NoGradientError) throw wayBack;
          let next = values.length;
          const again = saved.map((value) =>
            value instanceof TfjsTensor ? new TfjsTensor(kept[next++]!, value.dtype) : value,
          );
          return this.runBack(wayBack, kept.slice(0, values.length), again, part(gradient, shapes), from);
        },
      };
    });
    const parts = part(differentiable(...from), shapes);
    this.floats.forEach((index, position) => (results[index] = parts[position]!));
    return results.map((tensor, index) => (this.floats.includes(index) ? tensor : scoped(tensor)));
  }

  private runBack(
    wayBack: WayBack,
    values: readonly TfTensor[],
    saved: readonly Value[],
    outputGradients: readonly TfTensor[],
    from: readonly TfTensor[],
  ): TfTensor[] {
    const results = this.compute(wayBack.callable, values, [
      ...saved,
      ...outputGradients.map((gradient, index) => toProgram(gradient, wayBack.outputGradients[index]!.dtype)),
    ]);
    let next = 0;
    return wayBack.gradients.map((symbolic, index) =>
      symbolic
        ? toTfjs(results[next++]!, symbolic.name, (tensor) => outputGradients.includes(tensor))
        : zerosLike(from[index]!),
    );
  }

  private compute(callable: Callable, values: readonly TfTensor[], more: readonly Value[] = []): Value[] {
    this.weights.hand();
    const feeds = values.map((value, index) => toProgram(value, this.computation.inputs[index]!.dtype));
    const results = callable.runSync!([...feeds, ...more]);
    this.weights.take();
    return results;
  }

  private give(value: Value, index: number, inputs: readonly TfTensor[]): TfTensor {
    const isForeign = (tensor: TfTensor): boolean => inputs.includes(tensor) || this.weights.holds(tensor);
    return toTfjs(value, this.computation.outputs[index]!.name, isForeign);
  }
}

async function compileWayBack(
  session: Session,
  { inputs, outputs }: Computation,
  backwards: Backwards,
): Promise<WayBack> {
  const { outputGradients, gradients, saved } = backwards;
  const fetched = gradients.filter((gradient) => gradient !== undefined);
  const callable = session.callable(fetched, [...inputs, ...saved, ...outputGradients]);
  const forwards = session.callable([...outputs, ...saved], inputs);
  await callable.prepare();
  await forwards.prepare();
  return { ...backwards, callable, forwards };
}

function floatsAmong(tensors: readonly SymbolicTensor[]): number[] {
  return tensors.flatMap(({ dtype }, index) => (isFloating(dtype) ? index : []));
}

/** Several tensors as one: a gradient of TensorFlow.js is of one. */
function join(tensors: readonly TfTensor[]): TfTensor {
  const [only, ...others] = tensors;
  return others.length === 0 ? only! : concat(tensors.map((tensor) => reshape(tensor, [-1])));
}

function part(joined: TfTensor, shapes: readonly number[][]): TfTensor[] {
  if (shapes.length === 1) return [joined];
  const sizes = shapes.map((shape) => shape.reduce((size, dimension) => size * dimension, 1));
  return split(joined, sizes).map((flat, index) => reshape(flat, shapes[index]!));
}

/** A tensor that was kept, in the scope that is open now. */
function scoped(kept: TfTensor): TfTensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}
