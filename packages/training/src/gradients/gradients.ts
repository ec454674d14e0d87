import { inferShapes, topologicalOrder, type Graph, type Operation, type SymbolicTensor } from '@tenon/graph';
import type { DType } from '@tenon/tensor';
import { GradientArgumentError, NoGradientError, type UndifferentiableOperation } from '../errors.js';
import { GradientBuilder } from './gradient-builder.js';
import { isIndexedSlices, type Gradient } from './indexed-slices.js';
import { UndifferentiableError, type OutputGradients } from './rule.js';
import { RULES, stopping } from './rules/index.js';

export interface GradientsOptions {
  /** One per `y`: what to multiply its gradient by, of its shape and data type. Default: ones. */
  readonly initial?: readonly SymbolicTensor[];
  /** Tensors to take as constants: nothing flows through them. */
  readonly stopAt?: Iterable<SymbolicTensor>;
  /** The name scope of the operations that are added. Default: `gradients`. */
  readonly name?: string;
}

/**
 * Adds to a graph the operations that compute the derivative of the sum of `ys` with respect to each of `xs`.
 *
 * They are TensorFlow's own gradient operations, in the graph of `ys` themselves, so whatever runs the graph trains it. `xs` may be any
 * tensors between; of a variable, its handle (or, in TensorFlow 1's way, its reference).
 *
 * @param ys Real floating-point tensors.
 * @returns One per `x`, of its shape and data type: `undefined` where no `y` depends on it; `IndexedSlices` for tables of which some rows
 *   were looked up.
 * @throws GradientArgumentError
 * @throws NoGradientError naming every operation between that has no gradient; the graph is as it was then.
 */
export function gradients(
  ys: readonly SymbolicTensor[],
  xs: readonly SymbolicTensor[],
  { initial, stopAt = [], name = 'gradients' }: GradientsOptions = {},
): (Gradient | undefined)[] {
  const graph = checkArguments(ys, xs, initial);
  if (!graph) return [];
  const flow = new Flow(graph, ys, xs, new Set(stopAt));
  flow.check();
  const build = new GradientBuilder(graph, graph.uniqueScope(name), inferShapes(graph));
  try {
    return flow.backwards(build, initial);
  } catch (error) {
    for (const operation of build.added) graph.remove(operation);
    throw error;
  }
}

function checkArguments(
  ys: readonly SymbolicTensor[],
  xs: readonly SymbolicTensor[],
  initial: readonly SymbolicTensor[] | undefined,
): Graph | undefined {
  const all = [...ys, ...xs, ...(initial ?? [])];
  const graph = all[0]?.graph;
  const problems = all
    .filter((tensor) => tensor.graph !== graph)
    .map((tensor) => `"${tensor.name}" is in another graph than "${all[0]!.name}".`);
  for (const { name, dtype } of ys) {
    if (!isFloating(dtype)) problems.push(`"${name}" is ${dtype}; only real floating-point tensors have gradients.`);
  }
  if (initial && initial.length !== ys.length) {
    problems.push(`There are ${initial.length} initial gradients for ${ys.length} tensors; there must be one each.`);
  }
  initial?.forEach(({ name, dtype }, index) => {
    const y = ys[index];
    if (y && y.dtype !== dtype)
      problems.push(`The initial gradient "${name}" is ${dtype}; "${y.name}", which it is for, is ${y.dtype}.`);
  });
  if (problems.length > 0) throw new GradientArgumentError(problems);
  return graph;
}

function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

/** Whether gradients flow through tensors of that type: floats, and handles of variables that hold them. */
function isDifferentiable(dtype: DType): boolean {
  return isFloating(dtype) || dtype === 'resource' || dtype === 'variant';
}

/** What lies between `ys` and `xs`. */
class Flow {
  /** Tensors that depend on some `x`. */
  private readonly reached: Set<SymbolicTensor>;
  /** Operations that some `y` depends on and that depend on some `x`, each after those that it reads. */
  private readonly between: readonly Operation[];

  constructor(
    graph: Graph,
    private readonly ys: readonly SymbolicTensor[],
    private readonly xs: readonly SymbolicTensor[],
    stopAt: ReadonlySet<SymbolicTensor>,
  ) {
    const ancestors = topologicalOrder(new Set(ys.map(({ operation }) => operation)));
    this.reached = new Set(xs);
    for (const operation of ancestors) {
      if (stopping.has(operation.type) || !operation.inputs.some((input) => this.flowsInto(input))) continue;
      for (const output of operation.outputs) {
        if (isDifferentiable(output.dtype) && !stopAt.has(output)) this.reached.add(output);
      }
    }
    const needed = new Set(ys.filter((y) => this.reached.has(y)).map(({ operation }) => operation));
    for (const operation of [...ancestors].reverse()) {
      if (!needed.has(operation) || !this.passes(operation)) continue;
      for (const input of operation.inputs) if (this.flowsInto(input)) needed.add(input.operation);
    }
    this.between = ancestors.filter((operation) => needed.has(operation) && this.passes(operation));
  }

