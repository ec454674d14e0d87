"""Writes packages/runtime/testdata/kernels/rare-*.json.gz: what TensorFlow computes for ops that few models hold.

  python tools/tensorflow/rare_kernel_goldens.py [family ...]        (TensorFlow 2.21)
"""
import os, sys
from golden_cases import Family, np, tf, v1

R = tf.raw_ops
f16, f32, f64, i32, i64, u8 = np.float16, np.float32, np.float64, np.int32, np.int64, np.uint8


def rng(seed):
  return np.random.RandomState(seed)


def normal(seed, *shape, dtype=f32):
  return rng(seed).standard_normal(shape).astype(dtype)


def uniform(seed, *shape, low=0., high=1., dtype=f32):
  return rng(seed).uniform(low, high, shape).astype(dtype)


def vector(*values, dtype=i32):
  return np.array(values, dtype)


def words(*values):
  return np.array(values, object)


def counting(family):
  p, c = family.program, family.case
  splits, values = vector(0, 2, 2, 5, dtype=i64), vector(1, 3, 0, 3, 9)
  weights = normal(1, 5)
  none = np.zeros([0], f32)
  for binary in (False, True):
    for given in (none, weights, np.zeros([0], i32)):
      if binary and given is weights:
        continue
      c("RaggedBincount", splits, values, np.int32(5), given, binary_output=binary)
      c("DenseCountSparseOutput", values, given, binary_output=binary)
      c("RaggedCountSparseOutput", splits, values, given, binary_output=binary, minlength=12)
  c("RaggedBincount", splits, vector(1, -3, 0, 3, 9), np.int32(5), none, fails=True)
  c("RaggedBincount", vector(0, 7, dtype=i64), values, np.int32(5), none, fails=True)
  c("RaggedBincount", vector(0, dtype=i64), vector(), np.int32(3), none)
  grid = np.array([[0, 0], [0, 2], [2, 1]], i64)
  for dtype in (i32, i64):
    c("SparseBincount", grid, vector(1, 1, 4, dtype=dtype), vector(3, 4, dtype=i64), np.asarray(4, dtype), none)
    c("SparseBincount", grid[:, 1:], vector(1, 1, 4, dtype=dtype), vector(4, dtype=i64), np.asarray(6, dtype), normal(2, 3))
  for lengths in (dict(), dict(minlength=3), dict(maxlength=3), dict(minlength=20, maxlength=9)):
    c("DenseCountSparseOutput", values.reshape(1, 5), none, binary_output=False, **lengths)
    c("DenseCountSparseOutput", np.zeros([2, 0], i32), none, binary_output=False, **lengths)
    c("SparseCountSparseOutput", grid, vector(7, 2, 7, dtype=i64), vector(3, 4, dtype=i64), none, binary_output=False, **lengths)
  c("SparseCountSparseOutput", grid[:, 1:], vector(7, 2, 7), vector(4, dtype=i64), normal(2, 3), binary_output=False)
  for dtype in (f32, f64, i32, i64):
    for out in (tf.int32, tf.int64):
      c("HistogramFixedWidth", np.array([-1, 0, 1.5, 2, 5, 15], dtype), np.array([0, 5], dtype), np.int32(5), dtype=out)
  c("HistogramFixedWidth", normal(3, 2, 0), np.array([0, 5], f32), np.int32(4))
  c("HistogramFixedWidth", normal(3, 4), np.array([5, 5], f32), np.int32(4), fails=True)
  for reverse in (False, True):
    c("NthElement", normal(3, 3, 5), np.int32(1), reverse=reverse)
    c("NthElement", rng(3).randint(-9, 9, (2, 3, 4)).astype(i64), np.int32(3), reverse=reverse)
  c("NthElement", normal(3, 5), np.int32(5), fails=True)
  c("UnravelIndex", vector(5, 0, 11), vector(3, 4))
  c("UnravelIndex", np.asarray(7, i64), vector(2, 2, 2, dtype=i64))
  c("UnravelIndex", vector(12), vector(3, 4), fails=True)


