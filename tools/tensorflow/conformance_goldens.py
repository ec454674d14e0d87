"""The cases of packages/conformance: small graphs, and what TensorFlow computes with them.

    CUDA_VISIBLE_DEVICES= python tools/tensorflow/conformance_goldens.py       (TensorFlow 2.21)

Writes packages/conformance/src/generated/{operation,program}-cases.ts, a line of JSON for each case, so that a suite that runs anywhere reads
no files. A tensor is [dtype, shape, data]: data is base64 of little-endian elements, a list of base64 for strings, or for large ones
[modulus, offset, divisor], where element i is ((i * 7919) % modulus - offset) / divisor.

Operation cases: {"title", "family", "nodes": [[type, {attribute: [kind, value]}, [reference]]], "inputs": [tensor], "fetches": [reference],
"outputs": [tensor]}; a reference is [node, output], or [-1, i] for input i; attributes that have the op's default are left out. "dynamic"
are the shapes of the inputs where TensorFlow does not take unknown dimensions for all of them; "tolerance" is [relative, absolute]. They are picked from the
results of TensorFlow that packages/runtime/testdata and packages/backend-onnx/testdata hold (run their generators first), as few as show
every op with its data types, shapes and attributes, and pieces of models are added to them.

Program cases: whole graphs with functions, variables and tables, and runs that follow each other in one session: {"title", "family",
"nodes": [[type, name, attributes, [input, or ^control input]]], "functions": [{"name", "inputs", "outputs": [tensor name], "nodes"}],
"initializers": {state operation: [operation]}, "runs": [{"feeds": {name: tensor}, "fetches": [name], "outputs": [tensor]} or {…, "fails": true}]}.
"""
import base64, glob, gzip, json, os, pathlib

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import function_def_to_graph, op_def_registry

import golden_cases

v1 = tf.compat.v1
v1.disable_eager_execution()
ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages" / "conformance" / "src" / "generated"

# ---- tensors and attributes

PATTERNS = {}


def pattern(shape, modulus=13, offset=6, divisor=8, dtype=np.float32):
  """Numbers whose products and sums float32 holds exactly, as long as they are not too many."""
  index = np.arange(int(np.prod(shape)), dtype=np.int64)
  array = (((index * 7919) % modulus - offset) / divisor).astype(dtype).reshape(shape)
  PATTERNS[array.tobytes()] = [modulus, offset, divisor]
  return array


def tensor(array, dtype=None):
  array = np.asarray(array)
  if dtype == tf.string or array.dtype.kind in "OSU":
    items = [item.encode() if isinstance(item, str) else bytes(item) for item in array.reshape(-1).tolist()]
    return ["string", list(array.shape), [base64.b64encode(item).decode() for item in items]]
  data = np.ascontiguousarray(array).tobytes()
  known = PATTERNS.get(data) if array.size > 16 else None
  return [tf.as_dtype(array.dtype).name, list(array.shape), known or base64.b64encode(data).decode()]


def compact(attribute):
  """Attributes as golden_cases writes them, with tensors as above."""
  kind, value = attribute
  if kind == "tensor":
    return [kind, [value["dtype"], value["shape"], value["data"]]]
  return [kind, [compact(item) for item in value]] if kind == "list" else attribute


def attribute_of(value):
  kind = value.WhichOneof("value")
  if kind == "func":
    return ["function", value.func.name]
  if kind == "tensor":
    return [kind, tensor(tf.make_ndarray(value.tensor), tf.as_dtype(value.tensor.dtype))]
  if kind == "list" and value.list.func:
    return ["list", [["function", item.name] for item in value.list.func]]
  return compact(golden_cases.encode_attribute(value))


def without_defaults(op, attributes):
  definition = op_def_registry.get(op)
  defaults = {} if definition is None else {a.name: attribute_of(a.default_value) for a in definition.attr if a.HasField("default_value")}
  return {name: value for name, value in attributes.items() if value != defaults.get(name) and not name.startswith("_")}


# ---- operations: picked from what is there

FAMILIES = {
    "unary": "elementwise", "binary": "elementwise", "elementwise": "elementwise", "cast": "casts", "array": "arrays", "arrays": "arrays",
    "reduction": "reductions", "reductions": "reductions", "linear": "matrix products", "nn": "neural networks",
    "images": "neural networks", "image": "images", "search": "search", "signal": "signals",
}
# What TensorFlow leaves undefined, what keeps state, and what another case of its own is for.
LEFT_OUT = {"Empty", "Print", "CheckNumerics", "CheckNumericsV2", "Where", "DeepCopy"}
MOST_BYTES = 2600
MOST_PER_OP = {"Cast": 14, "Conv2D": 10, "StridedSlice": 8, "Sum": 7, "AddV2": 9, "MatMul": 8}
MOST = 5
DTYPES = ["float32", "int32", "int64", "bool", "float64", "uint8", "float16", "bfloat16"]


