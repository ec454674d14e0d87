"""Writes packages/training/testdata/gradients.json.gz: the gradients that TensorFlow computes.

    python tools/tensorflow/gradient_goldens.py        (TensorFlow 2.21)

A case is a graph (a GraphDef in base64) with its inputs, and TensorFlow's gradients of its floating-point results by its floating-point
inputs, given random gradients of the results. Each is made with shapes that are known, with dimensions that are not, and with ranks that
are not.
"""
import base64
import gzip
import json
import os

from golden_cases import CONFIG, encode_tensor, np, tf, v1

raw = tf.raw_ops
random = np.random.RandomState(7)
CASES = []
MODES = {"shapes": lambda shape: shape, "dimensions": lambda shape: [None] * len(shape), "ranks": lambda shape: None}


def normal(*shape, dtype=np.float64):
  return random.standard_normal(shape).astype(dtype)


def uniform(low, high, *shape, dtype=np.float64):
  return random.uniform(low, high, shape).astype(dtype)


def integers(high, *shape, dtype=np.int32):
  return random.randint(0, high, shape).astype(dtype)


def case(title, build, *inputs, modes=MODES, tolerance=None):
  for mode in modes:
    try:
      make(title, build, inputs, mode, tolerance)
    except Exception as error:
      print("  not made: %s (%s): %s" % (title, mode, str(error).split("\n")[0][:200]))


def make(title, build, inputs, mode, tolerance):
  with tf.Graph().as_default() as graph:
    arrays = [np.asarray(value) for value in inputs]
    places = [v1.placeholder(array.dtype, MODES[mode](array.shape), "x%d" % i) for i, array in enumerate(arrays)]
    ys = build(*places)
    ys = [y for y in (ys if isinstance(ys, (list, tuple)) else [ys]) if y.dtype.is_floating]
    xs = [x for x in places if x.dtype.is_floating]
    feeds = dict(zip(places, arrays))
    with v1.Session(graph=graph, config=CONFIG) as session:
      values = session.run(ys, feeds)
    state = random.get_state()
    random.seed(len(CASES))
    initial = [v1.placeholder(y.dtype, MODES[mode](value.shape), "dy%d" % i) for i, (y, value) in enumerate(zip(ys, values))]
    feeds.update({place: np.asarray(random.standard_normal(value.shape)).astype(value.dtype) for place, value in zip(initial, values)})
    random.set_state(state)
    definition = graph.as_graph_def()
    gradients = [None if g is None else tf.convert_to_tensor(g) for g in tf.gradients(ys, xs, initial)]
    with v1.Session(graph=graph, config=CONFIG) as session:
      results = iter(session.run([g for g in gradients if g is not None], feeds))
    CASES.append({
        "title": "%s (unknown: %s)" % (title, mode) if mode != "shapes" else title,
        "graph": base64.b64encode(definition.SerializeToString(deterministic=True)).decode(),
        "feeds": {place.name: encode_tensor(value, place.dtype) for place, value in feeds.items()},
        "ys": [y.name for y in ys], "initial": [place.name for place in initial], "xs": [x.name for x in xs],
        "gradients": [None if g is None else encode_tensor(next(results), g.dtype) for g in gradients],
        **({"tolerance": list(tolerance)} if tolerance else {}),
    })


RANKED = ("shapes", "dimensions")


