"""Makes packages/format/testdata with real TensorFlow: checkpoints, SavedModels' tensors, blocks of Snappy, numpy files.

    python tools/tensorflow/make_checkpoints.py      (TensorFlow 2.21)

Beside each file lies what TensorFlow reads from it, as JSON: elements as the hexadecimal form of their bytes. The same
seeds make the same bytes.
"""

import gzip
import json
import os
import pathlib
import shutil
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import ml_dtypes  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.core.framework import tensor_pb2  # noqa: E402
from tensorflow.python.framework import tensor_util  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parents[2] / "packages" / "format" / "testdata"
RANDOM = np.random.default_rng(7)

NUMBERS = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
           "uint64", "bool", "complex64", "complex128", "qint8", "quint8", "qint16", "quint16", "qint32"]
STRINGS = [b"", b"one", "größer \U0001f600".encode(), b"\xff\xfe\x00 not UTF-8", b"\x00", b"x" * 300]


def numbers(dtype, shape):
    """Bits of all kinds: NaNs, infinities and subnormal numbers among them."""
    numpy_dtype = tf.as_dtype(dtype).as_numpy_dtype
    if dtype == "bool":
        return RANDOM.integers(0, 2, shape).astype(np.bool_)
    if dtype.startswith("q"):
        numpy_dtype = np.dtype(numpy_dtype)
        plain = numpy_dtype[0]
        return np.frombuffer(RANDOM.bytes(plain.itemsize * int(np.prod(shape))), plain).reshape(shape)
    size = np.dtype(numpy_dtype).itemsize * int(np.prod(shape))
    return np.frombuffer(RANDOM.bytes(size), numpy_dtype).reshape(shape)


def finite(dtype, value):
    if value.dtype.kind in "fcV" and not dtype.startswith("q"):
        return RANDOM.normal(size=value.shape).astype(value.dtype)
    return value


def tensor_of(dtype, value):
    if dtype.startswith("q"):
        return tf.bitcast(tf.constant(value), tf.as_dtype(dtype))
    return tf.constant(value, dtype)


def describe(dtype, value):
    shape = list(np.shape(value))
    if dtype == "string":
        return {"dtype": dtype, "shape": shape, "strings": [item.hex() for item in np.asarray(value, object).ravel()]}
    return {"dtype": dtype, "shape": shape, "bytes": np.ascontiguousarray(value).tobytes().hex()}


def save(prefix, tensors, slices=None):
    names = list(tensors)
    specs = [(slices or {}).get(name, "") for name in names]
    tf.raw_ops.SaveV2(prefix=str(prefix), tensor_names=names, shape_and_slices=specs, tensors=list(tensors.values()))


