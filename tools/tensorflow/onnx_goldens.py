"""Small graphs and what TensorFlow computes with them, for the conversion to ONNX.

    CUDA_VISIBLE_DEVICES= python tools/tensorflow/onnx_goldens.py       (TensorFlow 2.21)

Writes packages/backend-onnx/testdata/NAME.json.gz, one for each of the lists below. A file is a list of cases:

    {"name", "nodes": [{"name", "type", "inputs", "attributes": {name: [kind, value]}, "shapes"}], "feeds", "fetches", "dynamic": [shapes…]}

Every graph is built twice: with the shapes of its placeholders known (`shapes`), and with their dimensions unknown (`dynamic`, in the same order);
`null` where nothing, or a dimension, is not known. Tensors are {"dtype", "shape", "data"}, base64 of little-endian elements.
"""

import base64
import gzip
import json
import os
import pathlib

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# With it a convolution of no images comes out in the wrong shape.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

tf1 = tf.compat.v1
raw = tf.raw_ops
OUT = pathlib.Path(__file__).resolve().parents[2] / "packages" / "backend-onnx" / "testdata"

FLOATS = ["float32", "float64", "float16", "bfloat16"]
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def np_type(dtype):
    return tf.as_dtype(dtype).as_numpy_dtype


def values(shape, dtype="float32", seed=0, low=-4.0, high=4.0):
    rng = np.random.RandomState(seed + 7 * len(shape))
    if dtype == "bool":
        return rng.rand(*shape) < 0.5
    if dtype in FLOATS:
        return rng.uniform(low, high, shape).astype(np.float32).astype(np_type(dtype))
    if dtype.startswith("u"):
        return rng.randint(0, 9, shape).astype(np_type(dtype))
    return rng.randint(-8, 9, shape).astype(np_type(dtype))


def tensor(array):
    array = np.asarray(array)
    data = np.ascontiguousarray(array).tobytes()
    return {"dtype": tf.as_dtype(array.dtype).name, "shape": list(array.shape), "data": base64.b64encode(data).decode()}


def attribute(value):
    kind = value.WhichOneof("value")
    if kind == "s":
        return ["bytes", value.s.decode()]
    if kind == "i":
        return ["int", value.i]
    if kind == "f":
        return ["float", value.f]
    if kind == "b":
        return ["bool", value.b]
    if kind == "type":
        return ["dtype", tf.as_dtype(value.type).name]
    if kind == "shape":
        return ["shape", None if value.shape.unknown_rank else [d.size if d.size >= 0 else None for d in value.shape.dim]]
    if kind == "tensor":
        return ["tensor", tensor(tf.make_ndarray(value.tensor))]
    if kind == "list":
        items = []
        for name, wrap in [("i", "i"), ("f", "f"), ("b", "b"), ("s", "s"), ("type", "type"), ("shape", "shape")]:
            for item in getattr(value.list, name):
                one = tf1.AttrValue()
                if name == "shape":
                    one.shape.CopyFrom(item)
                else:
                    setattr(one, wrap, item)
                items.append(attribute(one))
        return ["list", items]
    raise ValueError(kind)


def known(shape):
    return None if shape.rank is None else [d for d in shape.as_list()]


def unknown(shape, channels):
    """No dimension is known but the channels of images, which models always know."""
    if channels is None:
        channels = len(shape) - 1 if len(shape) >= 4 else None
    return [size if axis == channels else None for axis, size in enumerate(shape)]


def build(make, feeds, dynamic, channels=None):
    graph = tf.Graph()
    with graph.as_default():
        placeholders = [
            tf1.placeholder(a.dtype, unknown(a.shape, channels) if dynamic else a.shape, name=f"x{i}") for i, a in enumerate(feeds)
        ]
        outputs = make(*placeholders)
        if isinstance(outputs, (tf.Tensor, tf.Operation)):
            outputs = [outputs]
        outputs = [o for o in outputs if o is not None]
    return graph, placeholders, outputs


def case(name, make, *feeds, tolerance=None, channels=None, truth=None):
    feeds = [np.asarray(f) for f in feeds]
    graph, placeholders, outputs = build(make, feeds, False)
    computed = build(truth, feeds, False) if truth else (graph, placeholders, outputs)
    with tf1.Session(graph=computed[0]) as session:
        results = session.run(computed[2], dict(zip(computed[1], feeds)))
    dynamic, _, _ = build(make, feeds, True, channels)
    operations = graph.get_operations()
    assert [o.name for o in operations] == [o.name for o in dynamic.get_operations()], name
    nodes = []
    for op in operations:
        definition = op.node_def
        attributes = {k: attribute(v) for k, v in sorted(definition.attr.items()) if not k.startswith("_")}
        nodes.append(
            {
                "name": op.name,
                "type": op.type,
                "inputs": [t.name for t in op.inputs],
                "attributes": attributes,
                "shapes": [known(t.shape) for t in op.outputs],
            }
        )
    return {
        "name": name,
        "nodes": nodes,
        "dynamic": [[known(t.shape) for t in op.outputs] for op in dynamic.get_operations()],
        "feeds": {p.name: tensor(f) for p, f in zip(placeholders, feeds)},
        "fetches": {o.name: tensor(r) for o, r in zip(outputs, results)},
        **({"tolerance": tolerance} if tolerance else {}),
    }


CASES = []
SKIPPED = []


def add(name, make, *feeds, **options):
    try:
        CASES.append(case(name, make, *feeds, **options))
    except (TypeError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.NotFoundError, ValueError) as error:
        SKIPPED.append(f"{name}: {str(error).splitlines()[0][:100]}")