def from_kernels(case):
  if "outputs" not in case or case.get("runs"):
    return None
  plain = lambda t: [t["dtype"], t["shape"], t["data"]]
  nodes = [[op, without_defaults(op, {k: compact(v) for k, v in attributes.items()}), refs] for op, attributes, refs in case["nodes"]]
  found = {"nodes": nodes, "inputs": [plain(t) for t in case["inputs"]], "fetches": case["fetches"], "outputs": [plain(t) for t in case["outputs"]]}
  if "tolerance" in case:
    found["tolerance"] = case["tolerance"]
  return found


def from_onnx(case):
  index, nodes = {}, []
  inputs = list(case["feeds"])
  dynamic = {}
  for node, shapes in zip(case["nodes"], case["dynamic"]):
    if node["type"] == "Placeholder":
      dynamic[node["name"] + ":0"] = shapes[0]
      continue
    refs = []
    for name in node["inputs"]:
      operation, output = name.rsplit(":", 1)
      refs.append([-1, inputs.index(name)] if name in inputs else [index[operation], int(output)])
    index[node["name"]] = len(nodes)
    attributes = {k: as_kernels(v) for k, v in node["attributes"].items()}
    nodes.append([node["type"], without_defaults(node["type"], attributes), refs])
  plain = lambda t: [t["dtype"], t["shape"], t["data"]]
  found = {
      "nodes": nodes,
      "inputs": [plain(t) for t in case["feeds"].values()],
      "fetches": [[index[name.rsplit(":", 1)[0]], int(name.rsplit(":", 1)[1])] for name in case["fetches"]],
      "outputs": [plain(t) for t in case["fetches"].values()],
  }
  shapes = [dynamic[name] for name in inputs]
  if any(shape is not None and any(d is not None for d in shape) for shape in shapes):
    found["dynamic"] = shapes
  if "tolerance" in case:
    found["tolerance"] = [case["tolerance"]] * 2
  return found


def as_kernels(attribute):
  """Attributes as onnx_goldens writes them, as golden_cases does."""
  kind, value = attribute
  if kind == "bytes":
    return [kind, base64.b64encode(value.encode()).decode()]
  if kind == "int":
    return [kind, str(value)]
  if kind == "list":
    return [kind, [as_kernels(item) for item in value]]
  return compact(attribute)


def pool():
  for path in sorted(glob.glob(str(ROOT / "packages/runtime/testdata/kernels/*.gz"))) + sorted(glob.glob(str(ROOT / "packages/backend-onnx/testdata/*.gz"))):
    family = FAMILIES.get(os.path.basename(path).split(".")[0])
    if family is None:
      continue
    file = json.load(gzip.open(path))
    for case in file["cases"] if isinstance(file, dict) else file:
      found = from_kernels(case) if isinstance(file, dict) else from_onnx(case)
      if found is None:
        continue
      computed = [node for node in found["nodes"] if node[0] != "Const"]
      types = [t[0] for t in found["inputs"] + found["outputs"]]
      if len(computed) != 1 or computed[0][0] in LEFT_OUT or not found["inputs"] or "string" in types or any(t.startswith(("complex", "q")) for t in types):
        continue
      # TensorFlow 2.21 rounds integers to 0; earlier versions leave them as they are.
      if computed[0][0] == "Round" and "int" in types[0]:
        continue
      size = len(json.dumps(found))
      if size <= MOST_BYTES:
        yield family, computed[0], size, found


# ---- what TensorFlow takes


def attr_value(kind, value):
  attr = v1.AttrValue()
  if kind == "int":
    attr.i = int(value)
  elif kind == "float":
    attr.f = float(value)
  elif kind == "bool":
    attr.b = value
  elif kind == "bytes":
    attr.s = base64.b64decode(value)
  elif kind == "dtype":
    attr.type = tf.as_dtype(value).as_datatype_enum
  elif kind == "shape":
    attr.shape.CopyFrom(tf.TensorShape(value).as_proto())
  elif kind == "tensor":
    attr.tensor.CopyFrom(tf.make_tensor_proto(array_of(value)))
  elif kind == "list":
    fields = {"int": "i", "float": "f", "bool": "b", "bytes": "s", "dtype": "type", "shape": "shape"}
    for item in value:
      one = attr_value(*item)
      field = fields[item[0]]
      items = getattr(attr.list, field)
      items.add().CopyFrom(one.shape) if field == "shape" else items.append(getattr(one, field))
    if not value:
      attr.list.SetInParent()
  return attr


def array_of(value):
  dtype, shape, data = value
  return np.frombuffer(base64.b64decode(data), tf.as_dtype(dtype).as_numpy_dtype).reshape(shape)


