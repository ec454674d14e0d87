import { SymbolicTensor, type Graph } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import { Collections } from './collections.js';
import { AssetError } from './errors.js';

/** A file that a graph reads, and what it is called in the assets folder of the module that the graph becomes. */
export interface NamedAsset {
  /** The constant that holds its path. */
  readonly tensor: SymbolicTensor;
  /** As the graph has it. */
  readonly path: string;
  /** Its last part; of several files with the same one, a number makes them differ (TF1 Hub contract, Bytes on disk). */
  readonly filename: string;
}

/**
 * What the files in a graph's collection `asset_filepaths` are to be called.
 *
 * @throws AssetError if one is no constant string with exactly one value; names every one.
 */
export function assetFilenames(graph: Graph): NamedAsset[] {
  const problems: string[] = [];
  const byPath = new Map<string, string>();
  const taken = new Set<string>();
  const assets = (graph.collections.get(Collections.assetPaths) ?? []).flatMap((member): NamedAsset[] => {
    const tensor = member instanceof SymbolicTensor ? member : member.outputs[0];
    const path = tensor && pathIn(tensor);
    if (!tensor || path === undefined) {
      problems.push(`The asset "${member.name}" must be a Const with exactly one string.`);
      return [];
    }
    const known = byPath.get(path);
    if (known !== undefined) return [{ tensor, path, filename: known }];
    const base = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    let filename = base;
    for (let index = 0; taken.has(filename); index++) filename = `${base}${index}`;
    taken.add(filename);
    byPath.set(path, filename);
    return [{ tensor, path, filename }];
  });
  if (problems.length > 0) throw new AssetError('the module', problems);
  return assets;
}

function pathIn({ operation }: SymbolicTensor): string | undefined {
  if (operation.type !== 'Const') return undefined;
  const value = operation.attribute('value', 'tensor');
  return Tensor.isTensor(value) && value.is('string') && value.size === 1 ? value.data.decode(0) : undefined;
}
