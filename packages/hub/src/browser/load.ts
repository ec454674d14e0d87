import type { Backend } from '@tenon/backend';
import { instantiateAlone, loadModuleSpec, type VariantOptions } from '@tenon/module-spec';
import { Session } from '@tenon/runtime';
import { makeCallable } from '../callable-module.js';
import { LoadedModule, type CallableModule, type CallOptions, type Inputs } from '../loaded-module.js';
import { fetchModule, type FetchModuleOptions } from './fetch-module.js';

/** Which variant of the module, on which backend, fetched how. */
export interface BrowserLoadOptions extends FetchModuleOptions, VariantOptions {
  /** What runs the heavy operations: `tfjs({ backend: 'wasm' })`. Left out, the host kernels run everything. */
  readonly backend?: Backend | null | undefined;
}

/**
 * Loads a module in a page: a TF1 Hub module, or a SavedModel of TensorFlow 1 or 2, as it is published. Nothing is converted, and nothing is
 * needed of the server but files: an archive, or the module's directory.
 *
 * @param url Of the module; relative ones are of the page.
 * @throws FetchModuleError, ModuleArchiveError, VariantNotFoundError, and what reading modules throws.
 * @example
 * const embed = await load('models/nnlm-en-dim128', { backend: tfjs({ backend: 'wasm' }) });
 * const vectors = await embed(['A long sentence.', 'single-word']);   // Tensor [2, 128]
 */
export async function load(url: string | URL, options: BrowserLoadOptions = {}): Promise<CallableModule> {
  const { tags, backend, ...fetching } = options;
  const directory = await fetchModule(String(url), fetching);
  const spec = await loadModuleSpec(directory);
  const instance = await instantiateAlone(spec, { tags });
  await directory.fetchAssets(new Set(instance.assets.map(({ filename }) => filename)));
  const session = new Session(instance.graph, { backend: backend ?? undefined, files: directory.fileAccess });
  const loaded = new LoadedModule(instance, session, () => {});
  return makeCallable(loaded, (inputs?: Inputs, callOptions?: CallOptions) =>
    loaded.run(inputs, callOptions),
  ) as CallableModule;
}
