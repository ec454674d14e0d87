import { describe, expect, it } from '@jest/globals';
import type { Attribute } from '@tenon/graph';
import { StringArray, tensorFrom, type DType, type Tensor } from '@tenon/tensor';
import { Session } from './session.js';
import { Builder } from './testing/build.js';

const type = (value: DType): Attribute => ({ kind: 'dtype', value });
const int = (value: number): Attribute => ({ kind: 'int', value: BigInt(value) });
const strings = (...values: string[]): Attribute => ({ kind: 'list', value: values.map((value) => ({ kind: 'bytes', value: new TextEncoder().encode(value) })) }); // prettier-ignore
const f = (value: Parameters<typeof tensorFrom>[0]): Tensor => tensorFrom(value, 'float32');
const i32 = (value: Parameters<typeof tensorFrom>[0]): Tensor => tensorFrom(value, 'int32');
const i64 = (value: Parameters<typeof tensorFrom>[0]): Tensor => tensorFrom(value, 'int64');
const s = (value: Parameters<typeof tensorFrom>[0]): Tensor => tensorFrom(value, 'string');

type Case = readonly [
  op: string,
  inputs: readonly Tensor[],
  attributes?: Readonly<Record<string, Attribute>>,
  title?: string,
];

const T = { T: type('float32') };
const BIG = 2 ** 30;
const HUGE = 2n ** 40n;