def elementwise():
  any_number = "Neg Abs Sign Exp Expm1 Square Sigmoid Tanh Relu Relu6 Elu Selu LeakyRelu Softplus Softsign Sin Cos Tan Atan Sinh Cosh Asinh Erf Erfc Floor Reciprocal"
  for op in any_number.split():
    argument = "features" if op in ("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Softplus", "Softsign") else "x"
    case(op, lambda x, op=op: getattr(raw, op)(**{argument: x}), normal(3, 4) * 2, modes=["shapes", "ranks"])
  for op in "Log Log1p Sqrt Rsqrt Lgamma".split():
    case(op, lambda x, op=op: getattr(raw, op)(x=x), uniform(0.2, 5, 7), modes=["shapes"])
  for op in "Asin Acos Atanh Erfinv".split():
    case(op, lambda x, op=op: getattr(raw, op)(x=x), uniform(-0.9, 0.9, 7), modes=["shapes"])
  case("Acosh", lambda x: raw.Acosh(x=x), uniform(1.1, 4, 7), modes=["shapes"])
  case("Ndtri", lambda x: raw.Ndtri(x=x), uniform(0.1, 0.9, 7), modes=["shapes"], tolerance=(1e-10, 1e-12))
  case("L2Loss", lambda x: raw.L2Loss(t=x), normal(3, 4))
  case("Cast", lambda x: tf.cast(tf.cast(x, tf.float32), tf.float64) * 2, normal(3), modes=["shapes"], tolerance=(1e-6, 1e-7))
  case("Cast to an integer and back", lambda x: x * tf.cast(tf.cast(x, tf.int32), tf.float64), normal(3) * 5, modes=["shapes"])
  for op in "ReluGrad Relu6Grad".split():
    case(op, lambda x, y, op=op: getattr(raw, op)(gradients=x, features=y), normal(4), normal(4), modes=["shapes"])
  for op in "SigmoidGrad TanhGrad".split():
    case(op, lambda y, dy, op=op: getattr(raw, op)(y=y, dy=dy), normal(4), normal(4), modes=["shapes"])