def crossing(family):
  p = family.program
  left, right = words([b"a", b"b"], [b"cc", b"b"], [b"", b"z\xff"]), np.array([[3, -1], [0, 50], [2**40, 7]], i64)
  indices, shape = np.array([[0, 0], [0, 3], [2, 1]], i64), vector(3, 4, dtype=i64)
  column = lambda values: tf.SparseTensor(indices, values, shape)
  parts = lambda made: [made.indices, made.values, made.dense_shape]
  tags = words(b"x", b"yy", b"")
  p(lambda a, b: parts(tf.sparse.cross([a, b])), left, right)
  p(lambda a, b: parts(tf.sparse.cross([a, column(b)], separator="+")), left, tags)
  for buckets in (0, 10, 1000003):
    p(lambda a, b, t: parts(tf.sparse.cross_hashed([a, column(t), b], num_buckets=buckets, hash_key=77)), left, right, tags)
  p(lambda t, n: parts(tf.sparse.cross_hashed([column(t), column(n)], num_buckets=9)), tags, vector(1, 2, 3, dtype=i64))
  p(lambda a: parts(tf.sparse.cross([a, a[:2]])), left, fails=True)
  rows = lambda values: tf.RaggedTensor.from_row_splits(values, np.array([0, 2, 2, 3], i64), validate=False)
  pieces = lambda made: [made.values, made.row_splits]
  p(lambda t, a, b: pieces(tf.ragged.cross([a, rows(t), b])), tags, left, right)
  p(lambda t, a: pieces(tf.ragged.cross([rows(t), column(t), a])), tags, left)
  p(lambda t, a, b: pieces(tf.ragged.cross_hashed([rows(t), b, column(t), a], num_buckets=50)), tags, left, right)


def audio(family):
  p, c = family.program, family.case
  sound = np.stack([np.sin(np.arange(700) / 9.), np.cos(np.arange(700) / 31.)], 1).astype(f32) * .6
  for size, stride, squared in ((128, 64, True), (100, 37, False), (800, 10, True)):
    c("AudioSpectrogram", sound, window_size=size, stride=stride, magnitude_squared=squared, tolerance=(1e-4, 1e-3))
  spectrogram = rng(1).uniform(0, 4, (2, 3, 129)).astype(f32)
  c("Mfcc", spectrogram, np.int32(8000), upper_frequency_limit=3500., tolerance=(1e-4, 1e-4))
  c("Mfcc", spectrogram, np.int32(16000), lower_frequency_limit=300., filterbank_channel_count=30, dct_coefficient_count=20, tolerance=(1e-4, 1e-4))
  c("Mfcc", np.zeros([1, 2, 65], f32), np.int32(16000), tolerance=(1e-4, 1e-4))
  c("EncodeWav", np.array([[0, .5], [1, -1], [1.5, -3], [.3, .2]], f32), np.int32(44100))


def warping(family):
  c = family.case
  image, flat = uniform(1, 2, 6, 5, 3), rng(2).randint(0, 255, (1, 5, 7, 1)).astype(u8)
  for kernel in ("lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic"):
    for antialias in (False, True):
      c("ScaleAndTranslate", image, vector(3, 9), np.array([.5, 1.8], f32), np.array([0, -.4], f32), kernel_type=kernel, antialias=antialias, tolerance=(1e-5, 1e-5))
  c("ScaleAndTranslate", flat, vector(3, 3), np.array([.6, .4], f32), np.array([2, 0], f32), kernel_type="triangle", tolerance=(1e-5, 1e-4))
  turns = np.array([[.9, -.2, .5, .3, 1.1, -.7, .01, 0], [1, 0, -2, 0, 1, 3.5, 0, -.02]], f32)
  for fill in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
    for way in ("NEAREST", "BILINEAR"):
      c("ImageProjectiveTransformV3", image, turns, vector(7, 6), np.float32(.25), fill_mode=fill, interpolation=way, tolerance=(1e-4, 1e-5))
      c("ImageProjectiveTransformV2", image, turns[:1], vector(4, 4), fill_mode=fill, interpolation=way, tolerance=(1e-4, 1e-5))
  c("ImageProjectiveTransformV3", flat, turns[1:], vector(5, 7), np.float32(9), interpolation="NEAREST")


