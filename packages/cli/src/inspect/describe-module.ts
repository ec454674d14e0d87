import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  load,
  type Backend,
  type CallableModule,
  type ModuleSpec,
  type Operation,
  type Preflight,
  type TensorInfo,
} from '@tenon/hub';
import { formatStructure, type SavedFunction } from '@tenon/module-spec';
import { bytesPerElement, isFullyKnown, isNumeric, sizeOf } from '@tenon/tensor';
import { installedBackends } from '../backends.js';
import type {
  FileDescription,
  FunctionDescription,
  ModuleDescription,
  OperationsDescription,
  SignatureDescription,
  SupportDescription,
  TableDescription,
  TypeDescription,
  VariableDescription,
  VariantDescription,
} from './description.js';

const ASSETS_FOLDER = 'assets';

/**
 * Says what a module is. No weights are read.
 *
 * @param tags Of the variants to describe; default: all.
 */
export async function describeModule(
  spec: ModuleSpec,
  handle: string,
  {
    backend,
    tags,
    preflight,
  }: {
    readonly backend: Backend | null | undefined;
    readonly tags: readonly string[] | undefined;
    /** What was found out before the module was downloaded, if that was asked for. */
    readonly preflight: Preflight | undefined;
  },
): Promise<ModuleDescription> {
  const { download } = preflight ?? {};
  const variants: VariantDescription[] = [];
  let backendName = 'host';
  for (const variant of tags === undefined ? spec.variants : [spec.variant(tags)]) {
    await using module = await load(spec, { backend, tags: variant.tags });
    backendName = module.backend;
    const support =
      backend === undefined ? await supportOf(spec, variant.tags) : new Map<string, SupportDescription[]>();
    const memory = preflight?.variants.find((found) => found.tags.join() === variant.tags.join())?.memory;
    variants.push({ ...(await describeVariant(module, spec.name, support)), ...(memory && { memory }) });
  }
  const directory = download ? undefined : spec.name;
  return { handle, directory, ...(download && { download }), format: spec.format, backend: backendName, variants };
}

/** How much of each signature each backend that is installed would run. */
async function supportOf(
  spec: ModuleSpec,
  tags: readonly string[],
): Promise<ReadonlyMap<string, SupportDescription[]>> {
  const support = new Map<string, SupportDescription[]>();
  for (const [name, backend] of await installedBackends()) {
    await using module = await load(spec, { backend, tags });
    for (const signature of module.getSignatureNames()) {
      const { placements } = module.preview({ signature });
      const operations = placements.filter(({ place }) => place === name).length;
      support.set(signature, [...(support.get(signature) ?? []), { backend: name, operations, of: placements.length }]);
    }
  }
  return support;
}

async function describeVariant(
  module: CallableModule,
  directory: string,
  support: ReadonlyMap<string, readonly SupportDescription[]>,
): Promise<VariantDescription> {
  const variant = module.spec.variant(module.tags);
  const { tables, assets, functions } = await variant.load();
  return {
    tags: module.tags,
    signatures: module.getSignatureNames().map((name) => describeSignature(module, name, support.get(name))),
    functions: [...functions.values()].map(describeFunction),
    variables: module.variables.map(describeVariable),
    tables: tables.map(describeTable),
    assets: await describeAssets([...new Set(assets.map(({ filename }) => filename))], join(directory, ASSETS_FOLDER)),
    attachments: [...variant.attachments].map(([key, message]) => ({ key, bytes: message.length })),
  };
}

function describeSignature(
  module: CallableModule,
  name: string,
  support: readonly SupportDescription[] = [],
): SignatureDescription {
  const inputs = module.getInputInfo(name);
  const imageSize = imageSizeOf(module, name, inputs);
  const operations = describeOperations(module, name);
  return {
    name,
    inputs: describeTypes(inputs),
    outputs: describeTypes(module.getOutputInfo(name)),
    ...(imageSize && { imageSize }),
    runs: operations.unsupported.length === 0 && operations.accesses.every(({ refusal }) => refusal === undefined),
    operations,
    ...(support.length > 0 && { support }),
  };
}

function describeTypes(infos: ReadonlyMap<string, TensorInfo>): Record<string, TypeDescription> {
  return Object.fromEntries([...infos].map(([name, { kind, dtype, shape }]) => [name, { kind, dtype, shape }]));
}

function imageSizeOf(
  module: CallableModule,
  signature: string,
  inputs: ReadonlyMap<string, TensorInfo>,
): [number, number] | undefined {
  if (!inputs.has('images')) return undefined;
  try {
    return module.getExpectedImageSize({ signature });
  } catch (error) {
    if (error instanceof Error && error.name === 'ImageInfoError') return undefined;
    throw error;
  }
}

function describeOperations(module: CallableModule, signature: string): OperationsDescription {
  const { placements, unsupported, accesses } = module.preview({ signature });
  const impossible = new Set(unsupported.map(({ operation }) => operation));
  const places: Record<string, Record<string, number>> = {};
  for (const { operation, type, place } of placements) {
    if (impossible.has(operation)) continue;
    const types = (places[place] ??= {});
    types[type] = (types[type] ?? 0) + 1;
  }
  const sorted = Object.entries(places).map(([place, types]): [string, Record<string, number>] => [
    place,
    Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))),
  ]);
  return { places: Object.fromEntries(sorted.sort(([a], [b]) => (a < b ? -1 : 1))), unsupported, accesses };
}

function describeFunction({ name, traces }: SavedFunction): FunctionDescription {
  return {
    name,
    traces: traces.map(({ positional, keyword, output }) => ({
      takes: [
        ...positional.map(formatStructure),
        ...Array.from(keyword, ([key, value]) => `${key}=${formatStructure(value)}`),
      ].join(', '),
      gives: formatStructure(output),
    })),
  };
}

function describeTable(table: Operation): TableDescription {
  const dtypeOf = (attribute: string): string | undefined => {
    const value = table.find(attribute);
    return value?.kind === 'dtype' ? value.value : undefined;
  };
  return { name: table.name, type: table.type, keys: dtypeOf('key_dtype'), values: dtypeOf('value_dtype') };
}

function describeVariable({ name, dtype, shape, trainable }: CallableModule['variables'][number]): VariableDescription {
  const bytes = isNumeric(dtype) && isFullyKnown(shape) ? sizeOf(shape) * bytesPerElement(dtype) : undefined;
  return { name, dtype, shape, bytes, trainable };
}

async function describeAssets(filenames: readonly string[], folder: string): Promise<FileDescription[]> {
  return Promise.all(
    filenames.map(async (filename) => {
      const file = await stat(join(folder, filename)).catch(() => undefined);
      return { filename, bytes: file?.size };
    }),
  );
}
