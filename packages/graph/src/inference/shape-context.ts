import { formatShape, type PartialShape } from '@tenon/tensor';
import type { Operation } from '../operation.js';
import type { ElementFacts, PartialValue, TensorFacts } from './facts.js';
import { ContradictionError, unify, unknownOfRank, type Dimension, type Dimensions } from './partial-shape.js';

/** What an inference function sees: an operation, and what is known of its inputs. */
export class ShapeContext {
  constructor(
    readonly operation: Operation,
    private readonly inputs: readonly TensorFacts[],
  ) {}

  /** The number of inputs. */
  get count(): number {
    return this.inputs.length;
  }

  shape(index: number): PartialShape {
    return this.inputs[index]?.shape ?? null;
  }

  get shapes(): PartialShape[] {
    return this.inputs.map(({ shape }) => shape);
  }

  /** The elements, where the input is small, of integers, and something of it is known. */
  value(index: number): PartialValue | undefined {
    return this.inputs[index]?.value;
  }

  /** What lies behind a handle. */
  elements(index: number): readonly ElementFacts[] | undefined {
    return this.inputs[index]?.elements;
  }

  /** The one element of an input, if it is known. */
  scalar(index: number): Dimension {
    return this.value(index)?.[0] ?? null;
  }

  /** Every element of an input, if they all are known. */
  numbers(index: number): readonly number[] | undefined {
    const value = this.value(index);
    return value?.every((element): element is number => element !== null) ? value : undefined;
  }

  /** The shape that an input's elements spell; -1 is a dimension not known. A scalar -1 is a shape of unknown rank. */
  spelledShape(index: number): PartialShape {
    const shape = this.shape(index);
    if (shape?.length === 0) return null;
    const value = this.value(index);
    if (value) return value.map((element) => (element === null || element < 0 ? null : element));
    const rank = this.ranked(index, 1)[0]!;
    return rank === null || rank > MOST_DIMENSIONS ? null : unknownOfRank(rank);
  }

  /** The shape of an input that must have `rank` dimensions. */
  ranked(index: number, rank: number): Dimensions {
    return this.requireRank(this.shape(index), rank, `input ${index}`);
  }

  /** The shape of an input that must have at least `rank` dimensions. */
  atLeast(index: number, rank: number): PartialShape {
    const shape = this.shape(index);
    if (shape && shape.length < rank) this.fail(`input ${index} needs ${rank} dimensions or more`);
    return shape;
  }

  requireRank(shape: PartialShape, rank: number, what: string): Dimensions {
    if (shape && shape.length !== rank)
      this.fail(`${what} must have ${rank} dimensions; its shape is ${formatShape(shape)}`);
    return shape ?? unknownOfRank(rank);
  }

  /** Where the tensors of an argument stand among the inputs: several, for an argument that takes a list. */
  argument(name: string): number[] {
    const { definition } = this.operation;
    let at = 0;
    for (const argument of definition.inputs) {
      const size =
        'listAttribute' in argument.type
          ? this.operation.attribute(argument.type.listAttribute, 'list').length
          : argument.numberAttribute === undefined
            ? 1
            : this.operation.int(argument.numberAttribute);
      if (argument.name === name) return Array.from({ length: size }, (_, index) => at + index);
      at += size;
    }
    return [];
  }

  /** An axis counted from the front. */
  axis(axis: number, rank: number): number {
    if (axis < -rank || axis >= rank) this.fail(`there is no axis ${axis} among ${rank}`);
    return axis < 0 ? axis + rank : axis;
  }

  /** What all of these shapes say. Lists of inputs can be longer than what fits on the stack, so this takes a list. */
  unify(shapes: readonly PartialShape[]): PartialShape {
    return shapes.reduce(unify, null);
  }

  /** @param problem One clause: `the inner dimensions 3 and 4 differ`. */
  fail(problem: string): never {
    throw new ContradictionError(problem);
  }
}

/** A tensor has no more dimensions than this in TensorFlow. */
export const MOST_DIMENSIONS = 254;

/** The shapes of an operation's outputs; those beyond the end of the list are unknown. */
export type ShapeFunction = (context: ShapeContext) => readonly PartialShape[];

/** Shape functions of a family of ops. */
export type ShapeFunctions = Readonly<Record<string, ShapeFunction>>;

/** One entry for several ops. */
export function forAll(ops: readonly string[], shapeFunction: ShapeFunction): ShapeFunctions {
  return Object.fromEntries(ops.map((op) => [op, shapeFunction]));
}

/** The only output is a scalar. */
export const scalarOutput: ShapeFunction = () => [[]];

/** The only output has the first input's shape. */
export const sameAsFirst: ShapeFunction = (c) => [c.shape(0)];

/** The only output has the shape that all inputs share. */
export const sameAsAll: ShapeFunction = (c) => [c.unify(c.shapes)];