def is_taken(case, shapes):
  """Whether TensorFlow makes a graph of a case. An input whose shape is "constant" is one."""
  graph_def = v1.GraphDef()
  graph_def.versions.producer = tf.version.GRAPH_DEF_VERSION

  def add(op, name, attributes, inputs=()):
    attr = {key: attr_value(*value) for key, value in attributes.items()}
    graph_def.node.append(v1.NodeDef(op=op, name=name, input=inputs, attr=attr))

  for i, (value, shape) in enumerate(zip(case["inputs"], shapes)):
    dtype = ["dtype", value[0]]
    if shape == "constant":
      add("Const", "x%d" % i, {"dtype": dtype, "value": ["tensor", value]})
    else:
      add("Placeholder", "x%d" % i, {"dtype": dtype, "shape": ["shape", shape]})
  for i, (op, attributes, refs) in enumerate(case["nodes"]):
    add(op, "n%d" % i, attributes, ["x%d" % output if node < 0 else "n%d:%d" % (node, output) for node, output in refs])
  try:
    with tf.Graph().as_default():
      tf.import_graph_def(graph_def, name="")
    return True
  except ValueError:
    return False


def with_shapes(case):
  """The case with the shapes that TensorFlow takes where as little as possible is known; None if it takes no graph of it at all."""
  constants = [shape if i == 0 else "constant" for i, (_, shape, _) in enumerate(case["inputs"])]
  if not is_taken(case, constants):
    return None
  unknown = case.get("dynamic") or [[None] * len(shape) for _, shape, _ in case["inputs"]]
  if is_taken(case, unknown):
    return case
  rankless = [None] * len(unknown)
  return {**case, "dynamic": rankless} if is_taken(case, rankless) else None


def features(node, case):
  """What a case shows of its op."""
  shapes = [shape for _, shape, _ in case["inputs"]]
  yield "dtype " + case["inputs"][0][0]
  if any(0 in shape for shape in shapes):
    yield "empty"
  if len(shapes) > 1 and len({str(shape) for shape in shapes}) > 1:
    yield "broadcast"
  if shapes[0] == []:
    yield "scalar"
  yield "rank %d" % len(shapes[0])
  yield "dynamic" if "dynamic" in case else "all unknown"
  for name, value in node[1].items():
    if value[0] != "dtype":
      yield "%s %s" % (name, json.dumps(value))
    elif name not in ("T", "Tidx", "Tindices", "Tshape", "Tparams", "Taxis", "Tperm", "Tpaddings"):
      yield "%s %s" % (name, value[1])
  yield "inputs %d" % len(shapes)


def pick():
  by_op = {}
  for family, node, size, case in pool():
    by_op.setdefault(node[0], []).append((family, node, size, case))
  for op in sorted(by_op):
    rank = lambda item: (DTYPES.index(item[3]["inputs"][0][0]) if item[3]["inputs"][0][0] in DTYPES else 99, item[2])
    left = sorted(by_op[op], key=rank)
    seen, count = set(), 0
    while left and count < MOST_PER_OP.get(op, MOST):
      # The case that shows most that is new; of those the first.
      best = max(left, key=lambda item: len(set(features(item[1], item[3])) - seen))
      new = set(features(best[1], best[3])) - seen
      if not new:
        break
      left.remove(best)
      case = with_shapes(best[3])
      if case is None:
        continue
      seen |= new
      count += 1
      yield best[0], best[1][0], best[1][1], case


def short(kind, value):
  if kind == "bytes":
    return base64.b64decode(value).decode("latin1")
  if kind == "list":
    return "[%s]" % ",".join(short(*item) for item in value)
  return json.dumps(value).replace('"', "").replace(" ", "")


def title_of(op, attributes, inputs):
  skipped = lambda name, kind: kind in ("tensor", "function") or name in ("N", "T") or (kind == "dtype" and name.startswith("T"))
  said = ["%s=%s" % (name, short(*value)) for name, value in sorted(attributes.items()) if not skipped(name, value[0])]
  operands = ["%s[%s]" % (dtype, ",".join(map(str, shape))) for dtype, shape, _ in inputs]
  return " ".join([op, *operands, *said])


# ---- pieces of models

PIECES = []