def elementwise():
    for op in ["Abs", "Neg", "Sign", "Square", "Relu", "Relu6", "Floor", "Ceil", "Round", "ZerosLike", "OnesLike", "Identity"]:
        for dtype in FLOATS + INTS:
            argument = {"features": values([2, 3], dtype)} if op.startswith("Relu") else {"x": values([2, 3], dtype)}
            if op == "Identity":
                argument = {"input": values([2, 3], dtype)}
            key, feed = next(iter(argument.items()))
            add(f"{op} {dtype}", lambda x, op=op, key=key: getattr(raw, op)(**{key: x}), feed)
    unit = ["Asin", "Acos", "Atanh"]
    positive = ["Log", "Sqrt", "Rsqrt", "Log1p", "Reciprocal", "Inv"]
    for op in [
        *["Exp", "Sigmoid", "Tanh", "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Erf", "Expm1", "Rint"],
        *unit,
        *positive,
    ]:
        low, high = (-0.9, 0.9) if op in unit else (0.1, 4) if op in positive else (1.1, 4) if op == "Acosh" else (-3, 3)
        for dtype in FLOATS:
            add(f"{op} {dtype}", lambda x, op=op: getattr(raw, op)(x=x), values([2, 5], dtype, low=low, high=high))
    tiny = np.array([1e-8, -1e-8, 1e-4, -0.3, 0.49, 0.51, 30.0, np.inf, 0.0], np.float32)
    add("Log1p near zero", lambda x: raw.Log1p(x=x), np.append(tiny, np.float32(-1)))
    add("Expm1 near zero", lambda x: raw.Expm1(x=x), np.append(tiny, np.float32(-50)))
    for op in ["Elu", "Selu", "Softplus", "Softsign"]:
        for dtype in FLOATS:
            add(f"{op} {dtype}", lambda x, op=op: getattr(raw, op)(features=x), values([2, 5], dtype))
    add("LeakyRelu", lambda x: raw.LeakyRelu(features=x, alpha=0.3), values([2, 5]))
    special = np.array([1.5, np.inf, -np.inf, np.nan, 0.0, -0.0], np.float32)
    for op in ["IsNan", "IsInf", "IsFinite"]:
        add(f"{op}", lambda x, op=op: getattr(raw, op)(x=x), special)
    add("Round half", lambda x: raw.Round(x=x), np.array([0.5, 1.5, 2.5, -0.5, -1.5, 1e9], np.float32))
    add("LogicalNot", lambda x: raw.LogicalNot(x=x), values([5], "bool"))
    add("Invert", lambda x: raw.Invert(x=x), values([5], "int32"))
    types = [*FLOATS, *INTS, "bool"]
    for source in types:
        feed = values([2, 4], source, low=0, high=7)
        add(f"Cast {source}", lambda x: [tf.cast(x, target) for target in types if target != x.dtype.name], feed)

    both = ["Add", "AddV2", "Sub", "Mul", "Maximum", "Minimum", "SquaredDifference", "Pow", "RealDiv"]
    comparisons = ["Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"]
    for op in both + comparisons:
        for dtype in FLOATS + INTS + (["bool"] if op in ["Equal", "NotEqual"] else []):
            low = 0.5 if op == "Pow" else -4
            add(
                f"{op} {dtype}",
                lambda x, y, op=op: getattr(raw, op)(x=x, y=y),
                values([2, 3, 4], dtype, low=low),
                values([3, 1], dtype, seed=1),
            )
    for op in ["Div", "FloorDiv", "FloorMod", "Mod", "TruncateDiv", "TruncateMod"]:
        for dtype in FLOATS + INTS:
            x = values([2, 8], dtype, seed=3)
            y = np.abs(values([8], dtype, seed=4).astype(np.float64)) + 1
            if not dtype.startswith("u"):
                y[::2] = -y[::2] - 1
            y = y.astype(np_type(dtype))
            add(f"{op} {dtype}", lambda x, op=op, y=y: getattr(raw, op)(x=x, y=tf.constant(y)), x)
            if dtype in ("float32", "int32", "int8", "int64"):
                add(f"{op} {dtype} by input", lambda x, y, op=op: getattr(raw, op)(x=x, y=y), x, y)
    zeros = np.array([0.0, 2.0, 0.0, -1.0], np.float32)
    for op in ["DivNoNan", "MulNoNan", "Xdivy", "Xlogy"]:
        x = np.abs(values([4], seed=2))
        x[1] = 0
        y = np.abs(zeros) if op == "Xlogy" else zeros
        add(f"{op}", lambda x, y, op=op: getattr(raw, op)(x=x, y=y), x, y)
    for op in ["LogicalAnd", "LogicalOr"]:
        add(op, lambda x, y, op=op: getattr(raw, op)(x=x, y=y), values([2, 3], "bool"), values([3], "bool", 1))
    for op in ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]:
        add(op, lambda x, y, op=op: getattr(raw, op)(x=x, y=y), values([5], "int32"), values([5], "int32", 1))
    for dtype in ["float32", "int32", "float64", "bfloat16"]:
        add(f"AddN {dtype}", lambda x, y, z: raw.AddN(inputs=[x, y, z]), *[values([2, 3], dtype, i) for i in range(3)])
    for dtype in ["float32", "int32"]:
        feed = values([2, 3], dtype)
        add(f"ClipByValue {dtype}", lambda x: raw.ClipByValue(t=x, clip_value_min=-2, clip_value_max=3), feed)
    for dtype in FLOATS + INTS + ["bool"]:
        c, x, y = values([3, 1], "bool"), values([2, 3, 4], dtype), values([4], dtype, 1)
        add(f"SelectV2 {dtype}", lambda c, x, y: raw.SelectV2(condition=c, t=x, e=y), c, x, y)
    x, y = values([2, 3, 4]), values([2, 3, 4], seed=1)
    for shape in [[], [2], [2, 3, 4]]:
        add(f"Select {shape}", lambda c, x, y: raw.Select(condition=c, x=x, y=y), values(shape, "bool"), x, y)