def quantized(family):
  """Quantised values come out as integers of the same width."""
  p = family.program
  plain = {tf.qint8: tf.int8, tf.quint8: tf.uint8, tf.qint32: tf.int32, tf.qint16: tf.int16, tf.quint16: tf.uint16}
  values = np.array([[-3, -1.26, -.5, 0], [.49, 1, 1.51, 9]], f32)

  def both(dtype, low, high, mode, **more):
    def build(x):
      made = R.QuantizeV2(input=x, min_range=low, max_range=high, T=dtype, mode=mode, **more)
      back = R.Dequantize(input=made.output, min_range=made.output_min, max_range=made.output_max, mode=mode,
                          **{k: v for k, v in more.items() if k in ("axis", "narrow_range")})
      return [tf.bitcast(made.output, plain[dtype]), made.output_min, made.output_max, back]
    p(build, values, tolerance=(1e-6, 1e-6), static=True)
  for dtype in (tf.qint8, tf.quint8):
    for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
      both(dtype, -2., 2., mode)
      both(dtype, .5, 3., mode)
    for rounding in ("HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN"):
      both(dtype, -2., 1., "SCALED", round_mode=rounding, narrow_range=True)
    both(dtype, -2., 1., "MIN_COMBINED", ensure_minimum_range=0.)
    both(dtype, [-2., -1., 0., -3.], [2., 1., 1., 9.], "SCALED", axis=1)
  for dtype in (tf.qint16, tf.quint16):
    both(dtype, -2., 2., "MIN_COMBINED")
  family.case("QuantizeAndDequantizeV4", values, np.float32(-1), np.float32(2), range_given=True)


def variables(family):
  """One variable, changed and read."""
  p = family.program

  def changed(change, dtype=f32):
    def build(start, *rest):
      handle = R.VarHandleOp(dtype=start.dtype, shape=[4, 3], shared_name="v")
      with tf.control_dependencies([R.AssignVariableOp(resource=handle, value=start)]):
        done = change(handle)
      with tf.control_dependencies([done]):
        return R.ReadVariableOp(resource=handle, dtype=start.dtype)
    p(build, (normal(1, 4, 3) * 9).astype(dtype))
  for dtype in (f32, f64, i32, i64, f16):
    rows = lambda seed, *shape: tf.constant((np.abs(normal(seed, *shape)) * 5 + 1).astype(dtype))
    changed(lambda v: R.ResourceScatterMul(resource=v, indices=[1, 1], updates=rows(1, 2, 3)), dtype=dtype)
    changed(lambda v: R.ResourceScatterMax(resource=v, indices=[[3]], updates=rows(2, 1, 1, 3)), dtype=dtype)
    changed(lambda v: R.ResourceScatterMin(resource=v, indices=2, updates=rows(3, 3)), dtype=dtype)
    changed(lambda v: R.ResourceScatterDiv(resource=v, indices=[0, 2], updates=tf.constant(2, dtype)), dtype=dtype)
    changed(lambda v: R.ResourceScatterNdUpdate(ref=v, indices=[[1, 2], [0, 0]], updates=rows(4, 2)), dtype=dtype)
    changed(lambda v: R.ResourceScatterNdAdd(ref=v, indices=[[1], [1]], updates=rows(5, 2, 3)), dtype=dtype)
    changed(lambda v: R.ResourceScatterNdSub(ref=v, indices=[[3, 1]], updates=rows(6, 1)), dtype=dtype)
    changed(lambda v: R.ResourceStridedSliceAssign(ref=v, begin=[0, 1], end=[4, 3], strides=[2, 1], value=rows(7, 2, 2)), dtype=dtype)
  changed(lambda v: R.ResourceScatterNdMax(ref=v, indices=[[1, 2]], updates=[50.]))
  changed(lambda v: R.ResourceScatterNdMin(ref=v, indices=[[0]], updates=[[-50., 3., 50.]]))
  state = np.array([3, 2**63 - 5, 99], i64)

  def skipped(start):
    handle = R.VarHandleOp(dtype=tf.int64, shape=[3], shared_name="state")
    with tf.control_dependencies([R.AssignVariableOp(resource=handle, value=start)]):
      first = R.RngReadAndSkip(resource=handle, alg=1, delta=tf.constant(7, tf.uint64))
    with tf.control_dependencies([first]):
      second = R.RngReadAndSkip(resource=handle, alg=1, delta=tf.constant(2**57, tf.uint64))
    with tf.control_dependencies([second]):
      return [first, second, R.ReadVariableOp(resource=handle, dtype=tf.int64)]
  p(skipped, state)
  p(lambda x: tf.random.experimental.stateless_shuffle(x, [3, 4]), np.arange(11, dtype=i32))
  p(lambda x: tf.random.experimental.stateless_shuffle(x, [3, 4]), words(b"a", b"b", b"c", b"d"))


