import type { ModuleSpec, ModuleVariant, TensorInfo } from '@tenon/module-spec';
import { isCached, type ResolveOptions } from '@tenon/resolver';
import type { Preview } from '@tenon/runtime';
import { bytesPerElement, isFullyKnown, isNumeric, sizeOf } from '@tenon/tensor';
import { chooseBackend } from './default-backend.js';
import { InvalidHandleError } from './errors.js';
import { load, type LoadOptions } from './load.js';
import { openDirectory, openModule } from './load-module-spec.js';
import type { CallableModule } from './loaded-module.js';
import { openExcerpt } from './module-excerpt.js';

/** What is known of a module before its weights are downloaded. */
export interface Preflight {
  /** What loading the module would give. Its variants can be looked at; what is loaded from it, before all of it is here, does not run. */
  readonly spec: ModuleSpec;
  /** What runs the heavy operations: the backend's name, or `host`. */
  readonly backend: string;
  /** Undefined for a module that is on this machine or in the cache. */
  readonly download: PreflightDownload | undefined;
  /** The variant asked for, or all. */
  readonly variants: readonly PreflightVariant[];
}

export interface PreflightDownload {
  /** Bytes of the whole download, packed as the host has it; undefined where the host does not say it. */
  readonly size: number | undefined;
  /** Bytes that were read of it. */
  readonly received: number;
}

export interface PreflightVariant {
  readonly tags: readonly string[];
  readonly memory: PreflightMemory;
  readonly signatures: readonly PreflightSignature[];
}

/** Bytes that a variant needs at least once all of it is in use: what its signatures compute comes on top. */
export interface PreflightMemory {
  /** Of its variables, without texts, and without those whose shape only the checkpoint knows. */
  readonly variables: number;
  /** Of the numbers that are written into its graph. */
  readonly constants: number;
}

/** Whether a signature runs here, and where its operations do. */
export interface PreflightSignature extends Preview {
  readonly name: string;
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  readonly outputs: ReadonlyMap<string, TensorInfo>;
  /** Whether every operation can run here and may: nothing is in `unsupported`, and no access is refused. */
  readonly runs: boolean;
}

/** What `load` takes, but for what concerns the cache, which is not written to. */
export type PreflightOptions = Omit<LoadOptions, 'onWait' | 'onArchive'>;

/**
 * Says whether a module will run here, before it is downloaded: of an archive, only the part up to its graph is read, and nothing is
 * written to the cache. What is on this machine, or in the cache, is looked at where it is; no weights are read there, either.
 *
 * @throws InvalidHandleError, VariantNotFoundError, NoExcerptError, and what resolving and reading modules throws.
 * @example
 * const { variants } = await preflight('https://example.com/google/nnlm-en-dim128/1', { tags: [] });
 * for (const { name, runs, unsupported } of variants[0].signatures) console.log(name, runs, unsupported);
 */
export async function preflight(handle: string, options: PreflightOptions = {}): Promise<Preflight> {
  const { tags, backend: wanted, allow, ...resolving } = options;
  if (typeof handle !== 'string') throw new InvalidHandleError(handle);
  const backend = await chooseBackend(wanted);
  const { spec, directory, download } = await open(handle, resolving);
  try {
    const variants: PreflightVariant[] = [];
    for (const variant of tags === undefined ? spec.variants : [spec.variant(tags)]) {
      const loaded = await load(spec, { backend: backend ?? null, allow, tags: variant.tags });
      try {
        variants.push(inspectVariant(loaded, variant));
      } finally {
        await loaded.dispose();
      }
    }
    return { spec, backend: backend?.name ?? 'host', download, variants };
  } finally {
    directory?.close();
  }
}

async function open(handle: string, options: ResolveOptions) {
  // A path that leads nowhere is told of by whoever opens it.
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(handle) || (await isCached(handle, options)))
    return { ...(await openModule(handle, options)), download: undefined };
  const directory = await openExcerpt(handle, options);
  const { received, total } = directory.excerpt;
  return { ...(await openDirectory(directory)), download: { size: total, received } };
}

function inspectVariant(loaded: CallableModule, variant: ModuleVariant): PreflightVariant {
  return {
    tags: variant.tags,
    memory: memoryOf(loaded),
    signatures: loaded.getSignatureNames().map((name): PreflightSignature => {
      const preview = loaded.preview({ signature: name });
      const runs = preview.unsupported.length === 0 && preview.accesses.every(({ refusal }) => refusal === undefined);
      return { name, inputs: loaded.getInputInfo(name), outputs: loaded.getOutputInfo(name), runs, ...preview };
    }),
  };
}

function memoryOf({ variables, session }: CallableModule): PreflightMemory {
  let constants = 0;
  for (const operation of session.graph.operations) {
    const value = operation.type === 'Const' ? operation.find('value') : undefined;
    if (value?.kind !== 'tensor' || !isNumeric(value.value.dtype)) continue;
    constants += sizeOf(value.value.shape) * bytesPerElement(value.value.dtype);
  }
  const known = variables.map(({ dtype, shape }) =>
    isNumeric(dtype) && isFullyKnown(shape) ? sizeOf(shape) * bytesPerElement(dtype) : 0,
  );
  return { variables: known.reduce((sum, bytes) => sum + bytes, 0), constants };
}
