import type { Checkpoint, SavedObjectGraph } from '@tenon/format';
import type { Graph, Operation, SymbolicTensor } from '@tenon/graph';
import type { DType, PartialShape, Shape } from '@tenon/tensor';
import type { SavedFunction } from './saved-functions.js';

/** Which part of a partitioned variable a variable is. */
export interface VariablePart {
  /** The name of the whole. */
  readonly fullName: string;
  readonly fullShape: Shape;
  /** Where the part begins, per dimension. */
  readonly offset: readonly number[];
  readonly shape: Shape;
}

/** A variable of a module. */
export interface ModuleVariable {
  /** Relative to the module. */
  readonly name: string;
  /** What the checkpoint calls it. Of a part: what it calls the whole. Without a checkpoint, what it would. */
  readonly key: string;
  readonly operation: Operation;
  readonly dtype: DType;
  readonly shape: PartialShape;
  readonly trainable: boolean;
  readonly part?: VariablePart;
}

/** A file that comes with a module. */
export interface ModuleAsset {
  /** The constant that holds its path. */
  readonly tensor: SymbolicTensor;
  /** Relative to the module's `assets` folder. */
  readonly filename: string;
}

/**
 * The graph of one variant with its state attached: variables have their values in the checkpoint as initialisers, tables what fills
 * them, and the paths of assets are real ones.
 */
export interface ModuleGraph {
  readonly graph: Graph;
  readonly variables: readonly ModuleVariable[];
  /** Lookup tables: `HashTableV2`, … */
  readonly tables: readonly Operation[];
  readonly assets: readonly ModuleAsset[];
  /** Functions of the root object; none but in TF2 SavedModels. */
  readonly functions: ReadonlyMap<string, SavedFunction>;
  /** What its variables are restored from, and whatever else is stored there. */
  readonly checkpoint?: Checkpoint;
  /** The tree of objects that a TF2 SavedModel was, and what of it is in the graph. */
  readonly objects?: ObjectBindings;
}

/** What the nodes of an object graph are in the graph of operations. */
export interface ObjectBindings {
  readonly graph: SavedObjectGraph;
  /** The variable, table, constant or asset that a node stands for; a text says why it has none. */
  find(node: number): SymbolicTensor | string;
}
