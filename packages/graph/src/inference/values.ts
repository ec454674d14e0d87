import { isFullyKnown, sizeOf, stridesOf, Tensor, type DType, type PartialShape, type Shape } from '@tenon/tensor';
import type { PartialValue } from './facts.js';
import { product, type Dimension } from './partial-shape.js';
import type { ShapeContext } from './shape-context.js';
import { sliceSpecification } from './strided-slice.js';

/** What shapes are spelled with is never longer than this. */
const MOST_ELEMENTS = 1024;

/** The ranges of the types whose elements are followed. */
const RANGES: Partial<Record<DType, readonly [number, number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/** Whether a value of this shape is followed. One without elements may have dimensions that nobody could count through. */
export function isFew(shape: Shape): boolean {
  return sizeOf(shape) <= MOST_ELEMENTS && shape.every((dimension) => dimension <= MOST_ELEMENTS);
}

export function isFollowed(dtype: DType): boolean {
  return RANGES[dtype] !== undefined;
}

/** The elements, where they are of a type that is followed and few; what a number cannot hold exactly counts as not known. */
export function valueOfTensor(tensor: Tensor): PartialValue | undefined {
  if (!isFew(tensor.shape) || !isFollowed(tensor.dtype)) return undefined;
  return fit(Array.from(tensor.data as ArrayLike<number | bigint>, Number), tensor.dtype);
}

/** Elements that left the range of their type wrapped around: what they are is not said. */
export function fit(value: PartialValue, dtype: DType): PartialValue {
  const [least, most] = RANGES[dtype]!;
  return value.map((element) => (element !== null && element >= least && element <= most ? element : null));
}

/** The elements of the outputs, given their shapes. Outputs beyond the end of the list are not known. */
type ValueFunction = (c: ShapeContext, shapes: readonly Shape[]) => readonly (PartialValue | undefined)[];

function forAll(ops: readonly string[], valueFunction: ValueFunction): Record<string, ValueFunction> {
  return Object.fromEntries(ops.map((op) => [op, valueFunction]));
}

/** The elements of an input, none of them known if need be; `undefined` where not even their number is. */
function elements(c: ShapeContext, index: number): PartialValue | undefined {
  const shape = c.shape(index);
  return (
    c.value(index) ?? (isFullyKnown(shape) && isFew(shape) ? new Array<null>(sizeOf(shape)).fill(null) : undefined)
  );
}

const same: ValueFunction = (c) => [c.value(0)];

function dimensionsOf(shape: PartialShape): PartialValue | undefined {
  return shape ?? undefined;
}

/** For each element of a value of shape `to`, the element of a value of shape `from` that broadcasting puts there. */
function broadcastIndices(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const offset = to.length - from.length;
  let indices = [0];
  to.forEach((size, axis) => {
    const stride = axis < offset || from[axis - offset] === 1 ? 0 : strides[axis - offset]!;
    indices = indices.flatMap((base) => Array.from({ length: size }, (_, at) => base + at * stride));
  });
  return indices;
}

function broadcastInput(c: ShapeContext, index: number, to: Shape): PartialValue | undefined {
  const shape = c.shape(index);
  const value = elements(c, index);
  if (!value || !isFullyKnown(shape)) return undefined;
  return broadcastIndices(shape, to).map((at) => value[at]!);
}

/** Element by element; `combine` says what follows from elements that may not be known. */
function elementwise(combine: (elements: readonly Dimension[]) => Dimension): ValueFunction {
  return (c, [shape]) => {
    const inputs = c.shapes.map((_, index) => broadcastInput(c, index, shape!));
    if (!inputs.every((input) => input !== undefined)) return [];
    return [Array.from({ length: sizeOf(shape!) }, (_, at) => combine(inputs.map((input) => input[at]!)))];
  };
}

/** Known only where both elements are. */
function strict(combine: (a: number, b: number) => Dimension): ValueFunction {
  return elementwise(([a, b]) => (a == null || b == null ? null : combine(a, b)));
}

function unary(combine: (a: number) => Dimension): ValueFunction {
  return elementwise(([a]) => (a == null ? null : combine(a)));
}

/** An element that decides alone, `decisive`, need not know the other. */
function decidedBy(decisive: number, combine: (a: number, b: number) => number): ValueFunction {
  return elementwise(([a, b]) =>
    a === decisive || b === decisive ? decisive : a == null || b == null ? null : combine(a, b),
  );
}

function comparison(holds: (a: number, b: number) => boolean): ValueFunction {
  return strict((a, b) => Number(holds(a, b)));
}

function mod(a: number, b: number): Dimension {
  return b === 0 ? null : a - Math.floor(a / b) * b;
}

/** Picks, along one axis, the elements at `positions`. */
function take(value: PartialValue, shape: Shape, axis: number, positions: readonly Dimension[]): PartialValue {
  const inner = sizeOf(shape.slice(axis + 1));
  const length = shape[axis]!;
  const outer = sizeOf(shape.slice(0, axis));
  const result: Dimension[] = [];
  for (let block = 0; block < outer; block++) {
    for (const position of positions) {
      for (let at = 0; at < inner; at++) {
        result.push(position === null ? null : (value[(block * length + position) * inner + at] ?? null));
      }
    }
  }
  return result;
}

function span(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => start + index);
}