  private flowsInto(input: SymbolicTensor): boolean {
    return isDifferentiable(input.dtype) && this.reached.has(input);
  }

  private passes(operation: Operation): boolean {
    return !stopping.has(operation.type) && operation.inputs.some((input) => this.flowsInto(input));
  }

  /** @throws NoGradientError naming every operation that has no rule. */
  check(): void {
    const unknown = this.between.filter(({ type }) => !RULES.has(type));
    if (unknown.length === 0) return;
    throw new NoGradientError(unknown.map((operation) => this.problem(operation, 'its op has no gradient here')));
  }

  backwards(build: GradientBuilder, initial: readonly SymbolicTensor[] | undefined): (Gradient | undefined)[] {
    const flowing = new Map<SymbolicTensor, Gradient[]>();
    const add = (tensor: SymbolicTensor, gradient: Gradient) =>
      flowing.set(tensor, [...(flowing.get(tensor) ?? []), gradient]);
    build.enter();
    this.ys.forEach((y, index) => {
      if (this.reached.has(y)) add(y, initial?.[index] ?? build.apply('OnesLike', [y]));
    });
    const problems: UndifferentiableOperation[] = [];
    for (const operation of [...this.between].reverse()) {
      build.enter(operation);
      const outputs = operation.outputs.map((output) => {
        const sum = total(build, flowing.get(output) ?? []);
        if (sum) flowing.set(output, [sum]);
        return sum;
      });
      if (outputs.every((gradient) => gradient === undefined)) continue;
      try {
        const rule = RULES.get(operation.type)!(operation, outputGradients(operation, outputs, build), build);
        operation.inputs.forEach((input, index) => {
          const gradient = this.flowsInto(input) ? rule[index]?.() : undefined;
          if (gradient) add(input, gradient);
        });
      } catch (error) {
        if (!(error instanceof UndifferentiableError)) throw error;
        problems.push(this.problem(operation, error.message));
      }
    }
    if (problems.length > 0) throw new NoGradientError(problems);
    build.enter();
    return this.xs.map((x) => total(build, flowing.get(x) ?? []));
  }

  /** Which way a gradient would come to an operation, and where it would go from there. */
  private problem(operation: Operation, reason: string): UndifferentiableOperation {
    const { name, type } = operation;
    return { type, operation: name, reason, path: [...this.wayTo(operation), ...this.wayFrom(operation)] };
  }

  private wayTo(target: Operation): string[] {
    const below = new Map<Operation, Operation | undefined>();
    const pending = this.ys.map(({ operation }) => operation);
    for (const operation of pending) below.set(operation, undefined);
    for (const operation of pending) {
      if (operation === target) break;
      for (const input of operation.inputs) {
        if (!this.flowsInto(input) || below.has(input.operation)) continue;
        below.set(input.operation, operation);
        pending.push(input.operation);
      }
    }
    const way: string[] = [];
    for (let at = below.get(target); at; at = below.get(at)) way.unshift(at.name);
    return way;
  }

  private wayFrom(start: Operation): string[] {
    const ends = new Set(this.xs.map(({ operation }) => operation));
    const way = [start.name];
    for (let at = start; !ends.has(at);) {
      const next = at.inputs.find((input) => this.flowsInto(input));
      if (!next) break;
      at = next.operation;
      way.push(at.name);
    }
    return way;
  }
}

function outputGradients(
  operation: Operation,
  gradients: readonly (Gradient | undefined)[],
  build: GradientBuilder,
): OutputGradients {
  const dense = new Map<number, SymbolicTensor>();
  const find = (index = 0): SymbolicTensor => {
    const known = dense.get(index);
    if (known) return known;
    const gradient = gradients[index];
    const made = gradient ? build.dense(gradient) : build.zerosLike(operation.output(index));
    dense.set(index, made);
    return made;
  };
  return Object.assign(find, { raw: (index: number) => gradients[index] });
}

/** The sum of gradients that came different ways; of rows, all of them. */
function total(build: GradientBuilder, parts: readonly Gradient[]): Gradient | undefined {
  if (parts.length <= 1) return parts[0];
  const sparse = parts.filter(isIndexedSlices);
  if (sparse.length < parts.length) return build.apply('AddN', [parts.map((part) => build.dense(part))]);
  const indexType = sparse.some(({ indices }) => indices.dtype === 'int64') ? 'int64' : 'int32';
  return {
    values: build.concat(sparse.map(({ values }) => values)),
    indices: build.concat(sparse.map(({ indices }) => build.cast(indices, indexType))),
    denseShape: sparse[0]!.denseShape,
  };
}
