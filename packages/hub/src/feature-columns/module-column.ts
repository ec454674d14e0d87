import type { Graph, SymbolicTensor } from '@tenon/graph';
import type { InstantiateOptions, ModuleSpec, TensorInfo } from '@tenon/module-spec';
import type { ResolveOptions } from '@tenon/resolver';
import type { CallableGraphModule } from '../graph-module.js';
import { module } from '../graph-module.js';
import { openModule } from '../load-module-spec.js';
import type { FeatureColumn, SymbolicFeature } from './feature-column.js';

/** How the module of a column is found. */
export type ColumnOptions = ResolveOptions;

/** Whether training may change the module of a column, where that is up to the column. */
export interface TrainableColumnOptions extends ColumnOptions {
  /** As `module` takes it. Training changes the module only where the input layer is trainable, too. Default `false`. */
  readonly trainable?: InstantiateOptions['trainable'];
}

/** A module, read far enough to be checked. */
export async function openForColumn(handle: string | ModuleSpec, options: ColumnOptions): Promise<ModuleSpec> {
  const { spec } = await openModule(handle, options);
  return spec;
}

/** What the only output that counts is: a vector for each example. */
export function outputProblems(output: TensorInfo | undefined, described: string, isBatchFree: boolean): string[] {
  if (!output) return ["Module 'default' signature must have a 'default' output."];
  const [batch, width] = output.shape ?? [];
  const fits =
    output.kind === 'dense' &&
    output.dtype === 'float32' &&
    output.shape?.length === 2 &&
    (isBatchFree || batch === null) &&
    width != null &&
    width > 0;
  return fits ? [] : [`Module 'default' signature must have a 'default' output of ${described}.`];
}

/** The name of the columns of TensorFlow Hub. */
export function nameOfColumn(key: string): string {
  return `${key}_hub_module_embedding`;
}

/** The length of what a module that was checked gives. */
export function widthOf(spec: ModuleSpec): number {
  return spec.variant().signature().outputs.get('default')!.shape![1]!;
}

/**
 * Instantiates the module of a column, once for each graph: all uses of the column share its weights.
 *
 * @param apply Adds an application of the module to features.
 */
export function instantiateOnce(
  { spec, name }: Pick<FeatureColumn, 'spec' | 'name'>,
  wanted: InstantiateOptions['trainable'],
  apply: (module: CallableGraphModule, feature: SymbolicFeature) => SymbolicTensor,
): FeatureColumn['instantiate'] {
  const instances = new WeakMap<Graph, Map<boolean, Promise<CallableGraphModule>>>();
  return async (graph, isLayerTrainable) => {
    const isTrainable = isLayerTrainable && wanted !== undefined && wanted !== false;
    const known = instances.get(graph) ?? new Map<boolean, Promise<CallableGraphModule>>();
    instances.set(graph, known);
    let instance = known.get(isTrainable);
    if (!instance) {
      const scope = `input_layer/${name.replaceAll(/[^A-Za-z0-9_.\\/>-]/g, '_').replace(/^[^A-Za-z0-9.]/, '.')}/module`;
      instance = module(spec, { graph, name: scope, trainable: isTrainable ? wanted : false });
      known.set(isTrainable, instance);
      instance.catch(() => known.delete(isTrainable));
    }
    const shared = await instance;
    return (feature) => apply(shared, feature);
  };
}
