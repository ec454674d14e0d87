import type { ModuleOptions } from '@tenon/hub';
import type { PlainValue } from '@tenon/module-spec';
import type { TensorLike } from '@tenon/tensor';
import type { DataType } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';

/** How the module is found: what `module` of `@tenon/hub` takes for it. */
export type HubLayerLoadOptions = Omit<ModuleOptions, 'graph' | 'name' | 'tags' | 'trainable'>;

/** Python's `hub.KerasLayer`, and what layers of TensorFlow.js take. */
export interface HubLayerOptions {
  /**
   * Whether training changes the module's trainable variables; otherwise it runs as it does for inference, whatever the model around it does.
   * Only a TF2 SavedModel's object can be trained, not a signature, nor a TF1 Hub module. Default `false`.
   */
  readonly trainable?: boolean | undefined;
  /** Further arguments of the module's object; of a signature, inputs of it. */
  readonly arguments?: Readonly<Record<string, PlainValue | TensorLike>> | undefined;
  /** Which variant of the module. */
  readonly tags?: readonly string[] | undefined;
  /** The signature to call. Left out, the object itself; of a TF1 Hub module `default`. */
  readonly signature?: string | undefined;
  /** Whether to return all outputs of the signature: as an array, in the order of the layer's `outputNames`. */
  readonly asDict?: boolean | undefined;
  /** Which output to return, where there are several by name. Of a TF1 Hub module `default`. */
  readonly outputKey?: string | undefined;
  /**
   * The shape of one example, without the batch: what the first layer of a model says. Of several inputs one for each. By default what
   * the module says, where it says how many dimensions there are.
   */
  readonly inputShape?: Shape | readonly Shape[] | undefined;
  /** The shapes of the outputs for one example, without the batch, where the module does not say. */
  readonly outputShape?: Shape | readonly Shape[] | undefined;
  /** The data type of the model's input where the layer is its first. By default what the module takes, or what TensorFlow.js has for it. */
  readonly dtype?: DataType | undefined;
  /** The layer's name in the model. */
  readonly name?: string | undefined;
  readonly loadOptions?: HubLayerLoadOptions | undefined;
}