function joinAlong(
  parts: readonly { readonly value: PartialValue; readonly shape: Shape }[],
  axis: number,
): PartialValue {
  const outer = sizeOf(parts[0]!.shape.slice(0, axis));
  const chunks = parts.map(({ shape }) => sizeOf(shape.slice(axis)));
  return span(0, outer).flatMap((block) =>
    parts.flatMap(({ value }, index) => value.slice(block * chunks[index]!, (block + 1) * chunks[index]!)),
  );
}

function concat(c: ShapeContext, axis: Dimension): PartialValue | undefined {
  const parts = c.argument('values').map((index) => ({ value: elements(c, index), shape: c.shape(index) }));
  if (
    axis === null ||
    !parts.every(
      (part): part is { value: PartialValue; shape: Shape } => part.value !== undefined && isFullyKnown(part.shape),
    )
  ) {
    return undefined;
  }
  return joinAlong(parts, c.axis(axis, parts[0]!.shape.length));
}

function split(c: ShapeContext, input: number, axis: Dimension, shapes: readonly Shape[]): PartialValue[] {
  const shape = c.shape(input);
  const value = c.value(input);
  if (axis === null || !value || !isFullyKnown(shape)) return [];
  const at = c.axis(axis, shape.length);
  let start = 0;
  return shapes.map((part) => {
    const positions = span(start, part[at]!);
    start += part[at]!;
    return take(value, shape, at, positions);
  });
}

/** All elements into one, or along the axes named, into one for each of the others. */
function reduce(combine: (elements: Dimension[]) => Dimension): ValueFunction {
  return (c, [result]) => {
    const shape = c.shape(0);
    const value = elements(c, 0);
    const axes = c.numbers(1);
    if (!value || !axes || !isFullyKnown(shape)) return [];
    const dropped = new Set(axes.map((axis) => c.axis(axis, shape.length)));
    const strides = stridesOf(shape.map((size, axis) => (dropped.has(axis) ? 1 : size)));
    const groups = Array.from({ length: sizeOf(result!) }, (): Dimension[] => []);
    const inputStrides = stridesOf(shape);
    value.forEach((element, index) => {
      let group = 0;
      shape.forEach((size, axis) => {
        if (!dropped.has(axis)) group += (Math.floor(index / inputStrides[axis]!) % size) * strides[axis]!;
      });
      groups[group]!.push(element);
    });
    return [groups.map(combine)];
  };
}

function allKnown(value: readonly Dimension[]): value is readonly number[] {
  return value.every((element) => element !== null);
}