def elements(family):
  c = family.case
  for dtype in (f32, f64, f16, tf.bfloat16.as_numpy_dtype, i32, i64, u8, np.int8, np.uint16):
    x = np.array([[0, 3, 9], [100, 7, 2]], dtype)
    c("ClipByValue", x, np.asarray(2, dtype), np.asarray(8, dtype))
    c("ClipByValue", x, np.array([[0, 1, 2], [3, 4, 5]], dtype), np.full([2, 3], 6, dtype))
  c("ClipByValue", np.array([np.nan, np.inf, -np.inf], f32), np.float32(-1), np.float32(1))
  for dtype in (f32, f64):
    c("NextAfter", np.array([0, 0, 1, -1, 1, 3e38, np.nan, 2, 0, -0.], dtype), np.array([1, -1, 2, -2, 0, np.inf, 1, 2, 0, 0.], dtype))
    c("Cross", normal(1, 2, 3, dtype=dtype), normal(2, 2, 3, dtype=dtype))
  c("Cross", vector(1, 2, 3), vector(-4, 5, 6))
  for dtype in (np.complex64, np.complex128, f32):
    c("ConjugateTranspose", (normal(1, 2, 3) + (1j * normal(2, 2, 3) if dtype != f32 else 0)).astype(dtype), vector(1, 0))


def decompositions(family):
  """Vectors that are only determined up to their signs come multiplied with each other."""
  p = family.program
  for dtype, loose in ((f32, (1e-4, 1e-5)), (f64, (1e-9, 1e-10))):
    square = normal(1, 2, 4, 4, dtype=dtype) + 2 * np.eye(4, dtype=dtype)
    symmetric = (square + np.swapaxes(square, 1, 2)) / 2
    tall, wide = normal(2, 2, 5, 3, dtype=dtype), normal(3, 3, 4, dtype=dtype)
    right = normal(4, 2, 4, 2, dtype=dtype)
    more = dict(tolerance=loose)
    for lower in (False, True):
      for adjoint in (False, True):
        p(lambda a, b: R.MatrixTriangularSolve(matrix=a, rhs=b, lower=lower, adjoint=adjoint), square, right, **more)
        p(lambda a, b: R.MatrixTriangularSolve(matrix=a, rhs=b, lower=lower, adjoint=adjoint), square[:1], right, **more)
    p(lambda a: list(R.LogMatrixDeterminant(input=a)), square, **more)
    p(lambda a: list(R.LogMatrixDeterminant(input=a)), np.zeros([1, 2, 2], dtype), **more)
    for index in (tf.int32, tf.int64):
      p(lambda a: list(R.Lu(input=a, output_idx_type=index)), square, **more)
    p(lambda a: R.SelfAdjointEigV2(input=a, compute_v=False).e, square, **more)

    def eigen(a):
      e, v = R.SelfAdjointEigV2(input=a, compute_v=True)
      return [e, tf.matmul(v * e[:, tf.newaxis], v, transpose_b=True), tf.abs(v)]
    p(eigen, symmetric, **more)
    for full in (False, True):
      def singular(a):
        s, u, v = R.Svd(input=a, compute_uv=True, full_matrices=full)
        count = 3
        return [s, tf.matmul(u[..., :count] * s[..., tf.newaxis, :], v[..., :count], transpose_b=True), tf.matmul(u, u, transpose_a=True),
                tf.matmul(v, v, transpose_a=True)]
      p(singular, tall, **more)
      p(singular, wide, **more)
      p(singular, np.array([[1, 1, 1], [2, 2, 2], [0, 0, 0]], dtype), **more)
      p(lambda a: list(R.Qr(input=a, full_matrices=full)), tall, **more)
      p(lambda a: list(R.Qr(input=a, full_matrices=full)), wide, **more)
    p(lambda a: R.Svd(input=a, compute_uv=False).s, wide, **more)


