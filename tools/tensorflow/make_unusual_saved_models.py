"""Makes SavedModels of the kinds that TensorFlow 1 programs, and unusual ones of TensorFlow 2, write; and golden I/O.

    cd tools/fixtures/unusual && python ../../tensorflow/make_unusual_saved_models.py [name ...]     (TensorFlow 2.21; default: all)

Writes saved_models/<name>/ and golden/<name>.json; vocabularies of tables go through work/, which
can be deleted, and whose path they contain, which is why it is a relative one. What TensorFlow computes comes from a session that loaded the model
again; of TF2 SavedModels, from what tf.saved_model.load gave.
"""
import collections
import os
import shutil
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gold import Golden, HERE  # noqa: E402

v1 = tf.compat.v1
OUT, WORK = os.path.join(HERE, "saved_models"), os.path.join(HERE, "work")
F = lambda *a: np.asarray(a, np.float32)
S = lambda *a: np.asarray([x.encode() for x in a], object)
BUILDERS = {}


def build(function):
  BUILDERS[function.__name__.replace("_", "-")] = function
  return function


def path_of(name):
  path = os.path.join(OUT, name)
  shutil.rmtree(path, ignore_errors=True)
  return path


def vocabulary(name, words):
  os.makedirs(WORK, exist_ok=True)
  path = os.path.join(WORK, name)
  with open(path, "w", encoding="utf-8") as f:
    f.write("\n".join(words) + "\n")
  return path


def signature(inputs, outputs):
  info = lambda tensors: {k: v1.saved_model.build_tensor_info(t) for k, t in tensors.items()}
  return v1.saved_model.build_signature_def(info(inputs), info(outputs), "tensorflow/serving/predict")


def description(definition):
  def one(info):
    shape = info.tensor_shape
    known = None if shape.unknown_rank else [d.size if d.size >= 0 else None for d in shape.dim]
    sparse = {"sparse": True} if info.WhichOneof("encoding") == "coo_sparse" else {}
    return {"dtype": tf.as_dtype(info.dtype).name, "shape": known, **sparse}
  return {k: {"inputs": {n: one(i) for n, i in s.inputs.items()}, "outputs": {n: one(o) for n, o in s.outputs.items()}}
          for k, s in sorted(definition.items()) if not k.startswith("__")}


def golden_v1(name, cases, signatures_of=("serve",)):
  """cases: (id, tags, signature, inputs), or (id, tags, fetches, feeds by tensor name)."""
  path = os.path.join(OUT, name)
  g = Golden(name, tf=tf.__version__)
  for tags in dict.fromkeys([tuple(c[1]) for c in cases] + [tuple(signatures_of)]):
    with v1.Session(graph=tf.Graph()) as session:
      meta = v1.saved_model.load(session, list(tags), path)
      if tags == tuple(signatures_of):
        g.doc["signatures"] = description(meta.signature_def)
      for cid, case_tags, what, inputs in cases:
        if tuple(case_tags) != tags:
          continue
        if isinstance(what, list):
          feeds = {session.graph.get_tensor_by_name(k): v for k, v in inputs.items()}
          values = session.run([session.graph.get_tensor_by_name(n) for n in what], feeds)
          g.case(cid, inputs, dict(zip(what, values)), tags=list(tags), fetch=what)
          continue
        definition = meta.signature_def[what]
        tensors = {n: v1.saved_model.get_tensor_from_tensor_info(i, session.graph) for n, i in definition.inputs.items()}
        outputs = {n: v1.saved_model.get_tensor_from_tensor_info(o, session.graph) for n, o in definition.outputs.items()}
        values = session.run(outputs, {tensors[n]: v for n, v in inputs.items()})
        g.case(cid, inputs, values, tags=list(tags), signature=what)
  tags = {tuple(m.meta_info_def.tags) for m in read_model(path).meta_graphs}
  g.doc["tags"] = sorted([sorted(t) for t in tags])
  g.write()


def read_model(path):
  from tensorflow.python.saved_model import loader_impl
  return loader_impl.parse_saved_model(path)


def quarters(shape, dtype=None, partition_info=None):
  """0, 1/4, 2/4, … in rows; of a part of a variable, those that stand there in the whole."""
  first = partition_info.var_offset[0] if partition_info else 0
  return (first * shape[1] + np.arange(np.prod(shape)).reshape(shape)).astype(np.float32) / 4