def arithmetic():
  shapes = [((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (2, 3)), ((2, 1, 3), (4, 1)), ((0, 3), (1, 3))]
  for op in "AddV2 Sub Mul RealDiv Maximum Minimum SquaredDifference Atan2 DivNoNan MulNoNan Xlogy Xdivy".split():
    for left, right in shapes if op in ("AddV2", "Mul", "RealDiv", "Maximum") else shapes[1:3]:
      case("%s %s %s" % (op, left, right), lambda x, y, op=op: getattr(raw, op)(**dict(zip(("y", "x") if op == "Atan2" else ("x", "y"), (x, y)))),
           uniform(0.5, 3, *left), uniform(0.5, 3, *right))
  case("Xlogy at zero", lambda x, y: raw.Xlogy(x=x, y=y), np.array([0.0, 1, 0]), np.array([2.0, 3, 0.5]), modes=["shapes"])
  case("Maximum of equals", lambda x, y: raw.Maximum(x=x, y=y), np.array([1.0, 2, 3]), np.array([1.0, 3, 2]), modes=["shapes"])
  case("Pow", lambda x, y: raw.Pow(x=x, y=y), uniform(0.1, 3, 3, 4), normal(4))
  case("Pow at zero", lambda x, y: raw.Pow(x=x, y=y), np.array([0.0, 0, 2, -2]), np.array([2.0, 1, 3, 2]), modes=["shapes"])
  case("FloorMod", lambda x, y: raw.FloorMod(x=x, y=y), normal(3, 4) * 5, uniform(0.5, 2, 4))
  case("AddN", lambda x, y: raw.AddN(inputs=[x, y, x]), normal(3), normal(3))
  case("BiasAdd", lambda x, b: raw.BiasAdd(value=x, bias=b), normal(2, 3, 4), normal(4))
  case("BiasAdd NCHW", lambda x, b: raw.BiasAdd(value=x, bias=b, data_format="NCHW"), normal(2, 3, 4, 5), normal(3))
  case("Select", lambda x, y: raw.Select(condition=tf.constant([[True, False], [False, True]]), x=x, y=y), normal(2, 2), normal(2, 2))
  case("Select by rows", lambda x, y: raw.Select(condition=tf.constant([True, False]), x=x, y=y), normal(2, 2), normal(2, 2))
  case("SelectV2", lambda x, y: raw.SelectV2(condition=tf.constant([[True], [False]]), t=x, e=y), normal(3), normal(1, 3))
  case("ClipByValue", lambda x: raw.ClipByValue(t=x, clip_value_min=tf.constant(-0.5, tf.float64), clip_value_max=tf.constant(0.7, tf.float64)), normal(9))
  case("ClipByValue of bounds", lambda x, a, b: raw.ClipByValue(t=x, clip_value_min=a, clip_value_max=b), normal(9), np.float64(-0.5), np.float64(0.5))


def reductions():
  for op in "Sum Mean Max Min Prod EuclideanNorm".split():
    for axes in ([0], [-1], [0, 2], [], [0, 1, 2]):
      for keep in (False, True):
        case("%s %s %s" % (op, axes, keep), lambda x: getattr(raw, op)(input=x, axis=tf.constant(axes, tf.int32), keep_dims=keep), normal(2, 3, 4),
             modes=MODES if axes in ([0], [0, 2]) else ["shapes"])
    case("%s over a computed axis" % op, lambda x, a: getattr(raw, op)(input=x, axis=a), normal(2, 3), np.int32(-1))
  case("Max of equals", lambda x: raw.Max(input=x, axis=[0]), np.array([[1.0, 2], [1, 3], [0, 3]]))
  case("Prod with zeros", lambda x: raw.Prod(input=x, axis=[1]), np.array([[1.0, 2, 3], [1, 0, 3], [0, 0, 3]]))
  case("Mean of nothing", lambda x: raw.Mean(input=x, axis=[1]), normal(0, 3))
  for exclusive in (False, True):
    for reverse in (False, True):
      case("Cumsum", lambda x: raw.Cumsum(x=x, axis=1, exclusive=exclusive, reverse=reverse), normal(2, 4), modes=["shapes"])
      case("Cumprod", lambda x: raw.Cumprod(x=x, axis=1, exclusive=exclusive, reverse=reverse), normal(2, 4), modes=["shapes"])


def matrices():
  for a in (False, True):
    for b in (False, True):
      case("MatMul %s %s" % (a, b), lambda x, y: raw.MatMul(a=x, b=y, transpose_a=a, transpose_b=b), normal(*((4, 2) if a else (2, 4))), normal(*((3, 4) if b else (4, 3))))
      for batches in (((5,), (5,)), ((2, 1), (3,)), ((), (2,))):
        case("BatchMatMulV2 %s %s %s" % (a, b, batches), lambda x, y: raw.BatchMatMulV2(x=x, y=y, adj_x=a, adj_y=b),
             normal(*batches[0], *((4, 2) if a else (2, 4))), normal(*batches[1], *((3, 4) if b else (4, 3))), modes=RANKED)
  for equation, left, right in (
      ("ab,bc->ac", (2, 3), (3, 4)), ("abc,cd->abd", (2, 3, 4), (4, 5)), ("abc,acd->abd", (2, 3, 4), (2, 4, 5)),
      ("BTNH,BSNH->BNTS", (2, 3, 2, 4), (2, 5, 2, 4)), ("abc,cde->abde", (2, 3, 4), (4, 2, 3)), ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)),
      ("...ij,jk->...ik", (2, 3, 4), (4, 5)), ("i,j->ij", (3,), (4,)), ("ab,c->c", (2, 3), (4,)), ("abc,b->ac", (2, 3, 4), (3,)),
      ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)), ("ij,...jk->...ik", (3, 4), (2, 5, 4, 2)), ("i...j,jk->k...i", (3, 2, 4), (4, 5)),
      ("...ij,jk->...ik", (3, 4), (4, 5)), ("...ij,kj->...", (2, 3, 4), (5, 4))):
    case("Einsum %s" % equation, lambda x, y: raw.Einsum(inputs=[x, y], equation=equation), normal(*left), normal(*right), modes=RANKED)
  for equation, shape in (("ab->ba", (2, 3)), ("abc->b", (2, 3, 4)), ("...ab->...ba", (2, 3, 4))):
    case("Einsum %s" % equation, lambda x: raw.Einsum(inputs=[x], equation=equation), normal(*shape), modes=RANKED)
  case("MatrixInverse", lambda x: raw.MatrixInverse(input=x), normal(2, 3, 3) + 3 * np.eye(3), modes=["shapes"], tolerance=(1e-10, 1e-12))
  case("MatrixBandPart", lambda x: raw.MatrixBandPart(input=x, num_lower=tf.constant(1, tf.int64), num_upper=tf.constant(0, tf.int64)), normal(3, 3))
  case("MatrixDiag", lambda x: raw.MatrixDiag(diagonal=x), normal(2, 3), modes=["shapes"])
  case("MatrixSetDiag", lambda x, d: raw.MatrixSetDiag(input=x, diagonal=d), normal(2, 3, 3), normal(2, 3), modes=["shapes"])
  case("Diag", lambda x: raw.Diag(diagonal=x), normal(3), modes=["shapes"])


