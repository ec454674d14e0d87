"""Writes packages/graph/testdata/operation-shapes.json: the shapes that TensorFlow infers for single operations.

  python tools/tensorflow/shape_goldens.py        (TensorFlow 2.21)

Every case is one operation, in several variants: with the shapes as written, with the first dimension hidden, with all dimensions hidden,
with the rank hidden, with the rank of the first input hidden, and with constant inputs hidden. All of them are in one GraphDef (base64 of
gzip); `shapes` has, for each operation of interest, TensorFlow's shapes of its outputs: null where the rank is unknown, null for a dimension.

Also packages/graph/testdata/model-shapes.json: the same of every operation in the graphs of tools/fixtures; and partial-values.json:
integer tensors computed from shapes that are partly known, with what they are when values of one such shape are fed.
"""
import base64, gzip, glob, json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import op_def_library, op_def_registry

tf1 = tf.compat.v1
tf1.disable_eager_execution()
HERE = os.path.dirname(os.path.abspath(__file__))
TESTDATA = os.path.join(HERE, "../../packages/graph/testdata")
F, I, L, S, B, C = tf.float32, tf.int32, tf.int64, tf.string, tf.bool, tf.complex64


class P:
  """An input fed with a value of this shape."""
  def __init__(self, shape, dtype=F):
    self.shape, self.dtype = shape, dtype


class K:
  """A constant input, of which a variant hides the value."""
  def __init__(self, value, dtype=I):
    self.value = np.array(value, dtype=dtype.as_numpy_dtype)
    self.dtype = dtype


class Attr:
  def __init__(self, value):
    self.value = value


CASES = []


RENAMED = {"axis": "squeeze_dims"}


def is_input(value):
  return isinstance(value, (P, K)) or isinstance(value, list) and len(value) > 0 and isinstance(value[0], (P, K))


def default(attr):
  value = attr.default_value
  if attr.type.startswith("list("):
    return list(getattr(value.list, {"int": "i", "float": "f", "bool": "b", "string": "s", "type": "type", "shape": "shape"}[attr.type[5:-1]]))
  return getattr(value, {"int": "i", "float": "f", "bool": "b", "string": "s", "type": "type", "shape": "shape"}[attr.type])