def piece(title, *inputs, dynamic=None, family="pieces of models"):
  def register(build):
    with tf.Graph().as_default() as graph:
      places = [v1.placeholder(i.dtype, i.shape) for i in inputs]
      outputs = build(*places)
      outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
      index = {place.op.name: [-1, i] for i, place in enumerate(places)}
      ref = lambda t: index[t.op.name] if index[t.op.name][0] < 0 else [index[t.op.name][0], t.value_index]
      nodes = []
      for op in graph.get_operations():
        if op.name in index:
          continue
        nodes.append([op.type, without_defaults(op.type, {k: attribute_of(v) for k, v in op.node_def.attr.items()}), [ref(t) for t in op.inputs]])
        index[op.name] = [len(nodes) - 1]
      with v1.Session(graph=graph, config=golden_cases.CONFIG) as session:
        results = session.run(outputs, dict(zip(places, inputs)))
      case = {"title": title, "family": family, "nodes": nodes, "inputs": [tensor(i) for i in inputs], "fetches": [ref(t) for t in outputs], "outputs": [tensor(r) for r in results]}
      if dynamic:
        case["dynamic"] = dynamic
      PIECES.append(case)
    return build
  return register


raw = tf.raw_ops
IMAGE = [None, None, None, 3]


@piece("convolution, bias, batch normalization, relu, pooling", pattern([2, 8, 8, 3]), dynamic=[IMAGE])
def _(x):
  y = tf.nn.bias_add(tf.nn.conv2d(x, pattern([3, 3, 3, 4]), 2, "SAME"), pattern([4], 5))
  y, *_ = tf.raw_ops.FusedBatchNormV3(x=y, scale=np.float32([1, 2, 0.5, 1]), offset=np.float32([0, 1, -1, 2]), mean=np.float32([0, 1, 2, 3]), variance=np.float32([1, 4, 1, 0.25]), epsilon=0.001, is_training=False)
  return tf.nn.max_pool2d(tf.nn.relu(y), 2, 1, "VALID")


@piece("depthwise and pointwise convolution, relu6, mean over the image", pattern([1, 9, 7, 3]), dynamic=[IMAGE])
def _(x):
  y = tf.nn.relu6(tf.nn.depthwise_conv2d(x, pattern([3, 3, 3, 2]), [1, 1, 1, 1], "SAME"))
  return tf.reduce_mean(tf.nn.conv2d(y, pattern([1, 1, 6, 5]), 1, "SAME"), [1, 2])


@piece("two dense layers and softmax", pattern([3, 5]))
def _(x):
  y = tf.nn.relu(tf.matmul(x, pattern([5, 8])) + pattern([8], 5))
  return tf.nn.softmax(tf.matmul(y, pattern([8, 4]))), tf.argmax(y, 1, output_type=tf.int64)


@piece("attention with a mask", pattern([2, 3, 4]), np.array([[True, True, False], [True, False, True]]))
def _(x, mask):
  scores = tf.matmul(x, x, transpose_b=True) * 0.5
  scores = tf.where(mask[:, tf.newaxis, :], scores, tf.constant(-1e9))
  return tf.matmul(tf.nn.softmax(scores), x)


@piece("layer normalization and gelu", pattern([2, 3, 8]))
def _(x):
  mean = tf.reduce_mean(x, -1, keepdims=True)
  variance = tf.reduce_mean(tf.math.squared_difference(x, mean), -1, keepdims=True)
  y = (x - mean) * tf.math.rsqrt(variance + 1e-6) * pattern([8], 7) + 0.5
  return 0.5 * y * (1 + tf.math.erf(y / np.float32(np.sqrt(2))))


@piece("embedding, position and mean of the words that are there", np.array([[1, 5, 0], [7, 0, 0]], np.int32))
def _(ids):
  mask = tf.cast(tf.not_equal(ids, 0), tf.float32)[:, :, tf.newaxis]
  words = tf.gather(tf.constant(pattern([9, 6])), ids) * mask
  return tf.reduce_sum(words, 1) / tf.maximum(tf.reduce_sum(mask, 1), 1)


@piece("reshape to what the batch says, concatenate, split", pattern([4, 6]))
def _(x):
  batch = tf.shape(x)[0]
  y = tf.reshape(x, tf.stack([batch, 2, 3]))
  left, right = tf.split(tf.concat([y, y * 2], 2), 2, 1)
  return tf.transpose(left, [0, 2, 1]), tf.squeeze(right, 1)


@piece("integers: a hash, buckets, a range of ids", np.arange(-5, 7, dtype=np.int64))
def _(x):
  y = tf.math.floormod(x * 2654435761 + 40503, 97)
  return y, tf.cast(y, tf.int32) // 7, tf.cast(tf.math.greater(y, 50), tf.int64) * x


@piece("the input, a constant, and one result twice", pattern([2, 3]))
def _(x):
  y = tf.negative(x)
  return tf.add(x, y), y, y


def operation_cases():
  cases, titles = [], {}
  for family, op, attributes, case in pick():
    title = title_of(op, attributes, case["inputs"])
    titles[title] = titles.get(title, 0) + 1
    cases.append({"title": title if titles[title] == 1 else "%s (%d)" % (title, titles[title]), "family": family, **case})
  return cases + PIECES