@build
def tf1_reference_variables():
  """Reference variables, one of them in parts; a graph for serving, one for training, and one without tags."""
  path = path_of("tf1-reference-variables")
  builder = v1.saved_model.Builder(path)
  for index, tags in enumerate([["serve"], ["train", "serve", "gpu"], []]):
    with tf.Graph().as_default(), v1.Session() as session:
      with v1.variable_scope("scope", use_resource=False, partitioner=v1.fixed_size_partitioner(3) if index == 0 else None):
        table = v1.get_variable("table", [7, 2], initializer=quarters)
      with v1.variable_scope("plain", use_resource=False):
        bias = v1.get_variable("bias", [2], initializer=v1.constant_initializer([.5, -.5]))
        steps = v1.get_variable("steps", [], tf.int64, initializer=v1.constant_initializer(41))
      ids = v1.sparse_placeholder(tf.int64, [None, None], name="ids")
      text = v1.placeholder(tf.string, [None], name="text")
      summed = tf.nn.embedding_lookup_sparse(table, ids, None, combiner="sum")
      y = tf.identity((summed + bias) * (1. if index == 0 else 10. * index), name="y")
      length = tf.strings.length(text, name="length")
      joined = tf.strings.join([text, tf.as_string(length)], separator=":", name="joined")
      signatures = {"serving_default": signature({"ids": ids}, {"y": y}),
                    "texts": signature({"text": text}, {"length": length, "joined": joined}),
                    "steps": signature({}, {"steps": tf.identity(steps)})}
      session.run(v1.global_variables_initializer())
      if index == 0:
        builder.add_meta_graph_and_variables(session, tags, signature_def_map=signatures)
      else:
        builder.add_meta_graph(tags, signature_def_map=signatures)
  builder.save()
  ids = v1.SparseTensorValue(np.array([[0, 0], [0, 1], [2, 0]], np.int64), np.array([1, 6, 3], np.int64), np.array([3, 2], np.int64))
  golden_v1("tf1-reference-variables", [
      ("sparse", ["serve"], "serving_default", {"ids": ids}),
      ("strings", ["serve"], "texts", {"text": S("", "größer", "x y")}),
      ("no inputs", ["serve"], "steps", {}),
      ("three tags", ["train", "serve", "gpu"], "serving_default", {"ids": ids}),
      ("no tags", [], "serving_default", {"ids": ids}),
      ("no tags, by name", [], ["plain/bias:0", "scope/table:0"], {}),
  ])


@build
def tf1_tables():
  """Tables filled by the main op: from a file, from constants; with buckets for what they lack."""
  path = path_of("tf1-tables")
  with tf.Graph().as_default(), v1.Session() as session:
    text = v1.placeholder(tf.string, [None], name="text")
    from_file = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(vocabulary("words.txt", ["a", "größer", "cat"]), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                                      tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), 5)
    v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, v1.get_default_graph().get_tensor_by_name(
        [n.name for n in v1.get_default_graph().as_graph_def().node if n.op == "Const" and "words.txt" in str(n)][0] + ":0"))
    from_constants = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [1.5, 2.5]), -1.)
    weight = v1.get_variable("weight", [], initializer=v1.constant_initializer(2.), use_resource=True)
    outputs = {"ids": from_file.lookup(text), "values": from_constants.lookup(text) * weight}
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    builder = v1.saved_model.Builder(path)
    builder.add_meta_graph_and_variables(
        session, ["serve"], {"serving_default": signature({"text": text}, outputs)},
        assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS), main_op=v1.tables_initializer())
    builder.save()
  golden_v1("tf1-tables", [("v", ["serve"], "serving_default", {"text": S("a", "b", "größer", "zz")})])


@build
def tf1_legacy_init():
  """A table filled by the op that versions before the main op had; as text, without signatures."""
  path = path_of("tf1-legacy-init")
  with tf.Graph().as_default(), v1.Session() as session:
    text = v1.placeholder(tf.string, [None], name="text")
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([7, 8], tf.int64)), -1)
    bias = v1.get_variable("bias", [], tf.int64, initializer=v1.constant_initializer(100), use_resource=False)
    tf.add(table.lookup(text), bias, name="ids")
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    builder = v1.saved_model.Builder(path)
    builder.add_meta_graph_and_variables(session, ["tag"], legacy_init_op=v1.tables_initializer())
    builder.save(as_text=True)
  golden_v1("tf1-legacy-init", [("v", ["tag"], ["ids:0", "bias:0"], {"text:0": S("b", "c", "a")})], ["tag"])


