import { describe, expect, it } from '@jest/globals';
import { FunctionLibrary, Graph, inferShapes, type Attribute, type SymbolicTensor } from '@tenon/graph';
import { sizeOf, Tensor, type DType, type Shape } from '@tenon/tensor';
import { tfjs } from './tfjs-backend.js';

/** Index of an element along each axis. */
type Place = readonly number[];

function* placesIn(shape: Shape): Generator<Place> {
  for (let element = 0; element < sizeOf(shape); element++) {
    const place = new Array<number>(shape.length);
    for (let axis = shape.length - 1, rest = element; axis >= 0; axis--) {
      place[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    yield place;
  }
}

function tensorOf(shape: Shape, element: (place: Place) => number): Tensor<'float32'> {
  return new Tensor('float32', shape, Float32Array.from(placesIn(shape), element));
}

/** A value that is another at each place, the same along axes of one element. */
const wave = (seed: number, shape: Shape) => (place: Place) =>
  place.reduce((sum, at, axis) => sum + (shape[axis] === 1 ? 0 : at) * (axis + seed), seed) % 11;

const vector = (...values: number[]) => new Tensor('int32', [values.length], Int32Array.from(values));
const dtype = (name: string, value: DType) => [name, { kind: 'dtype', value }] as [string, Attribute];

/** What an op gives of these inputs: of floats as they are fed, of integers as constants. */
async function compute(
  type: string,
  inputs: readonly Tensor[],
  backend: string,
  attributes: [string, Attribute][] = [],
): Promise<Tensor> {
  const graph = new Graph(new FunctionLibrary());
  const fed: [SymbolicTensor, Tensor][] = [];
  const operands = inputs.map((value) => {
    const isFed = value.dtype !== 'int32';
    const input = graph
      .addOperation({
        type: isFed ? 'Placeholder' : 'Const',
        attributes: new Map<string, Attribute>([
          dtype('dtype', value.dtype),
          ...(isFed ? [] : [['value', { kind: 'tensor', value }] as [string, Attribute]]),
        ]),
        shapes: [value.shape],
      })
      .output();
    if (isFed) fed.push([input, value]);
    return input;
  });
  const operation = graph.addOperation({ type, inputs: operands, attributes: new Map(attributes) });
  inferShapes(graph);
  const executable = await tfjs({ backend }).compile({
    graph,
    inputs: fed.map(([input]) => input),
    outputs: [operation.output()],
  });
  try {
    return (await executable.run(fed.map(([, value]) => value)))[0] as Tensor;
  } finally {
    await executable.dispose();
  }
}

const T = dtype('T', 'float32');
const shape = [2, 3, 1, 2, 1, 3, 2, 2];
const x = tensorOf(shape, wave(1, shape));
const at = (place: Place) => wave(1, shape)(place);

describe.each(['cpu', 'wasm'])('eight dimensions on %s', (backend) => {
  it.each([
    ['alike', shape],
    ['of which some broadcast', [3, 1, 2, 1, 1, 2, 2]],
    ['of which every other broadcasts', [1, 3, 1, 1, 1, 3, 1, 2]],
    ['beside a scalar', []],
  ])('are added %s', async (_, other) => {
    const y = tensorOf(other, wave(5, other));
    const expected = tensorOf(shape, (place) => at(place) + wave(5, other)(place.slice(shape.length - other.length)));
    expect(await compute('AddV2', [x, y], backend, [T])).toEqual(expected);
  });

  it('are added where merging them leaves too many', async () => {
    const [left, right] = [
      [2, 1, 2, 1, 2, 1, 2, 1],
      [1, 2, 1, 2, 1, 2, 1, 2],
    ];
    const expected = tensorOf(new Array(8).fill(2) as number[], (p) => wave(3, left)(p) + wave(4, right)(p));
    const inputs = [tensorOf(left, wave(3, left)), tensorOf(right, wave(4, right))];
    expect(await compute('AddV2', inputs, backend, [T])).toEqual(expected);
  });

  it('are transposed', async () => {
    const perm = [7, 2, 5, 0, 3, 1, 6, 4];
    const expected = tensorOf(
      perm.map((axis) => shape[axis]!),
      (place) => at(perm.map((_, axis) => place[perm.indexOf(axis)]!)),
    );
    const attributes = [T, dtype('Tperm', 'int32')];
    expect(await compute('Transpose', [x, vector(...perm)], backend, attributes)).toEqual(expected);
  });

  it('are summed along some', async () => {
    const sums = tensorOf([3, 1, 1, 3, 2], ([b, c, e, f, g]) => {
      let sum = 0;
      for (const a of [0, 1]) for (const d of [0, 1]) for (const h of [0, 1]) sum += at([a, b!, c!, d, e!, f!, g!, h]);
      return sum;
    });
    const attributes = [T, dtype('Tidx', 'int32')];
    expect(await compute('Sum', [x, vector(0, 3, 7)], backend, attributes)).toEqual(sums);
  });

  it('are tiled, padded and sliced', async () => {
    const reps = [1, 2, 3, 1, 2, 1, 1, 2];
    const tiled = tensorOf(
      shape.map((size, axis) => size * reps[axis]!),
      (place) => at(place.map((index, axis) => index % shape[axis]!)),
    );
    const multiples = [T, dtype('Tmultiples', 'int32')];
    expect(await compute('Tile', [x, vector(...reps)], backend, multiples)).toEqual(tiled);

    const before = [0, 1, 0, 2, 0, 0, 1, 0];
    const padded = tensorOf(
      shape.map((size, axis) => size + before[axis]! + 1),
      (place) => {
        const inside = place.map((index, axis) => index - before[axis]!);
        return inside.every((index, axis) => index >= 0 && index < shape[axis]!) ? at(inside) : 0;
      },
    );
    const paddings = new Tensor('int32', [8, 2], Int32Array.from(before.flatMap((size) => [size, 1])));
    expect(await compute('Pad', [x, paddings], backend, [T, dtype('Tpaddings', 'int32')])).toEqual(padded);

    const mode: [string, Attribute] = ['mode', { kind: 'bytes', value: new TextEncoder().encode('SYMMETRIC') }];
    const mirrored = tensorOf(padded.shape, (place) =>
      at(
        place.map((index, axis) => {
          const from = index - before[axis]!;
          return from < 0 ? -1 - from : from < shape[axis]! ? from : 2 * shape[axis]! - 1 - from;
        }),
      ),
    );
    expect(await compute('MirrorPad', [x, paddings], backend, [T, dtype('Tpaddings', 'int32'), mode])).toEqual(
      mirrored,
    );

    const begin = [1, 0, 0, 0, 0, 1, 0, 1];
    const sliced = tensorOf(
      shape.map((size, axis) => size - begin[axis]!),
      (place) => at(place.map((index, axis) => index + begin[axis]!)),
    );
    const starts = [vector(...begin), vector(...new Array<number>(8).fill(-1))];
    expect(await compute('Slice', [x, ...starts], backend, [T, dtype('Index', 'int32')])).toEqual(sliced);
  });

  it('are sliced in steps', async () => {
    const steps = [1, 2, 1, 1, 1, -1, 1, 1];
    const sliced = tensorOf(
      shape.map((size, axis) => Math.ceil(size / Math.abs(steps[axis]!))),
      (place) => at(place.map((index, axis) => (steps[axis]! < 0 ? shape[axis]! - 1 - index : index * steps[axis]!))),
    );
    const zeros = vector(...new Array<number>(8).fill(0));
    const attributes: [string, Attribute][] = [
      T,
      dtype('Index', 'int32'),
      ['begin_mask', { kind: 'int', value: 255n }],
      ['end_mask', { kind: 'int', value: 255n }],
    ];
    expect(await compute('StridedSlice', [x, zeros, zeros, vector(...steps)], backend, attributes)).toEqual(sliced);
  });

  it('are chosen from', async () => {
    const condition = new Tensor('bool', [2, 2], Uint8Array.of(1, 0, 0, 1));
    const expected = tensorOf(shape, (place) => (place[6] === place[7] ? at(place) : -1));
    const other = new Tensor('float32', [], Float32Array.of(-1));
    expect(await compute('SelectV2', [condition, x, other], backend, [T])).toEqual(expected);
  });

  it('are reversed and gathered', async () => {
    const reversed = tensorOf(shape, (p) =>
      at(p.map((index, axis) => ([1, 5].includes(axis) ? shape[axis]! - 1 - index : index))),
    );
    expect(await compute('ReverseV2', [x, vector(1, 5)], backend, [T, dtype('Tidx', 'int32')])).toEqual(reversed);
    const chosen = [2, 0, 2, 1];
    const gathered = tensorOf(shape.with(5, 4), (place) => at(place.with(5, chosen[place[5]!]!)));
    const attributes = [dtype('Tparams', 'float32'), dtype('Tindices', 'int32'), dtype('Taxis', 'int32')];
    const axis = new Tensor('int32', [], Int32Array.of(5));
    expect(await compute('GatherV2', [x, vector(...chosen), axis], backend, attributes)).toEqual(gathered);
  });
});
