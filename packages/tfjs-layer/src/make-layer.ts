import { tfjs } from '@tenon/backend-tfjs';
import {
  CallableNotFoundError,
  Graph,
  LoadedModule,
  module,
  session,
  type CallableGraphModule,
  type ModuleSpec,
  type SymbolicTensor,
} from '@tenon/hub';
import { getBackend, ready } from '@tensorflow/tfjs-core';
import { Application } from './application.js';
import { describeCall } from './described-call.js';
import { LayerOptionsError } from './errors.js';
import { HubLayer } from './hub-layer.js';
import { readVariables } from './module-weights.js';
import type { HubLayerOptions } from './options.js';

/**
 * Makes a module a layer of a model of TensorFlow.js, as Python's `hub.KerasLayer` does of one of Keras.
 *
 * Its variables are the layer's weights, and calling it runs at once, on the kernels of the backend that TensorFlow.js uses now. A layer that
 * is trainable is trained by `model.fit` with the optimizers of TensorFlow.js, through TensorFlow's own gradients of the module; the losses
 * that regularize it are added to the model's.
 *
 * @param handle A path or URL; or what `loadModuleSpec` or `load` of `@tenon/hub` gave.
 * @throws LayerOptionsError naming everything that does not fit the module; UnsupportedOperationError naming every operation that nothing can
 *   run; and what `module` of `@tenon/hub` throws.
 * @example
 * const model = tf.sequential();
 * model.add(await hubLayer('path/to/saved-model', { trainable: true }));
 * model.add(tf.layers.dense({ units: 5, activation: 'softmax' }));
 */
export async function hubLayer(
  handle: string | ModuleSpec | LoadedModule,
  options: HubLayerOptions = {},
): Promise<HubLayer> {
  const name = typeof handle === 'string' ? handle : undefined;
  const described = name ?? 'given';
  if (handle instanceof LoadedModule && (options.tags || options.loadOptions))
    throw new LayerOptionsError(described, [
      'tags and loadOptions are for modules that are to be loaded; this one is.',
    ]);
  if (getBackend() === undefined) await ready();
  const graph = new Graph();
  const instance = await module(handle instanceof LoadedModule ? handle.spec : handle, {
    ...options.loadOptions,
    tags: handle instanceof LoadedModule ? handle.tags : options.tags,
    graph,
    trainable: options.trainable ?? false,
  });
  const call = describeCall({ module: instance, handle: described, options });
  const isHubModule = instance.spec.format === 'hub-module';
  const running = await session(graph, { backend: tfjs({ results: 'device' }) });
  try {
    const layer = new HubLayer({
      handle: name,
      options,
      inputs: call.inputs,
      session: running,
      initialValues: await readVariables(running, instance),
      isHubModule,
      isSignature: isHubModule || options.signature !== undefined,
    });
    const { moduleWeights } = layer;
    moduleWeights.hand();
    const forInference = call.call(false);
    const forTraining = call.hasTraining ? call.call(true) : undefined;
    const losses: Application[] = [];
    for (const loss of findLosses(instance))
      losses.push(
        await Application.prepare(running, { inputs: [], outputs: [loss] }, moduleWeights, {
          isForTraining: false,
          mayBeFrozen: false,
        }),
      );
    layer.complete({
      inference: await Application.prepare(running, forInference, moduleWeights, {
        isForTraining: !forTraining,
        mayBeFrozen: true,
      }),
      training:
        forTraining &&
        (await Application.prepare(running, forTraining, moduleWeights, { isForTraining: true, mayBeFrozen: false })),
      losses,
      inputs: forInference.inputs,
      outputs: forInference.outputs,
      outputNames: forInference.outputNames,
    });
    return layer;
  } catch (error) {
    await running.dispose();
    throw error;
  }
}

/** What the object lists as losses that regularize it. */
function findLosses(instance: CallableGraphModule): SymbolicTensor[] {
  const losses: SymbolicTensor[] = [];
  for (;;) {
    const path = `regularization_losses.${losses.length}`;
    try {
      instance.findFunction(path);
    } catch (error) {
      if (error instanceof CallableNotFoundError) return losses;
      throw error;
    }
    losses.push(instance.callFunction(path) as SymbolicTensor);
  }
}