def cells(family):
  c = family.case
  steps, rows, inputs, units = 4, 2, 3, 5
  x, state, hidden = normal(1, steps, rows, inputs), normal(2, rows, units) * 3, normal(3, rows, units)
  rest = [normal(4, inputs + units, 4 * units), normal(5, units), normal(6, units), normal(7, units), normal(8, 4 * units)]
  more = dict(tolerance=(1e-5, 1e-6))
  for end in (0, 3, 4):
    for peephole in (False, True):
      c("BlockLSTM", np.int64(end), x, state, hidden, *rest, use_peephole=peephole, **more)
      c("BlockLSTMV2", np.int64(end), x, state, hidden, *rest, use_peephole=peephole, cell_clip=.75, **more)
  for clip in (-1., 1.5):
    c("LSTMBlockCell", x[0], state, hidden, *rest, cell_clip=clip, use_peephole=True, forget_bias=.5, **more)
  c("LSTMBlockCell", x[0], state, hidden[:1], *rest, fails=True)
  c("GRUBlockCell", x[1], hidden, normal(4, inputs + units, 2 * units), normal(5, inputs + units, units), normal(6, 2 * units), normal(7, units), **more)


def probability(family):
  c = family.case
  for dtype, loose in ((f32, (3e-6, 1e-7)), (f64, (1e-10, 1e-14))):
    x = np.array([0, 1e-3, .5, -1, 3, -7.9, 8.1, 30, -300, 1e4, 3e7], dtype)
    for op in ("BesselI0e", "BesselI1e"):
      c(op, x, tolerance=loose)
    for op in ("BesselI0", "BesselI1"):
      c(op, x[:8], tolerance=loose)
    a, b = np.array([.1, .5, 1, 2, 7, 40, 100], dtype)[:, None], np.array([0, .01, .3, 1, 2.5, 30, 120], dtype)
    for op in ("Igamma", "Igammac"):
      c(op, a, b, tolerance=(5e-5, 1e-6) if dtype == f32 else (1e-8, 1e-12))
      c(op, np.array([-1, 2, 0, 3], dtype), np.array([1, -1, 1, np.inf], dtype), tolerance=loose)


def pairs(family):
  c = family.case
  first, second, shape = np.array([[0, 1], [1, 0], [2, 3]], i64), np.array([[0, 1], [1, 2], [2, 0], [2, 3]], i64), vector(3, 4, dtype=i64)
  for dtype in (f32, f64, i32, i64):
    for op in ("SparseSparseMaximum", "SparseSparseMinimum"):
      c(op, first, np.array([1, -2, 3], dtype), shape, second, np.array([2, -1, 4, -3], dtype), shape)
  c("SparseSparseMaximum", first, np.array([1, -2, 3], f32), shape, second, np.array([2, -1, 4, -3], f32), shape + 1, fails=True)
  given, truth = np.array([[0, 0], [0, 1], [0, 2], [1, 0]], i64), np.array([[0, 0], [0, 1], [2, 0], [2, 1]], i64)
  for normalize in (False, True):
    c("EditDistance", given, words(b"a", b"b", b"c", b"d"), shape, truth, words(b"a", b"c", b"e", b"f"), shape, normalize=normalize)
    c("EditDistance", given, vector(1, 2, 3, 4, dtype=i64), shape, truth, vector(2, 3, 4, 5, dtype=i64), vector(4, 2, dtype=i64), normalize=normalize)
  for dtype in (u8, np.uint16):
    for channels in (1, 2, 3, 4):
      family.program(lambda x: tf.io.decode_png(tf.io.encode_png(x), dtype=tf.as_dtype(x.dtype)),
                     rng(channels).randint(0, np.iinfo(dtype).max, (5, 7, channels)).astype(dtype), static=True)