# ---- programs

PROGRAMS = []
WIDE = 128  # A product with a matrix of so many rows and columns is worth a trip to a backend.


def in_order(operations):
  """What an operation needs comes before it, but for what closes a loop."""
  done, ordered = set(), []

  def visit(op):
    if op.name in done:
      return
    done.add(op.name)
    for needed in [t.op for t in op.inputs] + list(op.control_inputs):
      if needed.type != "NextIteration":
        visit(needed)
    ordered.append(op)

  for op in operations:
    visit(op)
  return ordered


def serialize(operations):
  nodes = []
  for op in in_order(operations):
    inputs = [t.name for t in op.inputs] + ["^" + c.name for c in op.control_inputs]
    attributes = without_defaults(op.type, {k: attribute_of(v) for k, v in op.node_def.attr.items()})
    nodes.append([op.type, op.name, attributes, inputs])
  return nodes


def serialize_functions(graph):
  functions = []
  with graph.as_default():
    for definition in graph.as_graph_def().library.function:
      body = function_def_to_graph.function_def_to_graph(definition)
      operations = [op for op in body.get_operations()]
      functions.append({
          "name": definition.signature.name,
          "inputs": [t.op.name for t in body.inputs],
          "outputs": [t.name for t in body.outputs],
          "effects": [name for name in definition.control_ret.values()],
          "nodes": serialize(operations),
      })
  return functions


def program(title, family, *runs):
  """`build` returns what can be fed and fetched, by name. A run is (feeds, fetches), or (feeds, fetches, "fails")."""

  def register(build):
    with tf.Graph().as_default() as graph:
      built = build()
      tensors, *initializers = built if isinstance(built, tuple) else (built,)
      functions = serialize_functions(graph)
      nodes = serialize(graph.get_operations())
      state = {}
      for name, op in initializers[0].items() if initializers else []:
        state.setdefault(name, []).append(op.name)
      recorded = []
      with v1.Session(graph=graph, config=golden_cases.CONFIG) as session:
        for ops in initializers[0].values() if initializers else []:
          session.run(ops)
        for feeds, fetches, *fails in runs:
          asked = [tensors[name] for name in fetches]
          run = {"feeds": {tensors[name].name: tensor(np.asarray(value)) for name, value in feeds.items()}, "fetches": [t.name for t in asked]}
          try:
            results = session.run(asked, {tensors[name]: value for name, value in feeds.items()})
            assert not fails, title
            run["outputs"] = [tensor(r) for r in results if r is not None]
          except tf.errors.OpError:
            assert fails, title
            run["fails"] = True
          recorded.append(run)
    PROGRAMS.append({"title": title, "family": family, "nodes": nodes, "functions": functions, "initializers": state, "runs": recorded})
    return build
  return register


def matrix(modulus=13):
  return tf.constant(pattern([WIDE, WIDE], modulus))


def rows(n, modulus=11):
  return pattern([n, WIDE], modulus, 5, 4)


