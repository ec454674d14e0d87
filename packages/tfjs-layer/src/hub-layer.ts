import { inferShapes, prune, type SymbolicTensor } from '@tenon/graph';
import type { Session } from '@tenon/hub';
import { formatShape, isCompatible, type PartialShape } from '@tenon/tensor';
import {
  cast,
  reshape,
  scalar,
  tidy,
  type Scalar,
  type serialization,
  type Tensor as TfTensor,
} from '@tensorflow/tfjs-core';
import { initializers, layers, type Shape } from '@tensorflow/tfjs-layers';
import type { Application } from './application.js';
import { listShapes, untrainable, withoutColumn, type Port } from './described-call.js';
import { LayerConfigError, LayerInputError, UnknownOutputShapeError, UntrainableLayerError } from './errors.js';
import { ModuleWeights, type InitialValue, type ModuleWeight } from './module-weights.js';
import type { HubLayerOptions } from './options.js';
import { tfDType, toTfjs } from './values.js';

/** What TensorFlow.js hands a layer beside its inputs. */
export type CallArguments = Record<string, unknown>;

/** What a layer is made of. */
export interface LayerParts {
  /** Undefined where it was made from something that has no name that can be written down. */
  readonly handle: string | undefined;
  readonly options: HubLayerOptions;
  readonly inputs: readonly Port[];
  readonly session: Session;
  readonly initialValues: readonly InitialValue[];
  /** Whether what is called can be trained at all: a TF1 Hub module cannot, nor can a signature. */
  readonly isHubModule: boolean;
  readonly isSignature: boolean;
}

/** What a layer computes with. */
export interface LayerApplications {
  readonly inference: Application;
  /** Where the module tells training from inference. */
  readonly training: Application | undefined;
  readonly losses: readonly Application[];
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly outputNames: readonly string[];
}

/** A module as a layer of TensorFlow.js. `hubLayer` makes it. */
export class HubLayer extends layers.Layer {
  /** @nocollapse */
  static readonly className = 'HubLayer';
  /** @internal */
  readonly moduleWeights: ModuleWeights;
  private applications!: LayerApplications;

  /** @internal */
  constructor(private readonly parts: LayerParts) {
    super(layerArguments(parts));
    this.moduleWeights = new ModuleWeights(parts.session, this.addWeights());
  }

  /** @internal What it computes with, compiled when its weights are there. */
  complete(applications: LayerApplications): void {
    this.applications = applications;
    this.addLoss(applications.losses.map((loss) => () => this.computeLoss(loss)));
  }

  /** What its inputs are called, in the order in which `call` and `apply` take them. */
  get inputNames(): readonly string[] {
    return this.parts.inputs.map(({ name }) => name);
  }

  /** What its outputs are called, in the order in which it gives them. */
  get outputNames(): readonly string[] {
    return this.applications.outputNames;
  }

  /**
   * Computes, at once.
   *
   * @param inputs Batches, one per name in `inputNames`.
   * @param kwargs `training`, which `fit` sets: whether batch normalization moves its averages, and dropout drops. Of a layer that is not
   *   trainable, neither happens.
   * @throws LayerInputError, UntrainableLayerError; OperationError if the module fails.
   */
  override call(inputs: TfTensor | TfTensor[], kwargs: CallArguments = {}): TfTensor | TfTensor[] {
    this.checkTrainability();
    const { inference, training } = this.applications;
    const isTraining = this.trainable && Boolean(kwargs['training']);
    const results = tidy(() => {
      const values = this.convertInputs(Array.isArray(inputs) ? inputs : [inputs]);
      return ((isTraining ? training : undefined) ?? inference).run(values, this.trainable);
    });
    return results.length === 1 ? results[0]! : results;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const given = listShapes(inputShape);
    const inferred = this.inferOutputShapes(given);
    const { outputShape } = this.parts.options;
    const wanted = outputShape === undefined ? [] : listShapes(outputShape);
    const shapes = inferred.map((shape, index) => {
      const examples = wanted[index];
      return examples ? [shape?.[0] ?? given[0]?.[0] ?? null, ...examples] : shape;
    });
    const unknown = this.outputNames.filter((_, index) => shapes[index] === null);
    if (unknown.length > 0) throw new UnknownOutputShapeError(this.name, unknown);
    return shapes.length === 1 ? (shapes[0] as Shape) : (shapes as Shape[]);
  }