def arrays():
    everything = FLOATS + INTS + ["bool"]
    for dtype in everything:
        x = values([2, 3, 4], dtype)
        add(f"Reshape {dtype}", lambda x: raw.Reshape(tensor=x, shape=[4, -1]), x)
        add(f"Transpose {dtype}", lambda x: raw.Transpose(x=x, perm=[2, 0, 1]), x)
        add(f"ConcatV2 {dtype}", lambda x, y: raw.ConcatV2(values=[x, y, x], axis=-1), x, values([2, 3, 1], dtype, 1))
        add(f"StridedSlice {dtype}", lambda x: x[:, 1:, ::-2], x)
        add(f"GatherV2 {dtype}", lambda x, i: raw.GatherV2(params=x, indices=i, axis=1), x, np.array([[2, 0], [1, 1]], np.int32))
        add(f"Tile {dtype}", lambda x: raw.Tile(input=x, multiples=[1, 2, 3]), x)
        add(f"Pack {dtype}", lambda x, y: raw.Pack(values=[x, y], axis=1), x, x[::-1])
        add(f"Pad {dtype}", lambda x: raw.Pad(input=x, paddings=[[1, 0], [0, 2], [1, 1]]), x)
        add(f"Fill {dtype}", lambda d, v: raw.Fill(dims=d, value=v), np.array([2, 3], np.int32), values([], dtype))
        add(f"BroadcastTo {dtype}", lambda x: raw.BroadcastTo(input=x, shape=[5, 2, 3, 4]), x)
        add(f"ReverseV2 {dtype}", lambda x: raw.ReverseV2(tensor=x, axis=[0, -1]), x)
        add(f"Unpack {dtype}", lambda x: raw.Unpack(value=x, num=3, axis=1), x)
        add(f"ScatterNd {dtype}", lambda i, u: raw.ScatterNd(indices=i, updates=u, shape=[4, 4]), np.array([[1], [3], [1]], np.int32), values([3, 4], dtype))
        add(f"OneHot {dtype}", lambda i, a, b: raw.OneHot(indices=i, depth=4, on_value=a, off_value=b), np.array([0, 3, -1, 7], np.int64), values([], dtype), values([], dtype, 1))
        add(f"SplitV {dtype}", lambda x: raw.SplitV(value=x, size_splits=[1, -1], axis=1, num_split=2), x)
        add(f"TopKV2 {dtype}", lambda x: raw.TopKV2(input=x, k=2), x)
    x = values([2, 3, 4])
    add("Reshape by input", lambda x, s: raw.Reshape(tensor=x, shape=s), x, np.array([-1, 6], np.int32))
    add("Reshape empty", lambda x: raw.Reshape(tensor=x, shape=[3, 0, 2]), np.zeros([0, 6], np.float32))
    add("Reshape flatten by shape", lambda x: tf.reshape(x, tf.stack([raw.Shape(input=x)[0], -1])), x)
    add("Shape", lambda x: [raw.Shape(input=x), raw.Shape(input=x, out_type=tf.int64)], x)
    add("ShapeN", lambda x, y: raw.ShapeN(input=[x, y]), x, x[0])
    add("Size Rank", lambda x: [raw.Size(input=x), raw.Rank(input=x)], x)
    for axis in [0, 1, -1]:
        add(f"ExpandDims {axis}", lambda x: raw.ExpandDims(input=x, axis=axis), x)
    add("Squeeze all", lambda x: raw.Squeeze(input=x), values([1, 3, 1, 2]))
    add("Squeeze some", lambda x: raw.Squeeze(input=x, axis=[0, -2]), values([1, 3, 1, 2]))
    add("Pack scalars", lambda x, y: raw.Pack(values=[x, 7, y], axis=0), np.int32(3), np.int32(-1))
    add("Unpack one", lambda x: raw.Unpack(value=x, num=1, axis=0), values([1, 3]))
    add("Fill by input", lambda d: raw.Fill(dims=d, value=2.5), np.array([2, 0, 3], np.int64))
    for dtype in ["float32", "float64", "int32", "int64"]:
        limits = [np.array(v, np_type(dtype)) for v in (1, 10, 3)]
        add(f"Range {dtype}", lambda a, b, c: raw.Range(start=a, limit=b, delta=c), *limits)
    add("Range down", lambda a: raw.Range(start=5, limit=a, delta=-2), np.int32(-4))
    add("OneHot axis 0", lambda i: raw.OneHot(indices=i, depth=3, on_value=5.0, off_value=-1.0, axis=0), np.array([[0, 2], [1, 5]], np.int32))
    add("OneHot depth by input", lambda i, d: raw.OneHot(indices=i, depth=d, on_value=1.0, off_value=0.0), np.array([[0, 2], [1, 5]], np.uint8), np.int32(4))
    add("ReverseSequence", lambda x, n: raw.ReverseSequence(input=x, seq_lengths=n, seq_dim=1), x, np.array([2, 3], np.int32))
    for lower, upper in [(-1, 0), (0, -1), (1, 1), (-1, -1)]:
        add(f"MatrixBandPart {lower} {upper}", lambda x: raw.MatrixBandPart(input=x, num_lower=lower, num_upper=upper), values([2, 4, 5]))
    add("InvertPermutation", lambda x: raw.InvertPermutation(x=x), np.array([2, 0, 3, 1], np.int32))
    add("Identity N", lambda x, y: raw.IdentityN(input=[x, y]), x, np.int32(4))

    slices = {
        "plain": lambda x: x[1:, :2],
        "negative": lambda x: x[-1:, -3:-1],
        "shrink": lambda x: x[1],
        "shrink last": lambda x: x[..., -1],
        "shrink two": lambda x: x[0, :, 1],
        "new axes": lambda x: x[tf.newaxis, :, 1, ..., tf.newaxis],
        "ellipsis": lambda x: x[..., 1:3],
        "ellipsis new": lambda x: x[..., tf.newaxis, 0:2],
        "reverse": lambda x: x[::-1, 2:0:-1],
        "step": lambda x: x[:, ::2, 1::2],
        "out of range": lambda x: x[:10, -10:],
        "empty": lambda x: x[:, 2:1],
        "identity": lambda x: x[:],
    }
    for name, cut in slices.items():
        add(f"StridedSlice {name}", cut, x)
    add("StridedSlice by input", lambda x, i: x[i:, :, -i], x, np.int32(1))
    add("StridedSlice shape", lambda x: [raw.Shape(input=x)[0], raw.Shape(input=x)[1:]], x)
    add("Slice", lambda x: raw.Slice(input=x, begin=[0, 1, 2], size=[-1, 2, 1]), x)
    add("Slice by input", lambda x, b, s: raw.Slice(input=x, begin=b, size=s), x, np.array([1, 0, 2], np.int32), np.array([1, -1, 2], np.int32))
    add("Slice size by input", lambda x, s: raw.Slice(input=x, begin=[1, 0, 2], size=s), x, np.array([1, -1, 2], np.int32))
    add("Split", lambda x: raw.Split(axis=2, value=x, num_split=2), x)
    add("Split one", lambda x: raw.Split(axis=-1, value=x, num_split=1), x)
    add("SplitV", lambda x: raw.SplitV(value=x, size_splits=[1, 3], axis=-1, num_split=2), x)
    add("Concat", lambda x, y: raw.Concat(concat_dim=1, values=[x, y]), x, x)
    add("ConcatV2 empty", lambda x, y: raw.ConcatV2(values=[x, y], axis=0), x, np.zeros([0, 3, 4], np.float32))
    add("Gather", lambda x, i: raw.Gather(params=x, indices=i), x, np.array([1, 0, 1], np.int64))
    add("GatherV2 scalar", lambda x, i: raw.GatherV2(params=x, indices=i, axis=-1), x, np.int32(2))
    add("GatherV2 batch", lambda x, i: raw.GatherV2(params=x, indices=i, axis=1, batch_dims=1), x, np.array([[2, 0], [1, 1]], np.int32))
    add("GatherV2 none", lambda x, i: raw.GatherV2(params=x, indices=i, axis=0), x, np.zeros([0], np.int32))
    add("GatherNd", lambda x, i: raw.GatherNd(params=x, indices=i), x, np.array([[0, 2], [1, 0]], np.int32))
    add("GatherNd full", lambda x, i: raw.GatherNd(params=x, indices=i), x, np.array([[[0, 2, 1]], [[1, 0, 3]]], np.int64))
    i, u = np.array([[1], [0]], np.int32), values([2, 3, 4], seed=5)
    add("TensorScatterUpdate", lambda x, i, u: raw.TensorScatterUpdate(tensor=x, indices=i, updates=u), x, i, u)
    add("TensorScatterAdd", lambda x, i, u: raw.TensorScatterAdd(tensor=x, indices=i, updates=u), x, i, u)
    add("Roll", lambda x: raw.Roll(input=x, shift=[1, -2], axis=[1, 2]), x)
    add("Pad by input", lambda x, p: raw.Pad(input=x, paddings=p), x, np.array([[1, 0], [0, 2], [1, 1]], np.int32))
    add("PadV2", lambda x: raw.PadV2(input=x, paddings=[[1, 0], [0, 2], [1, 1]], constant_values=9.5), x)
    add("MirrorPad reflect", lambda x: raw.MirrorPad(input=x, paddings=[[0, 0], [1, 2], [3, 1]], mode="REFLECT"), x)
    add("MirrorPad symmetric", lambda x: raw.MirrorPad(input=x, paddings=[[0, 1], [1, 1], [0, 0]], mode="SYMMETRIC"), x)
    add("MirrorPad symmetric wide", lambda x: raw.MirrorPad(input=x, paddings=[[0, 0], [3, 2], [0, 0]], mode="SYMMETRIC"), x)
    block = dict(block_shape=[2, 3])
    add("SpaceToBatchND", lambda x: raw.SpaceToBatchND(input=x, paddings=[[1, 0], [0, 1]], **block), values([2, 3, 5, 2]))
    add("BatchToSpaceND", lambda x: raw.BatchToSpaceND(input=x, crops=[[1, 0], [0, 2]], **block), values([12, 2, 3, 2]))
    add("BatchToSpaceND whole", lambda x: raw.BatchToSpaceND(input=x, crops=[[0, 0]], block_shape=[3]), values([6, 2]))
    add("TopKV2 ties", lambda x: raw.TopKV2(input=x, k=3), np.array([[1, 3, 3, 1, 3], [0, 0, 0, 0, 0]], np.float32))
    add("TopKV2 by input", lambda x, k: raw.TopKV2(input=x, k=k), x, np.int32(2))