function fold(start: number, combine: (a: number, b: number) => number): (elements: Dimension[]) => Dimension {
  return (group) => (allKnown(group) ? group.reduce(combine, start) : null);
}

function cumulative(start: number, combine: (a: number, b: number) => number): ValueFunction {
  return (c, [shape]) => {
    const value = c.value(0);
    if (!value || shape!.length !== 1 || c.scalar(1) === null) return [];
    const exclusive = c.operation.bool('exclusive');
    const ordered = c.operation.bool('reverse') ? value.toReversed() : value;
    let total: Dimension = start;
    const result = ordered.map((element) => {
      const before = total;
      total = total === null || element === null ? null : combine(total, element);
      return exclusive ? before : total;
    });
    return [c.operation.bool('reverse') ? result.toReversed() : result];
  };
}

const select = elementwise(([condition, x, y]) =>
  condition === null ? (x === y ? x! : null) : condition === 1 ? x! : y!,
);

/** How elements that spell shapes are worked out of others, by op. */
export const VALUE_FUNCTIONS: ReadonlyMap<string, ValueFunction> = new Map(
  Object.entries({
    Const: (c: ShapeContext) => {
      const constant = c.operation.attribute('value', 'tensor');
      return [Tensor.isTensor(constant) ? valueOfTensor(constant) : undefined];
    },
    Shape: (c: ShapeContext) => [dimensionsOf(c.shape(0))],
    ShapeN: (c: ShapeContext) => c.shapes.map(dimensionsOf),
    Size: (c: ShapeContext) => [c.shape(0) ? [product(c.shape(0)!)] : undefined],
    Rank: (c: ShapeContext) => [c.shape(0) ? [c.shape(0)!.length] : undefined],
    VariableShape: (c: ShapeContext) => [dimensionsOf(c.elements(0)?.[0]?.shape ?? null)],
    TensorListElementShape: (c: ShapeContext) => [c.elements(0)?.[0]?.shape?.map((dimension) => dimension ?? -1)],
    ...forAll(['EnsureShape', 'Reshape', 'ExpandDims', 'Squeeze'], same),
    // Casts between integers alone: what is followed holds whole numbers.
    Cast: (c: ShapeContext) => [
      c.operation.dtype('DstT') === 'bool' ? c.value(0)?.map((element) => element && 1) : c.value(0),
    ],
    ...forAll(['ZerosLike'], (_, [shape]) => [new Array<number>(sizeOf(shape!)).fill(0)]),
    ...forAll(['OnesLike'], (_, [shape]) => [new Array<number>(sizeOf(shape!)).fill(1)]),
    Fill: (c: ShapeContext, [shape]: readonly Shape[]) => [new Array<Dimension>(sizeOf(shape!)).fill(c.scalar(1))],
    Range: (c: ShapeContext, [shape]: readonly Shape[]) => {
      const [start, delta] = [c.scalar(0), c.scalar(2)];
      return [start === null || delta === null ? undefined : span(0, shape![0]!).map((index) => start + index * delta)];
    },
    Pack: (c: ShapeContext) => {
      const parts = c.shapes.map((shape, index) => ({ shape: shape as Shape, value: elements(c, index) }));
      if (!parts.every((part): part is { shape: Shape; value: PartialValue } => part.value !== undefined)) return [];
      const rank = parts[0]!.shape.length + 1;
      const axis = c.axis(c.operation.int('axis'), rank);
      return [
        joinAlong(
          parts.map(({ shape, value }) => ({ value, shape: shape.toSpliced(axis, 0, 1) })),
          axis,
        ),
      ];
    },
    Unpack: (c: ShapeContext, shapes: readonly Shape[]) => {
      const shape = c.shape(0);
      const value = c.value(0);
      if (!value || !isFullyKnown(shape)) return [];
      const axis = c.axis(c.operation.int('axis'), shape.length);
      return shapes.map((_, index) => take(value, shape, axis, [index]));
    },
    Concat: (c: ShapeContext) => [concat(c, c.scalar(0))],
    ConcatV2: (c: ShapeContext) => [concat(c, c.scalar(c.count - 1))],
    ConcatOffset: (c: ShapeContext, shapes: readonly Shape[]) => {
      const axis = c.scalar(0);
      if (axis === null) return [];
      let start: Dimension = 0;
      return shapes.map(([rank], index) => {
        const at = c.axis(axis, rank!);
        const offsets = span(0, rank!).map((dimension) => (dimension === at ? start : 0));
        const length: Dimension = c.value(index + 1)?.[at] ?? null;
        start = start === null || length === null ? null : start + length;
        return offsets;
      });
    },
    Split: (c: ShapeContext, shapes: readonly Shape[]) => split(c, 1, c.scalar(0), shapes),
    SplitV: (c: ShapeContext, shapes: readonly Shape[]) => split(c, 0, c.scalar(2), shapes),
    Slice: (c: ShapeContext, [result]: readonly Shape[]) => {
      const shape = c.shape(0);
      const begin = c.numbers(1);
      let value = c.value(0);
      if (!value || !begin || !isFullyKnown(shape) || begin.length !== shape.length) return [];
      let current = shape;
      begin.forEach((start, axis) => {
        value = take(value!, current, axis, span(start, result![axis]!));
        current = current.with(axis, result![axis]!);
      });
      return [value];
    },
    StridedSlice: (c: ShapeContext) => {
      const shape = c.shape(0);
      let value = c.value(0);
      const pieces = sliceSpecification(c);
      if (!value || !pieces || !isFullyKnown(shape)) return [];
      let current: Shape = shape;
      let at = 0;
      for (const piece of pieces) {
        if (piece.kind === 'new') continue;
        const { start, step, count } = piece.axis;
        if (start === null || step === null || count === null) return [];
        value = take(
          value,
          current,
          at,
          span(0, count).map((index) => start + index * step),
        );
        current = current.with(at, count);
        at++;
      }
      return [value];
    },
    ...forAll(['Gather', 'GatherV2'], (c) => {
      const shape = c.shape(0);
      const [value, indices] = [c.value(0), elements(c, 1)];
      const axis = c.count > 2 ? c.scalar(2) : 0;
      const batches = c.operation.type === 'GatherV2' ? c.operation.int('batch_dims') : 0;
      if (!value || !indices || axis === null || batches !== 0 || !isFullyKnown(shape)) return [];
      const at = c.axis(axis, shape.length);
      return [
        take(
          value,
          shape,
          at,
          indices.map((index) => (index !== null && index >= 0 && index < shape[at]! ? index : null)),
        ),
      ];
    }),
    Tile: (c: ShapeContext, [result]: readonly Shape[]) => {
      const shape = c.shape(0);
      let value = elements(c, 0);
      if (!value || !isFullyKnown(shape)) return [];
      let current = shape;
      shape.forEach((size, axis) => {
        value = take(
          value!,
          current,
          axis,
          span(0, result![axis]!).map((index) => index % size),
        );
        current = current.with(axis, result![axis]!);
      });
      return [value];
    },
    BroadcastTo: (c: ShapeContext, [shape]: readonly Shape[]) => [broadcastInput(c, 0, shape!)],
    BroadcastArgs: (c: ShapeContext, [shape]: readonly Shape[]) => {
      const [a, b] = [elements(c, 0), elements(c, 1)];
      if (!a || !b) return [];
      const size = shape![0]!;
      const from = (value: PartialValue, axis: number): Dimension =>
        axis < size - value.length ? 1 : value[axis - size + value.length]!;
      return [
        span(0, size).map((axis) => {
          const [x, y] = [from(a, axis), from(b, axis)];
          if (x === 1 || y === 1) return x === 1 ? y : x;
          // What is not known is 1 or the same.
          return x === y || y === null ? x : x === null ? y : null;
        }),
      ];
    },
    ReverseV2: (c: ShapeContext) => {
      const shape = c.shape(0);
      const axes = c.numbers(1);
      let value = c.value(0);
      if (!value || !axes || !isFullyKnown(shape)) return [];
      for (const axis of axes) {
        const at = c.axis(axis, shape.length);
        value = take(value, shape, at, span(0, shape[at]!).toReversed());
      }
      return [value];
    },
    InvertPermutation: (c: ShapeContext, [shape]: readonly Shape[]) => {
      const permutation = c.numbers(0);
      if (!permutation) return [];
      const result = new Array<Dimension>(shape![0]!).fill(null);
      permutation.forEach((to, from) => {
        if (to >= 0 && to < result.length) result[to] = from;
      });
      return [result];
    },
    ...forAll(['DynamicStitch', 'ParallelDynamicStitch'], (c, [shape]) => {
      if (shape!.length !== 1) return [];
      const result = new Array<Dimension>(shape![0]!).fill(null);
      const data = c.argument('data');
      for (const at of c.argument('indices')) {
        const values = elements(c, data[at]!);
        if (!values) return [];
        c.numbers(at)?.forEach((position, index) => (result[position] = values[index] ?? null));
      }
      return [result];
    }),
    ...forAll(
      ['Add', 'AddV2'],
      strict((a, b) => a + b),
    ),
    Sub: strict((a, b) => a - b),
    Mul: decidedBy(0, (a, b) => a * b),
    FloorDiv: strict((a, b) => (b === 0 ? null : Math.floor(a / b))),
    ...forAll(
      ['Div', 'TruncateDiv'],
      strict((a, b) => (b === 0 ? null : Math.trunc(a / b))),
    ),
    FloorMod: strict(mod),
    ...forAll(
      ['TruncateMod', 'Mod'],
      strict((a, b) => (b === 0 ? null : a % b)),
    ),
    Maximum: strict(Math.max),
    Minimum: strict(Math.min),
    Neg: unary((a) => -a),
    Abs: unary(Math.abs),
    Square: unary((a) => a * a),
    Sign: unary(Math.sign),
    AddN: elementwise((all) => (allKnown(all) ? all.reduce((a, b) => a + b, 0) : null)),
    Equal: comparison((a, b) => a === b),
    NotEqual: comparison((a, b) => a !== b),
    Less: comparison((a, b) => a < b),
    LessEqual: comparison((a, b) => a <= b),
    Greater: comparison((a, b) => a > b),
    GreaterEqual: comparison((a, b) => a >= b),
    LogicalAnd: decidedBy(0, () => 1),
    LogicalOr: decidedBy(1, () => 0),
    LogicalNot: unary((a) => 1 - a),
    Select: (c: ShapeContext, shapes: readonly Shape[]) => {
      // A vector that picks rows does not broadcast.
      const rank = c.shape(0)?.length;
      return rank === 0 || rank === shapes[0]!.length ? select(c, shapes) : [];
    },
    SelectV2: select,
    Sum: reduce(fold(0, (a, b) => a + b)),
    Prod: reduce((group) => (group.includes(0) ? 0 : fold(1, (a, b) => a * b)(group))),
    Max: reduce((group) => (group.length > 0 ? fold(-Infinity, (a, b) => Math.max(a, b))(group) : null)),
    Min: reduce((group) => (group.length > 0 ? fold(Infinity, (a, b) => Math.min(a, b))(group) : null)),
    All: reduce((group) => (group.includes(0) ? 0 : group.includes(null) ? null : 1)),
    Any: reduce((group) => (group.includes(1) ? 1 : group.includes(null) ? null : 0)),
    Cumsum: cumulative(0, (a, b) => a + b),
    Cumprod: cumulative(1, (a, b) => a * b),
  } satisfies Record<string, ValueFunction>),
);
