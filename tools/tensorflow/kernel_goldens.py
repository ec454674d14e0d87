"""Writes packages/runtime/testdata/kernels/*.json.gz: what TensorFlow computes for many small cases of each op, from fixed seeds.

  python tools/tensorflow/kernel_goldens.py [family ...]        (TensorFlow 2.21)
"""
import os, sys
from golden_cases import Family, np, tf

bf16 = tf.bfloat16.as_numpy_dtype
f16, f32, f64 = np.float16, np.float32, np.float64
i8, i16, i32, i64 = np.int8, np.int16, np.int32, np.int64
u8, u16, u32, u64 = np.uint8, np.uint16, np.uint32, np.uint64
c64, c128 = np.complex64, np.complex128
FLOATS = [f32, f64, f16, bf16]
INTS = [i8, i16, i32, i64, u8, u16, u32, u64]
inf, nan = float("inf"), float("nan")


def rng(seed):
  return np.random.RandomState(seed)


def normal(seed, shape, dtype=f32):
  values = rng(seed).standard_normal(shape)
  if np.issubdtype(dtype, np.complexfloating):
    values = values + 1j * rng(seed + 1000).standard_normal(shape)
  return np.asarray(values).astype(dtype)


def integers(seed, shape, dtype=i32, low=-9, high=10):
  if np.issubdtype(dtype, np.unsignedinteger):
    low = 0
  return rng(seed).randint(low, high, size=shape).astype(dtype)


def sample(seed, shape, dtype):
  if dtype == np.bool_:
    return rng(seed).randint(0, 2, size=shape).astype(np.bool_)
  if dtype == object:
    return strings(seed, shape)
  return integers(seed, shape, dtype) if np.issubdtype(dtype, np.integer) else normal(seed, shape, dtype)


def strings(seed, shape):
  words = np.array([b"", b"a", b"bc", "d\u00e9f".encode(), b"\xff\x00g", b"hello world"], dtype=object)
  return words[rng(seed).randint(0, 6, size=shape)]


def vector(*values, dtype=i32):
  return np.array(values, dtype=dtype)


def scalar(value, dtype=i32):
  return np.array(value, dtype=dtype)


def array(family):
  c = family.case
  c("Reshape", normal(1, [2, 6]), vector(3, -1))
  c("Reshape", normal(1, [2, 6]), vector(4, 3, dtype=i64))
  c("Reshape", normal(1, [0, 6]), vector(-1, 3))
  c("Reshape", strings(1, [4]), vector(2, 2))
  c("Reshape", normal(1, [2, 6]), vector(5, -1), fails=True)
  for out in (tf.int32, tf.int64):
    c("Shape", normal(1, [2, 0, 3]), out_type=out)
    c("Size", normal(1, [2, 3]), out_type=out)
    c("ShapeN", [normal(1, [2, 3]), normal(2, [])], out_type=out)
  c("Rank", normal(1, [2, 3, 1]))
  for axis in (0, 1, -1, -2):
    c("ExpandDims", normal(1, [2, 3]), scalar(axis))
  c("ExpandDims", strings(1, [2]), scalar(-1, i64))
  c("Squeeze", normal(1, [1, 2, 1]), squeeze_dims=[])
  c("Squeeze", normal(1, [1, 2, 1]), squeeze_dims=[-1])
  c("Squeeze", normal(1, [1, 2, 1]), squeeze_dims=[0, 2])
  c("Fill", vector(2, 3), scalar(1.5, f32))
  c("Fill", vector(2, 3, dtype=i64), scalar(2**60 + 1, i64))
  c("Fill", vector(3), scalar(b"abc", object))
  c("Fill", vector(0, 3), scalar(True, np.bool_))
  c("Fill", vector(2), scalar(1 + 2j, c64))
  for dtype in FLOATS + INTS + [np.bool_, c64, c128]:
    c("ZerosLike", sample(1, [2, 2], dtype))
    c("OnesLike", sample(1, [2, 2], dtype))
  c("ZerosLike", strings(1, [2, 2]))
  for axis in (-1, 0, 1):
    c("OneHot", integers(3, [2, 3], i32, -1, 5), scalar(4), scalar(1.0, f32), scalar(0.0, f32), axis=axis)
  c("OneHot", integers(3, [2, 3], i64, -1, 5), scalar(4), scalar(7, i64), scalar(-1, i64), axis=-1)
  c("OneHot", vector(0, 2, dtype=u8), scalar(3), scalar(b"on", object), scalar(b"off", object), axis=-1)
  c("Bitcast", normal(1, [3]), type=tf.int32)
  c("Bitcast", normal(1, [3], f64), type=tf.int32)
  c("Bitcast", integers(1, [3, 4], u8), type=tf.float32)
  c("Bitcast", integers(1, [3, 2], i32), type=tf.int64)
  c("BroadcastArgs", vector(2, 1, 3), vector(4, 1))
  c("BroadcastArgs", vector(1, dtype=i64), vector(dtype=i64))
  for a, b in (((2, 1, 3), (4, 1)), ((2, 3), (2, 3)), ((), (2,)), ((1, 1), (1,)), ((2, 3), (3,))):
    c("BroadcastGradientArgs", vector(*a), vector(*b))
  c("InvertPermutation", vector(2, 0, 1))
  c("InvertPermutation", vector(3, 2, 0, 1, dtype=i64))
  c("EnsureShape", normal(1, [2, 3]), shape=[None, 3])
  c("EnsureShape", normal(1, [2, 3]), shape=[None, 4], fails=True)
  for args in ((0, 5, 1), (3, 10, 4), (5, 0, -2), (0, 0, 1)):
    for dtype in (i32, i64, f32, f64):
      c("Range", *[scalar(v, dtype) for v in args])
  c("Range", scalar(0.0, f32), scalar(1.0, f32), scalar(0.1, f32))
  c("Range", scalar(1.0, f64), scalar(-1.0, f64), scalar(-0.3, f64))
  c("Range", scalar(2**60, i64), scalar(2**60 + 3, i64), scalar(1, i64))
  c("LinSpace", scalar(0.0, f32), scalar(1.0, f32), scalar(7), tolerance=(1e-6, 1e-7))
  c("LinSpace", scalar(2.0, f64), scalar(-1.0, f64), scalar(1, i64))
  for dtype in FLOATS + INTS + [np.bool_, c64, c128, object]:
    x = sample(5, [2, 3], dtype)
    c("Pack", [x, sample(6, [2, 3], dtype)], axis=1)
    c("Transpose", x, vector(1, 0))
    c("ConcatV2", [x, sample(7, [1, 3], dtype)], scalar(0))
    c("GatherV2", x, vector(2, 0, 0, 1), scalar(1))
    c("StridedSlice", x, vector(0, -1), vector(2, 0), vector(1, -2))
    c("Tile", x, vector(2, 2))
    c("Unpack", x, num=3, axis=1)
  c("Pack", [scalar(1), scalar(2), scalar(3)], axis=0)
  c("Pack", [np.array(b"x", object), np.array(b"yz", object)], axis=-1)
  c("Unpack", normal(1, [3, 2, 2]), num=2, axis=-2)
  c("ConcatV2", [normal(1, [2, 3, 2]), normal(2, [2, 1, 2]), normal(3, [2, 0, 2])], scalar(-2))
  c("ConcatV2", [normal(1, [0]), normal(2, [3])], scalar(0, i64))
  c("Concat", scalar(1), [normal(1, [2, 3]), normal(2, [2, 1])])
  c("ConcatOffset", scalar(1), [vector(2, 3), vector(2, 1), vector(2, 4)])
  c("Split", scalar(1), normal(1, [2, 6, 2]), num_split=3)
  c("Split", scalar(-1), strings(1, [2, 4]), num_split=2)
  c("SplitV", normal(1, [2, 6]), vector(1, -1, 2), scalar(1), num_split=3)
  c("SplitV", integers(1, [5], i64), vector(0, 5, dtype=i64), scalar(0), num_split=2)
  c("Slice", normal(1, [3, 4, 2]), vector(1, 0, 1), vector(2, -1, 1))
  c("Slice", strings(1, [5]), vector(2), vector(2))
  c("Slice", normal(1, [3]), vector(3), vector(0))
  c("Slice", normal(1, [3]), vector(2), vector(2), fails=True)
  x = normal(9, [3, 4, 5])
  S = lambda b, e, s, **m: c("StridedSlice", x, vector(*b), vector(*e), vector(*s), **m)
  S((0,), (2,), (1,))
  S((1, -3), (3, -1), (1, 1))
  S((-1, 3, 4), (-4, -5, -6), (-1, -2, -1))
  S((0, 0), (0, 0), (1, 1), begin_mask=3, end_mask=3)
  S((0, 0, 0), (0, 0, 0), (-1, 2, -2), begin_mask=7, end_mask=7)
  S((1, 2), (2, 3), (1, 1), shrink_axis_mask=3)
  S((-1,), (0,), (1,), shrink_axis_mask=1)
  S((0, 1), (0, 2), (1, 1), ellipsis_mask=1, shrink_axis_mask=2)
  S((0, 0, 1), (0, 0, 3), (1, 1, 1), ellipsis_mask=1, new_axis_mask=2)
  S((0, 1, 0), (0, 2, 0), (1, 1, 1), new_axis_mask=1, ellipsis_mask=4)
  S((0, 0, 0, 0), (0, 0, 0, 0), (1, 1, 1, 1), new_axis_mask=5, ellipsis_mask=8)
  S((100, -100), (200, 100), (1, 3))
  S((2,), (1,), (1,))
  S((3,), (4,), (1,), shrink_axis_mask=1, fails=True)
  S((0,), (1,), (0,), fails=True)
  c("StridedSlice", vector(5, 6, 7, dtype=i64), vector(-2, dtype=i64), vector(10, dtype=i64), vector(1, dtype=i64))
  c("StridedSlice", strings(3, [4, 2]), vector(1), vector(2), vector(1), shrink_axis_mask=1)
  c("StridedSliceGrad", vector(3, 4), vector(0, 1), vector(3, 4), vector(2, 2), normal(1, [2, 2]))
  c("TensorStridedSliceUpdate", normal(1, [3, 4]), vector(0, 1), vector(3, 4), vector(2, 2), normal(2, [2, 2]))
  c("Gather", normal(1, [4, 3]), integers(2, [2, 2], i64, 0, 4))
  for axis in (0, 1, -1):
    c("GatherV2", normal(1, [4, 3, 5]), integers(2, [2, 2], i32, 0, 3), scalar(axis))
  c("GatherV2", normal(1, [2, 4, 3]), integers(2, [2, 5], i32, 0, 4), scalar(1), batch_dims=1)
  c("GatherV2", normal(1, [2, 2, 4, 3]), integers(2, [2, 5], i64, 0, 3), scalar(3), batch_dims=1)
  c("GatherV2", normal(1, [2, 3, 4]), integers(2, [2, 3], i32, 0, 4), scalar(2), batch_dims=2)
  c("GatherV2", normal(1, [4, 70]), integers(2, [], i32, 0, 4), scalar(0))
  c("GatherV2", normal(1, [4]), vector(4), scalar(0), fails=True)
  c("GatherV2", strings(1, [4, 2]), vector(3, 0), scalar(0))
  c("GatherNd", normal(1, [3, 4, 2]), vector([0, 1], [2, 3]))
  c("GatherNd", strings(1, [3]), vector([1], [0], [1], dtype=i64))
  c("GatherNd", normal(1, [3, 4]), np.zeros([2, 0], i32))
  c("GatherNd", normal(1, [3, 4]), vector([3, 0]), fails=True)
  for dtype in (f32, f64, f16, i32, i64, u8):
    c("ScatterNd", vector([1], [3], [1]), sample(1, [3, 2], dtype), vector(4, 2))
    for op in ("Update", "Add", "Sub", "Max", "Min"):
      c("TensorScatter" + op, sample(1, [4, 2], dtype), vector([1], [3]), sample(2, [2, 2], dtype))
  c("ScatterNd", vector([1, 1], [0, 0], dtype=i64), normal(1, [2]), vector(2, 2, dtype=i64))
  c("ScatterNd", vector([4]), normal(1, [1]), vector(4), fails=True)
  c("TensorScatterAdd", normal(1, [4]), vector([1], [1], [1]), normal(2, [3]))
  c("TensorScatterUpdate", strings(1, [4]), vector([1], [2]), strings(2, [2]))
  c("Transpose", normal(1, [2, 3, 4, 5]), vector(0, 3, 1, 2))
  c("Transpose", normal(1, [2, 3, 4]), vector(2, 1, 0, dtype=i64))
  c("Transpose", normal(1, [100, 70]), vector(1, 0))
  c("Transpose", scalar(1.0, f32), np.zeros([0], i32))
  c("Tile", normal(1, [2, 1, 3]), vector(1, 3, 2))
  c("Tile", normal(1, [2]), vector(0))
  c("Tile", strings(1, [2]), vector(3, dtype=i64))
  c("BroadcastTo", normal(1, [2, 1]), vector(3, 2, 4))
  c("BroadcastTo", scalar(5, i64), vector(2, 2))
  for dtype in (f32, i64, u8, c128):
    c("Pad", sample(1, [2, 3], dtype), vector([1, 0], [2, 1]))
    c("PadV2", sample(1, [2, 3], dtype), vector([1, 0], [0, 3], dtype=i64), sample(3, [], dtype))
    for mode in ("REFLECT", "SYMMETRIC"):
      c("MirrorPad", sample(1, [3, 4], dtype), vector([1, 2], [2, 0]), mode=mode)
  c("MirrorPad", normal(1, [2]), vector([2, 0]), mode="REFLECT", fails=True)
  c("MirrorPadGrad", normal(1, [6, 6]), vector([1, 2], [2, 0]), mode="REFLECT")
  c("MirrorPadGrad", normal(1, [6, 6]), vector([1, 2], [2, 0]), mode="SYMMETRIC")
  c("ReverseV2", normal(1, [2, 3, 4]), vector(0, -1))
  c("ReverseV2", strings(1, [4]), vector(0, dtype=i64))
  c("Reverse", normal(1, [2, 3]), np.array([False, True]))
  c("ReverseSequence", normal(1, [3, 4, 2]), vector(0, 2, 4), seq_dim=1, batch_dim=0)
  c("ReverseSequence", normal(1, [4, 3]), vector(1, 2, 4, dtype=i64), seq_dim=0, batch_dim=1)
  c("Roll", normal(1, [3, 4]), vector(1, -2), vector(0, 1))
  c("Roll", integers(1, [5], i64), scalar(7), scalar(0))
  c("SpaceToBatchND", normal(1, [1, 4, 4, 2]), vector(2, 2), vector([0, 0], [0, 0]), static=True)
  c("SpaceToBatchND", normal(1, [2, 3, 5]), vector(2), vector([1, 2]), static=True)
  c("BatchToSpaceND", normal(1, [4, 2, 2, 3]), vector(2, 2), vector([0, 1], [1, 0]), static=True)
  c("BatchToSpaceND", normal(1, [6, 2]), vector(3), vector([1, 0], dtype=i64), static=True)
  c("SpaceToBatch", normal(1, [1, 4, 4, 1]), vector([0, 0], [0, 0]), block_size=2)
  c("BatchToSpace", normal(1, [4, 2, 2, 1]), vector([0, 0], [0, 1]), block_size=2)
  c("SpaceToDepth", normal(1, [1, 4, 6, 2]), block_size=2)
  c("DepthToSpace", normal(1, [1, 2, 3, 8]), block_size=2)
  c("DynamicStitch", [vector(0, 3), vector([1, 2], [5, 0])], [normal(1, [2, 2]), normal(2, [2, 2, 2])])
  c("ParallelDynamicStitch", [vector(0, 2), vector(1)], [strings(1, [2]), strings(2, [1])])
  c("DynamicPartition", normal(1, [5, 2]), vector(0, 2, 0, 1, 2), num_partitions=4)
  c("DynamicPartition", strings(1, [3]), vector(1, 0, 1), num_partitions=2)
  c("Identity", strings(1, [3]))
  c("IdentityN", [np.asarray(1, f32), np.asarray([2], i32)])
  for op in ("Snapshot", "StopGradient", "PreventGradient", "DeepCopy"):
    c(op, normal(1, [2, 3]))
  c("PlaceholderWithDefault", normal(1, [2]), shape=[2])
  c("Empty", vector(2, 3), dtype=tf.float32, init=True)
  for dtype in FLOATS:
    c("CheckNumerics", normal(1, [3], dtype), message="bad")
  c("CheckNumericsV2", normal(1, [3]), message="bad")
  c("CheckNumerics", vector(1, inf, dtype=f32), message="bad", fails=True)
  c("CheckNumerics", vector(1, nan, dtype=f64), message="bad", fails=True)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-7, 3.7, -3.7, 10.0, -10.0, 88.0, -100.0, 1e30, inf, -inf, nan]


