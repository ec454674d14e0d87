import { instantiateAlone, type ModuleSpec, type VariantOptions } from '@tenon/module-spec';
import type { ResolveOptions } from '@tenon/resolver';
import { Session } from '@tenon/runtime';
import { makeCallable } from './callable-module.js';
import { chooseBackend, type BackendOptions } from './default-backend.js';
import { fileAccess, type PermissionOptions } from './file-access.js';
import { openModule } from './load-module-spec.js';
import { LoadedModule, type CallableModule, type CallOptions, type Inputs } from './loaded-module.js';
import { addModuleFiles, moduleFiles } from './module-files.js';
import type { ModuleTypes, TypedModule } from './typed-module.js';

/** Which variant of the module, on which backend, found how. */
export interface LoadOptions extends ResolveOptions, BackendOptions, PermissionOptions, VariantOptions {}

/** `LoadOptions` for the variant that the types are of; its tags may be left out only where they are the default ones. */
export type TypedLoadOptions<M extends ModuleTypes> = Omit<LoadOptions, 'tags'> &
  (undefined extends M['tags'] ? { readonly tags?: M['tags'] } : { readonly tags: M['tags'] });

/**
 * Loads a module, to be called with values: a TF1 Hub module, or a SavedModel of TensorFlow 1 or 2.
 *
 * Weights are read when a call first needs them.
 *
 * @param handle A path or URL; or what `loadModuleSpec` gave.
 * @throws InvalidHandleError, VariantNotFoundError, and what resolving and reading modules throws.
 * @example
 * const embed = await load('https://example.com/google/nnlm-en-dim128/1');
 * const vectors = await embed(['A long sentence.', 'single-word']);   // Tensor [2, 128]
 */
export async function load(handle: string | ModuleSpec, options?: LoadOptions): Promise<CallableModule>;
/**
 * Loads a module whose types `tenon types` wrote, so that the compiler checks the calls. That the module is what they say is not checked.
 *
 * @example
 * const fruit = await load<Fruit>('path/to/fruit');
 * const { cats } = await fruit({ apples, oranges }, { signature: 'my_method', asDict: true });   // Tensor<'float32'>
 */
export async function load<M extends ModuleTypes>(
  handle: string | ModuleSpec,
  ...options: undefined extends M['tags'] ? [options?: TypedLoadOptions<M>] : [options: TypedLoadOptions<M>]
): Promise<TypedModule<M>>;
export async function load(handle: string | ModuleSpec, options: LoadOptions = {}): Promise<CallableModule> {
  const { tags, allow, backend: wanted, ...resolving } = options;
  const { spec, directory, isOwned } = await openModule(handle, resolving);
  const release = (): void => {
    if (isOwned) directory?.close();
  };
  try {
    const [instance, backend] = await Promise.all([instantiateAlone(spec, { tags }), chooseBackend(wanted)]);
    await addModuleFiles(instance, directory?.name);
    const files = fileAccess(moduleFiles(instance.graph), allow);
    const session = new Session(instance.graph, { backend, files });
    const loaded = new LoadedModule(instance, session, release);
    return makeCallable(loaded, (inputs?: Inputs, callOptions?: CallOptions) =>
      loaded.run(inputs, callOptions),
    ) as CallableModule;
  } catch (error) {
    release();
    throw error;
  }
}