def reductions():
    for op in ["Sum", "Mean", "Max", "Min", "Prod"]:
        for dtype in FLOATS + INTS:
            x = values([2, 3, 4], dtype)
            add(f"{op} {dtype}", lambda x, op=op: getattr(raw, op)(input=x, axis=[1]), x)
        x = values([2, 3, 4])
        for axis, keep in [([0, 2], False), ([-1], True), ([0, 1, 2], False), ([], False)]:
            add(f"{op} {axis} {keep}", lambda x, op=op: getattr(raw, op)(input=x, axis=np.array(axis, np.int32), keep_dims=keep), x)
        add(f"{op} scalar axis", lambda x, op=op: getattr(raw, op)(input=x, axis=1), x)
        add(f"{op} axis by input", lambda x, a, op=op: getattr(raw, op)(input=x, axis=a), x, np.array([1, 2], np.int32))
        add(f"{op} of nothing", lambda x, op=op: getattr(raw, op)(input=x, axis=[0]), np.zeros([0, 3], np.float32))
    add("EuclideanNorm", lambda x: raw.EuclideanNorm(input=x, axis=[1]), x)
    for op in ["All", "Any"]:
        for keep in [False, True]:
            add(f"{op} {keep}", lambda x, op=op: getattr(raw, op)(input=x, axis=[1], keep_dims=keep), values([3, 4, 2], "bool"))
    for op in ["ArgMax", "ArgMin"]:
        for dtype in FLOATS + INTS:
            add(f"{op} {dtype}", lambda x, op=op: getattr(raw, op)(input=x, dimension=1), values([2, 5, 3], dtype))
        add(f"{op} int32", lambda x, op=op: getattr(raw, op)(input=x, dimension=-1, output_type=tf.int32), values([2, 5, 3]))
    for dtype in ["float32", "float64", "int32", "int64", "float16"]:
        for exclusive, reverse in [(False, False), (True, True)]:
            add(f"Cumsum {dtype} {exclusive}", lambda x: raw.Cumsum(x=x, axis=1, exclusive=exclusive, reverse=reverse), values([2, 4], dtype))
    add("L2Loss", lambda x: raw.L2Loss(t=x), x)
    for dtype in FLOATS + ["int32", "int64"]:
        a, b = values([3, 4], dtype), values([4, 5], dtype, 1)
        add(f"MatMul {dtype}", lambda a, b: raw.MatMul(a=a, b=b), a, b)
        add(f"MatMul transposed {dtype}", lambda a, b: raw.MatMul(a=a, b=b, transpose_a=True, transpose_b=True), a.T.copy(), b.T.copy())
    weight = values([5, 4], seed=3)
    add("MatMul by constant", lambda a: raw.MatMul(a=a, b=weight, transpose_b=True), values([3, 4]))
    add("MatMul of nothing", lambda a: raw.MatMul(a=a, b=weight, transpose_b=True), np.zeros([0, 4], np.float32))
    a, b = values([2, 1, 3, 4]), values([5, 4, 2], seed=1)
    add("BatchMatMulV2", lambda a, b: raw.BatchMatMulV2(x=a, y=b), a, b)
    add("BatchMatMulV2 adjoint", lambda a, b: raw.BatchMatMulV2(x=a, y=b, adj_x=True, adj_y=True), a.swapaxes(2, 3).copy(), b.swapaxes(1, 2).copy())
    add("BatchMatMul", lambda a, b: raw.BatchMatMul(x=a, y=b), values([2, 3, 4]), values([2, 4, 2], seed=1))
    for equation, shapes in {
        "ij,jk->ik": ([3, 4], [4, 5]),
        "abc,cd->abd": ([2, 3, 4], [4, 5]),
        "abc,cde->abde": ([2, 3, 4], [4, 5, 6]),
        "BTNH,BFNH->BNFT": ([2, 3, 4, 5], [2, 6, 4, 5]),
        "...ij,...jk->...ik": ([2, 3, 4], [2, 4, 5]),
        "ij->ji": ([3, 4],),
        "ij->": ([3, 4],),
    }.items():
        feeds = [values(shape, seed=i) for i, shape in enumerate(shapes)]
        add(f"Einsum {equation}", lambda *x: raw.Einsum(inputs=list(x), equation=equation), *feeds)
    for dtype in FLOATS:
        add(f"Softmax {dtype}", lambda x: raw.Softmax(logits=x), values([3, 5], dtype))
        add(f"LogSoftmax {dtype}", lambda x: raw.LogSoftmax(logits=x), values([3, 5], dtype))
        add(f"BiasAdd {dtype}", lambda x, b: raw.BiasAdd(value=x, bias=b), values([3, 2, 5], dtype), values([5], dtype, 1))