def shapes():
  case("Reshape", lambda x: raw.Reshape(tensor=x, shape=[-1, 2]), normal(3, 4))
  case("Squeeze", lambda x: raw.Squeeze(input=x, axis=[1]), normal(3, 1, 4))
  case("ExpandDims", lambda x: raw.ExpandDims(input=x, axis=-1), normal(3, 4))
  case("Transpose", lambda x: raw.Transpose(x=x, perm=[2, 0, 1]), normal(2, 3, 4))
  case("Transpose by what is fed", lambda x, p: raw.Transpose(x=x, perm=p), normal(2, 3, 4), np.array([1, 2, 0], np.int32))
  for axis in (0, 1, -1):
    case("ConcatV2 %d" % axis, lambda x, y: raw.ConcatV2(values=[x, y, x], axis=axis), normal(2, 3), normal(2, 3))
  case("ConcatV2 of different sizes", lambda x, y: raw.ConcatV2(values=[x, y], axis=1), normal(2, 3), normal(2, 5))
  case("Concat", lambda x, y: raw.Concat(concat_dim=1, values=[x, y]), normal(2, 3), normal(2, 5))
  case("Split", lambda x: raw.Split(axis=1, value=x, num_split=3), normal(2, 6), modes=["shapes", "dimensions"])
  case("Split, one part used", lambda x: raw.Split(axis=1, value=x, num_split=3)[1], normal(2, 6), modes=["shapes", "dimensions"])
  case("SplitV", lambda x: raw.SplitV(value=x, size_splits=[1, 3, 2], axis=1, num_split=3), normal(2, 6))
  case("Pack", lambda x, y: raw.Pack(values=[x, y], axis=1), normal(2, 3), normal(2, 3))
  case("Unpack", lambda x: raw.Unpack(value=x, num=3, axis=1), normal(2, 3))
  case("Slice", lambda x: raw.Slice(input=x, begin=[1, 0], size=[2, -1]), normal(4, 3))
  case("Slice from what is fed", lambda x, b: raw.Slice(input=x, begin=b, size=[2, 2]), normal(4, 3), np.array([1, 1], np.int32))
  case("StridedSlice", lambda x: x[1:, ::-2, tf.newaxis, 0], normal(3, 5, 2))
  case("StridedSlice with an ellipsis", lambda x: x[..., 1:3], normal(3, 5, 4))
  case("Pad", lambda x: raw.Pad(input=x, paddings=[[1, 0], [2, 3]]), normal(3, 4))
  case("Pad by what is fed", lambda x, p: raw.Pad(input=x, paddings=p), normal(3, 4), np.array([[1, 0], [2, 3]], np.int64))
  case("PadV2", lambda x: raw.PadV2(input=x, paddings=[[1, 0], [2, 3]], constant_values=tf.constant(3, tf.float64)), normal(3, 4))
  for mode in ("REFLECT", "SYMMETRIC"):
    case("MirrorPad %s" % mode, lambda x: raw.MirrorPad(input=x, paddings=[[1, 0], [2, 3]], mode=mode), normal(3, 4))
  case("Tile", lambda x: raw.Tile(input=x, multiples=[2, 3]), normal(3, 4))
  case("Tile by what is fed", lambda x, m: raw.Tile(input=x, multiples=m), normal(3, 4), np.array([1, 2], np.int32))
  case("BroadcastTo", lambda x: raw.BroadcastTo(input=x, shape=[2, 3, 4]), normal(3, 1))
  case("Fill", lambda x: raw.Fill(dims=[2, 3], value=x), normal())
  case("ReverseV2", lambda x: raw.ReverseV2(tensor=x, axis=[1]), normal(3, 4))
  case("ReverseSequence", lambda x: raw.ReverseSequence(input=x, seq_lengths=[1, 3], seq_dim=1), normal(2, 4))
  case("Roll", lambda x: raw.Roll(input=x, shift=[1, -2], axis=[0, 1]), normal(3, 4))
  case("SpaceToDepth", lambda x: raw.SpaceToDepth(input=x, block_size=2), normal(1, 4, 4, 3))
  case("DepthToSpace", lambda x: raw.DepthToSpace(input=x, block_size=2), normal(1, 2, 2, 8))
  case("SpaceToBatchND", lambda x: raw.SpaceToBatchND(input=x, block_shape=[2, 2], paddings=[[1, 0], [0, 1]]), normal(1, 3, 3, 2))
  case("BatchToSpaceND", lambda x: raw.BatchToSpaceND(input=x, block_shape=[2, 2], crops=[[1, 0], [0, 1]]), normal(4, 2, 2, 2))
  case("IdentityN", lambda x, y: raw.IdentityN(input=[x, y]), normal(3), normal(2))
  case("StopGradient", lambda x: x * tf.stop_gradient(x), normal(3))