def sequences(family):
  feature = lambda **kind: tf.train.Feature(**{k: {"float_list": tf.train.FloatList, "int64_list": tf.train.Int64List, "bytes_list": tf.train.BytesList}[k](value=v)
                                               for k, v in kind.items()})
  steps = lambda kind, *values: tf.train.FeatureList(feature=[feature(**{kind: v}) for v in values])

  def example(context, **lists):
    return tf.train.SequenceExample(context=tf.train.Features(feature=context), feature_lists=tf.train.FeatureLists(feature_list=lists)).SerializeToString()
  first = example({"id": feature(int64_list=[7]), "tags": feature(bytes_list=[b"a", b"b"])},
                  pair=steps("float_list", [1, 2], [3, 4], [5, 6]), words=steps("bytes_list", [b"x"], [b"y", b"zz"]), ids=steps("int64_list", [1], [2**40]))
  second = example({"id": feature(int64_list=[9])}, pair=steps("float_list", [.5, 1.5]), words=steps("bytes_list", []))
  features = tf.io
  context = {"id": features.FixedLenFeature([], tf.int64, -1), "tags": features.VarLenFeature(tf.string)}
  lists = {"pair": features.FixedLenSequenceFeature([2], tf.float32), "words": features.VarLenFeature(tf.string),
           "ids": features.FixedLenSequenceFeature([1], tf.int64, allow_missing=True)}
  ragged = {"tags": features.RaggedFeature(tf.string)}, {"words": features.RaggedFeature(tf.string), "ids": features.RaggedFeature(tf.int64, row_splits_dtype=tf.int64)}
  flat = lambda made: [t for t in tf.nest.flatten(made, expand_composites=True) if t.op.type.startswith("Parse")]
  p = family.program
  p(lambda s: flat(tf.io.parse_sequence_example(s, context, lists)), words(first, second))
  p(lambda s: flat(tf.io.parse_sequence_example(s, context, lists)), words(second))
  for one in (first, second):
    p(lambda s: flat(tf.io.parse_single_sequence_example(s, context, lists)), np.array(one, object))
    p(lambda s: flat(tf.io.parse_single_sequence_example(s, *ragged)), np.array(one, object), static=True)
  p(lambda s: flat(tf.io.parse_sequence_example(s, *ragged)), words(first, second), static=True)
  p(lambda s: flat(tf.io.parse_sequence_example(s, context, {"none": features.FixedLenSequenceFeature([], tf.int64)})), words(first), fails=True)
  p(lambda s: flat(tf.io.parse_sequence_example(s, context, lists)), words(b"\xff\x01"), fails=True)
  no = np.zeros([0], object)

  def old(single):
    common = dict(context_dense_defaults=[np.array(-1, i64)], context_sparse_types=[tf.string], context_dense_shapes=[[]],
                  feature_list_dense_types=[tf.float32, tf.int64], feature_list_sparse_types=[tf.string], feature_list_dense_shapes=[[2], [1]])
    keys = dict(context_sparse_keys=[b"tags"], context_dense_keys=[b"id"], feature_list_sparse_keys=[b"words"], feature_list_dense_keys=[b"pair", b"ids"])
    if single:
      return lambda s: [t for part in R.ParseSingleSequenceExample(serialized=s, feature_list_dense_missing_assumed_empty=[b"ids"], debug_name="", **keys, **common)
                        for t in part]
    return lambda s: [t for part in R.ParseSequenceExample(serialized=s, debug_name=no, feature_list_dense_missing_assumed_empty=[b"ids"], **keys, **common,
                                                           Ncontext_sparse=1, Ncontext_dense=1, Nfeature_list_sparse=1, Nfeature_list_dense=2) for t in part]
  p(old(False), words(first, second))
  p(old(True), np.array(first, object))


def morphology(family):
  image, element = normal(1, 2, 7, 6, 3), normal(2, 3, 2, 3)
  for padding in ("SAME", "VALID"):
    for strides, rates in (([1, 1, 1, 1], [1, 1, 1, 1]), ([1, 2, 1, 1], [1, 1, 1, 1]), ([1, 1, 1, 1], [1, 2, 3, 1])):
      for dtype in (f32, f64, f16):
        family.case("Dilation2D", image.astype(dtype), element.astype(dtype), strides=strides, rates=rates, padding=padding)
  family.case("Dilation2D", image, element[..., :2], strides=[1] * 4, rates=[1] * 4, padding="SAME", fails=True)


FAMILIES = [morphology, sequences, probability, pairs, cells, decompositions, counting, crossing, audio, warping, quantized, variables, elements]

if __name__ == "__main__":
  target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/runtime/testdata/kernels")
  for make in FAMILIES:
    name = make.__name__.replace("_", "-")
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
      continue
    family = Family("rare-" + name)
    make(family)
    family.write(target)
