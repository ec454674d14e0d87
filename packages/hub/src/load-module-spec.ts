import {
  loadModuleSpec as readModuleSpec,
  ModuleSpec,
  moduleSpecFromSavedModel,
  type FromSavedModelOptions,
  type ModuleDirectory,
} from '@tenon/module-spec';
import { resolve, type ResolveOptions } from '@tenon/resolver';
import { InvalidHandleError } from './errors.js';
import { NodeModuleDirectory } from './node-module-directory.js';

/** A module's files, some of which may be open. */
export interface OpenDirectory extends ModuleDirectory {
  close(): void;
}

/** A module that was found, and where its files are. */
export interface OpenedModule {
  readonly spec: ModuleSpec;
  /** Undefined for a spec that was not read from files by this package. */
  readonly directory: OpenDirectory | undefined;
  /** Whether whoever opened it is the only one who uses its files, and closes them. */
  readonly isOwned: boolean;
}

const directories = new WeakMap<ModuleSpec, OpenDirectory>();

/**
 * Reads what a module is, without building its graph or reading its weights: its variants, signatures and attached messages.
 *
 * @param handle A path or URL.
 * @throws What resolving throws; NoSavedModelError, UnsupportedModuleFormatError, UnsupportedFeaturesError, UnsupportedCollectionsError,
 *   MalformedFileError.
 */
export async function loadModuleSpec(handle: string, options: ResolveOptions = {}): Promise<ModuleSpec> {
  const { spec } = await openModule(handle, options);
  return spec;
}

/**
 * Takes a SavedModel that TensorFlow 1 wrote for a TF1 Hub module, to instantiate it, train it and export it as one. Its variants keep their
 * tags: most are used with `tags: ['serve']`. Savers and init operations are ignored; variables and tables come along as its collections
 * list them.
 *
 * @param handle A path or URL.
 * @throws UnsupportedCollectionsError naming every collection that a module may not have and that is not in `dropCollections`;
 *   UnsuitableSavedModelError for SavedModels of TensorFlow 2; NoSavedModelError, MalformedFileError, and what resolving throws.
 * @example
 * const spec = await createModuleSpecFromSavedModel('path/to/saved_model', { dropCollections: ['losses', 'train_op'] });
 * const m = await module(spec, { graph, trainable: true, tags: ['serve'] });
 */
export async function createModuleSpecFromSavedModel(
  handle: string,
  { dropCollections, ...resolving }: FromSavedModelOptions & ResolveOptions = {},
): Promise<ModuleSpec> {
  if (typeof handle !== 'string') throw new InvalidHandleError(handle);
  const directory = new NodeModuleDirectory(await resolve(handle, resolving));
  const spec = await moduleSpecFromSavedModel(directory, { dropCollections });
  directories.set(spec, directory);
  return spec;
}

export async function openModule(handle: string | ModuleSpec, options: ResolveOptions): Promise<OpenedModule> {
  if (handle instanceof ModuleSpec) return { spec: handle, directory: directories.get(handle), isOwned: false };
  if (typeof handle !== 'string') throw new InvalidHandleError(handle);
  return openDirectory(new NodeModuleDirectory(await resolve(handle, options)));
}

export async function openDirectory(directory: OpenDirectory): Promise<OpenedModule> {
  const spec = await readModuleSpec(directory);
  directories.set(spec, directory);
  return { spec, directory, isOwned: true };
}