@build
def tf1_reloaded():
  """A TF2 SavedModel, loaded into a graph of TensorFlow 1 and saved again: its tables are made inside functions."""
  class Inner(tf.Module):
    def __init__(self):
      super().__init__()
      self.table = tf.lookup.StaticHashTable(
          tf.lookup.TextFileInitializer(vocabulary("inner.txt", ["x", "y", "z"]), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                                        tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), -1)
      self.scale = tf.Variable(3, dtype=tf.int64)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, text):
      return self.table.lookup(text) * self.scale

  inner = os.path.join(WORK, "inner")
  shutil.rmtree(inner, ignore_errors=True)
  tf.saved_model.save(Inner(), inner)
  path = path_of("tf1-reloaded")
  with tf.Graph().as_default(), v1.Session() as session:
    text = v1.placeholder(tf.string, [None], name="text")
    loaded = tf.saved_model.load(inner)
    y = loaded(text)
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    builder = v1.saved_model.Builder(path)
    builder.add_meta_graph_and_variables(
        session, ["serve"], {"serving_default": signature({"text": text}, {"y": y})},
        assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS), main_op=v1.tables_initializer())
    builder.save()
  golden_v1("tf1-reloaded", [("v", ["serve"], "serving_default", {"text": S("z", "q", "x")})])


Step = collections.namedtuple("Step", ["reward", "action", "extra"])


class Interval(tf.experimental.ExtensionType):
  """A class that whoever loads the model need not have."""
  __name__ = "tenon.Interval"
  low: tf.Tensor
  high: tf.Tensor
  label: str = "interval"


@build
def tf2_structures():
  """Functions of named tuples, nested structures, classes, ragged and sparse values; concrete functions; data types as arguments."""
  class Model(tf.Module):
    def __init__(self):
      super().__init__()
      self.weight = tf.Variable(2.)
      self.concrete = self.twice.get_concrete_function()

    @tf.function
    def __call__(self, step, training=False):
      gain = 10. if training else 1.
      return Step(reward=step.reward - step.extra["b"], action=(step.action * self.weight * gain, None), extra={"z": step.extra["a"], "c": [step.reward]})

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x"), tf.TensorSpec([], tf.float32, name="a")])
    def twice(self, x, a):
      return {"difference": x - a}

    @tf.function
    def interval(self, x, width=1.):
      return Interval(high=x + width, low=x - width), x

    @tf.function
    def lengths(self, rows, grid):
      return rows.row_lengths(), tf.sparse.reduce_sum(grid, 1), tf.sparse.map_values(tf.negative, grid)

    @tf.function
    def zeros(self, n, dtype=tf.int32):
      return tf.zeros([n], dtype)

  model = Model()
  f = lambda *shape: tf.TensorSpec(shape, tf.float32)
  for training in (False, True):
    model.__call__.get_concrete_function(Step(f(None), f(None), {"a": f(None), "b": f()}), training)
  model.interval.get_concrete_function(f(None))
  model.lengths.get_concrete_function(tf.RaggedTensorSpec([None, None], tf.int32), tf.SparseTensorSpec([None, None], tf.float32))
  model.zeros.get_concrete_function(tf.TensorSpec([], tf.int32))
  path = path_of("tf2-structures")
  tf.saved_model.save(model, path)
  loaded = tf.saved_model.load(path)
  x = F(1, 2, 4)
  g = Golden("tf2-structures", tf=tf.__version__)
  case = lambda cid, call, args, outputs, **kw: g.case(cid, args, outputs, call=call, **kw)
  step = Step(x, F(5, 6, 7), {"a": x * 3, "b": np.float32(.5)})
  given = {"reward": step.reward, "action": step.action, "extra/a": step.extra["a"], "extra/b": step.extra["b"]}
  for training in (False, True):
    y = loaded(tf.nest.map_structure(tf.constant, step), training=training)
    case("named tuples, training %s" % training, "__call__", given,
         {"reward": y.reward, "action/0": y.action[0], "extra/z": y.extra["z"], "extra/c/0": y.extra["c"][0]}, kwargs={"training": training})
  case("concrete", "concrete", {"x": x, "a": np.float32(3)}, {"difference": loaded.concrete(x=tf.constant(x), a=tf.constant(3.))["difference"]})
  interval, same = loaded.interval(tf.constant(x))
  case("class", "interval", {"x": x}, {"0/low": interval.low, "0/high": interval.high, "1": same})
  rows = tf.ragged.constant([[1, 2], [], [3]], dtype=tf.int32)
  grid = tf.sparse.from_dense([[0., 1.5], [2., 0.]])
  lengths, sums, negative = loaded.lengths(rows, grid)
  case("composite", "lengths", {"rows@values": rows.flat_values, "rows@row_splits": rows.row_splits, "grid": grid},
       {"0": lengths, "1": sums, "2": negative})
  case("data types", "zeros", {"n": np.int32(2)}, {"": loaded.zeros(tf.constant(2))})
  g.doc["signatures"] = {}
  g.write()


