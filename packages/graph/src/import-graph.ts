import { Colocation } from './colocation.js';
import { copyOperations } from './copy-operations.js';
import { InvalidGraphError } from './errors.js';
import type { Graph, Initializer } from './graph.js';
import type { Operation, SymbolicTensor } from './operation.js';
import { prefixAttributes } from './prefix-attributes.js';
import { Replacements, type RewrittenGraph } from './rewritten-graph.js';
import { topologicalOrder } from './topological-order.js';

export interface ImportGraphOptions {
  /** The name scope of the copies: `a` makes `x` `a/x`. `Graph.uniqueScope` finds a free one. */
  readonly prefix?: string;
  /**
   * Tensors of the target that stand for tensors of the source: arguments for placeholders, shared state for state operations.
   * An operation all of whose outputs are replaced is not copied; who waited for it waits for what stands for it.
   */
  readonly inputMap?: ReadonlyMap<SymbolicTensor, SymbolicTensor>;
  /** Operations of the target that run before any of the copies. */
  readonly controlDependencies?: readonly Operation[];
}

/**
 * Copies a graph into another one, under a name scope, as TensorFlow's `import_graph_def` does and TensorFlow Hub wants it for
 * instantiating and applying modules:
 *
 * - the names of shared resources (`shared_name`), of loops (`frame_name`) and of colocated operations (`_class`) get the prefix;
 * - operations colocated with one that is replaced become colocated with its substitute;
 * - initializers of copied state operations come along; collections do not.
 *
 * Functions of the source become functions of the target. One whose name is taken there gets another.
 *
 * @returns What stands in the target for operations and tensors of the source.
 * @throws InvalidGraphError if a substitute is of another graph or data type than it should be.
 * @throws ColocationError if a colocation constraint has no clear meaning any more (TF1 Hub contract, Colocation).
 * @throws GraphCycleError
 */
export function importGraph(source: Graph, target: Graph, options: ImportGraphOptions = {}): RewrittenGraph {
  const { prefix = '', inputMap = new Map<SymbolicTensor, SymbolicTensor>(), controlDependencies = [] } = options;
  check(inputMap, source, target);
  const scope = prefix === '' ? '' : `${prefix}/`;
  const replacements = new Replacements(target, () => 'it is in another graph');
  for (const [original, substitute] of inputMap) replacements.setTensor(original, substitute);

  const isReplaced = (operation: Operation) =>
    operation.outputs.length > 0 && operation.outputs.every((output) => inputMap.has(output));
  for (const { operation } of inputMap.keys()) {
    if (isReplaced(operation)) replacements.setOperation(operation, inputMap.get(operation.output())!.operation);
  }
  const isRoot = ({ inputs, controlInputs }: Operation) =>
    controlInputs.every(isReplaced) && inputs.every((input) => inputMap.has(input));

  const copied = topologicalOrder(source.operations).filter((operation) => !isReplaced(operation));
  const colocation = new Colocation(source, target, scope, inputMap);
  copyOperations(copied, replacements, {
    name: ({ name }) => scope + name,
    attributes: (original) =>
      colocation.rewrite(original, prefixAttributes(original.attributes, scope, ['shared_name', 'frame_name'])),
    device: (original) => colocation.device(original),
    controlInputs: (original) => (controlDependencies.length > 0 && isRoot(original) ? controlDependencies : []),
  });
  copyInitializers(source, replacements, copied);
  return replacements;
}

function check(inputMap: ReadonlyMap<SymbolicTensor, SymbolicTensor>, source: Graph, target: Graph): void {
  const problems: string[] = [];
  for (const [original, substitute] of inputMap) {
    if (original.graph !== source) problems.push(`"${original.name}" is not a tensor of the graph that is imported.`);
    if (substitute.graph !== target) {
      problems.push(
        `"${substitute.name}" cannot stand for "${original.name}": it is not a tensor of the graph that is imported into.`,
      );
    } else if (substitute.dtype !== original.dtype) {
      problems.push(
        `"${substitute.name}" cannot stand for "${original.name}": it is ${substitute.dtype}, not ${original.dtype}.`,
      );
    }
  }
  if (problems.length > 0) throw new InvalidGraphError(problems);
}

function copyInitializers(source: Graph, replacements: Replacements, copied: readonly Operation[]): void {
  if (source.initializers.size === 0) return;
  for (const operation of copied) {
    const initializers = source.initializers.get(operation);
    if (!initializers) continue;
    replacements.graph.initializers.set(
      replacements.operation(operation),
      initializers.map((initializer): Initializer =>
        'operation' in initializer ? { operation: replacements.operation(initializer.operation) } : initializer,
      ),
    );
  }
}
