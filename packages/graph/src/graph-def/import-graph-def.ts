import type { FunctionDefLibrary, GraphDef } from '@tenon/format';
import { InvalidGraphError } from '../errors.js';
import { FunctionLibrary } from '../function-library.js';
import { Graph } from '../graph.js';
import { FileFunction } from './file-function.js';
import { importNodes, type InputReference } from './import-nodes.js';
import { withUnknownShapes } from './old-placeholders.js';

/**
 * Makes a graph of a GraphDef and its functions. Nodes may be in any order, and nothing that they say is lost: names, devices,
 * attributes that the op's definition does not have.
 *
 * An op that neither TensorFlow 2.21 nor the library has does not make the graph unusable: its nodes become operations without a
 * definition in TensorFlow (`findOperationDefinition` has none), which nothing can run. Functions are read when they are first called.
 *
 * @throws InvalidGraphError for missing inputs, outputs and attributes, names given twice, wrong data types: all of them at once.
 * @throws GraphCycleError for a cycle that is not a loop of TensorFlow 1.
 */
export function importGraphDef(graphDef: GraphDef): Graph {
  const graph = new Graph(importFunctionLibrary(graphDef.library));
  importNodes(withUnknownShapes(graphDef), graph, { parse: parseInput, given: new Map() });
  return graph;
}

function importFunctionLibrary(file: FunctionDefLibrary | undefined): FunctionLibrary {
  const library = new FunctionLibrary();
  const problems: string[] = [];
  for (const functionDef of file?.function ?? []) {
    const entry = new FileFunction(functionDef, library);
    if (entry.name === '') problems.push('A function has no name.');
    else if (library.find(entry.name)) problems.push(`There are two functions called "${entry.name}".`);
    else library.add(entry);
  }
  for (const { functionName, gradientFunc } of file?.gradient ?? []) library.gradients.set(functionName, gradientFunc);
  if (problems.length > 0) throw new InvalidGraphError(problems);
  return library;
}

/** `node` or `node:index`. */
function parseInput(input: string): InputReference {
  const colon = input.lastIndexOf(':');
  if (colon < 0) return { name: input, index: 0 };
  const index = input.slice(colon + 1);
  return /^\d{1,9}$/.test(index) ? { name: input.slice(0, colon), index: Number(index) } : { name: input, index: 0 };
}
