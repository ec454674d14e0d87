import { Graph, importGraph, Operation } from '@tenon/graph';
import { checkCreated } from './check-created.js';
import { Collections, operationsIn } from './collections.js';
import { addMissingInitializers } from './initial-values.js';
import type { ModuleAsset, ModuleGraph, ModuleVariable } from './module-graph.js';
import { partsOf } from './module-parts.js';
import { ModuleSpec } from './module-spec.js';
import { ModuleVariant } from './module-variant.js';
import { isState } from './trace-calls.js';
import { variableType } from './variable-type.js';
import { assetFilenames } from './asset-filenames.js';

/** The tags of a variant, and the arguments that the function which makes the module is called with for it. */
export type TagsAndArguments<A> = readonly [tags: Iterable<string>, args: A];

/**
 * Builds one variant of a module in a graph of its own: placeholders, variables, what computes; and says with `addSignature` how it is
 * applied.
 */
export type ModuleFunction<A> = (graph: Graph, args: A) => void | Promise<void>;

/**
 * Makes a module of a function that builds its graph. It is called once per variant, with a new graph each time; the modules that it
 * uses become parts of the one that it makes.
 *
 * Instantiated, its variables get their first values from their initialisers; exported after a session trained it, from that session.
 *
 * @param tagsAndArgs Which variants there are: by default one, without tags, for which `args` is an empty object. The one that is exported
 *   must have every variable of the others.
 * @param dropCollections Collections to leave out, since a module may not have them. See `getUnsupportedCollections`.
 * @throws NoSignaturesError, RepeatedTagsError, UnsupportedCollectionsError, CreatedColocationError, and what the function throws.
 * @example
 * const spec = await createModuleSpec((graph) => {
 *   const x = placeholder(graph, { dtype: 'float32', shape: [null, 3] });
 *   addSignature(graph, { inputs: x, outputs: dense(x, { units: 2 }) });
 * });
 */
export async function createModuleSpec<A = Record<string, never>>(
  moduleFunction: ModuleFunction<A>,
  tagsAndArgs: readonly TagsAndArguments<A>[] = [[[], {} as A]],
  dropCollections: Iterable<string> = [],
): Promise<ModuleSpec> {
  const variants: ModuleVariant[] = [];
  const dropped = [...dropCollections];
  const wanted = tagsAndArgs.map(([tags, args]) => ({ tags: [...new Set(tags)].sort(), args }));
  for (const { tags, args } of wanted) {
    const graph = new Graph();
    await moduleFunction(graph, args);
    for (const name of dropped) graph.collections.delete(name);
    addMissingInitializers(graph);
    const { signatures, attachments } = partsOf(graph);
    checkCreated(graph, signatures, tags);
    const description = { signatures: new Map(signatures), attachments: new Map(attachments) };
    // Who asks for the whole gets one that all share; who asks for calls gets one to add to.
    const whole = describeGraph(graph);
    const read = async (part: 'all' | 'calls') => (part === 'all' ? whole : describeGraph(copyOf(graph)));
    variants.push(new ModuleVariant({ tags, describe: () => description, read }));
  }
  return new ModuleSpec('the module', 'hub-module', variants);
}

function copyOf(graph: Graph): Graph {
  const target = new Graph();
  const copied = importGraph(graph, target);
  for (const [name, members] of graph.collections) {
    target.collections.set(
      name,
      members.map((member) => (member instanceof Operation ? copied.operation(member) : copied.tensor(member))),
    );
  }
  return target;
}

function describeGraph(graph: Graph): ModuleGraph {
  const trainable = new Set(graph.collections.get(Collections.trainableVariables));
  return {
    graph,
    variables: operationsIn(graph, Collections.variables).map((operation): ModuleVariable => {
      const { name } = operation;
      return { name, key: name, operation, ...variableType(operation), trainable: trainable.has(operation) };
    }),
    tables: [...graph.operations].filter((operation) => isState(operation) && operation.type.includes('HashTable')),
    assets: assetFilenames(graph).map(({ tensor, filename }): ModuleAsset => ({ tensor, filename })),
    functions: new Map(),
  };
}