def gathering():
  for axis in (0, 1, -1):
    for indices in ((4,), (2, 2), ()):
      case("GatherV2 %d %s" % (axis, indices), lambda x, i: raw.GatherV2(params=x, indices=i, axis=axis), normal(3, 4, 5), integers(3, *indices), modes=RANKED if axis else MODES)
  case("GatherV2 with a batch", lambda x, i: raw.GatherV2(params=x, indices=i, axis=1, batch_dims=1), normal(3, 4, 5), integers(4, 3, 2, dtype=np.int64), modes=RANKED)
  case("GatherV2 with a batch, another axis", lambda x, i: raw.GatherV2(params=x, indices=i, axis=2, batch_dims=1), normal(3, 4, 5), integers(5, 3, 2), modes=RANKED)
  case("GatherV2 twice", lambda x, i: raw.GatherV2(params=x, indices=i, axis=0) + raw.GatherV2(params=x, indices=i + 1, axis=0), normal(5, 2), integers(4, 6))
  case("GatherV2 and another use", lambda x, i: [raw.GatherV2(params=x, indices=i, axis=0), x * x], normal(5, 2), integers(4, 6))
  case("GatherNd", lambda x, i: raw.GatherNd(params=x, indices=i), normal(3, 4, 5), integers(3, 6, 2))
  case("ScatterNd", lambda i, u: raw.ScatterNd(indices=i, updates=u, shape=[6, 2]), integers(6, 4, 1), normal(4, 2))
  case("TensorScatterUpdate", lambda x, u: raw.TensorScatterUpdate(tensor=x, indices=[[1], [3]], updates=u), normal(5, 2), normal(2, 2))
  case("TensorScatterAdd", lambda x, u: raw.TensorScatterAdd(tensor=x, indices=[[1], [3]], updates=u), normal(5, 2), normal(2, 2))
  case("DynamicPartition", lambda x, p: raw.DynamicPartition(data=x, partitions=p, num_partitions=3), normal(6, 2), integers(3, 6))
  case("DynamicStitch", lambda x, y: raw.DynamicStitch(indices=[[0, 3], [1, 2]], data=[x, y]), normal(2, 2), normal(2, 2))
  ids = np.array([0, 0, 1, 3], np.int32)
  case("SegmentSum", lambda x, i: raw.SegmentSum(data=x, segment_ids=i), normal(4, 2), ids)
  case("SegmentMean", lambda x, i: raw.SegmentMean(data=x, segment_ids=i), normal(4, 2), ids)
  case("UnsortedSegmentSum", lambda x, i: raw.UnsortedSegmentSum(data=x, segment_ids=i, num_segments=4), normal(4, 2), np.array([2, -1, 0, 2], np.int32))
  for op in "SparseSegmentSum SparseSegmentMean SparseSegmentSqrtN".split():
    case(op, lambda x, i, s: getattr(raw, op)(data=x, indices=i, segment_ids=s), normal(5, 2), np.array([4, 0, 0, 2], np.int32), ids)
    case(op + "WithNumSegments", lambda x, i, s: getattr(raw, op + "WithNumSegments")(data=x, indices=i, segment_ids=s, num_segments=6), normal(5, 2), np.array([4, 0, 0, 2], np.int64), ids)
  case("TopKV2", lambda x: raw.TopKV2(input=x, k=2)[0], normal(3, 5))
  case("an embedding lookup", lambda x, i: tf.nn.embedding_lookup(x, i), normal(5, 2), integers(4, 6, dtype=np.int64))