  /** @throws LayerConfigError if it was not made from a handle, or holds values that are not JSON. */
  override getConfig(): serialization.ConfigDict {
    const { handle, options } = this.parts;
    if (handle === undefined)
      throw new LayerConfigError(this.name, 'it was not made from a handle, a path or URL, but from a module');
    const written = { ...options, loadOptions: undefined };
    const problem = Object.entries(options.arguments ?? {}).find(([, value]) => !isPlain(value));
    if (problem) throw new LayerConfigError(this.name, `its argument "${problem[0]}" is not JSON`);
    return { ...super.getConfig(), handle, ...(JSON.parse(JSON.stringify(written)) as serialization.ConfigDict) };
  }

  override getClassName(): string {
    return HubLayer.className;
  }

  protected override disposeWeights(): number {
    // What the backend holds of the module goes with its session, when nothing runs any more.
    void this.parts.session.dispose();
    return super.disposeWeights();
  }

  private checkTrainability(): void {
    const { isHubModule, isSignature } = this.parts;
    if (this.trainable && isSignature) throw new UntrainableLayerError(this.name, untrainable(isHubModule));
  }

  private computeLoss(loss: Application): Scalar {
    return this.trainable ? (tidy(() => loss.run([], true))[0] as Scalar) : scalar(0);
  }

  private convertInputs(values: readonly TfTensor[]): TfTensor[] {
    const { inputs } = this.parts;
    if (values.length !== inputs.length)
      throw new LayerInputError(
        this.name,
        `takes ${this.inputNames.map((name) => `"${name}"`).join(', ')}; it was given ${values.length} tensors.`,
      );
    return values.map((given, index) => {
      const { name, info } = inputs[index]!;
      const wanted = tfDType(info.dtype)!;
      const shape = withoutColumn(inputs[index]!, given.shape);
      const value = shape === given.shape ? given : reshape(given, shape);
      const takes = this.applications.inputs[index]!.shape;
      if (!isCompatible(shape, takes))
        throw new LayerInputError(
          this.name,
          `takes ${formatShape(takes)} for "${name}"; it was given ${formatShape(given.shape)}.`,
        );
      if (value.dtype === wanted) return value;
      if (value.dtype === 'string' || wanted === 'string')
        throw new LayerInputError(this.name, `takes ${info.dtype} for "${name}"; it was given ${value.dtype}.`);
      return cast(value, wanted);
    });
  }

  private inferOutputShapes(given: readonly Shape[]): PartialShape[] {
    const { inputs, outputs } = this.applications;
    const pruned = prune(inputs[0]?.graph ?? outputs[0]!.graph, outputs, inputs);
    const known = new Map(
      inputs.map((input, index) => {
        const shape = given[index];
        return [
          pruned.tensor(input),
          { shape: shape ? withoutColumn(this.parts.inputs[index]!, shape) : input.shape },
        ] as const;
      }),
    );
    inferShapes(pruned.graph, { known });
    return outputs.map((output) => pruned.tensor(output).shape);
  }

  private addWeights(): ModuleWeight[] {
    const names = new Set<string>();
    return this.parts.initialValues.map(({ variable, value, isTrainable }): ModuleWeight => {
      const shape = value.shape.slice();
      const safe = variable.name.replaceAll(/[^A-Za-z0-9._/-]/g, '_');
      let name = safe;
      // Not `_1`, with which TensorFlow.js tells layers of one name apart.
      for (let count = 1; names.has(name); count++) name = `${safe}.${count}`;
      names.add(name);
      const weight = this.addWeight(
        `${this.name}/${name}`,
        shape,
        tfDType(variable.dtype),
        initializers.zeros(),
        undefined,
        isTrainable && !this.parts.isSignature,
      );
      tidy(() => void weight.write(toTfjs(value, name, () => false)));
      return { variable, shape, isTrainable, weight };
    });
  }
}

function layerArguments({ inputs, options }: LayerParts): ConstructorParameters<typeof layers.Layer>[0] {
  const { name, trainable = false, dtype, inputShape } = options;
  // A model of layers in a row has one input.
  const [only, ...others] = inputs;
  const known = others.length === 0 ? only?.info.shape : undefined;
  const [examples] = inputShape === undefined ? [known?.length === 1 ? [1] : known?.slice(1)] : listShapes(inputShape);
  const batchInputShape = others.length === 0 && examples ? [known?.[0] ?? null, ...examples] : undefined;
  const type = dtype ?? (only && tfDType(only.info.dtype));
  return {
    trainable,
    ...(name !== undefined && { name }),
    ...(type !== undefined && { dtype: type }),
    ...(batchInputShape && { batchInputShape }),
  };
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