def write_json(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")


def every_dtype():
    golden, tensors = {}, {}
    for dtype in NUMBERS:
        for label, shape in (("scalar", ()), ("matrix", (3, 5)), ("empty", (0, 4))):
            value = numbers(dtype, shape)
            name = f"{dtype}/{label}"
            tensors[name] = tensor_of(dtype, value)
            golden[name] = describe(dtype, value)
    for label, value in (("scalar", STRINGS[2]), ("matrix", np.array(STRINGS, object).reshape(2, 3)),
                         ("empty", np.zeros((0,), object))):
        tensors[f"string/{label}"] = tf.constant(value, tf.string)
        golden[f"string/{label}"] = describe("string", value)
    value = numbers("float32", (2,))
    tensors["größe"] = tf.constant(value)
    golden["größe"] = describe("float32", value)
    # Types that Tenon lacks must not keep it from reading the others.
    tensors["float8"] = tf.constant(np.zeros(4, ml_dtypes.float8_e5m2))
    save(OUT / "every-dtype", tensors)
    write_json("every-dtype", golden)


def written():
    """What Tenon writes in the same bytes: one file with tensors of every type that it has, strings, and a partitioned variable."""
    tensors = {f"{dtype}/value": tensor_of(dtype, numbers(dtype, (2, 3))) for dtype in NUMBERS}
    tensors["strings"] = tf.constant(STRINGS)
    tensors["no strings"] = tf.constant([], tf.string)
    tensors["größer"] = tf.constant(1.5)
    names, values, specs = list(tensors), list(tensors.values()), [""] * len(tensors)
    table = numbers("float32", (5, 4))
    for start, rows in ((0, 2), (2, 2), (4, 1)):
        names.append("table")
        values.append(tf.constant(table[start:start + rows]))
        specs.append(f"5 4 {start},{rows}:0,4")
    # Elements lie in the order in which they are given: savers give them sorted.
    order = sorted(range(len(names)), key=lambda index: (names[index].encode(), index))
    tf.raw_ops.SaveV2(prefix=str(OUT / "written"), tensor_names=[names[index] for index in order],
                      shape_and_slices=[specs[index] for index in order], tensors=[values[index] for index in order])


def partitioned():
    """Slices in two data files: along the first axis, in a grid, and with whole dimensions written as such."""
    golden = {}
    rows, grid, whole = (numbers("float32", shape) for shape in ((200, 3), (5, 300, 2), (4, 6)))
    parts = [[], []]
    for index, start in enumerate(range(0, 200, 50)):
        parts[index % 2].append(("rows", f"200 3 {start},50:0,3", rows[start:start + 50]))
    for index, (row, column) in enumerate(((0, 0), (0, 100), (2, 0), (2, 100))):
        row_end, column_end = (2, 5)[row > 0], (100, 300)[column > 0]
        spec = f"5 300 2 {row},{row_end - row}:{column},{column_end - column}:-"
        parts[index % 2].append(("grid", spec, grid[row:row_end, column:column_end]))
    parts[1].append(("whole", "4 6 -:-", whole))
    with tempfile.TemporaryDirectory() as work:
        prefixes = []
        for number, part in enumerate(parts):
            prefixes.append(os.path.join(work, f"part{number}"))
            names = [name for name, _, _ in part] + [f"plain{number}"]
            plain = numbers("int64", (3,))
            golden[f"plain{number}"] = describe("int64", plain)
            tf.raw_ops.SaveV2(prefix=prefixes[-1], tensor_names=names,
                              shape_and_slices=[spec for _, spec, _ in part] + [""],
                              tensors=[tf.constant(value) for _, _, value in part] + [tf.constant(plain)])
        tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=prefixes, destination_prefix=str(OUT / "partitioned"))
    for name, value in (("rows", rows), ("grid", grid), ("whole", whole)):
        golden[name] = describe("float32", value)
    regions = {}
    for spec in ("200 3 30,140:1,2", "200 3 50,50:0,3", "200 3 60,10:0,3"):
        (value,) = tf.raw_ops.RestoreV2(prefix=str(OUT / "partitioned"), tensor_names=["rows"], shape_and_slices=[spec],
                                        dtypes=[tf.float32])
        regions[spec] = describe("float32", value.numpy())
    write_json("partitioned", {"tensors": golden, "regions": regions})


def incomplete():
    """A tensor of which only two of three slices were ever saved."""
    value = numbers("float32", (6, 2))
    with tempfile.TemporaryDirectory() as work:
        first, second = os.path.join(work, "a"), os.path.join(work, "b")
        save(first, {"t": tf.constant(value[:2])}, {"t": "6 2 0,2:0,2"})
        save(second, {"t": tf.constant(value[4:])}, {"t": "6 2 4,2:0,2"})
        tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[first, second], destination_prefix=str(OUT / "incomplete"))


def many_keys():
    """An index of several blocks."""
    count = 6000
    names = [f"a/scope/with/a/name/layer_{index:05d}/kernel/.ATTRIBUTES/VARIABLE_VALUE" for index in range(count)]
    with tempfile.TemporaryDirectory() as work:
        prefix = os.path.join(work, "many")
        save(prefix, {name: tf.constant(1.0) for name in names})
        index = pathlib.Path(prefix + ".index").read_bytes()
    (OUT / "many-keys.index.gz").write_bytes(gzip.compress(index, 9, mtime=0))


def snappy():
    """TensorFlow compresses the elements of datasets with Snappy; a checkpoint of one shows the bytes."""
    words = b" ".join(RANDOM.choice([b"graph", b"tensor", b"variable", b"scope", b"a"], 2000))
    cases = {
        "words": words,
        "random": RANDOM.bytes(1000),
        "run": b"a" * 5000,
        "long": words * 12 + RANDOM.bytes(3000) + words * 3,
    }
    result = {}
    with tempfile.TemporaryDirectory() as work:
        for name, plain in cases.items():
            prefix = os.path.join(work, name)
            save(prefix, {"v": tf.raw_ops.CompressElement(components=[tf.constant(plain)])})
            data = pathlib.Path(prefix + ".data-00000-of-00001").read_bytes()
            compressed = delimited(delimited(skip_length(data), 2), 1)
            result[name] = (plain, compressed)
    archive = {}
    for name, (plain, compressed) in result.items():
        archive[f"{name}.plain"] = np.frombuffer(plain, np.uint8)
        archive[f"{name}.snappy"] = np.frombuffer(compressed, np.uint8)
    np.savez_compressed(OUT / "snappy.npz", **archive)


def varint(data, position):
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position


def skip_length(data):
    """The one variant of a stored tensor: its length, and the serialized message."""
    length, position = varint(data, 0)
    return data[position:position + length]


