import type { Operation } from '@tenon/graph';
import {
  isNumeric,
  sizeOf,
  slotsPerElement,
  StringArray,
  Tensor,
  type NumericDType,
  type TypedArray,
} from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { zerosOf } from './zeros.js';
import { InvalidArgumentError } from './errors.js';
import { integers, integersOf } from './integers.js';
import { checkSplits } from './ragged.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** A ragged tensor as one element of a variant tensor. */
class RaggedVariant {
  constructor(
    readonly splits: readonly ArrayLike<number>[],
    readonly values: Tensor,
  ) {}

  /** The number of rows. */
  get size(): number {
    return this.splits[0] ? this.splits[0].length - 1 : (this.values.shape[0] ?? 1);
  }
}

/** Rows `[first, end)` of a tensor; nothing is copied. */
function rowsOf(values: Tensor, first: number, end: number): Tensor {
  const inner = values.shape.slice(1);
  const width = sizeOf(inner);
  const shape = [end - first, ...inner];
  if (values.is('string')) {
    const { bytes, offsets } = values.data;
    return new Tensor('string', shape, new StringArray(bytes, offsets.subarray(first * width, end * width + 1)));
  }
  if (!isNumeric(values.dtype)) throw new InvalidArgumentError(`A ragged tensor cannot hold ${values.dtype}.`);
  const slots = width * slotsPerElement(values.dtype);
  return new Tensor(values.dtype, shape, (values.data as TypedArray).subarray(first * slots, end * slots));
}

/** Tensors one below the other. */
function stackRows(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  const inner = first!.shape.slice(1);
  if (parts.some(({ dtype, shape }) => dtype !== first!.dtype || shape.slice(1).join() !== inner.join())) {
    throw new InvalidArgumentError('The values of the ragged tensors differ in dtype or inner shape.');
  }
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  if (first!.is('string')) {
    const builder = new StringArrayBuilder(256, rows * sizeOf(inner));
    for (const part of parts) {
      const strings = part.data as StringArray;
      for (let i = 0; i < strings.length; i++) {
        builder.append(strings.bytes, strings.offsets[i]!, strings.offsets[i + 1]!);
        builder.end();
      }
    }
    return new Tensor('string', [rows, ...inner], builder.build());
  }
  const arrays = parts.map(({ data }) => data as Float32Array);
  const all = new (arrays[0]!.constructor as new (length: number) => Float32Array)(
    arrays.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return new Tensor(first!.dtype as NumericDType, [rows, ...inner], all);
}

function prepareToVariant(operation: Operation): Kernel {
  const isBatched = operation.bool('batched_input');
  return (inputs) => {
    const values = inputs.at(-1)!;
    const splits = inputs.slice(0, -1).map(integersOf);
    splits.forEach((level, depth) =>
      checkSplits(level, depth + 1 < splits.length ? splits[depth + 1]!.length - 1 : (values.shape[0] ?? 0)),
    );
    const whole = new RaggedVariant(splits, values);
    if (!isBatched) return [new Tensor('variant', [], [whole])];
    if (values.rank === 0) throw new InvalidArgumentError('A batch must have rows; a scalar was given.');
    return [
      new Tensor(
        'variant',
        [whole.size],
        Array.from({ length: whole.size }, (_, row) => rowOf(whole, row)),
      ),
    ];
  };
}

/** One row of a ragged tensor. */
function rowOf({ splits, values }: RaggedVariant, row: number): RaggedVariant {
  if (splits.length === 0) {
    const [, ...inner] = values.shape;
    return new RaggedVariant([], rowsOf(values, row, row + 1).reshape(inner));
  }
  let [first, end] = [splits[0]![row]!, splits[0]![row + 1]!];
  const inner = splits.slice(1).map((level) => {
    const base = level[first]!;
    const cut = Array.from({ length: end - first + 1 }, (_, i) => level[first + i]! - base);
    [first, end] = [base, level[end]!];
    return cut;
  });
  return new RaggedVariant(inner, rowsOf(values, first, end));
}

function prepareFromVariant(operation: Operation): Kernel {
  const dtype = operation.dtype('Tvalues');
  const splitsDType = operation.dtype('Tsplits');
  const outputRank = operation.int('output_ragged_rank');
  const givenRank = operation.int('input_ragged_rank');
  return ([encoded]) => {
    const parts = (encoded!.data as readonly unknown[]).map((part) => {
      if (!(part instanceof RaggedVariant)) throw new InvalidArgumentError('An element is no encoded ragged tensor.');
      return part;
    });
    const inputRank = givenRank < 0 ? Math.max(0, outputRank - encoded!.rank) : givenRank;
    const wrong = parts.find(({ splits, values }) => splits.length !== inputRank || values.dtype !== dtype);
    if (wrong) {
      throw new InvalidArgumentError(
        `An element has ${wrong.splits.length} ragged dimensions of ${wrong.values.dtype}; ${inputRank} of ${dtype} were expected.`,
      );
    }
    if (encoded!.rank === 0) {
      const [only] = parts;
      return [...only!.splits.map((level) => integers(splitsDType, [level.length], level)), only!.values];
    }
    if (outputRank !== inputRank + encoded!.rank) {
      throw new InvalidArgumentError(
        `${encoded!.rank} dimensions and ${inputRank} ragged ones do not make ${outputRank}.`,
      );
    }
    const outputs: Tensor[] = [];
    for (let axis = 0; axis < encoded!.rank - 1; axis++) {
      const count = sizeOf(encoded!.shape.slice(0, axis + 1));
      const size = encoded!.shape[axis + 1]!;
      outputs.push(
        integers(
          splitsDType,
          [count + 1],
          Float64Array.from({ length: count + 1 }, (_, i) => i * size),
        ),
      );
    }
    const sizes = parts.map(({ size }) => size);
    outputs.push(accumulate(splitsDType, sizes));
    for (let level = 0; level < inputRank; level++) {
      const lengths = parts.flatMap(({ splits }) =>
        Array.from({ length: splits[level]!.length - 1 }, (_, i) => splits[level]![i + 1]! - splits[level]![i]!),
      );
      outputs.push(accumulate(splitsDType, lengths));
    }
    if (parts.length === 0) return [...outputs, zerosOf(dtype, [0])];
    return [...outputs, stackRows(parts.map(({ values }) => values))];
  };
}

function accumulate(dtype: Tensor['dtype'], lengths: readonly number[]): Tensor {
  const splits = new Float64Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    splits[i + 1] = splits[i]! + length;
  });
  return integers(dtype, [splits.length], splits);
}

export const raggedVariantKernels: readonly KernelDefinition[] = [
  define('RaggedTensorToVariant', prepareToVariant),
  define('RaggedTensorFromVariant', prepareFromVariant),
];