def batch_norm(op, x, training, **options):
    c = x.shape[-1]
    parameters = dict(scale=values([c], low=0.5, high=2), offset=values([c], seed=1))
    empty = np.zeros([0], np.float32)
    mean = empty if training else values([c], seed=2)
    variance = empty if training else values([c], seed=3, low=0.5, high=2)
    if options.get("exponential_avg_factor", 1) != 1:
        mean, variance = values([c], seed=2), values([c], seed=3, low=0.5, high=2)

    def make(x, scale, offset, mean, variance):
        given = dict(x=x, scale=scale, offset=offset, mean=mean, variance=variance)
        out = getattr(raw, op)(**given, is_training=training, epsilon=0.003, **options)
        # What it reserves is set in training only.
        return out[:5] if training else out[:3]

    return make, (x, parameters["scale"], parameters["offset"], mean, variance)


def images():
    f = lambda *shape, **k: values(shape, low=-1, high=1, **k)
    for h, w in [(7, 7), (8, 5), (6, 9)]:
        for padding in ["SAME", "VALID"]:
            for stride in [1, 2, 3]:
                for k in [1, 3]:
                    make = lambda x: raw.Conv2D(input=x, filter=f(k, k, 3, 4), strides=[1, stride, stride, 1], padding=padding)
                    add(f"Conv2D {h}x{w} {padding} stride {stride} kernel {k}", make, f(2, h, w, 3, seed=1))
    x = f(2, 9, 8, 4, seed=1)
    add("Conv2D kernel by input", lambda x, k: raw.Conv2D(input=x, filter=k, strides=[1, 2, 1, 1], padding="SAME"), x, f(2, 3, 4, 5))
    add("Conv2D even kernel", lambda x: raw.Conv2D(input=x, filter=f(4, 2, 4, 5), strides=[1, 2, 2, 1], padding="SAME"), x)
    for padding in ["SAME", "VALID"]:
        add(f"Conv2D dilated {padding}", lambda x: raw.Conv2D(input=x, filter=f(3, 3, 4, 5), strides=[1, 1, 1, 1], dilations=[1, 2, 3, 1], padding=padding), x)
        add(f"Depthwise {padding}", lambda x: raw.DepthwiseConv2dNative(input=x, filter=f(3, 3, 4, 2), strides=[1, 2, 2, 1], padding=padding), x)
    add("Depthwise dilated", lambda x: raw.DepthwiseConv2dNative(input=x, filter=f(3, 3, 4, 1), strides=[1, 1, 1, 1], dilations=[1, 2, 2, 1], padding="SAME"), x)
    add("Depthwise kernel by input", lambda x, k: raw.DepthwiseConv2dNative(input=x, filter=k, strides=[1, 1, 1, 1], padding="SAME"), x, f(3, 3, 4, 2))
    explicit = [0, 0, 2, 1, 0, 3, 0, 0]
    add("Conv2D explicit", lambda x: raw.Conv2D(input=x, filter=f(3, 3, 4, 5), strides=[1, 2, 2, 1], padding="EXPLICIT", explicit_paddings=explicit), x)
    add("Depthwise explicit", lambda x: raw.DepthwiseConv2dNative(input=x, filter=f(3, 3, 4, 2), strides=[1, 2, 2, 1], padding="EXPLICIT", explicit_paddings=explicit), x)
    add("Conv2D grouped", lambda x: raw.Conv2D(input=x, filter=f(3, 3, 2, 6), strides=[1, 1, 1, 1], padding="SAME"), x)
    for dtype in ["float64", "float16", "bfloat16", "int32"]:
        make = lambda x: raw.Conv2D(input=x, filter=f(3, 3, 4, 5).astype(np_type(dtype)), strides=[1, 1, 1, 1], padding="SAME")
        add(f"Conv2D {dtype}", make, x.astype(np_type(dtype)))
    add("Conv2D of nothing", lambda x: raw.Conv2D(input=x, filter=f(3, 3, 4, 5), strides=[1, 1, 1, 1], padding="SAME"), np.zeros([0, 5, 5, 4], np.float32))
    add("Conv3D", lambda x: raw.Conv3D(input=x, filter=f(2, 3, 3, 2, 3), strides=[1, 1, 2, 2, 1], padding="SAME"), f(1, 4, 5, 6, 2))

    for size in [(7, 7), (8, 6)]:
        for padding in ["SAME", "VALID"]:
            for stride, k in [(1, 3), (2, 3), (2, 2), (3, 2), (2, 1), (2, 5)]:
                h, w = [-(-s // stride) if padding == "SAME" else -(-(s - k + 1) // stride) for s in size]
                if min(h, w) < 1:
                    continue
                given = dict(filter=f(k, k, 3, 4), strides=[1, stride, stride, 1], padding=padding)
                make = lambda y: raw.Conv2DBackpropInput(input_sizes=[2, *size, 3], out_backprop=y, **given)
                add(f"Conv2DBackpropInput {size} {padding} stride {stride} kernel {k}", make, f(2, h, w, 4, seed=1))

    def upsample(x):
        shape = raw.Shape(input=x)
        return tf.nn.conv2d_transpose(x, f(3, 3, 5, 4), tf.stack([shape[0], shape[1] * 2, shape[2] * 2, 5]), 2)

    add("Conv2DBackpropInput twice the size", upsample, x)
    given = dict(filter=f(3, 3, 3, 4), strides=[1, 1, 1, 1], padding="EXPLICIT", explicit_paddings=[0, 0, 2, 0, 1, 0, 0, 0])
    add("Conv2DBackpropInput explicit", lambda y: raw.Conv2DBackpropInput(input_sizes=[1, 7, 7, 3], out_backprop=y, **given), f(1, 7, 6, 4))
    dilated = dict(filter=f(3, 3, 3, 4), strides=[1, 1, 1, 1], dilations=[1, 2, 2, 1], padding="SAME")
    add("Conv2DBackpropInput dilated", lambda y: raw.Conv2DBackpropInput(input_sizes=[1, 7, 6, 3], out_backprop=y, **dilated), f(1, 7, 6, 4))

    for op in ["MaxPool", "AvgPool"]:
        key = "input" if op == "MaxPool" else "value"
        for padding in ["SAME", "VALID"]:
            for stride, k in [(1, 2), (2, 2), (2, 3), (3, 2)]:
                make = lambda x: getattr(raw, op)(**{key: x}, ksize=[1, k, k, 1], strides=[1, stride, stride, 1], padding=padding)
                add(f"{op} {padding} stride {stride} kernel {k}", make, f(2, 9, 8, 3))
        make = lambda x: getattr(raw, op + "3D")(input=x, ksize=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME")
        add(f"{op}3D", make, f(1, 4, 5, 6, 2))
        for dtype in ["float64", "float16", "bfloat16", "int32", "int8"]:
            make = lambda x: getattr(raw, op)(**{key: x}, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
            add(f"{op} {dtype}", make, values([1, 5, 5, 2], dtype))
    kernel = f(2, 2, 3, 4)
    add("Conv2D kernel below stride", lambda x: raw.Conv2D(input=x, filter=kernel, strides=[1, 3, 3, 1], padding="SAME"), f(2, 9, 8, 3))
    kernel = f(3, 3, 3, 4)
    add("Conv2D dilated strided", lambda x: raw.Conv2D(input=x, filter=kernel, strides=[1, 2, 2, 1], dilations=[1, 2, 2, 1], padding="SAME"), f(2, 9, 8, 3))
    add("MaxPoolV2", lambda x: raw.MaxPoolV2(input=x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"), x)

    for op in ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]:
        for training in [False, True]:
            make, feeds = batch_norm(op, x, training)
            add(f"{op} training {training}", make, *feeds, tolerance=1e-4)
    make, feeds = batch_norm("FusedBatchNormV3", x, True, exponential_avg_factor=0.25)
    add("FusedBatchNormV3 average", make, *feeds, tolerance=1e-4)
    make, feeds = batch_norm("FusedBatchNormV3", x.astype(np.float16), False)
    add("FusedBatchNormV3 float16", make, *feeds)
    add("LRN", lambda x: raw.LRN(input=x, depth_radius=1, bias=1.5, alpha=0.3, beta=0.75), f(2, 3, 3, 7))

    # TensorFlow's CPU has no channels first; what it would give follows from channels last.
    def channels_first(name, make, *feeds):
        def truth(x, *rest):
            y = make(tf.transpose(x, [0, 2, 3, 1]), *rest, format="NHWC", order=lambda v: v)
            return tf.transpose(y, [0, 3, 1, 2])

        reorder = lambda v: [v[0], v[3], v[1], v[2]]
        add(name, lambda x, *rest: make(x, *rest, format="NCHW", order=reorder), *feeds, channels=1, truth=truth)

    nchw = f(2, 4, 9, 8, seed=1)
    kernel, depthwise = f(3, 3, 4, 5), f(3, 3, 4, 2)
    two = [1, 2, 2, 1]
    for padding in ["SAME", "VALID"]:
        channels_first(f"Conv2D NCHW {padding}", lambda x, format, order: raw.Conv2D(input=x, filter=kernel, strides=order(two), padding=padding, data_format=format), nchw)
        channels_first(f"Depthwise NCHW {padding}", lambda x, format, order: raw.DepthwiseConv2dNative(input=x, filter=depthwise, strides=order(two), padding=padding, data_format=format), nchw)
        channels_first(f"MaxPool NCHW {padding}", lambda x, format, order: raw.MaxPool(input=x, ksize=order(two), strides=order(two), padding=padding, data_format=format), nchw)
        channels_first(f"AvgPool NCHW {padding}", lambda x, format, order: raw.AvgPool(value=x, ksize=order(two), strides=order(two), padding=padding, data_format=format), nchw)
        back = dict(filter=f(3, 3, 3, 4), padding=padding)
        channels_first(f"Conv2DBackpropInput NCHW {padding}", lambda x, format, order: raw.Conv2DBackpropInput(input_sizes=order([2, *((17, 15) if padding == "SAME" else (19, 17)), 3]), out_backprop=x, strides=order(two), data_format=format, **back), nchw)
    channels_first("BiasAdd NCHW", lambda x, b, format, order: raw.BiasAdd(value=x, bias=b, data_format=format), nchw, f(4))
    statistics = f(4), f(4, seed=1), f(4, seed=2), f(4, seed=3) ** 2 + 0.5
    channels_first("FusedBatchNormV3 NCHW", lambda x, format, order: raw.FusedBatchNormV3(x=x, scale=statistics[0], offset=statistics[1], mean=statistics[2], variance=statistics[3], is_training=False, data_format=format)[0], nchw)
    channels_first("DepthToSpace NCHW", lambda x, format, order: raw.DepthToSpace(input=x, block_size=2, data_format=format), nchw)

    corners = dict(align_corners=True), dict(half_pixel_centers=True), {}
    for op in ["ResizeNearestNeighbor", "ResizeBilinear"]:
        for options in corners:
            for size in [[5, 11], [14, 4], [1, 1], [7, 8], [13, 16]]:
                make = lambda x: getattr(raw, op)(images=x, size=size, **options)
                add(f"{op} {size} {next(iter(options), 'legacy')}", make, f(1, 7, 8, 2))
        for dtype in ["uint8", "int32", "float16", "float64", "bfloat16", "int64"]:
            add(f"{op} {dtype}", lambda x: getattr(raw, op)(images=x, size=[6, 6], half_pixel_centers=True), values([1, 4, 4, 2], dtype))
        add(f"{op} by input", lambda x, s: getattr(raw, op)(images=x, size=s), f(2, 3, 4, 2), np.array([6, 8], np.int32))
    for dtype in ["float32", "uint8", "int32", "float16"]:
        add(f"DepthToSpace {dtype}", lambda x: raw.DepthToSpace(input=x, block_size=2), values([1, 2, 3, 12], dtype))
        add(f"SpaceToDepth {dtype}", lambda x: raw.SpaceToDepth(input=x, block_size=2), values([1, 4, 6, 3], dtype))


def networks():
    f = lambda *shape, seed=0: values(shape, low=-0.6, high=0.6, seed=seed)
    conv = lambda x, k, s=1, p="SAME": tf.nn.conv2d(x, k, s, p)
    norm = lambda x, c: tf1.nn.fused_batch_norm(x, f(c) + 1, f(c, seed=1), f(c, seed=2), f(c, seed=3) ** 2 + 0.5, is_training=False)[0]
    x = f(2, 13, 11, 3)

    def inverted_residual(x):
        y = tf.nn.relu6(norm(conv(x / 0.5 - 1.0, f(3, 3, 3, 8), 2), 8))
        z = tf.nn.relu6(norm(conv(y, f(1, 1, 8, 16)), 16))
        z = tf.nn.relu6(norm(tf.nn.depthwise_conv2d(z, f(3, 3, 16, 1), [1, 1, 1, 1], "SAME"), 16))
        z = norm(conv(z, f(1, 1, 16, 8)), 8) + y
        pooled = tf.reduce_mean(z, [1, 2], keepdims=True)
        return tf.squeeze(conv(pooled, f(1, 1, 8, 5)), [1, 2])

    add("inverted residual", inverted_residual, x)

    def unet(x):
        a = tf.nn.relu(tf.nn.bias_add(conv(x, f(3, 3, 3, 4)), f(4)))
        b = tf.nn.leaky_relu(conv(tf.nn.max_pool2d(a, 2, 2, "SAME"), f(3, 3, 4, 6)))
        up = tf1.image.resize_bilinear(b, raw.Shape(input=a)[1:3])
        joined = tf.concat([a, up], 3)
        return tf.sigmoid(conv(joined, f(1, 1, 10, 2)))

    add("unet", unet, x)

    def padded(x):
        y = tf.pad(conv(x, f(3, 3, 3, 4)), [[0, 0], [1, 2], [0, 1], [0, 0]])
        y = conv(y, f(3, 3, 4, 4), 2, "VALID")
        return [tf.reduce_max(y, -1), tf.argmax(y, 3), tf.reduce_sum(y, [1], keepdims=True), tf.reduce_mean(y, [0, 1, 2]), raw.Shape(input=y)]

    add("pads and reductions", padded, x)

    def mixed(x):
        y = conv(x, f(3, 3, 3, 4))
        rows = y + f(11, 4)
        gated = rows * tf.sigmoid(tf.reduce_mean(y, [1, 2]))[:, tf.newaxis, tf.newaxis, :]
        cut = gated[:, 1:-1, ::2, :]
        halves = tf.split(cut, 2, 3)
        flat = tf.reshape(halves[0], tf.stack([raw.Shape(input=x)[0], -1]))
        soft = tf.nn.softmax(gated)
        return [flat, halves[1], soft, tf.transpose(soft, [0, 3, 1, 2]), raw.ZerosLike(x=y), tf.where(y > 0, y, rows)]

    add("mixed layouts", mixed, x)

    def channels_first(x):
        y = tf.transpose(x, [0, 2, 3, 1])
        y = conv(y, f(3, 3, 3, 4), 2)
        return tf.transpose(y, [0, 3, 1, 2]) + f(4, 1, 1)

    add("channels first outside", channels_first, f(2, 3, 9, 10), channels=1)

    def sequence(x):
        y = tf.nn.relu(tf.nn.conv1d(x, f(3, 5, 6), 1, "SAME"))
        return tf.reduce_max(y, 1)

    add("one dimension", sequence, f(2, 9, 5))

    def attention(x):
        q, k, v = [tf.transpose(tf.reshape(tf.matmul(tf.reshape(x, [-1, 8]), f(8, 8, seed=i)), [2, -1, 2, 4]), [0, 2, 1, 3]) for i in range(3)]
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / 2.0)
        return tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [2, -1, 8])

    add("attention", attention, f(2, 5, 8))

    def training(x):
        y = conv(x, f(3, 3, 3, 4))
        y, mean, variance = tf1.nn.fused_batch_norm(y, f(4) + 1, f(4, seed=1), is_training=True)
        return [tf.nn.relu(y), mean, variance]

    add("batch statistics", training, x, tolerance=1e-4)


for make in [elementwise, arrays, reductions, images, networks]:
    CASES, SKIPPED = [], []
    make()
    file = OUT / f"{make.__name__}.json.gz"
    text = "[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES) + "\n]\n"
    file.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{file.name}: {len(CASES)} cases, {file.stat().st_size >> 10} KB; TensorFlow itself refused {len(SKIPPED)}")
    if os.environ.get("VERBOSE"):
        print("  " + "\n  ".join(SKIPPED))