def layers():
  single = dict(tolerance=(1e-4, 1e-4))
  for strides, padding, dilation in ((1, "SAME", 1), (2, "SAME", 1), (2, "VALID", 1), (1, "VALID", 1)):
    case("Conv2D %d %s %d" % (strides, padding, dilation), lambda x, w: raw.Conv2D(input=x, filter=w, strides=[1, strides, strides, 1], padding=padding, dilations=[1, dilation, dilation, 1]),
         normal(2, 6, 5, 3), normal(3, 2, 3, 4))
    case("DepthwiseConv2dNative %d %s %d" % (strides, padding, dilation), lambda x, w: raw.DepthwiseConv2dNative(input=x, filter=w, strides=[1, strides, strides, 1], padding=padding, dilations=[1, dilation, dilation, 1]),
         normal(2, 6, 5, 3), normal(3, 3, 3, 2), modes=RANKED)
  case("Conv2D with paddings", lambda x, w: raw.Conv2D(input=x, filter=w, strides=[1, 1, 1, 1], padding="EXPLICIT", explicit_paddings=[0, 0, 1, 0, 2, 1, 0, 0]), normal(2, 6, 5, 3), normal(3, 2, 3, 4))
  case("Conv2D transposed", lambda w, y: raw.Conv2DBackpropInput(input_sizes=[2, 6, 6, 3], filter=w, out_backprop=y, strides=[1, 2, 2, 1], padding="SAME"), normal(3, 3, 3, 4), normal(2, 3, 3, 4))
  case("Conv3D", lambda x, w: raw.Conv3D(input=x, filter=w, strides=[1, 1, 2, 1, 1], padding="SAME"), normal(1, 3, 4, 3, 2), normal(2, 2, 2, 2, 3), modes=["shapes"])
  for padding in ("SAME", "VALID"):
    case("MaxPool %s" % padding, lambda x: raw.MaxPool(input=x, ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1], padding=padding), normal(2, 6, 5, 3))
    case("AvgPool %s" % padding, lambda x: raw.AvgPool(value=x, ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1], padding=padding), normal(2, 6, 5, 3))
  case("MaxPoolV2", lambda x: raw.MaxPoolV2(input=x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"), normal(2, 5, 5, 3), modes=["shapes"])
  for training in (True, False):
    for op in "FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3".split():
      case("%s %s" % (op, training), lambda x, s, o, m, v: getattr(raw, op)(x=x, scale=s, offset=o, mean=m[:0] if training else m, variance=v[:0] if training else v, is_training=training, epsilon=0.01)[0],
           normal(4, 3, 3, 2, dtype=np.float32), normal(2, dtype=np.float32), normal(2, dtype=np.float32), normal(2, dtype=np.float32), uniform(0.5, 2, 2, dtype=np.float32), **single)
  case("Softmax", lambda x: raw.Softmax(logits=x), normal(3, 4))
  case("LogSoftmax", lambda x: raw.LogSoftmax(logits=x), normal(3, 4))
  case("SoftmaxCrossEntropyWithLogits", lambda x, l: raw.SoftmaxCrossEntropyWithLogits(features=x, labels=l)[0], normal(3, 4), uniform(0, 1, 3, 4))
  case("SparseSoftmaxCrossEntropyWithLogits", lambda x, l: raw.SparseSoftmaxCrossEntropyWithLogits(features=x, labels=l)[0], normal(3, 4), integers(4, 3))
  case("sigmoid cross-entropy", lambda x, l: tf.nn.sigmoid_cross_entropy_with_logits(labels=l, logits=x), normal(3, 4), uniform(0, 1, 3, 4))
  for half in (False, True):
    case("ResizeBilinear %s" % half, lambda x: raw.ResizeBilinear(images=x, size=[5, 7], half_pixel_centers=half), normal(1, 3, 4, 2, dtype=np.float32), **single)
    case("ResizeNearestNeighbor %s" % half, lambda x: raw.ResizeNearestNeighbor(images=x, size=[5, 7], half_pixel_centers=half), normal(1, 3, 4, 2, dtype=np.float32), **single)
  case("moments", lambda x: tf.nn.moments(x, [0, 1, 2]), normal(2, 3, 3, 2))
  case("dropout", lambda x: tf.nn.dropout(x, 0.0), normal(3, 4))
  case("a dense network", lambda x, w, b, v: tf.reduce_mean(tf.nn.softmax(tf.matmul(tf.nn.relu(tf.matmul(x, w) + b), v))), normal(5, 4), normal(4, 6), normal(6), normal(6, 3))
  case("gelu", lambda x: tf.nn.gelu(x), normal(7))
  case("layer normalization", lambda x: (x - tf.reduce_mean(x, -1, keepdims=True)) * tf.math.rsqrt(tf.math.reduce_variance(x, -1, keepdims=True) + 1e-3), normal(3, 5))
  case("a gradient penalty", lambda x, w: tf.square(tf.norm(tf.gradients(tf.tanh(tf.matmul(x, w)), x)[0]) - 1), normal(3, 4), normal(4, 2))


def diagonals():
  for align in ("LEFT_RIGHT", "RIGHT_LEFT"):
    for k, count in ((0, 3), ([-1, 1], 3)):
      shape = (2, 3, 3) if isinstance(k, list) else (2, 3)
      title = "%s %s" % (k, align)
      case("MatrixDiagV3 " + title, lambda x: raw.MatrixDiagV3(diagonal=x, k=k, num_rows=-1, num_cols=-1, padding_value=tf.constant(0, tf.float64), align=align), normal(*shape), modes=RANKED)
      case("MatrixDiagPartV3 " + title, lambda x: raw.MatrixDiagPartV3(input=x, k=k, padding_value=tf.constant(0, tf.float64), align=align), normal(2, 3, 4), modes=RANKED)
      case("MatrixSetDiagV3 " + title, lambda x, d: raw.MatrixSetDiagV3(input=x, diagonal=d, k=k, align=align), normal(2, 3, 3), normal(*shape), modes=RANKED)
  case("BatchMatMulV3", lambda x, y: raw.BatchMatMulV3(x=x, y=y, Tout=tf.float64), normal(2, 3, 4), normal(4, 2), modes=RANKED)
  case("Xlog1py", lambda x, y: raw.Xlog1py(x=x, y=y), np.array([0.0, 1, 2, -1]), uniform(0.2, 3, 4), modes=["shapes"])


def extremes():
  for op in "SegmentMax SegmentMin".split():
    case(op, lambda x, op=op: getattr(raw, op)(data=x, segment_ids=[0, 0, 1, 3]), np.array([[1.0, 2], [1, 3], [0, 3], [4, 4]]), modes=RANKED)
  for op in "UnsortedSegmentMax UnsortedSegmentMin".split():
    case(op, lambda x, op=op: getattr(raw, op)(data=x, segment_ids=[2, -1, 0, 2], num_segments=4), np.array([[1.0, 2], [1, 3], [0, 3], [1, 4]]), modes=RANKED)
  for op in "TensorScatterMax TensorScatterMin TensorScatterSub".split():
    case(op, lambda x, u, op=op: getattr(raw, op)(tensor=x, indices=[[0], [2], [0]], updates=u), np.array([1.0, 2, 3, 4]), np.array([1.0, 5, 1]), modes=["shapes"])


def sparse_tensors():
  indices, shape = np.array([[0, 1], [0, 2], [2, 0]], np.int64), np.array([3, 4], np.int64)
  for a in (False, True):
    for b in (False, True):
      case("SparseTensorDenseMatMul %s %s" % (a, b), lambda v, d: raw.SparseTensorDenseMatMul(a_indices=indices, a_values=v, a_shape=shape, b=d, adjoint_a=a, adjoint_b=b),
           normal(3), normal(*((3 if a else 4, 2) if not b else (2, 3 if a else 4))), modes=RANKED)
  for axes in ([0], [1], [-1], [0, 1], [-2, -1]):
    for keep in (False, True):
      case("SparseReduceSum %s %s" % (axes, keep), lambda v: raw.SparseReduceSum(input_indices=indices, input_values=v, input_shape=shape, reduction_axes=axes, keep_dims=keep), normal(3), modes=["shapes"])
  case("SparseToDense", lambda v, d: raw.SparseToDense(sparse_indices=indices, output_shape=shape, sparse_values=v, default_value=d), normal(3), normal(), modes=["shapes"])
  case("SparseFillEmptyRows", lambda v, d: raw.SparseFillEmptyRows(indices=indices, values=v, dense_shape=shape, default_value=d)[1], normal(3), normal(), modes=["shapes"])


def complex_numbers():
  for n in (5, 6):
    # TensorFlow has no gradient where a transform cuts off or fills up what it takes.
    for dtype in (np.float32, np.float64):
      loose = dict(tolerance=(1e-4, 1e-5) if dtype == np.float32 else (1e-11, 1e-12))
      title = "%d, %s" % (n, np.dtype(dtype).name)
      case("a spectrum of " + title, lambda x: tf.abs(tf.signal.rfft(x, [n])) * 2, normal(2, n, dtype=dtype), modes=RANKED, **loose)
      case("a spectrum and back of " + title, lambda x: tf.signal.irfft(tf.signal.rfft(x) * tf.signal.rfft(tf.reverse(x, [-1])), [n]), normal(2, n, dtype=dtype), modes=["shapes"], **loose)
  case("phases", lambda x, y: tf.math.angle(tf.complex(x, y)), normal(3), normal(3))
  case("magnitude and phase", lambda x: phases(x), normal(2, 8), modes=["shapes"], tolerance=(1e-10, 1e-11))
  case("parts", lambda x, y: tf.math.real(tf.complex(x, y) * tf.complex(y, x)) + tf.math.imag(tf.math.conj(tf.complex(x, y)) * 2 + tf.complex(y, x)), normal(3), normal(3))
  case("nothing", lambda x: tf.abs(tf.complex(x, x)), np.array([0.0, 1]), modes=["shapes"])


def phases(x):
  spectrum = tf.signal.rfft(x)
  magnitude, phase = tf.abs(spectrum), tf.math.angle(spectrum)
  again = tf.cast(tf.nn.softplus(magnitude), tf.complex128) * tf.exp(tf.complex(tf.zeros_like(phase), phase))
  return tf.signal.irfft(tf.concat([again, again[:1]], 0))


def main():
  for family in (elementwise, arithmetic, reductions, matrices, shapes, gathering, layers, diagonals, extremes, sparse_tensors, complex_numbers):
    family()
  path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/training/testdata/gradients.json.gz")
  os.makedirs(os.path.dirname(path), exist_ok=True)
  text = json.dumps({"tensorflow": tf.__version__, "cases": CASES}, separators=(",", ":"))
  with open(path, "wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as zipped:
    zipped.write(text.encode())
  print("%d cases, %d bytes" % (len(CASES), os.path.getsize(path)))


if __name__ == "__main__":
  main()