class Tables(tf.Module):
  """A table that was saved with its empty buckets, one of rows, and a generator whose state is a variable."""

  def __init__(self):
    self.dense = tf.lookup.experimental.DenseHashTable(tf.int64, tf.float32, -1., empty_key=-1, deleted_key=-2, initial_num_buckets=8)
    self.dense.insert(tf.constant([3, 4, 5], tf.int64), [.25, .5, .75])
    self.dense.erase(tf.constant([5], tf.int64))
    self.named = tf.lookup.experimental.DenseHashTable(tf.string, tf.int64, -1, empty_key="", deleted_key="?", initial_num_buckets=8)
    self.named.insert(["a", "bb"], tf.constant([7, 8], tf.int64))
    self.rows = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0., 0.])
    self.rows.insert(tf.constant([3], tf.int64), [[1., 2.]])
    self.generator = tf.random.Generator.from_seed(7)

  @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="ids"), tf.TensorSpec([None], tf.string, name="names")])
  def find(self, ids, names):
    return {"dense": self.dense.lookup(ids), "size": self.dense.size(), "named": self.named.lookup(names), "rows": self.rows.lookup(ids),
            "drawn": self.generator.uniform([3]), "shuffled": tf.random.experimental.stateless_shuffle(ids, [1, 2])}


def golden_v2(name, path, cases, signature="serving_default"):
  g = Golden(name, tf=tf.__version__)
  for cid, inputs in cases.items():
    compute = tf.saved_model.load(path).signatures[signature]
    outputs = compute(**{key: tf.constant(value) for key, value in inputs.items()})
    g.case(cid, inputs, {key: value.numpy() for key, value in outputs.items()}, signature=signature, tags=["serve"])
  g.doc["signatures"] = {key: {} for key in sorted(tf.saved_model.load(path).signatures)}
  g.write()


@build
def tf2_dense_tables():
  model, path = Tables(), path_of("tf2-dense-tables")
  tf.saved_model.save(model, path, signatures=model.find)
  golden_v2("tf2-dense-tables", path, {"all": {"ids": np.array([0, 3, 4, 5], np.int64), "names": S("bb", "a", "zz")}})


@build
def tf2_bags_of_words():
  import keras
  keras.utils.set_random_seed(3)
  text = keras.Input((), dtype="string", name="text")
  column = keras.Input((1,), dtype="string", name="column")
  number = keras.Input((1,), dtype="int64", name="number")
  known = ["fox", "dog", "lazy", "quick"]
  layers = keras.layers
  bags = [layers.TextVectorization(output_mode=mode, vocabulary=known, **more)(text)
          for mode, more in (("multi_hot", {}), ("count", {"ngrams": 2}), ("tf_idf", {"idf_weights": [.5, 1, 2, 4]}))]
  crossed = layers.HashedCrossing(num_bins=7, output_mode="one_hot")((column, layers.Hashing(5)(number)))
  model = keras.Model({"text": text, "column": column, "number": number}, {"bags": layers.Concatenate()([*bags, crossed])})
  path = path_of("tf2-bags-of-words")
  model.export(path, verbose=False)
  inputs = {"text": S("the quick quick fox", "", "Dog, lazy dog!"), "column": S("a", "b", "a").reshape(3, 1), "number": np.array([[3], [4], [9]], np.int64)}
  golden_v2("tf2-bags-of-words", path, {"all": inputs})


class Batched(tf.Module):
  """What a server would gather the calls of many clients for."""

  def __init__(self):
    self.weights = tf.Variable(quarters([3, 2]))

  @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
  def apply(self, x):
    @tf.nondifferentiable_batch_function(2, 8, 10)
    def compute(rows):
      return tf.matmul(rows, self.weights), tf.reduce_sum(rows, 1)
    product, sums = compute(x)
    return {"product": product, "sums": sums}


@build
def tf2_batch_function():
  model, path = Batched(), path_of("tf2-batch-function")
  tf.saved_model.save(model, path, signatures=model.apply)
  golden_v2("tf2-batch-function", path, {"two rows": {"x": F([1, 2, 3], [4, 5, 6])}})


if __name__ == "__main__":
  for name in sys.argv[1:] or BUILDERS:
    BUILDERS[name]()
    print(name)