def head(y):
  """A few of many numbers: what a case is to remember."""
  return tf.reduce_sum(tf.reshape(y, [-1, 8, WIDE // 8]), 2)


def resource_variable(value, name):
  value = np.asarray(value)
  handle = raw.VarHandleOp(dtype=tf.as_dtype(value.dtype), shape=value.shape, shared_name=name, name=name)
  return handle, {name: raw.AssignVariableOp(resource=handle, value=tf.constant(value))}


def read(handle, dtype=tf.float32):
  return raw.ReadVariableOp(resource=handle, dtype=dtype)


X = lambda name="x", shape=(None, WIDE): v1.placeholder(tf.float32, shape, name)


@program("a variable is read, assigned and read again", "state", ({"x": rows(2)}, ["y"]), ({}, ["double"]), ({"x": rows(3)}, ["y"]), ({}, ["double"]), ({"x": rows(2)}, ["y"]))
def _():
  x = X()
  v, initial = resource_variable(pattern([WIDE, WIDE]), "v")
  y = head(tf.matmul(x, read(v)))
  double = raw.AssignVariableOp(resource=v, value=read(v) * 2, name="double")
  return {"x": x, "y": y, "double": double}, initial


@program("a reference variable is read before and after it is assigned", "state", ({"x": rows(2)}, ["before", "after"]), ({"x": rows(2)}, ["before", "after"]))
def _():
  x = X()
  v = raw.VariableV2(shape=[WIDE, WIDE], dtype=tf.float32, shared_name="v", name="v")
  initial = raw.Assign(ref=v, value=matrix(), name="initial")
  before = head(tf.matmul(x, tf.identity(v)))
  with tf.control_dependencies([before]):
    added = raw.AssignAdd(ref=v, value=matrix(7))
  with tf.control_dependencies([added.op]):
    after = head(tf.matmul(x, tf.identity(v)))
  return {"x": x, "before": before, "after": after}, {"v": initial.op}


@program("a run that needs two variables finds both initialised", "state", ({"x": rows(1)}, ["y"]), ({"x": rows(0)}, ["y"]))
def _():
  x = X()
  v, first = resource_variable(pattern([WIDE, WIDE]), "weights")
  b, second = resource_variable(pattern([WIDE], 5), "bias")
  return {"x": x, "y": head(tf.nn.relu(tf.matmul(x, read(v)) + read(b)))}, {**first, **second}


@program("rows of a table are added to, and looked up", "state", ({"ids": np.int32([1, 1, 199]), "x": rows(3)}, ["add"]), ({"ids": np.int32([0, 1, 199]), "x": rows(3)}, ["y"]))
def _():
  x, ids = X(), v1.placeholder(tf.int32, [None], "ids")
  v, initial = resource_variable(pattern([200, WIDE]), "table")
  add = raw.ResourceScatterAdd(resource=v, indices=ids, updates=x, name="add")
  y = head(tf.matmul(tf.gather(read(v), ids), matrix()))
  return {"x": x, "ids": ids, "add": add, "y": y}, initial


@program("a step of gradient descent", "state", ({"x": rows(4)}, ["loss", "step"]), ({"x": rows(4)}, ["loss"]))
def _():
  x = X()
  v, initial = resource_variable(np.zeros([WIDE, 8], np.float32), "w")
  target = tf.constant(pattern([4, 8]))
  w = read(v)
  error = tf.matmul(tf.matmul(x, matrix()), w) - target
  loss = tf.reduce_sum(error * error)
  gradient = tf.matmul(tf.matmul(x, matrix()), error, transpose_a=True)
  with tf.control_dependencies([loss]):
    step = raw.ResourceApplyGradientDescent(var=v, alpha=2.0**-16, delta=gradient, name="step")
  return {"x": x, "loss": loss, "step": step}, initial


@program("a counter counts every run that asks for it", "state", ({}, ["count"]), ({}, ["count"]), ({"x": rows(1)}, ["y"]), ({}, ["count"]))
def _():
  x = X()
  c, initial = resource_variable(np.int64(2**53), "c")
  with tf.control_dependencies([raw.AssignAddVariableOp(resource=c, value=np.int64(1))]):
    count = tf.identity(read(c, tf.int64))
  return {"x": x, "count": count, "y": head(tf.matmul(x, matrix()))}, initial


def vocabulary(keys, values, default, name="table"):
  table = raw.HashTableV2(key_dtype=tf.as_dtype(np.asarray(keys).dtype if not isinstance(keys[0], str) else tf.string), value_dtype=tf.as_dtype(np.asarray(values).dtype if not isinstance(values[0], str) else tf.string), shared_name=name, name=name)
  filled = raw.LookupTableImportV2(table_handle=table, keys=tf.constant(keys), values=tf.constant(values))
  find = lambda keys: raw.LookupTableFindV2(table_handle=table, keys=keys, default_value=default)
  return table, find, {name: filled}


@program("words become ids, rows and numbers", "tables", ({"words": np.array(["cat", "b\u00fccher", "unknown", ""], object)}, ["y", "ids"]), ({"words": np.array([], object)}, ["y", "ids"]))
def _():
  words = v1.placeholder(tf.string, [None], "words")
  _, find, initial = vocabulary(["cat", "dog", "b\u00fccher", ""], np.int64([3, 150, 2**33, 7]), np.int64(-1))
  ids = find(words)
  rows_ = tf.gather(tf.constant(pattern([200, WIDE])), tf.math.floormod(ids, np.int64(200)))
  return {"words": words, "ids": ids, "y": head(tf.matmul(rows_, matrix()))}, initial


@program("the best of the results becomes a word", "tables", ({"x": rows(3)}, ["words"]))
def _():
  x = X()
  _, find, initial = vocabulary(np.int64([0, 1, 2, 3]), ["zero", "one", "two", "three"], "other", "labels")
  return {"x": x, "words": find(tf.argmax(head(tf.matmul(x, matrix())), 1) - 2)}, initial


@program("a table that is written to", "tables", ({"k": np.array(["a", "b"], object), "v": np.float32([1.5, -2])}, ["insert"]), ({"k": np.array(["b", "c"], object)}, ["found", "size"]), ({"k": np.array(["b"], object), "v": np.float32([9])}, ["insert"]), ({"k": np.array(["b", "c"], object)}, ["found", "size"]))
def _():
  k, v = v1.placeholder(tf.string, [None], "k"), v1.placeholder(tf.float32, [None], "v")
  table = raw.MutableHashTableV2(key_dtype=tf.string, value_dtype=tf.float32, shared_name="t", name="t")
  insert = raw.LookupTableInsertV2(table_handle=table, keys=k, values=v, name="insert")
  found = raw.LookupTableFindV2(table_handle=table, keys=k, default_value=np.float32(0))
  return {"k": k, "v": v, "insert": insert, "found": found, "size": raw.LookupTableSizeV2(table_handle=table)}


@program("text becomes numbers, and numbers text", "tables", ({"text": np.array(["1 2.5", "-3e2 7"], object)}, ["y", "said"]))
def _():
  text = v1.placeholder(tf.string, [None], "text")
  parts = raw.StringSplitV2(input=text, sep=" ").values
  numbers = raw.StringToNumber(string_tensor=parts)
  y = head(tf.matmul(tf.reshape(numbers, [-1, 1]) * np.float32(np.ones([1, WIDE])), matrix()))
  return {"text": text, "y": y, "said": raw.AsString(input=tf.cast(tf.reduce_sum(y, 1), tf.int64))}


FLAGS = [({"x": rows(2), "p": np.bool_(p)}, ["y"]) for p in (True, False)]


def flag():
  return v1.placeholder(tf.bool, [], "p")


@program("If runs one of its branches", "control flow", *FLAGS)
def _():
  x, p = X(), flag()
  v1.enable_control_flow_v2()
  y = tf.cond(p, lambda: tf.matmul(x, matrix()), lambda: tf.nn.relu(tf.matmul(x, matrix(7)) - 1))
  v1.disable_control_flow_v2()
  return {"x": x, "p": p, "y": head(y)}


@program("Switch and Merge run one of two branches", "control flow", *FLAGS)
def _():
  x, p = X(), flag()
  v1.disable_control_flow_v2()
  y = tf.cond(p, lambda: tf.matmul(x, matrix()), lambda: tf.nn.relu(tf.matmul(x, matrix(7)) - 1))
  return {"x": x, "p": p, "y": head(y)}


TIMES = [({"x": rows(2), "n": np.int32(n)}, ["y", "i"]) for n in (0, 1, 3)]


def loop(is_functional):
  x, n = X(), v1.placeholder(tf.int32, [], "n")
  (v1.enable_control_flow_v2 if is_functional else v1.disable_control_flow_v2)()
  step = lambda i, y: (i + 1, tf.clip_by_value(tf.matmul(y, matrix(5)), -4, 4))
  i, y = tf.while_loop(lambda i, y: i < n, step, [tf.constant(0), x], shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, WIDE])])
  v1.disable_control_flow_v2()
  return {"x": x, "n": n, "i": i, "y": head(y)}


