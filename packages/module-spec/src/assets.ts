import {
  AssetFileDefSchema,
  create,
  DataType,
  encodeTensor,
  GraphDefSchema,
  NodeDefSchema,
  parse,
  type AssetFileDef,
  type GraphDef,
  type MetaGraphDef,
  type NodeDef,
} from '@tenon/format';
import { StringArray, Tensor } from '@tenon/tensor';
import { Collections, operationName } from './collections.js';
import { AssetError } from './errors.js';
import type { ModuleDirectory } from './module-directory.js';

/** The folder of a module that holds its assets. */
export const ASSETS_FOLDER = 'assets';

/** What stands on disk where the path of an asset is in a graph. */
export const ASSET_PLACEHOLDER = 'SAVEDMODEL-ASSET';

export interface AssetFile {
  /** The name of the operation that holds its path. */
  readonly operation: string;
  /** Relative to the assets folder, `/` between its parts. */
  readonly filename: string;
}

/**
 * Puts the real paths of a module's assets into its graph; on disk it holds none.
 *
 * @returns The graph with a constant for each asset, and what the assets are. `definition` stays as it is.
 * @throws AssetError if an asset is not a constant with one string, or its file is outside the assets folder.
 */
export function substituteAssets(
  directory: ModuleDirectory,
  definition: MetaGraphDef,
): { readonly graphDef: GraphDef; readonly assets: readonly AssetFile[] } {
  const graphDef = definition.graphDef ?? create(GraphDefSchema);
  const files = assetFiles(directory, definition);
  if (files.length === 0) return { graphDef, assets: [] };
  const problems: string[] = [];
  const paths = new Map<string, string>();
  const assets = files.map(({ tensorInfo, filename }): AssetFile => {
    const operation = operationName(tensorInfo?.encoding.case === 'name' ? tensorInfo.encoding.value : '');
    const parts = filename.split(/[\\/]/);
    if (
      filename === '' ||
      parts.some((part) => part === '..' || part === '' || part.includes(':') || part.includes('\0'))
    ) {
      problems.push(`Asset filename (${filename}) points outside assets_dir.`);
    }
    paths.set(operation, directory.resolvePath([ASSETS_FOLDER, ...parts].join('/')));
    return { operation, filename: parts.join('/') };
  });
  const node = graphDef.node.map((original) => {
    const path = paths.get(original.name);
    if (path === undefined) return original;
    paths.delete(original.name);
    const problem = assetProblem(original);
    if (problem !== undefined) problems.push(problem);
    return assetConstant(original.name, path);
  });
  for (const name of paths.keys()) problems.push(`The asset "${name}" is not in the graph.`);
  if (problems.length > 0) throw new AssetError(directory.name, problems);
  return { graphDef: { ...graphDef, node }, assets };
}

/** The files that a graph reads, as the file lists them. */
export function assetFiles(directory: ModuleDirectory, definition: MetaGraphDef): AssetFileDef[] {
  const collection = definition.collectionDef[Collections.assets];
  if (!collection || definition.assetFileDef.length > 0) return definition.assetFileDef;
  if (collection.kind.case !== 'anyList') {
    throw new AssetError(directory.name, [`The collection "${Collections.assets}" must list messages.`]);
  }
  return collection.kind.value.value.map(({ value }) => parse(AssetFileDefSchema, value, Collections.assets));
}

/** TF2 exporters leave placeholders where the paths of assets belong, all others constants. */
export function assetProblem({ name, op, attr }: NodeDef): string | undefined {
  if (op === 'Placeholder') return undefined;
  if (op !== 'Const') return `The asset "${name}" must be a Const; it is a ${op}.`;
  const value = attr['value']?.value;
  if (value?.case !== 'tensor' || value.value.dtype !== DataType.DT_STRING)
    return `The asset "${name}" must be a string.`;
  const size = value.value.tensorShape?.dim.reduce((product, dimension) => product * dimension.size, 1n) ?? 1n;
  return size === 1n ? undefined : `The asset "${name}" must hold exactly one value; it holds ${size}.`;
}

export function assetConstant(name: string, path: string): NodeDef {
  const value = encodeTensor(new Tensor('string', [], StringArray.from([path])));
  return create(NodeDefSchema, {
    name,
    op: 'Const',
    attr: {
      dtype: { value: { case: 'type', value: DataType.DT_STRING } },
      value: { value: { case: 'tensor', value } },
    },
  });
}