/** Operations whose outputs are as large as values that they are given say. */
const CASES: readonly Case[] = [
  ['Fill', [i32([BIG, BIG]), f(1)], { ...T, index_type: type('int32') }],
  ['Fill', [i64([HUGE]), f(1)], { ...T, index_type: type('int64') }],
  ['Fill', [i32([BIG]), s('ab')], { T: type('string'), index_type: type('int32') }],
  ['Tile', [f([1, 2]), i32([BIG])], { ...T, Tmultiples: type('int32') }],
  ['Tile', [s(['a'.repeat(1000)]), i32([2 ** 24])], { T: type('string'), Tmultiples: type('int32') }],
  ['Range', [i32(0), i32(2 ** 31 - 1), i32(1)], { Tidx: type('int32') }],
  ['Range', [f(0), f(1e30), f(1)], { Tidx: type('float32') }],
  ['Range', [i64(0), i64(HUGE), i64(1)], { Tidx: type('int64') }],
  ['LinSpace', [f(0), f(1), i32(2 ** 31 - 1)], { ...T, Tidx: type('int32') }],
  ['BroadcastTo', [f(1), i32([BIG, BIG])], { ...T, Tidx: type('int32') }],
  ['BroadcastTo', [s('a'.repeat(10_000)), i32([2 ** 20])], { T: type('string'), Tidx: type('int32') }],
  ['Pad', [f([1]), i32([[BIG, BIG]])], { ...T, Tpaddings: type('int32') }],
  ['PadV2', [f([1]), i64([[HUGE, 0]]), f(0)], { ...T, Tpaddings: type('int64') }],
  ['OneHot', [i32([1, 2, 3]), i32(BIG), f(1), f(0)], { ...T, TI: type('int32') }],
  ['Empty', [i32([BIG, BIG])], { dtype: type('float32') }],
  ['ScatterNd', [i32([[0]]), f([1]), i32([BIG])], { ...T, Tindices: type('int32') }],
  ['SparseToDense', [i64([[0]]), i64([HUGE]), f([1]), f(0)], { ...T, Tindices: type('int64') }],
  ['UnsortedSegmentSum', [f([1]), i32([0]), i32(2 ** 31 - 1)], { ...T, Tindices: type('int32'), Tnumsegments: type('int32') }],
  ['SegmentSum', [f([1]), i32([2 ** 31 - 2])], { ...T, Tindices: type('int32') }],
  ['SparseSegmentSumWithNumSegments', [f([1]), i32([0]), i32([0]), i32(2 ** 31 - 1)], { ...T, Tidx: type('int32'), Tnumsegments: type('int32') }],
  ['Bincount', [i32([1]), i32(2 ** 31 - 1), f([])], T],
  ['DenseBincount', [i32([1]), i32(2 ** 31 - 1), f([])], { ...T, Tidx: type('int32') }],
  ['RandomUniform', [i32([BIG])], { T: type('int32'), dtype: type('float32') }],
  ['RandomStandardNormal', [i32([BIG])], { T: type('int32'), dtype: type('float32') }],
  ['StatelessRandomUniform', [i32([BIG]), i32([1, 2])], { T: type('int32'), dtype: type('float32') }],
  ['StatelessRandomUniformV2', [i32([BIG]), tensorFrom([1n], 'uint64'), tensorFrom([1n, 2n], 'uint64'), i32(1)], { Tshape: type('int32'), dtype: type('float32') }],
  ['ResizeBilinear', [f([[[[1]]]]), i32([2 ** 20, 2 ** 20])], T],
  ['ResizeNearestNeighbor', [f([[[[1]]]]), i32([2 ** 20, 2 ** 20])], T],
  ['ResizeBicubic', [f([[[[1]]]]), i32([2 ** 20, 2 ** 20])], T],
  ['CropAndResize', [f([[[[1]]]]), f([[0, 0, 1, 1]]), i32([0]), i32([2 ** 20, 2 ** 20])], T],
  ['BatchToSpaceND', [f([1]), i32([1]), i32([[-BIG, 0]])], { ...T, Tblock_shape: type('int32'), Tcrops: type('int32') }],
  ['SpaceToBatchND', [f([1]), i32([1]), i32([[BIG, BIG]])], { ...T, Tblock_shape: type('int32'), Tpaddings: type('int32') }],
  ['MirrorPad', [f([1]), i32([[BIG, BIG]])], { ...T, Tpaddings: type('int32'), mode: { kind: 'bytes', value: new TextEncoder().encode('SYMMETRIC') } }],
  ['RaggedTensorToTensor', [i64([HUGE, HUGE]), f([1]), f(0), i64([0, 1])], { T: type('float32'), Tindex: type('int64'), Tshape: type('int64'), num_row_partition_tensors: int(1), row_partition_types: strings('ROW_SPLITS') }],
  ['RaggedRange', [i32([0]), i32([2 ** 31 - 1]), i32([1])], { T: type('int32'), Tsplits: type('int64') }],
  ['TensorListReserve', [i32([1]), i32(2 ** 31 - 1)], { element_dtype: type('float32'), shape_type: type('int32') }],
  ['TensorArrayV3', [i32(2 ** 31 - 1)], { dtype: type('float32') }],
  ['MatrixDiagV2', [f([1]), i32(0), i32(2 ** 20), i32(2 ** 20), f(0)], T],
  ['SparseReshape', [i64([[0]]), i64([1]), i64([HUGE, -1])], {}],
  ['SparseFillEmptyRows', [i64([[0, 0]]), f([1]), i64([HUGE, 1]), f(0)], T],
  ['SparseTensorDenseMatMul', [i64([[0, 0]]), f([1]), i64([HUGE, 1]), f([[1]])], { ...T, Tindices: type('int64') }],
  ['StringNGrams', [s(['a', 'b']), i64([0, 2])], { Tsplits: type('int64'), separator: { kind: 'bytes', value: new Uint8Array() }, ngram_widths: { kind: 'list', value: [int(2 ** 30)] }, left_pad: { kind: 'bytes', value: new Uint8Array([65]) }, right_pad: { kind: 'bytes', value: new Uint8Array() }, pad_width: int(-1), preserve_short_sequences: { kind: 'bool', value: false } }],
  ['InvertPermutation', [i32([2 ** 30])], { T: type('int32') }],
  ['IRFFT', [tensorFrom([1], 'complex64'), i32([2 ** 30])], {}],
]; // prettier-ignore

describe('a size that no memory has', () => {
  for (const [op, inputs, attributes = {}] of CASES) {
    const given = inputs.map((input) => (input.data instanceof StringArray ? 'text' : `[${input.data.slice(0, 4)}]`));
    it(`is refused by ${op} of ${given.join(', ')}`, async () => {
      const b = new Builder();
      const feeds = inputs.map((input, index) => b.placeholder(`in${index}`, null, input.dtype));
      const operation = b.operation(op, feeds, attributes, { name: 'op' });
      const session = new Session(b.graph);
      const fetch = operation.outputs[0]!.dtype === 'resource' || operation.outputs[0]!.dtype === 'variant' ? operation : operation.output(); // prettier-ignore
      const run = session.run([fetch], { feeds: new Map(feeds.map((feed, index) => [feed, inputs[index]!])) });
      await expect(run).rejects.toMatchObject({
        code: 'ERR_OPERATION',
        cause: { code: expect.stringMatching(/^ERR_/), name: expect.not.stringMatching(/^(Type|Range)?Error$/) },
      });
    });
  }
});