def case(op, **arguments):
  """P and K are inputs (or lists of them), in order where their names are not the definition's; everything else is an attribute."""
  definition = op_def_registry.get(op)
  names = [arg.name for arg in definition.input_arg]
  attrs = [attr.name for attr in definition.attr]
  unnamed = [name for name in names if name not in arguments]
  resolved = {}
  for name, value in arguments.items():
    if is_input(value):
      resolved[name if name in names else unnamed.pop(0)] = value
    else:
      resolved[name if name in attrs else RENAMED[name]] = value
  inferred = {attr for arg in definition.input_arg for attr in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
  for attr in definition.attr:
    if attr.name not in resolved and attr.name not in inferred and attr.HasField("default_value"):
      resolved[attr.name] = default(attr)
  CASES.append((op, resolved))


def elementwise():
  for op in ("Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Digamma Elu Erf Erfc Erfinv Exp Expm1 Floor Inv IsFinite IsInf IsNan Lgamma "
             "LeakyRelu Log Log1p Ndtri Neg OnesLike Reciprocal Relu Relu6 Rint Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus "
             "Softsign Sqrt Square Tan Tanh ZerosLike BesselI0e BesselI1e").split():
    name = {"LeakyRelu": "features", "Relu": "features", "Relu6": "features", "Elu": "features", "Selu": "features", "Softplus": "features", "Softsign": "features"}.get(op, "x")
    case(op, **{name: P([2, 3])})
  for op in "Identity Snapshot StopGradient PreventGradient GuaranteeConst DeepCopy".split():
    case(op, **{"x" if op == "DeepCopy" else "input": P([2, 3])})
  case("CheckNumerics", tensor=P([2, 3]), message="m")
  case("IdentityN", input=[P([2, 3]), P([4], I)])
  case("Invert", x=P([2, 3], I)); case("LogicalNot", x=P([2, 3], B))
  case("ComplexAbs", x=P([2, 3], C)); case("Angle", input=P([2, 3], C)); case("Real", input=P([2, 3], C)); case("Imag", input=P([2, 3], C)); case("Conj", input=P([2, 3], C))
  case("Cast", x=P([2, 3]), DstT=I)
  case("Bucketize", input=P([2, 3]), boundaries=[0.0, 1.0])
  binary = ("Add AddV2 Atan2 Div DivNoNan FloorDiv FloorMod Maximum Minimum Mul MulNoNan Pow RealDiv SquaredDifference Sub Xdivy Xlogy Xlog1py "
            "NextAfter TruncateDiv Greater GreaterEqual Less LessEqual Equal NotEqual").split()
  for op in binary:
    names = {"Atan2": ("y", "x"), "NextAfter": ("x1", "x2")}.get(op, ("x", "y"))
    case(op, **{names[0]: P([2, 3]), names[1]: P([3])})
  for a, b in [([2, 1], [1, 3]), ([None, 1], [4]), ([5, None], [1, 3]), ([None], [None]), ([], [2, 2]), ([1], [None]), ([0, 3], [1, 3]), ([None, 2], [7, 1, 2])]:
    case("AddV2", x=P(a), y=P(b))
    case("Equal", x=P(a), y=P(b))
  case("Equal", x=P([2, 3]), y=P([4, 3]), incompatible_shape_error=False)
  case("NotEqual", x=P([2, 3]), y=P([3]), incompatible_shape_error=False)
  for op in "BitwiseAnd BitwiseOr BitwiseXor LeftShift RightShift".split():
    case(op, x=P([2, 3], I), y=P([3], I))
  for op in "LogicalAnd LogicalOr".split():
    case(op, x=P([2, 3], B), y=P([3], B))
  case("Complex", real=P([2, 3]), imag=P([3]))
  case("ApproximateEqual", x=P([2, 3]), y=P([2, 3]))
  case("AddN", inputs=[P([2, None]), P([None, 3]), P([2, 3])])
  case("AccumulateNV2", inputs=[P([2, 3]), P([2, 3])], shape=[2, 3])
  case("ClipByValue", t=P([2, 3]), clip_value_min=P([]), clip_value_max=P([3]))
  case("SelectV2", condition=P([3], B), t=P([2, 1]), e=P([]))
  case("SelectV2", condition=P([2, 1], B), t=P([2, 3]), e=P([3]))
  case("Select", condition=P([2, 3], B), t=P([2, 3]), e=P([2, 3]))
  case("Select", condition=P([2], B), t=P([2, 3]), e=P([None, 3]))
  case("Select", condition=P([], B), t=P([2, 3]), e=P([2, 3]))
  case("Betainc", a=P([2, 3]), b=P([]), x=P([2, 3]))
  for op in "Cumsum Cumprod".split():
    case(op, x=P([2, 3]), axis=K(1))
  for op in "SigmoidGrad TanhGrad RsqrtGrad SqrtGrad ReciprocalGrad".split():
    case(op, y=P([2, None]), dy=P([None, 3]))
  for op in "ReluGrad Relu6Grad SoftplusGrad SoftsignGrad LeakyReluGrad".split():
    case(op, gradients=P([2, None]), features=P([None, 3]))
  for op in "EluGrad SeluGrad".split():
    case(op, gradients=P([2, None]), outputs=P([None, 3]))
  case("Cross", a=P([2, 3]), b=P([2, 3]))
  case("HistogramFixedWidth", values=P([5]), value_range=P([2]), nbins=K(7))
  for op in "QuantizeAndDequantizeV2".split():
    case(op, input=P([2, 3]), input_min=K(0.0, F), input_max=K(1.0, F))
  case("QuantizeAndDequantizeV3", input=P([2, 3]), input_min=K(0.0, F), input_max=K(1.0, F), num_bits=K(8))
  case("FakeQuantWithMinMaxArgs", inputs=P([2, 3]))
  case("FakeQuantWithMinMaxVars", inputs=P([2, 3]), min=P([]), max=P([]))
  case("FakeQuantWithMinMaxVarsPerChannel", inputs=P([2, 3]), min=P([3]), max=P([3]))
  case("FakeQuantWithMinMaxVarsGradient", gradients=P([2, 3]), inputs=P([2, 3]), min=P([]), max=P([]))
  case("FakeQuantWithMinMaxVarsPerChannelGradient", gradients=P([2, 3]), inputs=P([2, 3]), min=P([3]), max=P([3]))


def arrays():
  for shape in ([2, 3], [None, 3], []):
    case("Shape", input=P(shape)); case("Size", input=P(shape)); case("Rank", input=P(shape))
  case("ShapeN", input=[P([2, 3]), P([4])])
  for shape, target in [([2, 3], [6]), ([2, 3], [-1]), ([None, 3], [-1, 3]), ([4, None, 2], [-1, 2]), ([2, 3], [3, -1]), ([None, 6], [-1, 2, 3]), ([8], [2, 2, 2]), ([1], []), ([0, 3], [0, -1])]:
    case("Reshape", tensor=P(shape), shape=K(target))
  for axis in (0, 1, -1, 2):
    case("ExpandDims", input=P([2, 3]), dim=K(axis))
  case("Squeeze", input=P([1, 3, 1])); case("Squeeze", input=P([1, 3, 1]), axis=[0]); case("Squeeze", input=P([None, 3, 1]), axis=[-1, 0]); case("Squeeze", input=P([None, 3, 1]))
  case("Transpose", x=P([2, 3, 4]), perm=K([2, 0, 1])); case("Transpose", x=P([None, 3]), perm=K([1, 0]))
  case("ConjugateTranspose", x=P([2, 3, 4]), perm=K([2, 0, 1])); case("InvertPermutation", x=P([4], I))
  for axis in (0, 1, -1):
    case("Pack", values=[P([2, None]), P([None, 3]), P([2, 3])], axis=axis)
    case("Unpack", value=P([3, 3]), num=3, axis=axis)
  for axis in (0, 1, -1):
    case("ConcatV2", values=[P([2, 3]), P([2, 3])], axis=K(axis))
    case("Concat", concat_dim=K(abs(axis)), values=[P([2, 3]), P([2, 3])])
  case("ConcatV2", values=[P([None, 3]), P([4, None])], axis=K(0)); case("ConcatV2", values=[P([None, 3]), P([4, None])], axis=K(1))
  case("ConcatOffset", concat_dim=K(0), shape=[K([2, 3]), K([4, 3])])
  case("Split", axis=K(1), value=P([2, 6]), num_split=3); case("Split", axis=K(-2), value=P([4, None]), num_split=2)
  case("SplitV", value=P([2, 6]), size_splits=K([1, 2, 3]), axis=K(1), num_split=3); case("SplitV", value=P([2, 6]), size_splits=K([1, -1]), axis=K(-1), num_split=2)
  case("SplitV", value=P([None, 6]), size_splits=K([1, 2, -1]), axis=K(0), num_split=3); case("SplitV", value=P([3, 6]), size_splits=K([3]), axis=K(0), num_split=1)
  for begin, size in [([0, 1], [2, 2]), ([0, 1], [-1, -1]), ([1, 0], [1, -1]), ([0, 0], [0, 3])]:
    case("Slice", input=P([2, 3]), begin=K(begin), size=K(size))
  case("Slice", input=P([None, 3]), begin=K([1, 0]), size=K([-1, 2])); case("Slice", input=P([None, 3]), begin=K([0, 0]), size=K([-1, 2]))
  def strided(shape, begin, end, strides, **masks):
    case("StridedSlice", input=P(shape), begin=K(begin), end=K(end), strides=K(strides), **masks)
  strided([5, 6], [1, 2], [3, 6], [1, 2]); strided([5, 6], [1], [4], [1]); strided([5, 6], [0], [0], [1], end_mask=1); strided([5, 6], [-1, 0], [0, 0], [-1, 1], end_mask=3)
  strided([5, 6], [1, 0], [2, 0], [1, 1], shrink_axis_mask=1, end_mask=2, begin_mask=2); strided([5, 6, 7], [0, 1], [0, 2], [1, 1], ellipsis_mask=1, shrink_axis_mask=2)
  strided([5, 6], [0, 0, 0], [0, 0, 0], [1, 1, 1], new_axis_mask=2, begin_mask=5, end_mask=5); strided([5, 6], [0, 0], [0, 0], [1, 1], new_axis_mask=2, ellipsis_mask=1)
  strided([None, 6], [0, 1], [0, 4], [1, 1], begin_mask=1, end_mask=1); strided([None, 6], [1], [3], [1]); strided([None, 6], [0], [1], [1], shrink_axis_mask=1); strided([None], [0], [0], [2], begin_mask=1, end_mask=1)
  strided([10], [8], [2], [-3]); strided([10], [2], [8], [3]); strided([10], [2], [8], [-3]); strided([10], [-100], [100], [1]); strided([None], [3], [2], [1]); strided([None], [-2], [-1], [1])
  strided([4, 5, 6], [0, 1, 0], [0, 3, 0], [1, 1, 1], begin_mask=5, end_mask=5, new_axis_mask=0, shrink_axis_mask=0); strided([2], [0], [0], [-1], begin_mask=1, end_mask=1)
  case("StridedSliceGrad", shape=K([5, 6]), begin=K([1, 2]), end=K([3, 6]), strides=K([1, 2]), dy=P([2, 2]))
  case("GatherV2", params=P([5, 6]), indices=P([2, 3], I), axis=K(0)); case("GatherV2", params=P([5, 6]), indices=P([2, 3], I), axis=K(1)); case("GatherV2", params=P([5, 6]), indices=P([], I), axis=K(-1))
  case("GatherV2", params=P([5, 6, 7]), indices=P([5, 3], I), axis=K(1), batch_dims=1); case("GatherV2", params=P([None, 6, 7]), indices=P([5, 3], I), axis=K(2), batch_dims=1)
  case("Gather", params=P([5, 6]), indices=P([2, 3], I))
  case("GatherNd", params=P([5, 6, 7]), indices=P([4, 2], I)); case("GatherNd", params=P([5, 6, 7]), indices=P([2, 3, 1], I)); case("GatherNd", params=P([5]), indices=P([2, None], I))
  case("ScatterNd", indices=P([4, 1], I), updates=P([4, 3]), shape=K([8, 3]))
  for op in "Update Add Sub Min Max".split():
    case("TensorScatter" + op, tensor=P([8, 3]), indices=P([4, 1], I), updates=P([4, 3]))
  case("Tile", input=P([2, 3]), multiples=K([2, 1])); case("Tile", input=P([None, 3]), multiples=K([2, 4]))
  case("Fill", dims=K([2, 3]), value=P([])); case("Fill", dims=K([], I), value=P([])); case("BroadcastTo", input=P([3]), shape=K([2, 3]))
  case("BroadcastArgs", s0=K([2, 1]), s1=K([3])); case("BroadcastGradientArgs", s0=K([2, 1]), s1=K([3]))
  case("Pad", input=P([2, 3]), paddings=K([[1, 1], [0, 2]])); case("PadV2", input=P([2, None]), paddings=K([[1, 1], [0, 2]]), constant_values=P([]))
  case("MirrorPad", input=P([2, 3]), paddings=K([[1, 1], [0, 2]]), mode="REFLECT"); case("MirrorPadGrad", input=P([4, 5]), paddings=K([[1, 1], [0, 2]]), mode="REFLECT")
  case("OneHot", indices=P([2, 3], I), depth=K(4), on_value=P([]), off_value=P([])); case("OneHot", indices=P([2, 3], I), depth=K(4), on_value=P([]), off_value=P([]), axis=1)
  for a, b, d in [(0, 5, 1), (2, 9, 3), (9, 2, -3), (0, 0, 1)]:
    case("Range", start=K(a), limit=K(b), delta=K(d))
  case("LinSpace", start=K(0.0, F), stop=K(1.0, F), num=K(5))
  case("ReverseV2", tensor=P([2, 3]), axis=K([0])); case("ReverseSequence", input=P([2, 3]), seq_lengths=P([2], I), seq_dim=1, batch_dim=0); case("Reverse", tensor=P([2, 3]), dims=K([True, False], B))
  case("Roll", input=P([2, 3]), shift=K([1]), axis=K([0])); case("Where", condition=P([2, 3], B)); case("Where", condition=P([], B))
  case("Unique", x=P([5])); case("UniqueWithCounts", x=P([5])); case("UniqueV2", x=P([5, 2]), axis=K([0])); case("UniqueV2", x=P([5]), axis=K([], I)); case("UniqueWithCountsV2", x=P([5, 2]), axis=K([1]))
  case("ListDiff", x=P([5], I), y=P([2], I)); case("EnsureShape", input=P([None, 3]), shape=[2, None])
  case("Bitcast", input=P([2, 4], tf.uint8), type=F); case("Bitcast", input=P([2, 3]), type=I); case("Bitcast", input=P([2, 3]), type=tf.uint8); case("Bitcast", input=P([2, 2], tf.int32), type=L)
  case("SpaceToBatchND", input=P([2, 4, 6, 3]), block_shape=K([2, 3]), paddings=K([[0, 0], [1, 2]])); case("BatchToSpaceND", input=P([12, 2, 2, 3]), block_shape=K([2, 3]), crops=K([[0, 0], [1, 2]]))
  case("SpaceToBatchND", input=P([2, 5]), block_shape=K([2]), paddings=K([[0, 1]])); case("BatchToSpaceND", input=P([4, 3]), block_shape=K([2]), crops=K([[0, 1]]))
  case("SpaceToBatch", input=P([2, 4, 6, 3]), paddings=K([[0, 0], [1, 1]]), block_size=2); case("BatchToSpace", input=P([8, 2, 2, 3]), crops=K([[0, 0], [1, 1]]), block_size=2)
  for format in ("NHWC", "NCHW"):
    case("SpaceToDepth", input=P([2, 4, 4, 4]), block_size=2, data_format=format); case("DepthToSpace", input=P([2, 4, 4, 4]), block_size=2, data_format=format)
  case("DynamicPartition", data=P([5, 3]), partitions=P([5], I), num_partitions=2); case("DynamicStitch", indices=[K([0, 2]), K([1])], data=[P([2, 3]), P([1, 3])])
  case("ParallelDynamicStitch", indices=[K([0, 2]), K([1])], data=[P([2, 3]), P([1, 3])]); case("DynamicStitch", indices=[P([2], I), P([], I)], data=[P([2, 3]), P([3])])
  case("UpperBound", sorted_inputs=P([2, 5]), values=P([2, 3])); case("LowerBound", sorted_inputs=P([2, 5]), values=P([2, 3])); case("UnravelIndex", indices=P([4], I), dims=K([2, 3])); case("UnravelIndex", indices=P([], I), dims=K([2, 3]))
  case("DenseBincount", input=P([5], I), size=K(7), weights=P([5])); case("DenseBincount", input=P([2, 5], I), size=K(7), weights=P([0])); case("Bincount", arr=P([5], I), size=K(7), weights=P([5]))
  case("RaggedBincount", splits=P([3], L), values=P([5], I), size=K(7), weights=P([5])); case("SparseBincount", indices=P([5, 1], L), values=P([5], I), dense_shape=K([9], L), size=K(7), weights=P([5])); case("SparseBincount", indices=P([5, 2], L), values=P([5], I), dense_shape=K([9, 4], L), size=K(7), weights=P([5]))
  case("TopKV2", input=P([2, 5]), k=K(3)); case("InTopKV2", predictions=P([2, 5]), targets=P([2], I), k=K(1)); case("NthElement", input=P([2, 5]), n=K(1))
  case("Diag", diagonal=P([2, 3])); case("DiagPart", input=P([2, 3, 2, 3])); case("PlaceholderWithDefault", input=P([2, 3]), shape=[None, 3])
  case("Placeholder", dtype=F, shape=[2, None]); case("Placeholder", dtype=F, shape=None); case("InplaceUpdate", x=P([2, 3]), i=P([1], I), v=P([1, 3]))


def partial_values():
  """Shapes spelled by partly known values."""
  def spelled(name, build):
    CASES.append((name, build))
  hidden = lambda shape, dtype=F: tf1.placeholder(dtype, shape)
  for shape in ([None, 4, 4, 6], [None, None, 3], [2, None]):
    spelled("reshape-batch", lambda s=shape: tf.reshape(hidden(s), tf.stack([tf.shape(hidden(s))[0], int(np.prod([d for d in s[1:] if d]))])))
  spelled("fill-slice", lambda: tf.fill(tf.shape(hidden([None, 4, 5]))[1:], 0.0))
  spelled("fill-concat", lambda: tf.fill(tf.concat([tf.shape(hidden([None, 4, 5]))[:2], [7]], 0), 0.0))
  spelled("fill-negative-slice", lambda: tf.fill(tf.shape(hidden([None, 4, 5]))[-2:], 0.0))
  spelled("fill-pack", lambda: tf.fill(tf.stack([tf.shape(hidden([None, 4]))[1], 3]), 0.0))
  spelled("fill-cast", lambda: tf.fill(tf.cast(tf.shape(hidden([None, 4])), L), 0.0))
  spelled("broadcast-to", lambda: tf.broadcast_to(hidden([1, 4]), tf.shape(hidden([None, 4]))))
  spelled("random", lambda: tf1.random_uniform(tf.shape(hidden([None, 4]))))
  spelled("random-normal", lambda: tf1.random_normal(tf.stack([tf.shape(hidden([None, 4]))[0], 5])))
  spelled("fill-placeholder-vector", lambda: tf.fill(hidden([3], I), 0.0))
  spelled("reshape-placeholder-vector", lambda: tf.reshape(hidden([None]), hidden([2], I)))
  spelled("reshape-known-multiplied", lambda: tf.reshape(hidden([None, 4, 6]), tf.stack([tf.shape(hidden([None, 4, 6]))[0], tf.shape(hidden([None, 4, 6]))[1] * 6])))
  spelled("expand", lambda: tf.fill(tf.concat([tf.expand_dims(tf.shape(hidden([None, 4]))[1], 0), [2]], 0), 0.0))
  spelled("gather", lambda: tf.fill(tf.gather(tf.shape(hidden([None, 4, 5])), [2, 0]), 0.0))
  spelled("prod", lambda: tf.fill([tf.reduce_prod(tf.shape(hidden([3, 4])))], 0.0))
  spelled("range", lambda: tf.range(tf.shape(hidden([3, 4]))[0]))
  spelled("range-unknown", lambda: tf.range(tf.shape(hidden([None, 4]))[0]))
  spelled("one-hot", lambda: tf.one_hot(hidden([None], I), tf.shape(hidden([None, 4]))[1]))
  spelled("tile", lambda: tf.tile(hidden([1, 4]), tf.stack([tf.shape(hidden([None, 4]))[0], 2])))
  spelled("resize", lambda: tf1.image.resize_bilinear(hidden([None, None, None, 3]), tf.shape(hidden([1, 9, None, 3]))[1:3]))
  spelled("slice", lambda: tf.slice(hidden([None, 7]), [0, 2], tf.stack([-1, 3])))
  spelled("maximum", lambda: tf.fill([tf.maximum(tf.shape(hidden([3, 4]))[0], 7)], 0.0))
  spelled("size", lambda: tf.fill([tf.size(hidden([3, 4]))], 0.0))
  spelled("rank", lambda: tf.fill([tf.rank(hidden([3, 4]))], 0.0))
  spelled("transposed-convolution", lambda: tf.nn.conv2d_transpose(hidden([None, 4, 4, 3]), hidden([3, 3, 8, 3]), tf.stack([tf.shape(hidden([None, 4, 4, 3]))[0], 8, 8, 8]), [1, 2, 2, 1]))
  spelled("sparse-to-dense", lambda: tf1.sparse_to_dense(hidden([None, 2], L), tf.cast(tf.shape(hidden([None, 4])), L), hidden([None])))
  spelled("scatter-nd", lambda: tf.scatter_nd(hidden([None, 1], I), hidden([None, 4]), tf.shape(hidden([9, 4]))))
  spelled("strided-new-axis", lambda: tf.fill(tf.reshape(tf.shape(hidden([None, 4]))[1:, tf.newaxis], [1]), 0.0))


def reductions():
  for op in "Sum Mean Prod Max Min EuclideanNorm".split():
    for axis in ([1], [0, 1], [], [-1]):
      case(op, input=P([2, 3]), axis=K(axis, I))
    case(op, input=P([2, 3]), axis=K([1]), keep_dims=True); case(op, input=P([2, 3, 4]), axis=K(1))
  for op in "All Any".split():
    case(op, input=P([2, 3], B), axis=K([1])); case(op, input=P([2, 3], B), axis=K([0]), keep_dims=True)
  case("ReduceJoin", inputs=P([2, 3], S), reduction_indices=K([1]))
  for op in "ArgMax ArgMin".split():
    case(op, input=P([2, 3, 4]), dimension=K(1)); case(op, input=P([2, 3, 4]), dimension=K(-1))
  for op in "Sum Mean Prod Min Max".split():
    case("Segment" + op, data=P([5, 3]), segment_ids=P([5], I)); case("Segment" + op, data=P([5, 3]), segment_ids=K([0, 0, 1, 1, 2]))
  for op in "Sum Prod Min Max".split():
    case("UnsortedSegment" + op, data=P([5, 3]), segment_ids=P([5], I), num_segments=K(4)); case("UnsortedSegment" + op, data=P([5, 3, 2]), segment_ids=P([5, 3], I), num_segments=K(4))
  for op in "Sum Mean SqrtN".split():
    case("SparseSegment" + op, data=P([5, 3]), indices=P([4], I), segment_ids=P([4], I))
    case("SparseSegment" + op + "WithNumSegments", data=P([5, 3]), indices=P([4], I), segment_ids=P([4], I), num_segments=K(6))
    case("SparseSegment" + op + "Grad", grad=P([5, 3]), indices=P([4], I), segment_ids=P([4], I), output_dim0=K(6))


def matrices():
  case("MatMul", a=P([2, 3]), b=P([3, 4])); case("MatMul", a=P([3, 2]), b=P([4, 3]), transpose_a=True, transpose_b=True); case("MatMul", a=P([None, 3]), b=P([3, None]))
  case("BatchMatMul", x=P([5, 2, 3]), y=P([5, 3, 4]))
  for op, more in (("BatchMatMulV2", {}), ("BatchMatMulV3", {"Tout": F})):
    case(op, x=P([5, 2, 3]), y=P([3, 4]), **more); case(op, x=P([5, 1, 3, 2]), y=P([7, 3, 4]), adj_x=True, **more); case(op, x=P([None, 2, 3]), y=P([5, 4, 3]), adj_y=True, **more)
  for equation, shapes in [("ij,jk->ik", ([2, 3], [3, 4])), ("bij,bjk->bik", ([5, 2, 3], [5, 3, 4])), ("...ij,...jk->...ik", ([5, 2, 3], [1, 3, 4])), ("ij->", ([2, 3],)), ("ii->i", ([3, 3],)), ("abc->cba", ([2, 3, 4],)), ("ab,cd->abcd", ([2, 3], [4, 5]))]:
    case("Einsum", inputs=[P(s) for s in shapes], equation=equation)
  case("MatrixBandPart", input=P([2, 3, 4]), num_lower=K(1), num_upper=K(0)); case("MatrixDeterminant", input=P([2, 3, 3])); case("LogMatrixDeterminant", input=P([2, 3, 3])); case("MatrixInverse", input=P([2, 3, 3]))
  case("Cholesky", input=P([2, 3, 3])); case("MatrixSolve", matrix=P([2, 3, 3]), rhs=P([2, 3, 4])); case("MatrixTriangularSolve", matrix=P([2, 3, 3]), rhs=P([2, 3, 4])); case("MatrixSquareRoot", input=P([2, 3, 3]))
  case("Qr", input=P([2, 5, 3])); case("Qr", input=P([2, 5, 3]), full_matrices=True); case("Svd", input=P([2, 5, 3])); case("Svd", input=P([2, 5, 3]), full_matrices=True); case("Svd", input=P([2, 5, 3]), compute_uv=False)
  case("SelfAdjointEigV2", input=P([2, 3, 3])); case("SelfAdjointEigV2", input=P([2, 3, 3]), compute_v=False)
  case("MatrixDiag", diagonal=P([2, 3])); case("MatrixDiagPart", input=P([2, 3, 4])); case("MatrixSetDiag", input=P([2, 3, 4]), diagonal=P([2, 3]))
  for v, more in (("V2", {}), ("V3", {"align": "LEFT_LEFT"})):
    for k, diagonal in ((0, [2, 3]), (1, [2, 3]), (-2, [2, 3]), ([-1, 1], [2, 3, 3])):
      for rows, columns in ((-1, -1), (5, -1), (-1, 5)):
        case("MatrixDiag" + v, diagonal=P(diagonal), k=K(k), num_rows=K(rows), num_cols=K(columns), padding_value=K(0.0, F), **more)
    for k in (0, 1, -2, [-1, 1]):
      case("MatrixDiagPart" + v, input=P([2, 3, 4]), k=K(k), padding_value=K(0.0, F), **more)
    case("MatrixSetDiag" + v, input=P([2, 3, 4]), diagonal=P([2, 3]), k=K(0), **more)
  case("SparseTensorDenseMatMul", a_indices=P([5, 2], L), a_values=P([5]), a_shape=K([3, 4], L), b=P([4, 6])); case("SparseTensorDenseMatMul", a_indices=P([5, 2], L), a_values=P([5]), a_shape=K([4, 3], L), b=P([6, 4]), adjoint_a=True, adjoint_b=True)
  case("SparseMatMul", a=P([2, 3]), b=P([3, 4]))


def networks():
  images = P([2, 9, 8, 6])
  for padding in ("SAME", "VALID"):
    for strides in ([1, 1, 1, 1], [1, 2, 3, 1]):
      case("Conv2D", input=images, filter=P([3, 3, 6, 5]), strides=strides, padding=padding)
      case("DepthwiseConv2dNative", input=images, filter=P([3, 3, 6, 2]), strides=[1, 2, 2, 1], padding=padding)
      for op in ("MaxPool", "AvgPool"):
        case(op, **{"input" if op == "MaxPool" else "value": images}, ksize=[1, 2, 3, 1], strides=strides, padding=padding)
      case("MaxPoolWithArgmax", input=images, ksize=[1, 2, 3, 1], strides=strides, padding=padding)
      case("MaxPoolV2", input=images, ksize=K([1, 2, 3, 1]), strides=K(strides), padding=padding)
    case("Conv2D", input=images, filter=P([3, 2, 3, 4]), strides=[1, 1, 1, 1], padding=padding, dilations=[1, 2, 2, 1])
    case("Conv2D", input=P([2, 6, 9, 8]), filter=P([3, 3, 6, 5]), strides=[1, 1, 2, 3], padding=padding, data_format="NCHW")
    case("MaxPool", input=P([2, 6, 9, 8]), ksize=[1, 1, 2, 3], strides=[1, 1, 2, 2], padding=padding, data_format="NCHW")
    case("Conv3D", input=P([2, 5, 6, 7, 3]), filter=P([3, 3, 3, 3, 4]), strides=[1, 1, 2, 2, 1], padding=padding)
    case("MaxPool3D", input=P([2, 5, 6, 7, 3]), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding=padding); case("AvgPool3D", input=P([2, 5, 6, 7, 3]), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding=padding)
    case("ExtractImagePatches", images=images, ksizes=[1, 3, 2, 1], strides=[1, 2, 2, 1], rates=[1, 1, 2, 1], padding=padding)
    case("Dilation2D", input=images, filter=P([3, 3, 6]), strides=[1, 2, 2, 1], rates=[1, 1, 2, 1], padding=padding)
    case("Conv2DBackpropInput", input_sizes=K([2, 9, 8, 6]), filter=P([3, 3, 6, 5]), out_backprop=P([2, 9, 8, 5]), strides=[1, 1, 1, 1], padding=padding)
    case("Conv2DBackpropFilter", input=images, filter_sizes=K([3, 3, 6, 5]), out_backprop=P([2, 9, 8, 5]), strides=[1, 1, 1, 1], padding=padding)
  case("Conv2D", input=images, filter=P([3, 3, 6, 5]), strides=[1, 1, 1, 1], padding="EXPLICIT", explicit_paddings=[0, 0, 1, 2, 3, 4, 0, 0])
  case("MaxPool", input=images, ksize=[1, 2, 3, 1], strides=[1, 1, 1, 1], padding="EXPLICIT", explicit_paddings=[0, 0, 1, 1, 1, 2, 0, 0])
  case("Conv2D", input=P([None, None, 8, 3]), filter=P([3, 3, 3, 5]), strides=[1, 2, 2, 1], padding="SAME")
  case("Conv2DBackpropInput", input_sizes=K([9, 8]), filter=P([3, 3, 6, 5]), out_backprop=P([2, 9, 8, 5]), strides=[1, 1, 1, 1], padding="SAME")
  case("Conv3DBackpropInputV2", input_sizes=K([2, 5, 6, 7, 3]), filter=P([3, 3, 3, 3, 4]), out_backprop=P([2, 5, 6, 7, 4]), strides=[1, 1, 1, 1, 1], padding="SAME"); case("Conv3DBackpropFilterV2", input=P([2, 5, 6, 7, 3]), filter_sizes=K([3, 3, 3, 3, 4]), out_backprop=P([2, 5, 6, 7, 4]), strides=[1, 1, 1, 1, 1], padding="SAME")
  case("DepthwiseConv2dNativeBackpropInput", input_sizes=K([2, 9, 8, 6]), filter=P([3, 3, 6, 2]), out_backprop=P([2, 9, 8, 12]), strides=[1, 1, 1, 1], padding="SAME"); case("DepthwiseConv2dNativeBackpropFilter", input=images, filter_sizes=K([3, 3, 6, 2]), out_backprop=P([2, 9, 8, 12]), strides=[1, 1, 1, 1], padding="SAME")
  case("MaxPoolGrad", orig_input=images, orig_output=P([2, 4, 4, 6]), grad=P([2, 4, 4, 6]), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"); case("MaxPoolGradWithArgmax", input=images, grad=P([2, 4, 4, 6]), argmax=P([2, 4, 4, 6], L), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
  case("MaxPoolGradV2", orig_input=images, orig_output=P([2, 4, 4, 6]), grad=P([2, 4, 4, 6]), ksize=K([1, 2, 2, 1]), strides=K([1, 2, 2, 1]), padding="SAME"); case("AvgPoolGrad", orig_input_shape=K([2, 9, 8, 6]), grad=P([2, 4, 4, 6]), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
  case("MaxPool3DGrad", orig_input=P([2, 4, 4, 4, 3]), orig_output=P([2, 2, 2, 2, 3]), grad=P([2, 2, 2, 2, 3]), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME"); case("AvgPool3DGrad", orig_input_shape=K([2, 4, 4, 4, 3]), grad=P([2, 2, 2, 2, 3]), ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME")
  case("Softmax", logits=P([2, 3])); case("LogSoftmax", logits=P([2, 3])); case("BiasAdd", value=images, bias=P([6])); case("BiasAdd", value=P([2, 6, 9, 8]), bias=P([6]), data_format="NCHW"); case("BiasAdd", value=P([2, None]), bias=P([6])); case("BiasAddV1", value=P([2, None]), bias=P([6]))
  case("BiasAddGrad", out_backprop=images); case("BiasAddGrad", out_backprop=images, data_format="NCHW"); case("L2Loss", t=P([2, 3])); case("LRN", input=images); case("LRNGrad", input_grads=images, input_image=images, output_image=images)
  case("SoftmaxCrossEntropyWithLogits", features=P([2, 3]), labels=P([2, 3])); case("SoftmaxCrossEntropyWithLogits", features=P([2, 3]), labels=P([1, 3])); case("SparseSoftmaxCrossEntropyWithLogits", features=P([2, 3]), labels=P([2], I))
  p = lambda: dict(scale=P([6]), offset=P([6]), mean=P([6]), variance=P([6]))
  for op, more in (("FusedBatchNorm", {}), ("FusedBatchNormV2", {}), ("FusedBatchNormV3", {})):
    case(op, x=images, **p(), is_training=False); case(op, x=images, scale=P([6]), offset=P([6]), mean=P([0]), variance=P([0]), is_training=True); case(op, x=P([2, 6, 9, 8]), **p(), is_training=False, data_format="NCHW")
  for op, more in (("FusedBatchNormGrad", {}), ("FusedBatchNormGradV2", {}), ("FusedBatchNormGradV3", dict(reserve_space_3=P([0])))):
    for training in (True, False):
      case(op, y_backprop=images, x=images, scale=P([6]), reserve_space_1=P([6]), reserve_space_2=P([6]), is_training=training, **more)
  case("CTCGreedyDecoder", inputs=P([5, 2, 7]), sequence_length=P([2], I)); case("CTCBeamSearchDecoder", inputs=P([5, 2, 7]), sequence_length=P([2], I), beam_width=3, top_paths=2); case("CTCLoss", inputs=P([5, 2, 7]), labels_indices=P([4, 2], L), labels_values=P([4], I), sequence_length=P([2], I))
  case("CudnnRNN", input=P([5, 2, 3]), input_h=P([1, 2, 4]), input_c=P([1, 2, 4]), params=P([100])); case("CudnnRNNV3", input=P([5, 2, 3]), input_h=P([2, 2, 4]), input_c=P([2, 2, 4]), params=P([100]), sequence_lengths=P([2], I), direction="bidirectional"); case("CudnnRNN", input=P([5, 2, 3]), input_h=P([1, 2, 4]), input_c=P([0]), params=P([100]), rnn_mode="gru")
  case("BlockLSTM", seq_len_max=P([], L), x=P([5, 2, 3]), cs_prev=P([2, 4]), h_prev=P([2, 4]), w=P([7, 16]), wci=P([4]), wcf=P([4]), wco=P([4]), b=P([16]))


def sparse_and_ragged():
  case("SparseToDense", sparse_indices=P([5, 2], I), output_shape=K([3, 4]), sparse_values=P([5]), default_value=P([])); case("SparseReshape", input_indices=P([5, 2], L), input_shape=P([2], L), new_shape=K([3, -1, 2], L)); case("SparseReorder", input_indices=P([5, 2], L), input_values=P([5]), input_shape=P([2], L))
  case("SparseFillEmptyRows", indices=P([5, 2], L), values=P([5]), dense_shape=K([3, 4], L), default_value=P([])); case("SparseFillEmptyRowsGrad", reverse_index_map=P([5], L), grad_values=P([6]))
  case("SparseConcat", indices=[P([5, 2], L), P([3, 2], L)], values=[P([5]), P([3])], shapes=[P([2], L), P([2], L)], concat_dim=0); case("SparseSplit", split_dim=P([], L), indices=P([5, 2], L), values=P([5]), shape=P([2], L), num_split=2); case("SparseSlice", indices=P([5, 2], L), values=P([5]), shape=P([2], L), start=P([2], L), size=P([2], L))
  case("SparseAdd", a_indices=P([5, 2], L), a_values=P([5]), a_shape=P([2], L), b_indices=P([3, 2], L), b_values=P([3]), b_shape=P([2], L), thresh=P([])); case("SparseTensorDenseAdd", a_indices=P([5, 2], L), a_values=P([5]), a_shape=P([2], L), b=P([3, 4])); case("SparseDenseCwiseMul", sp_indices=P([5, 2], L), sp_values=P([5]), sp_shape=P([2], L), dense=P([3, 4]))
  case("SparseSoftmax", sp_indices=P([5, 2], L), sp_values=P([5]), sp_shape=P([2], L)); case("SparseReduceSum", input_indices=P([5, 2], L), input_values=P([5]), input_shape=K([3, 4], L), reduction_axes=K([1])); case("SparseReduceSum", input_indices=P([5, 2], L), input_values=P([5]), input_shape=K([3, 4], L), reduction_axes=K([1]), keep_dims=True)
  case("DenseToDenseSetOperation", set1=P([2, 3], I), set2=P([2, 4], I), set_operation="union"); case("DenseToSparseSetOperation", set1=P([2, 3], I), set2_indices=P([5, 2], L), set2_values=P([5], I), set2_shape=P([2], L), set_operation="union"); case("SparseToSparseSetOperation", set1_indices=P([5, 2], L), set1_values=P([5], I), set1_shape=P([2], L), set2_indices=P([5, 2], L), set2_values=P([5], I), set2_shape=P([2], L), set_operation="union")
  case("SetSize", set_indices=P([5, 2], L), set_values=P([5], I), set_shape=K([3, 4], L)); case("EditDistance", hypothesis_indices=P([5, 2], L), hypothesis_values=P([5], I), hypothesis_shape=K([3, 4], L), truth_indices=P([5, 2], L), truth_values=P([5], I), truth_shape=K([3, 5], L))
  case("RaggedRange", starts=P([3], I), limits=P([3], I), deltas=P([], I)); case("RaggedRange", starts=P([], I), limits=P([], I), deltas=P([], I)); case("RaggedGather", params_nested_splits=[P([4], L)], params_dense_values=P([7, 2]), indices=P([5], I), OUTPUT_RAGGED_RANK=1)
  case("RaggedTensorToSparse", rt_nested_splits=[P([4], L), P([6], L)], rt_dense_values=P([9])); case("RaggedTensorToVariant", rt_nested_splits=[P([4], L)], rt_dense_values=P([9]), batched_input=True); case("RaggedTensorToVariant", rt_nested_splits=[P([4], L)], rt_dense_values=P([9]), batched_input=False); case("RaggedTensorFromVariant", encoded_ragged=P([], tf.variant), input_ragged_rank=1, output_ragged_rank=1, Tvalues=F)
  for shape in (K([-1, -1], L), K([3, 5], L), K(-1, L), K([-1, 5], L)):
    case("RaggedTensorToTensor", shape=shape, values=P([9]), default_value=P([]), row_partition_tensors=[P([4], L)], row_partition_types=["ROW_SPLITS"])
  case("RaggedTensorToTensor", shape=K([-1, -1, -1], L), values=P([9, 2]), default_value=P([]), row_partition_tensors=[P([4], L)], row_partition_types=["ROW_SPLITS"]); case("RaggedTensorToTensor", shape=K([-1, -1], L), values=P([9]), default_value=P([]), row_partition_tensors=[K(4, L), P([9], L)], row_partition_types=["FIRST_DIM_SIZE", "VALUE_ROWIDS"])


def strings():
  t = P([2, 3], S)
  for op in "StringLower StringUpper StringStrip StringLength AsString DecodeBase64 EncodeBase64 UnicodeScript".split():
    case(op, **{"x" if op in () else "input": P([2, 3], I) if op in ("AsString", "UnicodeScript") else t})
  case("StringToHashBucketFast", input=t, num_buckets=7); case("StringToHashBucketStrong", input=t, num_buckets=7, key=[1, 2]); case("StringToHashBucket", string_tensor=t, num_buckets=7); case("StringToNumber", string_tensor=t)
  case("StaticRegexReplace", input=t, pattern="a", rewrite="b"); case("StaticRegexFullMatch", input=t, pattern="a"); case("RegexReplace", input=t, pattern=P([], S), rewrite=P([], S)); case("RegexFullMatch", input=t, pattern=P([], S)); case("UnicodeTranscode", input=t, input_encoding="UTF-8", output_encoding="UTF-8")
  case("StringJoin", inputs=[t, P([], S)]); case("StringJoin", inputs=[t, P([None, 3], S)]); case("StringFormat", inputs=[t]); case("StringSplit", input=P([3], S), delimiter=P([], S)); case("StringSplitV2", input=P([3], S), sep=P([], S)); case("Substr", input=t, pos=P([2, 3], I), len=P([2, 3], I)); case("StringNGrams", data=P([5], S), data_splits=P([3], L), separator="", ngram_widths=[2], left_pad="", right_pad="", pad_width=0, preserve_short_sequences=False)
  case("UnicodeDecode", input=P([3], S), input_encoding="UTF-8"); case("UnicodeDecodeWithOffsets", input=t, input_encoding="UTF-8"); case("UnicodeEncode", input_values=P([9], I), input_splits=P([4], L), output_encoding="UTF-8")
  case("DecodeRaw", bytes=t, out_type=F); case("DecodeCSV", records=P([3], S), record_defaults=[P([1]), P([1], I)]); case("ReadFile", filename=P([], S)); case("ShardedFilename", basename=P([], S), shard=P([], I), num_shards=P([], I))
  case("ParseExampleV2", serialized=P([3], S), names=P([0], S), sparse_keys=P([1], S), dense_keys=P([2], S), ragged_keys=P([1], S), dense_defaults=[P([0]), P([0], L)], num_sparse=1, sparse_types=[S], ragged_value_types=[F], ragged_split_types=[L], dense_shapes=[[4], [None, 2]])
  case("ParseExampleV2", serialized=P([], S), names=P([0], S), sparse_keys=P([1], S), dense_keys=P([1], S), ragged_keys=P([1], S), dense_defaults=[P([0])], num_sparse=1, sparse_types=[S], ragged_value_types=[F], ragged_split_types=[L], dense_shapes=[[4]])
  case("ParseExample", serialized=P([3], S), names=P([0], S), sparse_keys=[P([], S)], dense_keys=[P([], S)], dense_defaults=[P([0])], sparse_types=[S], dense_shapes=[[4]]); case("ParseSingleExample", serialized=P([], S), dense_defaults=[P([0])], num_sparse=1, sparse_keys=["a"], dense_keys=["b"], sparse_types=[S], dense_shapes=[[4]])
  case("ScalarSummary", tags=P([], S), values=P([])); case("HistogramSummary", tag=P([], S), values=P([3])); case("MergeSummary", inputs=[P([], S)])


def images():
  image, size = P([2, 9, 8, 3]), K([5, 6])
  for op in "ResizeBilinear ResizeNearestNeighbor ResizeBicubic ResizeArea".split():
    case(op, images=image, size=size)
  case("ResizeBilinearGrad", grads=image, original_image=P([2, 4, 4, 3])); case("ResizeNearestNeighborGrad", grads=image, size=size); case("ResizeBicubicGrad", grads=image, original_image=P([2, 4, 4, 3]))
  case("CropAndResize", image=image, boxes=P([7, 4]), box_ind=P([7], I), crop_size=size); case("AdjustContrastv2", images=image, contrast_factor=P([])); case("AdjustHue", images=image, delta=P([])); case("AdjustSaturation", images=image, scale=P([])); case("RGBToHSV", images=image); case("HSVToRGB", images=image); case("DrawBoundingBoxes", images=image, boxes=P([2, 5, 4])); case("ExtractGlimpse", input=image, size=size, offsets=P([2, 2])); case("ImageProjectiveTransformV2", images=image, transforms=P([2, 8]), output_shape=size, interpolation="BILINEAR"); case("ScaleAndTranslate", images=image, size=size, scale=P([2]), translation=P([2]))
  boxes = dict(boxes=P([9, 4]), scores=P([9]), max_output_size=K(5))
  case("NonMaxSuppression", **boxes); case("NonMaxSuppressionV2", **boxes, iou_threshold=P([])); case("NonMaxSuppressionV3", **boxes, iou_threshold=P([]), score_threshold=P([]))
  for pad in (True, False):
    case("NonMaxSuppressionV4", **boxes, iou_threshold=P([]), score_threshold=P([]), pad_to_max_output_size=pad); case("NonMaxSuppressionV5", **boxes, iou_threshold=P([]), score_threshold=P([]), soft_nms_sigma=P([]), pad_to_max_output_size=pad)
    case("CombinedNonMaxSuppression", boxes=P([2, 9, 1, 4]), scores=P([2, 9, 3]), max_output_size_per_class=K(5), max_total_size=K(20), iou_threshold=K(0.5, F), score_threshold=K(0.5, F), pad_per_class=pad)
  for op in "DecodeJpeg DecodePng DecodeBmp".split():
    for channels in (0, 3):
      case(op, contents=P([], S), channels=channels)
  case("DecodeGif", contents=P([], S)); case("DecodeImage", contents=P([], S), channels=3, expand_animations=False); case("DecodeImage", contents=P([], S)); case("DecodeAndCropJpeg", contents=P([], S), crop_window=K([0, 0, 5, 6]), channels=3); case("EncodeJpeg", image=P([9, 8, 3], tf.uint8)); case("EncodePng", image=P([2, 9, 8, 3], tf.uint8)); case("ExtractJpegShape", contents=P([], S))
  case("SampleDistortedBoundingBoxV2", image_size=P([3], I), bounding_boxes=P([1, 2, 4]), min_object_covered=P([]))


def signals():
  for op in "FFT IFFT FFT2D IFFT2D FFT3D IFFT3D".split():
    case(op, input=P([2, 4, 6, 8], C))
  for rank, suffix in ((1, ""), (2, "2D"), (3, "3D")):
    for lengths in ([5, 6, 8][-rank:], [4, 4, 7][-rank:]):
      case("RFFT" + suffix, input=P([2, 4, 6, 8]), fft_length=K(lengths)); case("IRFFT" + suffix, input=P([2, 4, 6, 8], C), fft_length=K(lengths))
  case("AudioSpectrogram", input=P([100, 1]), window_size=25, stride=10); case("Mfcc", spectrogram=P([1, 9, 17]), sample_rate=P([], I)); case("DecodeWav", contents=P([], S)); case("DecodeWav", contents=P([], S), desired_channels=1, desired_samples=16000); case("EncodeWav", audio=P([100, 1]), sample_rate=P([], I))


def randoms():
  for op in "RandomUniform RandomStandardNormal TruncatedNormal".split():
    case(op, shape=K([2, 3]), dtype=F)
  case("RandomUniformInt", shape=K([2, 3]), minval=K(0), maxval=K(9)); case("RandomGamma", shape=K([2, 3]), alpha=P([4])); case("RandomPoissonV2", shape=K([2, 3]), rate=P([4])); case("RandomShuffle", value=P([2, 3])); case("Multinomial", logits=P([2, 3]), num_samples=K(5)); case("StatelessMultinomial", logits=P([2, 3]), num_samples=K(5), seed=P([2], L)); case("ParameterizedTruncatedNormal", shape=K([2, 3]), means=P([2]), stdevs=P([2]), minvals=P([2]), maxvals=P([2]))
  for op in "StatelessRandomUniform StatelessRandomNormal StatelessTruncatedNormal".split():
    case(op, shape=K([2, 3]), seed=P([2], L))
    case(op + "V2", shape=K([2, 3]), key=P([1], tf.uint64), counter=P([2], tf.uint64), alg=P([], I))
  case("StatelessRandomUniformInt", shape=K([2, 3]), seed=P([2], L), minval=K(0), maxval=K(9)); case("StatelessRandomGetKeyCounter", seed=P([2], L)); case("StatelessRandomGetAlg"); case("LogUniformCandidateSampler", true_classes=P([2, 3], L), num_true=3, num_sampled=5, unique=True, range_max=9)


def states():
  def spelled(name, build):
    CASES.append((name, build))
  raw = tf.raw_ops
  resource = lambda shape=[5, 3], dtype=F: raw.VarHandleOp(dtype=dtype, shape=shape)
  hidden = lambda shape, dtype=F: tf1.placeholder(dtype, shape)
  for shape in ([5, 3], [None, 3], [], None):
    spelled("read", lambda s=shape: raw.ReadVariableOp(resource=resource(s), dtype=F))
    spelled("variable-shape", lambda s=shape: raw.VariableShape(input=resource(s)))
    spelled("variable", lambda s=shape: raw.VariableV2(shape=s, dtype=F) if s is not None else raw.VariableV2(shape=[], dtype=F))
    spelled("old-variable", lambda s=shape: raw.Variable(shape=s or [], dtype=F))
  spelled("read-through-identity", lambda: raw.ReadVariableOp(resource=tf.identity(resource()), dtype=F))
  spelled("gather", lambda: raw.ResourceGather(resource=resource(), indices=hidden([2, None], I), dtype=F)); spelled("gather-unknown", lambda: raw.ResourceGather(resource=resource(None), indices=hidden([2], I), dtype=F)); spelled("gather-batch", lambda: raw.ResourceGather(resource=resource([5, 4, 3]), indices=hidden([5, 2], I), dtype=F, batch_dims=1)); spelled("gather-nd", lambda: raw.ResourceGatherNd(resource=resource([5, 4, 3]), indices=hidden([7, 2], I), dtype=F))
  spelled("initialized", lambda: raw.VarIsInitializedOp(resource=resource()))
  variable = lambda shape=[5, 3]: raw.VariableV2(shape=shape, dtype=F)
  spelled("assign", lambda: raw.Assign(ref=variable(), value=hidden([None, 3]))); spelled("assign-unvalidated", lambda: raw.Assign(ref=variable(), value=hidden([7, 3]), validate_shape=False)); spelled("assign-add", lambda: raw.AssignAdd(ref=variable(), value=hidden([5, 3]))); spelled("assign-sub", lambda: raw.AssignSub(ref=variable(), value=hidden([5, 3]))); spelled("scatter", lambda: raw.ScatterUpdate(ref=variable(), indices=hidden([2], I), updates=hidden([2, 3]))); spelled("scatter-nd", lambda: raw.ScatterNdUpdate(ref=variable(), indices=hidden([2, 1], I), updates=hidden([2, 3])))
  spelled("descent", lambda: raw.ApplyGradientDescent(var=variable(), alpha=hidden([]), delta=hidden([5, 3]))); spelled("adam", lambda: raw.ApplyAdam(var=variable(), m=variable(), v=variable(), beta1_power=hidden([]), beta2_power=hidden([]), lr=hidden([]), beta1=hidden([]), beta2=hidden([]), epsilon=hidden([]), grad=hidden([5, 3]))); spelled("momentum", lambda: raw.ApplyMomentum(var=variable(), accum=variable(), lr=hidden([]), grad=hidden([5, 3]), momentum=hidden([]))); spelled("is-initialized", lambda: raw.IsVariableInitialized(ref=variable()))
  table = lambda: raw.HashTableV2(key_dtype=S, value_dtype=L)
  mutable = lambda: raw.MutableHashTableV2(key_dtype=S, value_dtype=L)
  tensors = lambda: raw.MutableHashTableOfTensorsV2(key_dtype=S, value_dtype=F, value_shape=[4])
  for make in (table, mutable):
    spelled("find", lambda m=make: raw.LookupTableFindV2(table_handle=m(), keys=hidden([2, None], S), default_value=hidden([], L)))
    spelled("export", lambda m=make: raw.LookupTableExportV2(table_handle=m(), Tkeys=S, Tvalues=L)); spelled("size", lambda m=make: raw.LookupTableSizeV2(table_handle=m()))
  spelled("find-tensors", lambda: raw.LookupTableFindV2(table_handle=tensors(), keys=hidden([2], S), default_value=hidden([4]))); spelled("export-tensors", lambda: raw.LookupTableExportV2(table_handle=tensors(), Tkeys=S, Tvalues=F)); spelled("dense-table", lambda: raw.LookupTableFindV2(table_handle=raw.MutableDenseHashTableV2(empty_key=hidden([], L), deleted_key=hidden([], L), value_dtype=F, value_shape=[4]), keys=hidden([2], L), default_value=hidden([4])))
  reserve = lambda shape=[4, -1], n=3: raw.TensorListReserve(element_shape=tf.constant(shape, I), num_elements=n, element_dtype=F)
  any_shape = lambda: tf.constant(-1, I)
  spelled("list-get", lambda: raw.TensorListGetItem(input_handle=reserve(), index=0, element_shape=any_shape(), element_dtype=F)); spelled("list-get-said", lambda: raw.TensorListGetItem(input_handle=reserve(), index=0, element_shape=tf.constant([-1, 6], I), element_dtype=F)); spelled("list-set-get", lambda: raw.TensorListGetItem(input_handle=raw.TensorListSetItem(input_handle=reserve(), index=0, item=hidden([4, 6])), index=0, element_shape=any_shape(), element_dtype=F))
  spelled("list-stack", lambda: raw.TensorListStack(input_handle=reserve(), element_shape=any_shape(), element_dtype=F, num_elements=3)); spelled("list-stack-open", lambda: raw.TensorListStack(input_handle=reserve(), element_shape=tf.constant([4, 6], I), element_dtype=F)); spelled("list-from-tensor", lambda: raw.TensorListStack(input_handle=raw.TensorListFromTensor(tensor=hidden([None, 4, 6]), element_shape=any_shape()), element_shape=any_shape(), element_dtype=F)); spelled("list-length", lambda: raw.TensorListLength(input_handle=reserve()))
  spelled("list-gather", lambda: raw.TensorListGather(input_handle=reserve(), indices=hidden([7], I), element_shape=any_shape(), element_dtype=F)); spelled("list-concat", lambda: raw.TensorListConcatV2(input_handle=reserve(), element_shape=tf.constant([-1, 6], I), leading_dims=hidden([0], L), element_dtype=F)); spelled("list-pop", lambda: raw.TensorListPopBack(input_handle=raw.TensorListPushBack(input_handle=raw.EmptyTensorList(element_shape=tf.constant([4], I), max_num_elements=5, element_dtype=F), tensor=hidden([4])), element_shape=any_shape(), element_dtype=F)); spelled("list-scatter", lambda: raw.TensorListStack(input_handle=raw.TensorListScatterV2(tensor=hidden([3, 4]), indices=hidden([3], I), element_shape=any_shape(), num_elements=3), element_shape=any_shape(), element_dtype=F)); spelled("list-element-shape", lambda: raw.TensorListElementShape(input_handle=reserve(), shape_type=I))
  array = lambda shape=[4, 6], same=True: raw.TensorArrayV3(size=3, dtype=F, element_shape=shape, identical_element_shapes=same)
  for same in (True, False):
    for shape in ([4, 6], [None, 6], None):
      spelled("array-read", lambda s=shape, e=same: raw.TensorArrayReadV3(handle=array(s, e)[0], index=0, flow_in=hidden([]), dtype=F)); spelled("array-gather", lambda s=shape, e=same: raw.TensorArrayGatherV3(handle=array(s, e)[0], indices=hidden([7], I), flow_in=hidden([]), dtype=F, element_shape=s)); spelled("array-concat", lambda s=shape, e=same: raw.TensorArrayConcatV3(handle=array(s, e)[0], flow_in=hidden([]), dtype=F, element_shape_except0=None))
  spelled("array", lambda: array()[0])
  spelled("array-gradient", lambda: raw.TensorArrayGradV3(handle=array()[0], flow_in=hidden([]), source="g")[0]); spelled("stack", lambda: raw.StackPopV2(handle=raw.StackV2(max_size=5, elem_type=F), elem_type=F)); spelled("stack-handle", lambda: raw.StackV2(max_size=5, elem_type=F)); spelled("stack-push", lambda: raw.StackPushV2(handle=raw.StackV2(max_size=5, elem_type=F), elem=hidden([2, 3])))
  for make in (table, mutable, tensors, resource, lambda: raw.MutableDenseHashTableV2(empty_key=hidden([], L), deleted_key=hidden([], L), value_dtype=F), lambda: raw.AnonymousHashTable(key_dtype=S, value_dtype=L), lambda: raw.Iterator(shared_name="i", container="", output_types=[F], output_shapes=[[None, 3]]), reserve, lambda: raw.OptionalNone(), lambda: raw.HashTable(key_dtype=S, value_dtype=L), lambda: raw.MutableHashTable(key_dtype=S, value_dtype=L)):
    spelled("handle", make)
  spelled("array-write", lambda: raw.TensorArrayWriteV3(handle=array()[0], index=0, value=hidden([4, 6]), flow_in=hidden([]))); spelled("array-size", lambda: raw.TensorArraySizeV3(handle=array()[0], flow_in=hidden([]))); spelled("array-scatter", lambda: raw.TensorArrayScatterV3(handle=array()[0], indices=hidden([3], I), value=hidden([3, 4, 6]), flow_in=hidden([])))
  spelled("switch", lambda: raw.Switch(data=hidden([2, None]), pred=hidden([], B))); spelled("merge", lambda: raw.Merge(inputs=[hidden([2, 3]), hidden([2, 4])])); spelled("merge-ranks", lambda: raw.Merge(inputs=[hidden([2, 3]), hidden([2])])); spelled("loop-cond", lambda: raw.LoopCond(input=hidden([], B)))
  spelled("iterator", lambda: raw.IteratorGetNext(iterator=raw.Iterator(shared_name="i", container="", output_types=[F], output_shapes=[[None, 3]]), output_types=[F], output_shapes=[[None, 3]])); spelled("optional", lambda: raw.OptionalFromValue(components=[hidden([2])])); spelled("fake-param", lambda: raw.FakeParam(dtype=F, shape=[None, 3]))


def xla():
  # DotDimensionNumbers: contracting dimensions 2 of the left and 1 of the right, batch dimension 0 of both.
  numbers = bytes([0x0A, 1, 2, 0x12, 1, 1, 0x1A, 1, 0, 0x22, 1, 0])
  case("XlaDotV2", lhs=P([5, 2, 3]), rhs=P([5, 3, 4]), dimension_numbers=numbers, precision_config=b"", preferred_element_type=F)
  case("XlaDynamicSlice", input=P([5, 6]), start_indices=P([2], I), size_indices=K([2, 3]))
  # GatherDimensionNumbers: offset dimension 1, collapsed slice dimension 0, start index map 0, index vector dimension 1.
  gather = bytes([0x0A, 1, 1, 0x12, 1, 0, 0x1A, 1, 0, 0x20, 1])
  case("XlaGather", operand=P([5, 6]), start_indices=P([7, 1], I), slice_sizes=K([1, 6]), dimension_numbers=gather, indices_are_sorted=False)


def control_flow():
  def spelled(name, build):
    CASES.append((name, build))
  hidden = lambda shape, dtype=F: tf1.placeholder(dtype, shape)
  def functional(build):
    def make():
      tf1.enable_control_flow_v2()
      try:
        return build()
      finally:
        tf1.disable_control_flow_v2()
    return make
  loops = {
      "while-steady": lambda: tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), [tf.constant(0), hidden([None, 3])])[1],
      "while-widening": lambda: tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, tf.concat([x, x], 0)), [tf.constant(0), hidden([2, 3])], shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 3])])[1],
      "if-same": lambda: tf1.cond(hidden([], B), lambda x=hidden([None, 3]): x + 1.0, lambda x=hidden([None, 3]): x - 1.0),
      "if-different": lambda: tf1.cond(hidden([], B), lambda x=hidden([2, 3]): x, lambda y=hidden([5, 3]): y),
      "nested": lambda: tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, tf.while_loop(lambda j, y: j < 2, lambda j, y: (j + 1, y + 1.0), [tf.constant(0), x])[1]), [tf.constant(0), hidden([None, 4])])[1],
  }
  for name, build in loops.items():
    spelled(name + "-v1", build)
    spelled(name + "-functional", functional(build))
  @tf.function(input_signature=[tf.TensorSpec([None, 3], F)])
  def double(x):
    return x * 2.0, tf.shape(x)[1]
  spelled("call", lambda: double(hidden([7, 3]))[0])


