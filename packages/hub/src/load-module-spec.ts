import { loadModuleSpec as readModuleSpec, ModuleSpec, type ModuleDirectory } from '@tenon/module-spec';
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