def unary(family):
  c = family.case
  for dtype in FLOATS:
    special = np.array(SPECIAL).astype(dtype)
    finite = normal(3, [2, 3, 5], dtype)
    # Functions that TensorFlow approximates are held to what its approximation reaches.
    loose = {f32: (3e-6, 2e-7), f64: (1e-12, 1e-14), f16: (2e-3, 1e-6), bf16: (2e-2, 1e-6)}[dtype]
    for op in ("Abs Neg Sign Square Sqrt Rsqrt Reciprocal Inv Floor Ceil Round Rint Relu Relu6 Softsign").split():
      if op == "Inv" and dtype == bf16:
        continue
      c(op, special, tolerance=loose if dtype == f16 or dtype == bf16 else None)
      c(op, finite, tolerance=loose if dtype == f16 or dtype == bf16 else None)
    for op in ("Exp Expm1 Log Log1p Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Erf Erfc Sigmoid Softplus Elu Selu Lgamma Digamma").split():
      values = special
      if op in ("Sin", "Cos", "Tan"):
        values = special[np.abs(special.astype(f64)) < 1e3]
      if op == "Erf" and dtype == f64:
        # TensorFlow 2.21 gives NaN for infinities here.
        values = special[~np.isinf(special)]
      if op == "Digamma":
        values = np.array([0.5, 1.5, 2.5, -0.5, -2.5, 1e-3, 3.7, 10.0, 88.0]).astype(dtype)
      tolerance = loose
      if op in ("Lgamma", "Digamma", "Erfc"):
        tolerance = (loose[0] * 20, loose[1] * 10)
      if op in ("Elu", "Selu") and dtype in (f16, bf16):
        tolerance = (loose[0] * 2, loose[0])
      c(op, values, tolerance=tolerance)
      c(op, finite, tolerance=tolerance)
    for op in ("IsNan", "IsInf", "IsFinite"):
      c(op, special)
    c("LeakyRelu", special, alpha=0.3, tolerance=loose)
  for dtype in (f32, f64):
    c("Erfinv", np.linspace(-1, 1, 21).astype(dtype), tolerance=(2e-5 if dtype == f32 else 1e-12, 1e-15))
    c("Ndtri", np.linspace(0, 1, 21).astype(dtype), tolerance=(2e-5 if dtype == f32 else 1e-12, 1e-6 if dtype == f32 else 1e-12))
  for dtype in INTS:
    info = np.iinfo(dtype)
    edge = np.array([0, 1, 2, 3, info.max, info.min, info.max - 1, info.max // 3], dtype=dtype)
    if dtype in (i8, i16, i32, i64):
      for op in ("Abs", "Neg", "Sign"):
        c(op, edge)
    c("Square", edge)
    for op in ("Relu", "Relu6"):
      c(op, edge)
  for dtype in (c64, c128):
    for op in ("Neg Square Sqrt Rsqrt Reciprocal Exp Log Sin Cos Tanh Sigmoid Sign".split()):
      c(op, normal(3, [2, 4], dtype), tolerance=(4e-6, 1e-6) if dtype == c64 else (1e-12, 1e-13))
    c("Conj", normal(3, [2, 4], dtype))
    out = tf.float32 if dtype == c64 else tf.float64
    for op in ("Real", "Imag", "ComplexAbs", "Angle"):
      c(op, normal(3, [2, 4], dtype), Tout=out)
    c("Complex", normal(1, [2, 1], np.zeros(1, dtype).real.dtype.type), normal(2, [3], np.zeros(1, dtype).real.dtype.type), Tout=tf.dtypes.as_dtype(dtype))
  c("LogicalNot", np.array([True, False]))


def binary(family):
  c = family.case
  shapes = [([2, 3], [2, 3]), ([2, 3], [3]), ([2, 1, 3], [4, 1]), ([], [2]), ([2, 2], []), ([0, 3], [1, 3]), ([3, 1], [1, 4]), ([2, 1, 2, 1], [3, 1, 2])]
  arithmetic = "AddV2 Sub Mul Maximum Minimum SquaredDifference".split()
  for dtype in FLOATS + INTS + [c64, c128]:
    for op in arithmetic:
      if dtype in (c64, c128) and op in ("Maximum", "Minimum"):
        continue
      if op == "SquaredDifference" and dtype in (u8, u16, u32, u64, i8, i16):
        continue
      for k, (a, b) in enumerate(shapes if dtype in (f32, i64) else shapes[2:4]):
        c(op, sample(k, a, dtype), sample(k + 50, b, dtype), tolerance=(2e-3, 1e-6) if dtype == f16 else (2e-2, 1e-6) if dtype == bf16 else None)
  for dtype in (i32, i64, u32, u64, i8, u16):
    info = np.iinfo(dtype)
    edge = np.array([info.max, info.min, info.max, 3, info.max // 2 + 1, info.min], dtype=dtype)
    other = np.array([1, 1, info.max, 5, 2, info.min], dtype=dtype)
    for op in ("AddV2", "Sub", "Mul"):
      c(op, edge, other)
      c(op, other, edge)
  c("Add", normal(1, [2]), normal(2, [2]))
  c("Mul", vector(2**53 - 1, -(2**53), 2**31, dtype=i64), vector(1, 1, 2**31, dtype=i64))
  c("AddV2", vector(2**53, -(2**53), 2**52, dtype=i64), vector(1, -1, 2**52, dtype=i64))
  c("AddN", [normal(1, [2, 2]), normal(2, [2, 2]), normal(3, [2, 2])])
  c("AddN", [integers(1, [3], i64), integers(2, [3], i64)])
  c("AddN", [integers(1, [3], i32)])
  numerators = [7, -7, 7, -7, 0, 6, -6, 100]
  denominators = [3, 3, -3, -3, 5, 3, 3, 7]
  for dtype in (i8, i16, i32, i64, f32, f64, f16):
    a, b = np.array(numerators, dtype), np.array(denominators, dtype)
    for op in ("FloorDiv", "FloorMod"):
      c(op, a, b)
  for dtype in (i32, i64):
    a, b = np.array(numerators, dtype), np.array(denominators, dtype)
    for op in ("TruncateDiv", "TruncateMod", "Mod", "Div"):
      c(op, a, b)
  for dtype in (u8, u16, u32, u64):
    a, b = np.abs(np.array(numerators)).astype(dtype), np.abs(np.array(denominators)).astype(dtype)
    for op in ("FloorDiv", "FloorMod", "TruncateDiv"):
      c(op, a, b)
  big = vector(2**53 - 1, -(2**53) + 1, 2**62 + 1, -(2**62) - 1, 2**53 - 1, dtype=i64)
  for op in ("FloorDiv", "FloorMod", "TruncateDiv"):
    c(op, big, vector(2, 2, 3, 3, -2, dtype=i64))
    c(op, vector(1, 2), vector(0, 1), fails=True)
    c(op, vector(1, 2, dtype=i64), vector(0, 1, dtype=i64), fails=True)
  c("FloorMod", vector(5.5, -5.5, 5.5, -5.5, 0.0, inf, nan, dtype=f32), vector(2, 2, -2, -2, 3, 2, 1, dtype=f32))
  c("FloorMod", vector(5.5, -5.5, 1.0, dtype=f64), vector(0, 2, inf, dtype=f64))
  c("FloorDiv", vector(5.5, -5.5, 5.5, -5.5, 1.0, 0.0, dtype=f32), vector(2, 2, -2, 0.3, 0, 0, dtype=f32))
  c("FloorDiv", vector(0.3, 1.0, 0.9, dtype=f32), vector(0.1, 0.1, 0.3, dtype=f32))
  special = np.array(SPECIAL)
  for dtype in (f32, f64):
    a = special.astype(dtype)[:, None]
    b = np.array([0.0, -0.0, 1, -2, 0.5, 3, inf, -inf, nan]).astype(dtype)
    for op in ("RealDiv", "Div", "DivNoNan", "MulNoNan", "Maximum", "Minimum", "Atan2", "Xdivy", "Xlogy", "Xlog1py"):
      c(op, a, b, tolerance=(2e-6, 1e-7) if dtype == f32 else (1e-13, 1e-15))
    c("Pow", a, b, tolerance=(2e-6, 1e-7) if dtype == f32 else (1e-13, 1e-15))
    c("TruncateMod", normal(1, [5], dtype) * 5, normal(2, [5], dtype))
  for dtype in (f16, bf16):
    for op in ("RealDiv", "Pow", "DivNoNan"):
      c(op, np.abs(normal(1, [3, 2], dtype)), normal(2, [2], dtype), tolerance=(2e-2, 1e-5) if dtype == bf16 else (3e-3, 1e-5))
  for dtype in (c64, c128):
    for op in ("RealDiv", "Div", "Pow", "DivNoNan"):
      c(op, normal(1, [3, 2], dtype), normal(2, [2], dtype), tolerance=(5e-6, 1e-6) if dtype == c64 else (1e-12, 1e-13))
  for dtype in (i32, i64):
    c("Pow", vector(2, 3, -3, 7, 0, 10, dtype=dtype), vector(10, 4, 3, 25, 0, 9, dtype=dtype))
    c("Pow", vector(2, dtype=dtype), vector(-1, dtype=dtype), fails=True)
  for op in "Less LessEqual Greater GreaterEqual".split():
    for dtype in (f32, f64, f16, i32, i64, u8, u64):
      c(op, sample(1, [3, 4], dtype), sample(2, [4], dtype))
    c(op, special.astype(f32)[:, None], special.astype(f32))
    c(op, vector(2**62, 2**62 + 1, -(2**62), dtype=i64), vector(2**62 + 1, 2**62 + 1, 0, dtype=i64))
  for op in "Equal NotEqual".split():
    for dtype in (f32, f16, i32, i64, u8, np.bool_, c64, object):
      c(op, sample(1, [3, 4], dtype), sample(2, [4], dtype))
    c(op, special.astype(f32)[:, None], special.astype(f32))
    c(op, vector(1, 2), vector(1, 2, 3), incompatible_shape_error=False)
  c("ApproximateEqual", vector(1.0, 2.0, 3.0, dtype=f32), vector(1.05, 2.5, 2.95, dtype=f32), tolerance=None)
  for op in "LogicalAnd LogicalOr".split():
    c(op, np.array([[True], [False]]), np.array([True, False]))
  for dtype in (f32, f64):
    gradient, feature = normal(1, [8], dtype), normal(2, [8], dtype) * 3
    loose = (3e-6, 1e-6) if dtype == f32 else (1e-13, 1e-14)
    for op in "ReluGrad Relu6Grad EluGrad SeluGrad SoftplusGrad SoftsignGrad".split():
      c(op, gradient, feature, tolerance=loose)
    for op in "SigmoidGrad TanhGrad SqrtGrad RsqrtGrad ReciprocalGrad InvGrad".split():
      c(op, np.abs(feature), gradient, tolerance=loose)
    c("LeakyReluGrad", gradient, feature, alpha=0.3, tolerance=loose)
  for dtype in (f32, i32, i64, np.bool_, object, c128):
    condition = np.array([[True, False, True], [False, True, True]])
    c("Select", condition, sample(1, [2, 3], dtype), sample(2, [2, 3], dtype))
    c("Select", np.array([True, False]), sample(1, [2, 3], dtype), sample(2, [2, 3], dtype))
    c("Select", np.array(False), sample(1, [2, 3], dtype), sample(2, [2, 3], dtype))
    c("SelectV2", condition, sample(1, [3], dtype), sample(2, [2, 1], dtype))
    c("SelectV2", np.array([[True], [False]]), sample(1, [], dtype), sample(2, [3], dtype))
  for dtype in (f32, i32, i64, u8, np.bool_, c64):
    c("Where", sample(1, [3, 4], dtype))
  c("Where", np.array([0.0, -0.0, nan, 1.0], f32))
  c("Where", np.zeros([2, 0], np.bool_))
  for dtype in INTS:
    a, b = rng(1).randint(0, 100, size=[3, 4]).astype(dtype), rng(2).randint(0, 7, size=[4]).astype(dtype)
    for op in "BitwiseAnd BitwiseOr BitwiseXor LeftShift RightShift".split():
      c(op, a, b)
    c("Invert", a)
  c("RightShift", vector(-8, -1, 2**62, dtype=i64), vector(1, 3, 40, dtype=i64))
  c("RightShift", vector(-8, -1, 5), vector(1, 3, 2))
  c("LeftShift", vector(-8, 2**40 + 1, dtype=i64), vector(1, 30, dtype=i64))
  c("BitwiseAnd", vector(-8, 2**60 + 5, dtype=i64), vector(2**61 - 1, 7, dtype=i64))
  c("PopulationCount", vector(-8, 2**60 + 5, 0, dtype=i64))
  c("PopulationCount", vector(-8, 5, 0, dtype=i8))


def cast(family):
  types = FLOATS + INTS + [np.bool_, c64, c128]
  for source in types:
    for target in types:
      if source == target:
        continue
      if source == np.bool_:
        x = np.array([True, False])
      elif source in INTS:
        info = np.iinfo(source)
        x = np.array([0, 1, 5, 100, info.max, info.min, info.max - 1, info.max // 3], dtype=source)
      else:
        with np.errstate(over="ignore", invalid="ignore"):
          x = np.array([0.0, -0.0, 1.0, 1.5, 2.7, 0.3, 100.25, 127.0, 3.999]).astype(source)
          if target not in (u8, u16, u32, u64):
            x = np.concatenate([x, np.array([-1.5, -2.7, -0.3, -100.75]).astype(source)])
      family.case("Cast", x, DstT=tf.dtypes.as_dtype(target))
      # Where the value does not fit in a narrow integer, TensorFlow's result depends on the position of the element.
      if source in (f32, f64) and target not in (c64, c128, i8, i16, u8, u16, u32):
        with np.errstate(over="ignore", invalid="ignore"):
          y = np.array([inf, -inf, nan, 1e10, -1e10, 1e20, -1e20, 300.7, -300.7, 70000.0, -70000.0, 3e9, 5e9, 2.0**31, 2.0**63, -(2.0**63), 1e-8, 6e-8]).astype(source)
        for many in (1, 5):
          family.case("Cast", np.tile(y, many), DstT=tf.dtypes.as_dtype(target))
  family.case("Cast", np.array([2**62 + 1, 2**53 + 1, 2**60 + 2**36 + 1, -(2**60) - 2**36 - 1, 2**24 + 1, 2**63 - 1], i64), DstT=tf.float32)
  family.case("Cast", np.array([1.00048828125, 1.00146484375, 65519.0, 65520.0, 5.9604645e-8, 2.9802322e-8, 2.98023241e-8, 6.097e-5], f32), DstT=tf.float16)
  family.case("Cast", np.array([1.00390625, 1.01171875, 3.3895314e38, 3.4e38, 1e-40], f32), DstT=tf.bfloat16)


def reduction(family):
  c = family.case
  axes = [[], [0], [1], [-1], [0, 2], [0, 1, 2], [1, 2], [0, 1]]
  for dtype in FLOATS + [i32, i64, u8, i8, u16, u64]:
    loose = {f32: (2e-6, 1e-6), f64: (1e-13, 1e-14), f16: (4e-3, 4e-3), bf16: (4e-2, 4e-2)}.get(dtype)
    for op in ("Sum", "Mean", "Prod", "Max", "Min", "EuclideanNorm"):
      if op == "EuclideanNorm" and dtype not in (f32, f64):
        continue
      for k, axis in enumerate(axes if dtype in (f32, i64) else axes[2:5]):
        c(op, sample(k, [2, 3, 4], dtype), np.array(axis, i32 if k % 2 else i64), keep_dims=k % 3 == 0, tolerance=loose)
  for op in ("Sum", "Mean", "Prod", "Max", "Min"):
    c(op, np.zeros([0, 3], f32), vector(0))
    c(op, np.zeros([2, 0, 3], f32), vector(1, 0))
    c(op, np.zeros([2, 0], i64), vector(1)) if op != "Mean" else None
    c(op, np.zeros([2, 0], i32), vector(1)) if op != "Mean" else None
    c(op, scalar(3.5, f32), np.zeros([0], i32))
    c(op, np.array([[1, nan, 2, 3], [nan, 1, inf, -inf], [1, 2, nan, nan], [inf, inf, 1, 2], [-inf, 1, 2, 3]], f32), vector(1))
    c(op, np.array([[1, nan, 2, 3, 4, 5, 6, 7, 8], [0, 1, 2, 3, 4, 5, 6, 7, nan], [nan, 1, 2, 3, 4, 5, 6, 7, 8]], f32), vector(1))
    c(op, np.array([[1, nan, 2], [nan, 1, 4], [0, 1, 2]], f64), vector(0))
  c("Sum", np.array([2**31 - 1, 1, 5], i32), vector(0))
  c("Sum", np.array([2**63 - 1, 1, 5], i64), vector(0))
  c("Sum", np.array([2**53, 1, -(2**53)], i64), vector(0))
  c("Prod", np.array([2**31 - 1, 3, 5], i32), vector(0))
  c("Prod", np.array([2**40, 2**30, 3, 5], i64), vector(0))
  c("Mean", np.array([7, -8, -8], i32), vector(0))
  c("Mean", np.array([7, -8, -8], i64), vector(0))
  c("Max", np.array([2**63 - 1, 1, -(2**63)], i64), vector(0))
  c("Min", np.array([2**63 - 1, 1, -(2**63)], i64), vector(0))
  for dtype in (c64, c128):
    for axis in ([0], [1], [0, 1]):
      c("Sum", normal(1, [3, 4], dtype), np.array(axis, i32), tolerance=(1e-5, 1e-5))
      c("Mean", normal(1, [3, 4], dtype), np.array(axis, i32), keep_dims=True, tolerance=(1e-5, 1e-5))
      c("Prod", normal(1, [3, 4], dtype), np.array(axis, i32), tolerance=(1e-5, 1e-5))
  c("Sum", normal(1, [200, 9]), vector(0), tolerance=(1e-5, 1e-4))
  for op in ("All", "Any"):
    for axis in axes:
      c(op, rng(1).randint(0, 4, size=[2, 3, 4]) > 0, np.array(axis, i32), keep_dims=len(axis) == 1)
    c(op, np.zeros([2, 0], np.bool_), vector(1))
  for op in ("ArgMax", "ArgMin"):
    for dtype in FLOATS + [i32, i64, u8, i8, np.bool_]:
      for axis in (0, 1, -1):
        c(op, sample(4, [3, 4, 2], dtype), scalar(axis), output_type=tf.int32 if axis else tf.int64)
    c(op, vector(1, nan, 3, nan, dtype=f32), scalar(0))
    c(op, vector(nan, 1, 3, dtype=f32), scalar(0))
    c(op, vector(nan, nan, dtype=f32), scalar(0))
    c(op, vector(-inf, -inf, dtype=f32), scalar(0))
    c(op, vector(2**62, 2**62 + 1, 2**62 - 1, dtype=i64), scalar(0))
  for op in ("Cumsum", "Cumprod"):
    for dtype in (f32, f64, i32, i64, f16):
      for exclusive in (False, True):
        for reverse in (False, True):
          c(op, sample(1, [2, 3, 2], dtype), scalar(1 if reverse else -3), exclusive=exclusive, reverse=reverse, tolerance=(4e-3, 1e-3) if dtype == f16 else (2e-6, 1e-6) if dtype == f32 else (1e-13, 1e-14) if dtype == f64 else None)
  c("CumulativeLogsumexp", normal(1, [2, 5]), scalar(1), tolerance=(3e-6, 1e-6))
  c("L2Loss", normal(1, [3, 4]), tolerance=(2e-6, 0))
  ids = vector(0, 0, 2, 2, 3)
  for dtype in (f32, f64, i32, i64):
    for op in ("SegmentSum", "SegmentMean", "SegmentMax", "SegmentMin", "SegmentProd"):
      c(op, sample(1, [5, 3], dtype), ids, tolerance=(2e-6, 1e-7) if dtype == f32 else None)
      c(op, sample(1, [5], dtype), ids.astype(i64), tolerance=(2e-6, 1e-7) if dtype == f32 else None)
    for op in ("UnsortedSegmentSum", "UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd"):
      c(op, sample(1, [5, 3], dtype), vector(3, -1, 0, 3, 1), scalar(5), tolerance=(2e-6, 1e-7) if dtype == f32 else None)
      c(op, sample(1, [2, 2, 3], dtype), vector([3, 0], [0, 1]), scalar(4), tolerance=(2e-6, 1e-7) if dtype == f32 else None)
  c("SegmentSum", normal(1, [3]), vector(1, 0, 2), fails=True)
  c("UnsortedSegmentSum", normal(1, [3]), vector(1, 5, 2), scalar(3), fails=True)


def search(family):
  c = family.case
  for dtype in (f32, i32, i64, u8, object):
    x = np.array([b"b", b"a", b"b", b"c", b"", b"a"], object) if dtype == object else np.array([4, 2, 4, 7, 0, 2], dtype)
    for idx in (tf.int32, tf.int64):
      c("Unique", x, out_idx=idx)
      c("UniqueWithCounts", x, out_idx=idx)
    if dtype != object:
      c("UniqueV2", np.array([[1, 0], [2, 3], [1, 0]], dtype), vector(0, dtype=i64))
      c("UniqueV2", np.array([[1, 1, 2], [2, 2, 3]], dtype), vector(1, dtype=i64))
      c("UniqueWithCountsV2", x, np.zeros([0], i64))
    c("ListDiff", x, x[1:3])
  for op in ("LowerBound", "UpperBound"):
    for dtype in (f32, i32, i64):
      c(op, np.array([[1, 3, 3, 7], [0, 2, 4, 6]], dtype), np.array([[3, 0, 9], [4, -1, 6]], dtype), out_type=tf.int32)
    c(op, np.array([[1, 3, 3, 7]], f32), np.array([[3, 0, 9]], f32), out_type=tf.int64)
  c("Bucketize", normal(1, [2, 5]), boundaries=[-1.0, 0.0, 0.5])
  c("Bucketize", integers(1, [6], i64), boundaries=[-2.0, 0.0, 3.0])
  c("Bincount", integers(1, [10], i32, 0, 6), scalar(5), np.zeros([0], i32))
  c("Bincount", integers(1, [10], i32, 0, 6), scalar(7), normal(2, [10]), tolerance=(1e-6, 1e-7))
  for binary_output in (False, True):
    c("DenseBincount", integers(1, [10], i32, 0, 6), scalar(5), np.zeros([0], f32), binary_output=binary_output)
    c("DenseBincount", integers(1, [3, 10], i64, 0, 6), scalar(5, i64), np.zeros([0], i32), binary_output=binary_output)
  c("DenseBincount", integers(1, [2, 5], i32, 0, 6), scalar(6), normal(3, [2, 5]), tolerance=(1e-6, 1e-7))
  for dtype in (f32, f64, f16, i32, i64):
    c("TopKV2", sample(2, [3, 7], dtype), scalar(3), sorted=True)
    c("TopKV2", sample(2, [7], dtype), scalar(7), sorted=True)
    c("TopKV2", sample(2, [2, 7], dtype), scalar(0), sorted=True)
  c("TopKV2", np.array([1, 1, 1, 2, 2], f32), scalar(4), sorted=True)
  for dtype in (f32, i64):
    c("InTopK", normal(1, [3, 5]), vector(0, 1, 4), k=2)
    c("InTopKV2", normal(1, [3, 5]), vector(0, 1, 4, dtype=i64), scalar(2, i64))
    x = sample(1, [2, 3, 4], dtype)
    for low, high in ((0, 0), (1, -1), (-1, 1), (0, 2)):
      c("MatrixBandPart", x, scalar(low, i64), scalar(high, i64))
    c("MatrixDiag", sample(1, [2, 3], dtype))
    c("MatrixDiagPart", sample(1, [2, 3, 4], dtype))
    c("MatrixSetDiag", sample(1, [2, 3, 4], dtype), sample(2, [2, 3], dtype))
    c("Diag", sample(1, [2, 2], dtype))
    c("DiagPart", sample(1, [2, 3, 2, 3], dtype))
    pad = np.array(9, dtype)
    c("MatrixDiagV2", sample(1, [2, 3], dtype), scalar(1), scalar(-1), scalar(-1), pad)
    c("MatrixDiagPartV2", sample(1, [2, 3, 4], dtype), vector(-1, 1), pad)
    c("MatrixSetDiagV2", sample(1, [2, 3, 4], dtype), sample(2, [2, 2, 3], dtype), vector(0, 1))
    for align in ("LEFT_LEFT", "LEFT_RIGHT", "RIGHT_LEFT", "RIGHT_RIGHT"):
      for k in ((-1, 1), (-2, 0), (0, 2), (1, 1), (-1, -1)):
        c("MatrixDiagPartV3", sample(1, [2, 3, 4], dtype), vector(*k), pad, align=align)
      c("MatrixDiagPartV3", sample(1, [2, 3, 4], dtype), scalar(0), pad, align=align)
      c("MatrixDiagV3", sample(1, [2, 3, 3], dtype), vector(-1, 1), scalar(4), scalar(3), pad, align=align)
      c("MatrixDiagV3", sample(1, [2, 2, 3], dtype), vector(0, 1), scalar(-1), scalar(-1), pad, align=align)
      c("MatrixSetDiagV3", sample(1, [2, 3, 4], dtype), sample(2, [2, 3, 3], dtype), vector(-1, 1), align=align)
      c("MatrixSetDiagV3", sample(1, [3, 3], dtype), sample(2, [2], dtype), scalar(1), align=align)


def linear(family):
  c = family.case
  for dtype in [f32, f64, f16, bf16, i32, i64, c64, c128]:
    loose = {f32: (1e-5, 1e-6), f64: (1e-13, 1e-13), f16: (4e-3, 4e-3), bf16: (3e-2, 3e-2), c64: (1e-5, 1e-5), c128: (1e-13, 1e-13)}.get(dtype)
    for ta in (False, True):
      for tb in (False, True):
        a, b = sample(1, [5, 3] if ta else [3, 5], dtype), sample(2, [4, 5] if tb else [5, 4], dtype)
        c("MatMul", a, b, transpose_a=ta, transpose_b=tb, tolerance=loose)
        a, b = sample(1, [2, 1, 5, 3] if ta else [2, 1, 3, 5], dtype), sample(2, [3, 4, 5] if tb else [3, 5, 4], dtype)
        c("BatchMatMulV2", a, b, adj_x=ta, adj_y=tb, tolerance=loose)
    c("MatMul", sample(1, [3, 0], dtype), sample(2, [0, 4], dtype))
    c("MatMul", sample(1, [3, 7], dtype), sample(2, [7, 1], dtype), tolerance=loose)
  c("MatMul", vector([2**31 - 1, 7]), vector([3], [5]))
  c("MatMul", vector([2**40, 7], dtype=i64), vector([2**20], [5], dtype=i64))
  c("BatchMatMulV3", integers(1, [2, 3, 4], i8), integers(2, [4, 5], i8), Tout=tf.int32)
  c("BatchMatMul", normal(1, [2, 3, 4]), normal(2, [2, 4, 5]), tolerance=(1e-5, 1e-6))
  for equation, *shapes in (("ij,jk->ik", [2, 3], [3, 4]), ("bij,bjk->bik", [2, 2, 3], [2, 3, 4]), ("ij->ji", [2, 3]), ("ii->i", [3, 3]),
                            ("ii->", [3, 3]), ("ij->", [2, 3]), ("i,j->ij", [2], [3]), ("abc,cde->abde", [2, 3, 4], [4, 2, 3]),
                            ("...ij,...jk->...ik", [2, 1, 2, 3], [3, 3, 4]), ("ijk->kj", [2, 3, 4]), ("abcd,aecd->acbe", [2, 3, 2, 4], [2, 5, 2, 4]),
                            ("i->ii", [3]), ("iij,jk->ik", [2, 2, 3], [3, 4]), ("ab,ab->ab", [2, 3], [2, 3]), ("ab,ab->", [2, 3], [2, 3]),
                            ("...a,ab->...b", [2, 3, 4], [4, 5]), ("aij,jk->ik", [2, 3, 4], [4, 5])):
    c("Einsum", [normal(k, s) for k, s in enumerate(shapes)], equation=equation, tolerance=(1e-5, 1e-6))
  c("Einsum", [integers(1, [2, 3], i64), integers(2, [3, 4], i64)], equation="ij,jk->ik")
  c("Einsum", [normal(1, [2, 3], c64), normal(2, [3, 4], c64)], equation="ij,jk->ik", tolerance=(1e-5, 1e-5))


def nn(family):
  c = family.case
  for dtype in FLOATS:
    loose = {f32: (2e-6, 1e-7), f64: (1e-13, 1e-14), f16: (4e-3, 1e-3), bf16: (3e-2, 1e-2)}[dtype]
    for op in ("Softmax", "LogSoftmax"):
      c(op, normal(1, [3, 5], dtype), tolerance=(loose[0] * 2, loose[1] * 5))
      c(op, normal(1, [2, 2, 3], dtype) * 10, tolerance=(loose[0] * 2, loose[1] * 10))
    if dtype in (f32, f64):
      labels = np.abs(normal(2, [3, 5], dtype))
      c("SoftmaxCrossEntropyWithLogits", normal(1, [3, 5], dtype), labels, tolerance=(3e-6, 1e-6))
      c("SoftmaxCrossEntropyWithLogits", normal(1, [3, 5], dtype), labels[:1], tolerance=(3e-6, 1e-6))
      c("SparseSoftmaxCrossEntropyWithLogits", normal(1, [3, 5], dtype), vector(0, 4, 2, dtype=i64), tolerance=(3e-6, 1e-6))
    c("L2Loss", normal(1, [3, 4], dtype), tolerance=loose)
    c("BiasAdd", normal(1, [2, 3, 4], dtype), normal(2, [4], dtype))
    c("BiasAddGrad", normal(1, [2, 3, 4], dtype), tolerance=loose if dtype in (f32, f64) else (3e-2, 3e-2))
  c("SparseSoftmaxCrossEntropyWithLogits", normal(1, [3, 5]), vector(0, 5, 2), fails=True)
  c("BiasAdd", normal(1, [2, 4, 3, 5]), normal(2, [4]), data_format="NCHW")
  c("BiasAdd", integers(1, [2, 4], i64), integers(2, [4], i64))
  c("BiasAddV1", normal(1, [2, 4]), normal(2, [4]))
  c("LRN", normal(1, [1, 2, 2, 7]), depth_radius=2, bias=1.5, alpha=0.7, beta=0.6, tolerance=(3e-6, 0))
  conv = dict(tolerance=(1e-5, 2e-6))
  x = normal(1, [2, 7, 8, 4])
  for padding in ("SAME", "VALID"):
    for strides in ([1, 1, 1, 1], [1, 2, 2, 1]):
      for dilations in ([1, 1, 1, 1], [1, 2, 2, 1]):
        c("Conv2D", x, normal(2, [3, 3, 4, 5]), strides=strides, padding=padding, dilations=dilations, **conv)
        if strides[1] == 1 or dilations[1] == 1:
          c("DepthwiseConv2dNative", x, normal(2, [3, 3, 4, 2]), strides=strides, padding=padding, dilations=dilations, **conv)
    c("DepthwiseConv2dNative", x, normal(2, [3, 2, 4, 1]), strides=[1, 2, 2, 1], padding=padding, **conv)
    c("Conv2D", x, normal(2, [1, 1, 4, 3]), strides=[1, 1, 1, 1], padding=padding, **conv)
    c("Conv2D", x, normal(2, [3, 2, 2, 6]), strides=[1, 2, 1, 1], padding=padding, **conv)
    for dtype in (f32, f64):
      out = 4 if padding == "SAME" else 3
      image = normal(1, [2, 7, 8, 3], dtype)
      g = normal(3, [2, out, 4 if padding == "SAME" else 3, 5], dtype)
      w = normal(2, [3, 3, 3, 5], dtype)
      c("Conv2DBackpropInput", vector(2, 7, 8, 3), w, g, strides=[1, 2, 2, 1], padding=padding, **conv)
      c("Conv2DBackpropFilter", image, vector(3, 3, 3, 5), g, strides=[1, 2, 2, 1], padding=padding, **conv)
    if padding == "SAME":
      c("Conv3DBackpropInputV2", vector(1, 4, 5, 5, 2), normal(2, [2, 3, 3, 2, 3]), normal(3, [1, 4, 3, 3, 3]), strides=[1, 1, 2, 2, 1], padding=padding, **conv)
      c("Conv3DBackpropFilterV2", normal(1, [1, 4, 5, 5, 2]), vector(2, 3, 3, 2, 3), normal(3, [1, 4, 3, 3, 3]), strides=[1, 1, 2, 2, 1], padding=padding, **conv)
    c("Conv3D", normal(1, [1, 4, 5, 5, 2]), normal(2, [2, 3, 3, 2, 3]), strides=[1, 1, 2, 2, 1], padding=padding, **conv)
    for op in ("MaxPool", "AvgPool"):
      for dtype in (f32, f64, f16):
        c(op, normal(1, [2, 7, 8, 3], dtype), ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1], padding=padding, tolerance=(3e-3, 1e-3) if dtype == f16 else (1e-6, 1e-7) if dtype == f32 else (1e-13, 1e-14))
      c(op, normal(1, [1, 4, 4, 2]), ksize=[1, 2, 2, 1], strides=[1, 1, 1, 1], padding=padding, tolerance=(1e-6, 1e-7))
    c("MaxPool3D", normal(1, [1, 4, 5, 5, 2]), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding=padding)
    c("AvgPool3D", normal(1, [1, 4, 5, 5, 2]), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding=padding, tolerance=(1e-6, 1e-7))
    c("MaxPoolWithArgmax", normal(1, [2, 4, 5, 2]), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding)
    c("MaxPoolWithArgmax", normal(1, [2, 4, 5, 2]), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding, include_batch_in_index=True)
    c("MaxPoolV2", normal(1, [2, 4, 5, 2]), vector(1, 2, 2, 1), vector(1, 2, 2, 1), padding=padding)
    pooled = [2, 2, 3, 2] if padding == "SAME" else [2, 2, 2, 2]
    image = normal(1, [2, 4, 5, 2])
    c("AvgPoolGrad", vector(2, 4, 5, 2), normal(2, pooled), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding, tolerance=(1e-6, 1e-7))
    family.program(lambda a, b: tf.raw_ops.MaxPoolGrad(orig_input=a, orig_output=tf.raw_ops.MaxPool(input=a, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding), grad=b, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding=padding), image, normal(2, pooled))
  c("Conv2D", x, normal(2, [3, 3, 4, 5]), strides=[1, 1, 2, 1], padding="EXPLICIT", explicit_paddings=[0, 0, 2, 1, 0, 3, 0, 0], **conv)
  c("Conv2D", normal(1, [1, 5, 5, 2], f64), normal(2, [3, 3, 2, 2], f64), strides=[1, 1, 1, 1], padding="SAME", tolerance=(1e-13, 1e-13))
  c("Conv2D", normal(1, [0, 5, 5, 2]), normal(2, [3, 3, 2, 2]), strides=[1, 1, 1, 1], padding="SAME")
  g = [normal(1, [2, 3, 4, 5]), np.abs(normal(2, [5])), normal(3, [5]), normal(4, [5]), np.abs(normal(5, [5]))]
  loose = (2e-5, 2e-6)

  def norm(op, training, half=False, **attributes):
    def build(x, scale, offset, mean, variance):
      outputs = getattr(tf.raw_ops, op)(x=x, scale=scale, offset=offset, mean=mean, variance=variance, epsilon=0.001, is_training=training, **attributes)
      return [outputs[0], outputs[1], outputs[2]]
    values = [g[0].astype(f16) if half else g[0]] + g[1:]
    if training and attributes.get("exponential_avg_factor", 1.0) == 1.0:
      values[3:] = [np.zeros([0], f32)] * 2
    family.program(build, *values, tolerance=(4e-3, 2e-3) if half else loose)

  for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"):
    norm(op, False)
    norm(op, True)
    norm(op, True, exponential_avg_factor=0.3)
    if op != "FusedBatchNorm":
      norm(op, False, half=True)

  for op in ("FusedBatchNorm", "FusedBatchNormV2"):
    def older(x, scale, offset, mean, variance, gradient):
      gradients = getattr(tf.raw_ops, op.replace("Norm", "NormGrad"))(y_backprop=gradient, x=x, scale=scale, reserve_space_1=mean, reserve_space_2=variance, epsilon=0.001, is_training=False)
      return list(gradients[:3])
    family.program(older, *g, normal(6, [2, 3, 4, 5]), tolerance=(1e-4, 1e-5))

  for training in (False, True):
    def build(x, scale, offset, mean, variance, gradient):
      empty = tf.zeros([0])
      forward = tf.raw_ops.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean=empty if training else mean, variance=empty if training else variance, epsilon=0.001, is_training=training)
      back = tf.raw_ops.FusedBatchNormGradV3(y_backprop=gradient, x=x, scale=scale, reserve_space_1=forward[3] if training else mean, reserve_space_2=forward[4] if training else variance, reserve_space_3=forward[5], epsilon=0.001, is_training=training)
      return list(back[:3])
    family.program(build, *g, normal(6, [2, 3, 4, 5]), tolerance=(1e-4, 1e-5))


def image(family):
  c = family.case
  for aligned, half in ((False, False), (True, False), (False, True)):
    for size in ((3, 9), (8, 4), (1, 1), (5, 6)):
      attributes = dict(align_corners=aligned, half_pixel_centers=half)
      for dtype in (f32, u8, i64):
        if dtype != i64:
          c("ResizeBilinear", sample(1, [2, 5, 6, 3], dtype), vector(*size), tolerance=(2e-6, 2e-6), **attributes)
          c("ResizeBicubic", sample(1, [1, 5, 6, 2], dtype), vector(*size), tolerance=(5e-6, 5e-6), **attributes)
        c("ResizeNearestNeighbor", sample(1, [2, 5, 6, 3], dtype), vector(*size), **attributes)
      if not half:
        c("ResizeArea", normal(3, [2, 5, 6, 3]), vector(*size), align_corners=aligned, tolerance=(5e-6, 5e-6))
      c("ResizeBilinearGrad", normal(1, [1, *size, 2]), normal(2, [1, 5, 6, 2]), tolerance=(3e-6, 3e-6), **attributes)
  boxes = np.array([[0.0, 0.0, 1.0, 1.0], [0.1, 0.2, 0.6, 0.9], [0.9, 0.8, 0.1, 0.2], [-0.2, 0.3, 0.5, 1.3]], f32)
  for method in ("bilinear", "nearest"):
    for size in ((3, 4), (1, 1), (7, 2)):
      c("CropAndResize", normal(1, [2, 5, 6, 2]), boxes, vector(0, 1, 1, 0), vector(*size), method=method, extrapolation_value=-3.5, tolerance=(5e-6, 5e-6))
  c("CropAndResize", integers(1, [2, 5, 6, 2], u8), boxes, vector(0, 1, 1, 0), vector(3, 3), tolerance=(5e-6, 5e-6))
  corners = rng(3).uniform(0, 1, [12, 2]).astype(f32)
  candidates = np.concatenate([corners, corners + rng(4).uniform(0.1, 0.6, [12, 2]).astype(f32)], axis=1)
  scores = rng(5).uniform(0, 1, [12]).astype(f32)
  for most in (3, 12):
    c("NonMaxSuppression", candidates, scores, scalar(most), iou_threshold=0.3)
    c("NonMaxSuppressionV2", candidates, scores, scalar(most), scalar(0.3, f32))
    c("NonMaxSuppressionV3", candidates, scores, scalar(most), scalar(0.3, f32), scalar(0.4, f32))
    for pad in (False, True):
      c("NonMaxSuppressionV4", candidates, scores, scalar(most), scalar(0.3, f32), scalar(0.4, f32), pad_to_max_output_size=pad)


  for sigma in (0.0, 0.5):
    for pad in (False, True):
      c("NonMaxSuppressionV5", candidates, scores, scalar(7), scalar(0.6, f32), scalar(0.2, f32), scalar(sigma, f32), pad_to_max_output_size=pad)
  several = rng(7).uniform(0, 1, [2, 12, 3]).astype(f32)
  for kinds in (1, 3):
    boxes = np.stack([candidates[rng(k).permutation(12)] for k in range(2 * kinds)]).reshape([2, kinds, 12, 4]).transpose([0, 2, 1, 3]) * 1.2 - 0.1
    for pad in (False, True):
      for clip in (False, True):
        c("CombinedNonMaxSuppression", boxes, several, scalar(3), scalar(8 if clip else 20), scalar(0.4, f32), scalar(0.3, f32), pad_per_class=pad, clip_boxes=clip)


def signal(family):
  c = family.case
  for n in (1, 4, 5, 8, 12):
    for dtype, real, loose in ((c64, f32, (2e-5, 2e-6)), (c128, f64, (1e-12, 1e-13))):
      for op in ("FFT", "IFFT"):
        c(op, normal(n, [2, n], dtype), tolerance=loose)
      kind = tf.dtypes.as_dtype(dtype)
      c("RFFT", normal(n, [2, n], real), vector(n), Tcomplex=kind, tolerance=loose) if n > 1 or real == f32 else None
      c("IRFFT", normal(n, [2, n // 2 + 1], dtype), vector(n), Treal=tf.dtypes.as_dtype(real), tolerance=loose)
      c("IRFFT", normal(n, [2, n // 2 + 1], dtype), vector(max(1, n - 1)), Treal=tf.dtypes.as_dtype(real), tolerance=loose)
  c("RFFT", normal(1, [7]), vector(4), tolerance=(2e-5, 2e-6))
  for op in ("FFT2D", "IFFT2D", "FFT3D", "IFFT3D"):
    c(op, normal(1, [2, 3, 4, 5], c64), tolerance=(2e-5, 1e-5))
  c("RFFT2D", normal(1, [2, 4, 5]), vector(4, 5), tolerance=(2e-5, 5e-6))
  c("RFFT2D", normal(1, [2, 4, 5]), vector(3, 4), tolerance=(2e-5, 5e-6))
  c("IRFFT2D", normal(1, [2, 4, 3], c64), vector(4, 5), tolerance=(2e-5, 5e-6))
  c("RFFT3D", normal(1, [3, 4, 5]), vector(3, 4, 5), tolerance=(2e-5, 1e-5))
  c("IRFFT3D", normal(1, [3, 4, 3], c64), vector(3, 4, 4), tolerance=(2e-5, 1e-5))
  colours = rng(1).uniform(0, 1, [2, 3, 4, 3]).astype(f32)
  colours[0, 0, 0] = [0.5, 0.5, 0.5]
  colours[0, 0, 1] = [0, 0, 0]
  c("RGBToHSV", colours, tolerance=(3e-6, 1e-6))
  c("HSVToRGB", colours, tolerance=(3e-6, 1e-6))
  for delta in (0.0, 0.3, -0.7):
    c("AdjustHue", colours, scalar(delta, f32), tolerance=(1e-5, 2e-6))
  for factor in (0.0, 0.4, 2.5):
    c("AdjustSaturation", colours, scalar(factor, f32), tolerance=(1e-5, 2e-6))
    c("AdjustContrastv2", colours, scalar(factor, f32), tolerance=(1e-5, 2e-6))
  for padding in ("SAME", "VALID"):
    for dtype in (f32, i64, u8):
      c("ExtractImagePatches", sample(1, [2, 6, 7, 2], dtype), ksizes=[1, 2, 3, 1], strides=[1, 2, 2, 1], rates=[1, 1, 2, 1], padding=padding)
    c("ExtractVolumePatches", normal(1, [1, 4, 5, 4, 2]), ksizes=[1, 2, 2, 2, 1], strides=[1, 2, 1, 2, 1], padding=padding)
  x = normal(1, [3, 4]) * 4
  for narrow in (False, True):
    for bits in (8, 4):
      c("FakeQuantWithMinMaxArgs", x, min=-3.0, max=5.0, num_bits=bits, narrow_range=narrow, tolerance=(1e-6, 1e-6))
      c("FakeQuantWithMinMaxVars", x, scalar(-2.5, f32), scalar(6.1, f32), num_bits=bits, narrow_range=narrow, tolerance=(1e-6, 1e-6))
      c("FakeQuantWithMinMaxVarsPerChannel", x, vector(-1, -2, -3, 0, dtype=f32), vector(1, 5, 3, 4, dtype=f32), num_bits=bits, narrow_range=narrow, tolerance=(1e-6, 1e-6))
      for signed in (False, True):
        c("QuantizeAndDequantizeV2", np.abs(x) if not signed else x, scalar(-2.0 if signed else 0.0, f32), scalar(3.0, f32), signed_input=signed, num_bits=bits, range_given=True, narrow_range=narrow, tolerance=(1e-6, 1e-6))
        c("QuantizeAndDequantizeV2", x, scalar(0.0, f32), scalar(0.0, f32), signed_input=True, num_bits=bits, range_given=False, narrow_range=narrow, tolerance=(1e-6, 1e-6))
        c("QuantizeAndDequantizeV2", x, scalar(0.0, f32), scalar(0.0, f32), signed_input=True, num_bits=bits, range_given=False, narrow_range=narrow, axis=1, round_mode="HALF_UP", tolerance=(1e-6, 1e-6))
      c("QuantizeAndDequantizeV3", x, scalar(-2.0, f32), scalar(3.0, f32), scalar(bits), narrow_range=narrow, tolerance=(1e-6, 1e-6))
  for dtype, loose in ((f32, (1e-4, 1e-5)), (f64, (1e-11, 1e-12))):
    square = normal(1, [2, 4, 4], dtype)
    c("MatrixDeterminant", square, tolerance=loose)
    c("MatrixInverse", square, tolerance=loose)
    c("MatrixInverse", square, adjoint=True, tolerance=loose)
    c("MatrixSolve", square, normal(2, [2, 4, 3], dtype), tolerance=loose)
    c("MatrixSolve", square, normal(2, [2, 4, 3], dtype), adjoint=True, tolerance=loose)
    c("Cholesky", square @ np.swapaxes(square, 1, 2) + np.eye(4, dtype=dtype), tolerance=loose)
  c("MatrixInverse", np.zeros([2, 2], f32), fails=True)


def lists(family):
  p, R = family.program, tf.raw_ops
  x = normal(1, [4, 3])
  shape = vector(3)

  def grow(a):
    l = R.TensorListFromTensor(tensor=a, element_shape=shape)
    m = R.TensorListSetItem(input_handle=l, index=1, item=a[0] * 2.0)
    n = R.TensorListPushBack(input_handle=m, tensor=a[3])
    rest, last = R.TensorListPopBack(input_handle=n, element_shape=shape, element_dtype=tf.float32)
    stack = lambda h: R.TensorListStack(input_handle=h, element_shape=shape, element_dtype=tf.float32, num_elements=-1)
    # Older versions are read after newer ones, and newer ones again.
    return [stack(n), stack(l), stack(m), stack(rest), last, stack(l), R.TensorListLength(input_handle=n),
            R.TensorListGetItem(input_handle=m, index=1, element_shape=shape, element_dtype=tf.float32),
            R.TensorListElementShape(input_handle=l, shape_type=tf.int64)]
  p(grow, x)

  def reserve(a):
    l = R.TensorListReserve(element_shape=shape, num_elements=4, element_dtype=tf.float32)
    l = R.TensorListSetItem(input_handle=l, index=2, item=a[1])
    r = R.TensorListResize(input_handle=l, size=3)
    stack = lambda h: R.TensorListStack(input_handle=h, element_shape=vector(-1), element_dtype=tf.float32, num_elements=-1)
    return [stack(l), stack(r), R.TensorListGetItem(input_handle=l, index=0, element_shape=shape, element_dtype=tf.float32),
            R.TensorListGather(input_handle=l, indices=vector(2, 0, 2), element_shape=shape, element_dtype=tf.float32)]
  p(reserve, x)

  def scattered(a, indices):
    l = R.TensorListScatterV2(tensor=a, indices=indices, element_shape=shape, num_elements=-1)
    m = R.TensorListScatterIntoExistingList(input_handle=l, tensor=a[:2], indices=vector(0, 1))
    stack = lambda h: R.TensorListStack(input_handle=h, element_shape=shape, element_dtype=tf.float32, num_elements=-1)
    return [stack(l), stack(m), R.TensorListLength(input_handle=l)]
  p(scattered, x, vector(5, 1, 0, 2))

  def joined(a, lengths):
    l = R.TensorListSplit(tensor=a, element_shape=vector(-1, 3), lengths=lengths)
    both = R.TensorListConcatV2(input_handle=l, element_shape=vector(-1, 3), leading_dims=np.zeros([0], i64), element_dtype=tf.float32)
    twice = R.TensorListConcatLists(input_a=l, input_b=l, element_dtype=tf.float32)
    return [both[0], both[1], R.TensorListLength(input_handle=twice), R.TensorListGetItem(input_handle=l, index=1, element_shape=vector(-1, 3), element_dtype=tf.float32)]
  p(joined, x, vector(1, 0, 3, dtype=i64))

  def added(a):
    l = R.TensorListFromTensor(tensor=a, element_shape=shape)
    sums = R.AddN(inputs=[l, l, R.ZerosLike(x=l)])
    return [R.TensorListStack(input_handle=sums, element_shape=shape, element_dtype=tf.float32, num_elements=4)]
  p(added, x)

  def first(a):
    l = R.EmptyTensorList(element_shape=vector(-1), max_num_elements=-1, element_dtype=tf.float32)
    l = R.TensorListPushBack(input_handle=l, tensor=a[1])
    l = R.TensorListPushBack(input_handle=l, tensor=a[0])
    m = R.TensorListScatter(tensor=a, indices=vector(3, 2, 1, 0), element_shape=shape)
    return list(R.TensorListConcat(input_handle=l, element_dtype=tf.float32)) + [R.TensorListStack(input_handle=m, element_shape=shape, element_dtype=tf.float32, num_elements=4)]
  p(first, x)

  def words(a):
    l = R.TensorListFromTensor(tensor=a, element_shape=vector())
    l = R.TensorListPushBack(input_handle=l, tensor="new")
    return [R.TensorListStack(input_handle=l, element_shape=vector(), element_dtype=tf.string, num_elements=-1)]
  p(words, strings(1, [3]))
  p(lambda a: [R.TensorListGetItem(input_handle=R.TensorListFromTensor(tensor=a, element_shape=shape), index=4, element_shape=shape, element_dtype=tf.float32)], x, fails=True)

  def array(a, grows=False):
    handle, flow = R.TensorArrayV3(size=2 if grows else 4, dtype=tf.float32, element_shape=[3], dynamic_size=grows, clear_after_read=False)
    flow = R.TensorArrayScatterV3(handle=handle, indices=vector(2, 0, 3), value=a[:3], flow_in=flow)
    flow = R.TensorArrayWriteV3(handle=handle, index=1, value=a[3], flow_in=flow)
    return [R.TensorArrayReadV3(handle=handle, index=2, flow_in=flow, dtype=tf.float32),
            R.TensorArrayGatherV3(handle=handle, indices=vector(3, 3, 0), flow_in=flow, dtype=tf.float32),
            R.TensorArraySizeV3(handle=handle, flow_in=flow), *R.TensorArrayConcatV3(handle=handle, flow_in=flow, dtype=tf.float32)]
  p(array, x)
  p(lambda a: array(a, True), x, runs=2)

  def divided(a, lengths):
    handle, flow = R.TensorArrayV3(size=3, dtype=tf.float32)
    flow = R.TensorArraySplitV3(handle=handle, value=a, lengths=lengths, flow_in=flow)
    return list(R.TensorArrayConcatV3(handle=handle, flow_in=flow, dtype=tf.float32)) + [flow]
  p(divided, x, vector(2, 0, 2, dtype=i64))

  def gradient(a):
    handle, flow = R.TensorArrayV3(size=3, dtype=tf.float32, element_shape=[3], clear_after_read=False)
    flow = R.TensorArrayScatterV3(handle=handle, indices=vector(0, 1, 2), value=a[:3], flow_in=flow)
    back, flow = R.TensorArrayGradV3(handle=handle, flow_in=flow, source="gradients")
    flow = R.TensorArrayWriteV3(handle=back, index=1, value=a[3], flow_in=flow)
    flow = R.TensorArrayWriteV3(handle=back, index=1, value=a[0], flow_in=flow)
    return [R.TensorArrayGatherV3(handle=back, indices=vector(0, 1, 2), flow_in=flow, dtype=tf.float32)]
  p(gradient, x)

  def twice(a):
    handle, flow = R.TensorArrayV3(size=3, dtype=tf.float32)
    flow = R.TensorArrayWriteV3(handle=handle, index=1, value=a, flow_in=flow)
    return [R.TensorArrayWriteV3(handle=handle, index=1, value=a, flow_in=flow)]
  p(twice, x, fails=True)


def control(family):
  c = family.case

  def variable(a, rows):
    handle = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[4, 3], shared_name="table")
    with tf.control_dependencies([tf.raw_ops.AssignVariableOp(resource=handle, value=a)]):
      return [tf.raw_ops.ResourceGather(resource=handle, indices=rows, dtype=tf.float32),
              tf.raw_ops.ResourceGatherNd(resource=handle, indices=tf.stack([rows, rows - 1], 1), dtype=tf.float32)]
  family.program(variable, normal(1, [4, 3]), vector(2, 1, 1))
  family.program(lambda ok, a: _after(tf.raw_ops.Assert(condition=ok, data=[a]), a), np.array(True), normal(1, [2]))
  family.program(lambda ok, a: _after(tf.raw_ops.Assert(condition=ok, data=[a]), a), np.array(False), normal(1, [2]), fails=True)
  c("Print", normal(1, [2]), [np.asarray([1.0], f32)], message="hello")


def _after(operation, value):
  with tf.control_dependencies([operation]):
    return [tf.identity(value)]


def random(family):
  c = family.case
  seeds = dict(seed=87654321, seed2=5, runs=2)
  for dtype in FLOATS:
    kind = tf.dtypes.as_dtype(dtype)
    loose = {f32: (2e-6, 2e-6), f64: (1e-12, 1e-12), f16: (2e-3, 1e-3), bf16: (2e-2, 1e-2)}[dtype]
    for shape in ([3, 3], [1], [2, 8]):
      c("RandomUniform", vector(*shape), dtype=kind, **seeds)
      for op in ("RandomStandardNormal", "TruncatedNormal"):
        c(op, vector(*shape), dtype=kind, tolerance=loose, **seeds)
      if dtype != bf16:
        c("StatelessRandomUniform", vector(*shape), vector(12345, -7, dtype=i64), dtype=kind)
        for op in ("StatelessRandomNormal", "StatelessTruncatedNormal"):
          c(op, vector(*shape), vector(12345, -7), dtype=kind, tolerance=loose)
  for dtype in (i32, i64):
    c("RandomUniformInt", vector(7), scalar(-5, dtype), scalar(1000, dtype), **seeds)
    c("StatelessRandomUniformInt", vector(7), vector(3, 9), scalar(-5, dtype), scalar(1000, dtype))
    c("StatelessRandomUniformFullInt", vector(7), vector(3, 9), dtype=tf.dtypes.as_dtype(dtype))
  c("RandomUniformInt", vector(2), scalar(5), scalar(5), fails=True, seed=1, seed2=2)
  c("RandomShuffle", vector(*range(11)), **seeds)
  c("RandomShuffle", normal(1, [6, 2]), **seeds)
  c("RandomShuffle", strings(1, [9]), **seeds)
  logits = normal(3, [3, 5])
  logits[1, 2] = -inf
  for dtype in (tf.int32, tf.int64):
    c("Multinomial", logits, scalar(7), output_dtype=dtype, **seeds)
  c("StatelessMultinomial", logits, scalar(6), vector(3, 9))
  R = tf.raw_ops

  def keyed(seed):
    key, counter = R.StatelessRandomGetKeyCounter(seed=seed)
    alg = R.StatelessRandomGetAlg()
    made = dict(shape=vector(2, 3), key=key, counter=counter, alg=alg)
    return [key, counter, R.StatelessRandomUniformV2(**made, dtype=tf.float32), R.StatelessRandomNormalV2(**made, dtype=tf.float64),
            R.StatelessTruncatedNormalV2(**made, dtype=tf.float32), R.StatelessRandomUniformIntV2(**made, minval=scalar(3), maxval=scalar(90)),
            R.StatelessRandomUniformFullIntV2(**made, dtype=tf.uint64)]
  family.program(lambda seed: list(R.StatelessRandomGetKeyCounterAlg(seed=seed)), vector(5, 6))
  family.program(keyed, vector(77, 2**40, dtype=i64), tolerance=(2e-6, 2e-6))


def convolution_gradients(family):
  """What training computes: filters of 16 channels and more, which ONNX Runtime convolves in another way, strides that leave pixels over."""
  c = lambda *args, **kw: family.case(*args, tolerance=(2e-5, 2e-5), **kw)
  for padding in ("VALID", "SAME"):
    for stride, channels, multiplier in ((1, 16, 1), (2, 16, 1), (1, 3, 2), (2, 2, 2), (2, 3, 1)):
      size, kernel = (5, 6), (3, 2)
      out = [-(-n // stride) if padding == "SAME" else (n - k) // stride + 1 for n, k in zip(size, kernel)]
      x = normal(1, [2, *size, channels])
      w = normal(2, [*kernel, channels, multiplier])
      g = normal(3, [2, *out, channels * multiplier])
      how = dict(strides=[1, stride, stride, 1], padding=padding)
      c("DepthwiseConv2dNative", x, w, **how)
      c("DepthwiseConv2dNativeBackpropInput", vector(*x.shape), w, g, **how)
      c("DepthwiseConv2dNativeBackpropFilter", x, vector(*w.shape), g, **how)
      w, g = normal(2, [*kernel, channels, 5]), normal(3, [2, *out, 5])
      c("Conv2DBackpropInput", vector(*x.shape), w, g, **how)
      c("Conv2DBackpropFilter", x, vector(*w.shape), g, **how)
    for stride in (1, 2):
      out = [-(-n // stride) for n in (2, 3)]
      x, w, g = normal(1, [1, 2, 3, 20]), normal(2, [1, 1, 20, 12]), normal(3, [1, *out, 12])
      how = dict(strides=[1, stride, stride, 1], padding=padding)
      c("Conv2DBackpropInput", vector(*x.shape), w, g, **how)
      c("Conv2DBackpropFilter", x, vector(*w.shape), g, **how)
    for kernel, stride in ((3, 1), (3, 2), (2, 3)):
      out = [-(-n // stride) if padding == "SAME" else (n - kernel) // stride + 1 for n in size]
      x, g = integers(1, [2, *size, 3]).astype(f32), normal(2, [2, *out, 3])
      how = dict(ksize=[1, kernel, kernel, 1], strides=[1, stride, stride, 1], padding=padding)
      c("AvgPoolGrad", vector(*x.shape), g, **how)
      # Equal numbers: the first of them has the gradient.
      c("MaxPoolGrad", x, tf.raw_ops.MaxPool(input=x, **how).numpy(), g, **how)


def extremes(family):
  """What no tensor should hold, and most backends get wrong where it does: NaN, infinities, negative zero, no elements, wrapping int32."""
  c = family.case
  x = np.array([nan, inf, -inf, 0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 80, -80, 1e-8, -1e-8, 16777217, 2147483648.0, -20, 6, 7], f32)
  ones = [1, 1, 1, 1]
  for op in ("Exp", "Log", "Sqrt", "Rsqrt", "Reciprocal", "Sigmoid", "Tanh", "Floor", "Ceil", "Round", "Relu", "Softplus", "Abs", "IsNan"):
    c(op, x)
    c(op, np.zeros([2, 0, 3], f32))
  for op in ("AddV2", "Sub", "Mul", "RealDiv", "SquaredDifference", "FloorMod", "DivNoNan", "MulNoNan", "Xdivy", "Equal", "Less", "GreaterEqual"):
    c(op, x[:, None], x[None, :])
    c(op, np.zeros([2, 1], f32), np.zeros([1, 0], f32))
  words = np.array([0, 1, -1, 2147483647, -2147483648, 65536, 46341, 16777217, 7], i32)
  for op in ("AddV2", "Sub", "Mul", "Maximum", "Minimum", "Equal", "Less"):
    c(op, words[:, None], words[None, :])
  c("Neg", words)
  c("ClipByValue", x[1:], scalar(1, f32), scalar(-1, f32))
  pairs = [np.ascontiguousarray(side.reshape(-1)) for side in np.meshgrid(x, x)]
  for op in ("ReluGrad", "Relu6Grad", "RsqrtGrad", "ReciprocalGrad", "LeakyReluGrad"):
    c(op, *pairs)
  table = np.array([[nan, 1, 2], [1, nan, 3], [inf, -inf, 0], [-0.0, 0, -0.0], [inf, inf, nan]], f32)
  for op in ("Sum", "Mean", "Prod"):
    for axis in ([0], [1], [0, 1], []):
      c(op, table, vector(*axis))
    c(op, np.zeros([3, 0], f32), vector(1))
    c(op, np.zeros([3, 0], f32), vector(0))
  for op in ("Max", "Min"):
    c(op, table[2:4], vector(1))
    c(op, np.zeros([3, 0], f32), vector(1))
  c("MatMul", np.array([[nan, 0], [inf, 0], [1, 2]], f32), np.array([[0, 1, inf], [0, nan, 0]], f32))
  c("MatMul", np.zeros([2, 0], f32), np.zeros([0, 3], f32))
  images = normal(1, [1, 5, 6, 3])
  images[0, 2, 3, 1], images[0, 0, 0, 0] = nan, inf
  for padding in ("SAME", "VALID"):
    for op in ("Conv2D", "DepthwiseConv2dNative"):
      c(op, images, normal(2, [3, 3, 3, 2]), strides=ones, padding=padding, tolerance=(1e-5, 1e-5))
    c("Conv2D", normal(1, [2, 5, 6, 3]), np.zeros([3, 3, 3, 0], f32), strides=ones, padding=padding)
    for op in ("MaxPool", "AvgPool"):
      c(op, np.zeros([0, 5, 4, 2], f32), ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1], padding=padding)
  explicit = dict(padding="EXPLICIT", explicit_paddings=[0, 0, 2, 1, 0, 2, 0, 0])
  c("MaxPool", -np.abs(normal(1, [1, 5, 6, 3])), ksize=[1, 3, 3, 1], strides=[1, 2, 2, 1], **explicit)
  for op in ("Conv2D", "DepthwiseConv2dNative"):
    c(op, normal(1, [1, 5, 6, 3]), normal(2, [3, 2, 3, 2]), strides=[1, 2, 2, 1], **explicit)
  for op in ("DepthToSpace", "SpaceToDepth"):
    c(op, np.zeros([0, 2, 2, 4], f32), block_size=2)
  c("PadV2", normal(1, [2, 3]), vector([1, 0], [0, 2]), scalar(nan, f32))
  c("PadV2", normal(1, [1, 1, 2, 1, 3]), vector([1, 0], [0, 2], [0, 0], [1, 1], [0, 1]), scalar(-inf, f32))
  channels = np.array([1, 2, 3], f32)
  for shape, training in (([1, 5, 6, 3], False), ([0, 2, 2, 3], False), ([0, 2, 2, 3], True)):
    values = images if shape[0] else np.zeros(shape, f32)
    state = [np.zeros([0], f32)] * 2 if training else [channels, np.array([1, -1, 2], f32)]
    # Of an empty batch there are no statistics, and what is reserved for the gradient is nobody's business.
    family.program(lambda *a, training=training, values=values: list(tf.raw_ops.FusedBatchNormV3(
        x=a[0], scale=a[1], offset=a[2], mean=a[3], variance=a[4], is_training=training))[: 3 if len(values) else 1], values, channels, channels, *state)


FAMILIES = [extremes, convolution_gradients, array, unary, binary, cast, reduction, search, linear, nn, image, signal, lists, random, control]

if __name__ == "__main__":
  target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/runtime/testdata/kernels")
  for make in FAMILIES:
    name = make.__name__.replace("_", "-")
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
      continue
    family = Family(name)
    make(family)
    family.write(target)