program("While runs as often as its condition says", "control flow", *TIMES)(lambda: loop(True))
program("a loop of Enter, Merge, Switch and NextIteration runs as often as its condition says", "control flow", *TIMES)(lambda: loop(False))


@program("Case runs the branch that an index names", "control flow", *[({"x": rows(1), "k": np.int32(k)}, ["y"]) for k in (0, 2, 7)])
def _():
  x, k = X(), v1.placeholder(tf.int32, [], "k")
  v1.enable_control_flow_v2()
  y = tf.switch_case(k, [lambda: tf.matmul(x, matrix()), lambda: x, lambda: tf.negative(tf.matmul(x, matrix(7)))])
  v1.disable_control_flow_v2()
  return {"x": x, "k": k, "y": head(y)}


@program("a branch inside of a loop inside of a branch", "control flow", *[({"x": rows(2), "p": np.bool_(p), "n": np.int32(4)}, ["y"]) for p in (True, False)])
def _():
  x, p, n = X(), flag(), v1.placeholder(tf.int32, [], "n")
  v1.enable_control_flow_v2()

  def body(i, y):
    return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: tf.clip_by_value(tf.matmul(y, matrix(5)), -2, 2), lambda: y + 1)

  y = tf.cond(p, lambda: tf.while_loop(lambda i, y: i < n, body, [tf.constant(0), x])[1], lambda: x * 2)
  v1.disable_control_flow_v2()
  return {"x": x, "p": p, "n": n, "y": head(y)}


@program("a list grows in a loop and is stacked", "control flow", *[({"x": rows(1), "n": np.int32(n)}, ["y"]) for n in (1, 4)])
def _():
  x, n = X(), v1.placeholder(tf.int32, [], "n")
  v1.enable_control_flow_v2()
  values = tf.TensorArray(tf.float32, n, element_shape=[None, WIDE])
  step = lambda i, y, values: (i + 1, tf.clip_by_value(tf.matmul(y, matrix(5)), -4, 4), values.write(i, y))
  values = tf.while_loop(lambda i, *_: i < n, step, [tf.constant(0), x, values], shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, WIDE]), None])[2]
  y = tf.reduce_sum(values.stack(), 2)
  v1.disable_control_flow_v2()
  return {"x": x, "n": n, "y": y}