def delimited(message, wanted):
    """The bytes of one field of a message of which all fields before it are length-delimited."""
    position = 0
    while True:
        tag, position = varint(message, position)
        length, position = varint(message, position)
        if tag == wanted * 8 + 2:
            return message[position:position + length]
        position += length


def tensor_protos():
    """Every form that a TensorProto has, and what TensorFlow reads from it."""
    cases = []

    def add(label, proto, dtype=None):
        value = tensor_util.MakeNdarray(proto)
        name = dtype or tf.as_dtype(proto.dtype).name
        if name.startswith("q"):
            value = value.view(np.dtype(value.dtype)[0]) if value.dtype.names else value
        cases.append({"label": label, "proto": proto.SerializeToString(deterministic=True).hex(), **describe(name, value)})

    def proto_of(dtype, shape, **fields):
        proto = tensor_pb2.TensorProto(dtype=tf.as_dtype(dtype).as_datatype_enum, **fields)
        proto.tensor_shape.SetInParent()
        for size in shape:
            proto.tensor_shape.dim.add(size=size)
        return proto

    for dtype in NUMBERS:
        value = numbers(dtype, (2, 3))
        add(f"{dtype} content", proto_of(dtype, (2, 3), tensor_content=value.tobytes()))
        add(f"{dtype} zeros", proto_of(dtype, (2, 2)))
        add(f"{dtype} empty", proto_of(dtype, (0,)))
        field = list_field(dtype)
        # Not of random bits: NaNs do not keep theirs on the way through a list.
        items = list_items(dtype, finite(dtype, value))
        slots = 2 if dtype.startswith("complex") else 1
        add(f"{dtype} list", proto_of(dtype, (2, 3), **{field: items}))
        add(f"{dtype} repeated", proto_of(dtype, (4,), **{field: items[:2 * slots]}))
    add("string list", proto_of("string", (2, 3), string_val=STRINGS))
    add("string repeated", proto_of("string", (4,), string_val=STRINGS[:2]))
    # As C++ writes it, and Python cannot read it: all lengths, then all bytes.
    content = b"\x02\x00\xac\x02" + b"ab" + b"x" * 300
    cases.append({"label": "string content", **describe("string", np.array([b"ab", b"", b"x" * 300], object)),
                  "proto": proto_of("string", (3,), tensor_content=content).SerializeToString().hex()})
    write_json("tensor-protos", cases)


def list_field(dtype):
    return {"float32": "float_val", "float64": "double_val", "float16": "half_val", "bfloat16": "half_val",
            "int64": "int64_val", "uint32": "uint32_val", "uint64": "uint64_val", "bool": "bool_val",
            "complex64": "scomplex_val", "complex128": "dcomplex_val"}.get(dtype, "int_val")


def list_items(dtype, value):
    flat = value.ravel()
    if dtype in ("float16", "bfloat16"):
        return flat.view(np.uint16).tolist()
    if dtype.startswith("complex"):
        return flat.view(np.float32 if dtype == "complex64" else np.float64).tolist()
    return flat.tolist()


def numpy_files():
    arrays = {name: numbers(name, (2, 3)) for name in NUMBERS if name != "bfloat16" and not name.startswith("q")}
    arrays["scalar"] = np.float64(1.5)
    arrays["empty"] = np.zeros((0, 3), np.int32)
    arrays["fortran"] = np.asfortranarray(np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    arrays["big-endian"] = np.arange(6, dtype=">i4").reshape(3, 2)
    arrays["big-endian-complex"] = np.array([1 + 2j, 3 - 4j], ">c8")
    arrays["bytes"] = np.array([[b"one", b""], [b"\xff\x00\xfe", b"four"]])
    arrays["text"] = np.array(["one", "größer \U0001f600", ""])
    arrays["text-fortran"] = np.asfortranarray(np.array([["a", "b", "c"], ["d", "e", "f"]]))
    golden = {}
    for name, value in arrays.items():
        value = np.asarray(value)
        if value.dtype.kind == "S":
            golden[name] = describe("string", value)
        elif value.dtype.kind == "U":
            golden[name] = describe("string", np.char.encode(value, "utf-8"))
        else:
            native = value.astype(value.dtype.newbyteorder("="))
            golden[name] = describe(native.dtype.name, native)
    np.savez(OUT / "arrays.npz", **arrays)
    np.savez_compressed(OUT / "compressed.npz", **arrays)
    write_json("arrays", golden)
    np.save(OUT / "objects.npy", np.array([b"pickled", None], object), allow_pickle=True)


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    every_dtype()
    partitioned()
    incomplete()
    many_keys()
    snappy()
    tensor_protos()
    numpy_files()
    written()


if __name__ == "__main__":
    main()