for family in (elementwise, arrays, partial_values, reductions, matrices, networks, sparse_and_ragged, strings, images, signals, randoms, states, xla, control_flow):
  family()


def shape_of(tensor):
  return None if tensor.shape.rank is None else tensor.shape.as_list()


VARIANTS = {
    "": lambda shape, first: shape,
    "first": lambda shape, first: shape and [None] + shape[1:],
    "dims": lambda shape, first: shape and [None] * len(shape),
    "rank": lambda shape, first: None,
    "rank0": lambda shape, first: None if first else shape,
    "values": lambda shape, first: shape,
}


def operations():
  graph, shapes, refused = tf1.Graph(), {}, 0
  shared = {}
  with graph.as_default():
    def input_of(spec, variant, first):
      if isinstance(spec, K) and variant != "values":
        key = ("constant", spec.dtype, spec.value.tobytes(), spec.value.shape)
        if key not in shared:
          shared[key] = tf1.constant(spec.value, spec.dtype, name="k")
        return shared[key]
      shape = list(spec.value.shape) if isinstance(spec, K) else VARIANTS[variant](spec.shape, first)
      key = ("placeholder", spec.dtype, str(shape))
      if key not in shared:
        shared[key] = tf1.placeholder(spec.dtype, shape, name="p")
      return shared[key]
    for number, (op, arguments) in enumerate(CASES):
      if callable(arguments):
        result = arguments()
        tensors = [t for t in tf.nest.flatten(result) if isinstance(t, tf.Tensor)]
        made = tensors[0].op if tensors else result
        shapes["%s" % made.name] = [shape_of(t) for t in made.outputs]
        continue
      has = {"placeholders": 0, "constants": 0}
      for spec in tf.nest.flatten(list(arguments.values())):
        if isinstance(spec, P): has["placeholders"] += 1
        if isinstance(spec, K): has["constants"] += 1
      seen = set()
      for variant in VARIANTS:
        if variant == "values" and not has["constants"] or variant == "rank0" and has["placeholders"] < 2 or variant in ("first", "dims", "rank") and not has["placeholders"]:
          continue
        first = [True]
        def resolve(spec):
          if isinstance(spec, (P, K)):
            tensor = input_of(spec, variant, first[0] and isinstance(spec, P))
            if isinstance(spec, P): first[0] = False
            return tensor
          return spec
        resolved = {k: ([resolve(i) for i in v] if isinstance(v, list) else resolve(v)) for k, v in arguments.items()}
        key = str([[t.name if hasattr(t, "name") else t for t in tf.nest.flatten([v])] for v in resolved.values()])
        if key in seen: continue
        seen.add(key)
        try:
          result = op_def_library.apply_op(op, name="c%d%s" % (number, "_" + variant if variant else ""), **resolved)
        except (ValueError, TypeError, NotImplementedError) as error:
          if variant == "": sys.exit("%s: %s" % (op, error))
          refused += 1
          continue
        tensors = tf.nest.flatten(result)
        made = tensors[0].op if hasattr(tensors[0], "op") else tensors[0]
        shapes[made.name] = [shape_of(t) for t in made.outputs]
  data = graph.as_graph_def(add_shapes=False).SerializeToString(deterministic=True)
  write("operation-shapes.json", {"tensorflow": tf.__version__, "graph": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode(), "shapes": shapes})
  print("%d operations, %d variants refused" % (len(shapes), refused))


