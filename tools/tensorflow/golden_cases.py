"""Cases of operations with the results that TensorFlow gives, in the format that packages/runtime/src/testing/golden-cases.ts reads.

A case is a small graph: {"nodes": [[op, attributes, [reference]]], "inputs": [tensor], "fetches": [reference], "outputs": [tensor]},
most often of one node. A reference is [node, output], or [-1, i] for input i. An attribute is [kind, value]. A tensor is
{"dtype", "shape", "data"}: little-endian bytes in base64, or a list of those for strings. Instead of "outputs" a case that must
fail has "fails": true. "tolerance" is [relative, absolute], where the default of the data type is not right.
"""
import base64, gzip, json, os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework import op_def_library, op_def_registry

v1 = tf.compat.v1
v1.disable_control_flow_v2()


def decode_attribute(value):
  kind = value.WhichOneof("value")
  if kind == "list":
    return [item for _, items in value.list.ListFields() for item in items]
  return tf.TensorShape(value.shape) if kind == "shape" else getattr(value, kind)


def defaults(definition):
  """Of the attributes that do not follow from the inputs."""
  inferred = {name for arg in definition.input_arg for name in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
  return {attr.name: decode_attribute(attr.default_value) for attr in definition.attr if attr.HasField("default_value") and attr.name not in inferred}


def encode_tensor(value, dtype):
  value = np.asarray(value)
  if dtype == tf.string:
    data = [base64.b64encode(item.encode() if isinstance(item, str) else bytes(item)).decode() for item in value.reshape(-1).tolist()]
  else:
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
  return {"dtype": dtype.name, "shape": list(value.shape), "data": data}


def encode_shape(shape):
  return None if shape.unknown_rank else [None if d.size < 0 else d.size for d in shape.dim]


def encode_attribute(value):
  kind = value.WhichOneof("value")
  if kind == "i":
    return ["int", str(value.i)]
  if kind == "f":
    return ["float", value.f if np.isfinite(value.f) else str(value.f)]
  if kind == "b":
    return ["bool", value.b]
  if kind == "s":
    return ["bytes", base64.b64encode(value.s).decode()]
  if kind == "type":
    return ["dtype", tf.dtypes.as_dtype(value.type).name]
  if kind == "shape":
    return ["shape", encode_shape(value.shape)]
  if kind == "tensor":
    return ["tensor", encode_tensor(tf.make_ndarray(value.tensor), tf.dtypes.as_dtype(value.tensor.dtype))]
  if kind == "list":
    out = []
    for field, items in value.list.ListFields():
      for item in items:
        if field.name == "i":
          out.append(["int", str(item)])
        elif field.name == "f":
          out.append(["float", item])
        elif field.name == "b":
          out.append(["bool", item])
        elif field.name == "s":
          out.append(["bytes", base64.b64encode(item).decode()])
        elif field.name == "type":
          out.append(["dtype", tf.dtypes.as_dtype(item).name])
        elif field.name == "shape":
          out.append(["shape", encode_shape(item)])
        else:
          raise ValueError(field.name)
    return ["list", out]
  raise ValueError(kind)


CONFIG = v1.ConfigProto()
CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True
CONFIG.graph_options.optimizer_options.opt_level = v1.OptimizerOptions.L0


class Family:
  """The cases of one file."""

  def __init__(self, name):
    self.name = name
    self.cases = []
    # What TensorFlow would not run: a data type that it lacks here, or a mistake in a case.
    self.problems = []

  def program(self, build, *inputs, fails=False, tolerance=None, runs=1, static=False):
    """`build` makes the tensors to fetch from placeholders, one per input. With several runs, the outputs are those of each in turn.
    Shapes of inputs are only known to TensorFlow when it runs, unless `static`."""
    with tf.Graph().as_default() as graph:
      arrays = [np.asarray(value) for value in inputs]
      dtypes = [tf.string if a.dtype.kind in "OSU" else tf.dtypes.as_dtype(a.dtype) for a in arrays]
      places = [v1.placeholder(dtype, array.shape if static else None) for dtype, array in zip(dtypes, arrays)]
      fetches = build(*places)
      fetches = list(fetches) if isinstance(fetches, (list, tuple)) else [fetches]
      index = {place.op.name: (-1, i) for i, place in enumerate(places)}
      nodes = []
      for op in graph.get_operations():
        if op.name in index:
          continue
        attributes = {key: encode_attribute(value) for key, value in sorted(op.node_def.attr.items()) if not key.startswith("_")}
        refs = [index[t.op.name] if index[t.op.name][0] < 0 else [index[t.op.name][0], t.value_index] for t in op.inputs]
        index[op.name] = (len(nodes), 0)
        nodes.append([op.type, attributes, refs])
      case = {
          "nodes": nodes,
          "inputs": [encode_tensor(a, d) for a, d in zip(arrays, dtypes)],
          "fetches": [[index[t.op.name][0], t.value_index] for t in fetches],
      }
      if tolerance:
        case["tolerance"] = list(tolerance)
      with v1.Session(graph=graph, config=CONFIG) as session:
        feeds = dict(zip(places, arrays))
        if fails:
          try:
            session.run(fetches, feeds)
          except tf.errors.OpError:
            case["fails"] = True
          else:
            raise AssertionError("%s was expected to fail" % nodes)
        else:
          outputs = [value for _ in range(runs) for value in session.run(fetches, feeds)]
          case["outputs"] = [encode_tensor(value, t.dtype) for value, t in zip(outputs, fetches * runs)]
          if runs > 1:
            case["runs"] = runs
      self.cases.append(case)

  def case(self, op, *inputs, fails=False, tolerance=None, runs=1, static=False, **attributes):
    """One operation. An input that is a list of arrays (not of numbers) is a list argument."""
    definition = op_def_registry.get(op)
    groups = [len(value) if isinstance(value, list) and value and isinstance(value[0], (np.ndarray, np.generic)) else None for value in inputs]
    flat = [item for value, group in zip(inputs, groups) for item in (value if group is not None else [value])]

    def build(*places):
      rest = list(places)
      arguments = {}
      for arg, group in zip(definition.input_arg, groups):
        if group is None:
          arguments[arg.name] = rest.pop(0)
        else:
          arguments[arg.name] = [rest.pop(0) for _ in range(group)]
      result = op_def_library.apply_op(op, **{**defaults(definition), **arguments, **attributes})
      if isinstance(result, tf.Operation):
        return list(result.outputs)
      if isinstance(result, (list, tuple)):
        return [t for item in result for t in (item if isinstance(item, (list, tuple)) else [item])]
      return [result]

    try:
      self.program(build, *flat, fails=fails, tolerance=tolerance, runs=runs, static=static)
    except Exception as error:
      operands = [(np.asarray(i).dtype.name, np.asarray(i).shape) for i in flat]
      self.problems.append("%s %s %s: %s" % (op, operands, attributes, str(error).split("\n")[0][:200]))

  def write(self, directory):
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, self.name + ".json.gz")
    text = json.dumps({"tensorflow": tf.__version__, "cases": self.cases}, separators=(",", ":"))
    with open(path, "wb") as file:
      with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as zipped:
        zipped.write(text.encode())
    for problem in self.problems:
      print("  not made: " + problem)
    print("%s: %d cases, %d bytes" % (self.name, len(self.cases), os.path.getsize(path)))