@program("a variable is assigned in a loop", "control flow", ({"n": np.int32(3)}, ["total"]), ({"n": np.int32(2)}, ["total"]), ({"n": np.int32(0)}, ["total"]))
def _():
  n = v1.placeholder(tf.int32, [], "n")
  v, initial = resource_variable(np.float32(100), "v")
  v1.enable_control_flow_v2()

  def body(i):
    with tf.control_dependencies([raw.AssignAddVariableOp(resource=v, value=tf.cast(i, tf.float32))]):
      return i + 1

  (done,) = tf.nest.flatten(tf.while_loop(lambda i: i < n, body, [tf.constant(0)]))
  v1.disable_control_flow_v2()
  with tf.control_dependencies([done]):
    total = tf.identity(read(v))
  return {"n": n, "total": total}, initial


@program("a function is called twice", "control flow", ({"x": rows(3)}, ["y"]))
def _():
  x = X()
  layer = tf.function(lambda y: tf.nn.relu(tf.matmul(y, pattern([WIDE, WIDE], 5))), input_signature=[tf.TensorSpec([None, WIDE])])
  return {"x": x, "y": head(layer(layer(x)))}


@program("an assertion that fails ends a run, and the next one is as if it had not been", "errors", ({"x": rows(2)}, ["y"]), ({"x": -1000 * rows(2)}, ["y"], "fails"), ({"x": rows(3)}, ["y"]))
def _():
  x = X()
  y = tf.matmul(x, matrix())
  with tf.control_dependencies([raw.Assert(condition=tf.reduce_max(tf.abs(y)) < 1000, data=[x])]):
    return {"x": x, "y": head(tf.identity(y))}


@program("an index that is outside ends a run, and the next one is as if it had not been", "errors", ({"ids": np.int32([0, 199])}, ["y"]), ({"ids": np.int32([3, 200])}, ["y"], "fails"), ({"ids": np.int32([5])}, ["y"]))
def _():
  ids = v1.placeholder(tf.int32, [None], "ids")
  return {"ids": ids, "y": head(tf.matmul(tf.gather(tf.constant(pattern([200, WIDE])), ids), matrix()))}


@program("shapes that do not go together end a run", "errors", ({"x": rows(2), "b": rows(3)}, ["y"], "fails"), ({"x": rows(2), "b": rows(1)}, ["y"]))
def _():
  x, b = X(), X("b")
  return {"x": x, "b": b, "y": head(tf.matmul(x, matrix()) + b)}


@program("a dividend of zero ends a run of integers", "errors", ({"k": np.int32([3, 0])}, ["y"], "fails"), ({"k": np.int32([3, -2])}, ["y"]))
def _():
  k = v1.placeholder(tf.int32, [None], "k")
  return {"k": k, "y": raw.FloorDiv(x=np.int32([7, 7]), y=k)}


@program("large tensors, one operation after the other", "large tensors", ({"x": rows(160)}, ["sum", "most", "first"]))
def _():
  x = X(shape=(160, WIDE))
  y = tf.nn.relu(tf.maximum(x * 2, -x) - 0.5) + tf.abs(x)
  return {"x": x, "sum": tf.reduce_sum(y, 1)[:8], "most": tf.reduce_max(y, 0)[:8], "first": tf.cast(y, tf.int32)[0, :8]}


@program("an image through two convolutions", "large tensors", ({"x": pattern([2, 12, 12, 3])}, ["y"]), ({"x": pattern([1, 7, 9, 3])}, ["y"]))
def _():
  x = X(shape=(None, None, None, 3))
  y = tf.nn.relu(tf.nn.conv2d(x, pattern([3, 3, 3, 8]), 2, "SAME"))
  return {"x": x, "y": tf.reduce_max(tf.nn.conv2d(y, pattern([3, 3, 8, 4], 7, 3), 1, "VALID"), [1, 2])}


# ---- writing


def write(name, cases):
  lines = []
  for case in cases:
    text = json.dumps(case, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    assert "`" not in text and "${" not in text
    lines.append("  String.raw`%s`,\n" % text)
  text = "// Written by tools/tensorflow/conformance_goldens.py, with TensorFlow %s.\n" % tf.__version__
  text += "/** One case in each line, as JSON. */\nexport const %s: readonly string[] = [\n%s];\n" % (name, "".join(lines))
  path = OUT / ("%s-cases.ts" % name.removesuffix("Cases"))
  OUT.mkdir(parents=True, exist_ok=True)
  path.write_text(text)
  print("%s: %d cases, %d bytes" % (path.name, len(cases), len(text)))


write("operationCases", operation_cases())
write("programCases", PROGRAMS)