def models():
  result = {}
  for path in sorted(glob.glob(os.path.join(HERE, "../fixtures/*/*/saved_model.pb"))):
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(open(path, "rb").read())
    for index, meta_graph in enumerate(model.meta_graphs):
      graph = tf1.Graph()
      with graph.as_default():
        tf1.import_graph_def(meta_graph.graph_def, name="")
      name = "%s#%d" % (os.path.relpath(os.path.dirname(path), os.path.join(HERE, "../fixtures")), index)
      result[name] = {op.name: [shape_of(t) for t in op.outputs] for op in graph.get_operations() if op.outputs and op.type not in ("Const", "Placeholder")}
  data = json.dumps(result, separators=(",", ":")).encode()
  write("model-shapes.json", {"tensorflow": tf.__version__, "shapes": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()})
  print("%d graphs" % len(result))


def values():
  """Everything is computed from x, the shape [?, 4, 5, 6] of a value of shape [3, 4, 5, 6], y, [2, ?] of [2, 7], and z, [4, 6], all known."""
  graph = tf1.Graph()
  with graph.as_default():
    p, q, r = tf1.placeholder(F, [None, 4, 5, 6]), tf1.placeholder(F, [2, None]), tf1.placeholder(F, [4, 6])
    x, y, z = tf.shape(p), tf.shape(q), tf.shape(r)
    x64 = tf.shape(p, out_type=L)
    raw = tf.raw_ops
    results = [
        x, y, x64, tf.rank(p), tf.size(p), tf.size(r), tf.shape_n([p, r]), x[0], x[1], x[-1], x[1:], x[:2], x[::2], x[::-1], x[3:0:-1], x[-3:-1], x[tf.newaxis, 1:], x[..., 1],
        tf.slice(x, [1], [2]), tf.slice(x, [2], [-1]), tf.gather(x, [3, 0, 1]), tf.gather(x, 2), tf.gather(tf.reshape(x, [2, 2]), [1], axis=1), tf.stack([x[1], 7, y[0]]), tf.stack([y, z]), tf.stack([y, z], axis=1),
        tf.concat([x[1:], y], 0), tf.concat([tf.reshape(x, [2, 2]), tf.stack([y, z])], 1), tf.unstack(x), tf.unstack(tf.reshape(x, [2, 2]), axis=1), tf.split(x, 2), tf.split(tf.reshape(x, [2, 2]), 2, axis=1), tf.split(x, [1, 3]),
        tf.cast(x, L), tf.cast(x64, I), tf.cast(x, tf.uint8), tf.cast(x * 100, tf.int8), tf.cast(z, B), x + 1, x - z[0], x * 2, x * 0, x // 2, -x // 4, raw.Div(x=-x, y=4), raw.TruncateDiv(x=-z, y=4), x % 4, -z % 5, raw.TruncateMod(x=-z, y=5),
        tf.maximum(x, 5), tf.minimum(x, 5), -x, abs(-z), tf.square(z), tf.sign(z - 5), z * 1000000000, tf.add_n([y, z]), tf.equal(x, 4), tf.not_equal(z, 4), z < 5, z <= 4, z > 5, z >= 6, tf.logical_and(z > 4, z > 5), tf.logical_or(x > 4, x < 5), tf.logical_not(z > 4),
        tf.where(z > 4, z, z * 2), tf.where(x > 4, x, x), raw.Select(condition=z > 4, x=z, y=y), tf.reduce_prod(x[1:]), tf.reduce_prod(x), tf.reduce_sum(z), tf.reduce_max(z), tf.reduce_min(z), tf.reduce_prod(tf.reshape(x, [2, 2]), 1), tf.reduce_prod(tf.reshape(x, [2, 2]), 0, keepdims=True),
        tf.reduce_all(z > 4), tf.reduce_any(z > 4), tf.reduce_sum(tf.reshape(x, [2, 2]), [0, 1]), tf.math.cumsum(z), tf.math.cumprod(x[1:], exclusive=True), tf.math.cumprod(x[1:], reverse=True), tf.math.cumprod(z, exclusive=True, reverse=True), tf.math.cumsum(x[::-1]),
        tf.range(z[0]), tf.range(1, z[1], 2), tf.range(z[1], 0, -2), tf.fill([3], z[0]), tf.fill([2], x[0]), tf.tile(x, [2]), tf.tile(tf.reshape(x, [2, 2]), [1, 2]), tf.reverse(x, [0]), tf.reverse(tf.reshape(x, [2, 2]), [1]), tf.broadcast_to(x[1], [3]), tf.broadcast_to(z, [2, 2]),
        tf.zeros_like(x), tf.ones_like(x), tf.expand_dims(x, 0), tf.squeeze(tf.expand_dims(x, 0)), tf.reshape(x, [2, -1]), tf.identity(x), tf.stop_gradient(x), tf.ensure_shape(x, [4]), raw.IdentityN(input=[x, y]),
        raw.ConcatOffset(concat_dim=1, shape=[z, tf.stack([z[0], y[1]]), z]), raw.ConcatOffset(concat_dim=0, shape=[z, z, z]), raw.BroadcastArgs(s0=[1, 5, 1], s1=x[1:] * 0 + 1), raw.BroadcastArgs(s0=x, s1=[1, 1]), raw.BroadcastArgs(s0=x, s1=[3, 4, 1, 6]), tf.math.invert_permutation(3 - z // 2), tf.math.invert_permutation(tf.stack([2, 0, 1])),
        tf.dynamic_stitch([[0, 2], [1]], [z, x[:1]]), tf.dynamic_stitch([[0], [1, 2, 3]], [x[1:2], x[1:]]), tf1.placeholder_with_default(z, [2]), x[0] * 0 + 1,
    ]
    tensors = []
    for tensor in tf.nest.flatten(results):
      if tensor.name not in [t.name for t in tensors]: tensors.append(tensor)
    with tf1.Session() as session:
      found = session.run(tensors, {p: np.zeros([3, 4, 5, 6]), q: np.zeros([2, 7]), r: np.zeros([4, 6])})
  data = graph.as_graph_def(add_shapes=False).SerializeToString(deterministic=True)
  golden = {tensor.name: [int(element) for element in np.ravel(value)] for tensor, value in zip(tensors, found)}
  write("partial-values.json", {"tensorflow": tf.__version__, "graph": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode(), "values": golden})
  print("%d values" % len(golden))


def write(name, value):
  os.makedirs(TESTDATA, exist_ok=True)
  with open(os.path.join(TESTDATA, name), "w") as f:
    json.dump(value, f, separators=(",", ":"))
    f.write("\n")


operations()
models()
values()
