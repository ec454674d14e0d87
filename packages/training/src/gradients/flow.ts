import { topologicalOrder, type Operation, type SymbolicTensor } from '@tenon/graph';
import type { DType } from '@tenon/tensor';
import { NoGradientError, type UndifferentiableOperation } from '../errors.js';
import { isComplex, type GradientBuilder } from './gradient-builder.js';
import { isIndexedSlices, type Gradient } from './indexed-slices.js';
import { UndifferentiableError, type OutputGradients } from './rule.js';
import { complexOps, findRule, stopping } from './rules/index.js';

export function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

/** Whether gradients flow through tensors of that type: floats, complex numbers, and handles of variables and lists that hold them. */
function isDifferentiable(dtype: DType): boolean {
  return isFloating(dtype) || isComplex(dtype) || dtype === 'resource' || dtype === 'variant';
}

/** What lies between `ys` and `xs`. */
export class Flow {
  /** Tensors that depend on some `x`. */
  private readonly reached: Set<SymbolicTensor>;
  /** Operations that some `y` depends on and that depend on some `x`, each after those that it reads. */
  private readonly between: readonly Operation[];

  constructor(
    private readonly ys: readonly SymbolicTensor[],
    private readonly xs: readonly SymbolicTensor[],
    stopAt: ReadonlySet<SymbolicTensor> = new Set(),
  ) {
    const ancestors = topologicalOrder(ancestorsOf(ys));
    this.reached = new Set(xs);
    // More than once for the sake of TensorFlow 1's loops alone: what comes around them comes before.
    for (let size = -1; size !== this.reached.size;) {
      size = this.reached.size;
      for (const operation of ancestors) {
        if (stopping.has(operation.type) || !operation.inputs.some((input) => this.flowsInto(input))) continue;
        for (const output of operation.outputs) {
          if (isDifferentiable(output.dtype) && !stopAt.has(output)) this.reached.add(output);
        }
      }
    }
    const needed = new Set(ys.filter((y) => this.reached.has(y)).map(({ operation }) => operation));
    for (const operation of [...ancestors].reverse()) {
      if (!needed.has(operation) || !this.passes(operation)) continue;
      for (const input of operation.inputs) if (this.flowsInto(input)) needed.add(input.operation);
    }
    this.between = ancestors.filter((operation) => needed.has(operation) && this.passes(operation));
  }

  /** Whether a tensor depends on some `x`. */
  reaches(tensor: SymbolicTensor): boolean {
    return this.reached.has(tensor);
  }

  /** The ops between. */
  types(): string[] {
    return this.between.map(({ type }) => type);
  }

  /** The tensors that gradients come to. */
  arrivals(): Set<SymbolicTensor> {
    const arrived = new Set(this.ys.filter((y) => this.reached.has(y)));
    for (const { inputs } of this.between) {
      for (const input of inputs) if (this.flowsInto(input)) arrived.add(input);
    }
    return arrived;
  }

  private flowsInto(input: SymbolicTensor): boolean {
    return isDifferentiable(input.dtype) && this.reached.has(input);
  }

  private passes(operation: Operation): boolean {
    return !stopping.has(operation.type) && operation.inputs.some((input) => this.flowsInto(input));
  }

  /** @throws NoGradientError naming every operation that has no rule. */
  check(): void {
    const problems = this.between.flatMap((operation) => {
      if (!findRule(operation)) return [this.problem(operation, 'its op has no gradient here')];
      const tensors = [...operation.inputs, ...operation.outputs];
      return tensors.some(({ dtype }) => isComplex(dtype)) && !complexOps.has(operation.type)
        ? [this.problem(operation, 'its op has no gradient for complex numbers here')]
        : [];
    });
    if (problems.length > 0) throw new NoGradientError(problems);
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
      build.enter(operation, (input) => this.flowsInto(input));
      const outputs = operation.outputs.map((output) => {
        const sum = total(build, flowing.get(output) ?? []);
        if (sum) flowing.set(output, [sum]);
        return sum;
      });
      if (outputs.every((gradient) => gradient === undefined)) continue;
      try {
        const rule = findRule(operation)!(operation, outputGradients(operation, outputs, build), build);
        operation.inputs.forEach((input, index) => {
          const gradient = this.flowsInto(input) ? rule[index]?.() : undefined;
          if (gradient) add(input, gradient);
        });
      } catch (error) {
        if (error instanceof NoGradientError) {
          const [way, rest] = [[...this.wayTo(operation), operation.name], this.wayFrom(operation).slice(1)];
          for (const inner of error.operations) problems.push({ ...inner, path: [...way, ...inner.path, ...rest] });
        } else if (error instanceof UndifferentiableError) problems.push(this.problem(operation, error.message));
        else throw error;
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

/** What tensors depend on, also through the back edges of TensorFlow 1's loops. */
function ancestorsOf(tensors: readonly SymbolicTensor[]): Set<Operation> {
  const ancestors = new Set(tensors.map(({ operation }) => operation));
  // A set goes on to what is added to it while it is gone through.
  for (const { inputs } of ancestors) for (const { operation } of inputs) ancestors.add(operation);
  return ancestors;
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
    const made = gradient ? build.dense(gradient) : build.zeros(operation.output(index));
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
