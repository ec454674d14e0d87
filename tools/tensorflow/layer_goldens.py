"""Writes packages/layers/testdata/layers.json: first values, layers and losses as TensorFlow 1's layers compute them.

  python tools/tensorflow/layer_goldens.py        (TensorFlow 2.15, whose Keras still has TensorFlow 1's layers)
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

v1 = tf.compat.v1
OUT = pathlib.Path(__file__).resolve().parents[2] / "packages/layers/testdata/layers.json"
SHAPE = [3, 3, 4, 5]

INITIALIZERS = {
    "zeros": v1.zeros_initializer(),
    "ones": v1.ones_initializer(),
    "constant": v1.constant_initializer(0.25),
    "randomNormal": v1.random_normal_initializer(1.0, 0.5, seed=1),
    "randomUniform": v1.random_uniform_initializer(-2.0, 3.0, seed=2),
    "truncatedNormal": v1.truncated_normal_initializer(0.0, 2.0, seed=3),
    "glorotUniform": v1.glorot_uniform_initializer(seed=4),
    "glorotNormal": v1.glorot_normal_initializer(seed=5),
    "heUniform": v1.variance_scaling_initializer(2.0, "fan_in", "uniform", seed=6),
    "heNormal": v1.variance_scaling_initializer(2.0, "fan_in", "truncated_normal", seed=7),
    "varianceScaling": v1.variance_scaling_initializer(3.0, "fan_out", "untruncated_normal", seed=8),
}


def tensor(value):
  value = np.asarray(value)
  return {"shape": list(value.shape), "values": [float(item) for item in value.ravel()]}


def initial_values():
  golden = {}
  for name, initializer in INITIALIZERS.items():
    with tf.Graph().as_default(), v1.Session() as session:
      variable = v1.get_variable(name, SHAPE, initializer=initializer, use_resource=True)
      session.run(v1.global_variables_initializer())
      golden[name] = tensor(session.run(variable))
  with tf.Graph().as_default(), v1.Session() as session:
    value = v1.glorot_uniform_initializer(seed=9)([4, 6], tf.float64)
    golden["glorotUniform float64"] = tensor(session.run(value))
  return golden


def run(build):
  """What `build` makes of its inputs, by name; the names and shapes of the variables; and what the update ops make of those."""
  with tf.Graph().as_default() as graph, v1.Session() as session, v1.variable_scope("", use_resource=True):
    outputs = build()
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    variables = v1.global_variables()
    trainable = {variable.name for variable in v1.trainable_variables()}
    results = {name: tensor(value) for name, value in session.run(outputs).items()}
    case = {
        "outputs": results,
        "shapes": {name: output.shape.as_list() for name, output in outputs.items()},
        "variables": [[v.name[:-2], v.shape.as_list(), v.name in trainable] for v in variables],
    }
    updates = v1.get_collection(v1.GraphKeys.UPDATE_OPS)
    if updates:
      session.run(updates)
      case["updated"] = {v.name[:-2]: tensor(session.run(v)) for v in variables if v.name not in trainable}
    losses = v1.get_collection(v1.GraphKeys.REGULARIZATION_LOSSES)
    if losses:
      case["regularization"] = [tensor(value) for value in session.run(losses)]
    return case


def image():
  random = np.random.RandomState(1).standard_normal([2, 7, 6, 3]).astype(np.float32)
  return random, v1.placeholder_with_default(random, [None, 7, 6, 3])


def uniform(seed):
  return v1.glorot_uniform_initializer(seed=seed)


def dense():
  rows = tf.reshape(tf.range(24, dtype=tf.float32), [2, 3, 4]) / 10
  l2 = lambda value: 0.5 * tf.nn.l2_loss(value)  # noqa: E731
  first = v1.layers.dense(rows, 5, tf.nn.relu, kernel_initializer=uniform(1), kernel_regularizer=l2)
  matrix = tf.reshape(rows, [-1, 4])
  second = v1.layers.dense(matrix, 2, use_bias=False, kernel_initializer=uniform(2))
  named = v1.layers.dense(matrix, 1, kernel_initializer=uniform(3), bias_initializer=v1.ones_initializer(), name="head")
  return {"first": first, "second": second, "named": named}


def convolutions():
  _, images = image()
  conv = v1.layers.conv2d(images, 4, 3, strides=2, padding="same", activation=tf.nn.relu6, kernel_initializer=uniform(1))
  dilated = v1.layers.conv2d(images, 2, (2, 3), dilation_rate=2, kernel_initializer=uniform(2))
  separable = v1.layers.separable_conv2d(
      images, 5, 3, padding="same", depth_multiplier=2, depthwise_initializer=uniform(3), pointwise_initializer=uniform(4))
  return {"conv": conv, "dilated": dilated, "separable": separable}


def pooling():
  _, images = image()
  return {
      "max": v1.layers.max_pooling2d(images, 2, 2),
      "average": v1.layers.average_pooling2d(images, 3, 1, padding="same"),
      "global": tf.reduce_mean(images, [1, 2]),
  }


def batch_norm():
  _, images = image()
  rows = tf.reshape(images, [-1, 21])
  return {
      "training": v1.layers.batch_normalization(images, training=True),
      "inference": v1.layers.batch_normalization(images, epsilon=0.1, scale=False),
      "rows": v1.layers.batch_normalization(rows, training=True, momentum=0.9, fused=None),
  }


def embedding():
  table = v1.get_variable("embedding/embeddings", [7, 3], initializer=v1.random_uniform_initializer(-0.05, 0.05, seed=1))
  return {"rows": tf.nn.embedding_lookup(table, tf.constant([[1, 6], [0, 1]]))}


def text():
  """A vocabulary with room for words that are not in it, and the means of the rows of several words."""
  initializer = tf.lookup.KeyValueTensorInitializer(["one", "two", "three"], tf.constant([0, 1, 2], tf.int64))
  words = tf.SparseTensor([[0, 0], [0, 1], [2, 0], [2, 1], [2, 3]], ["two", "none", "größer", "two", "two"], [4, 5])
  ids = tf.lookup.StaticVocabularyTable(initializer, 3).lookup(words)
  table = v1.get_variable("table", [6, 2], initializer=v1.random_uniform_initializer(-1.0, 1.0, seed=7))
  combined = {name: v1.nn.embedding_lookup_sparse(table, ids, None, combiner=name) for name in ("mean", "sum", "sqrtn")}
  return {"ids": ids.values, **{name: tf.pad(rows, [[0, 4 - 3], [0, 0]]) for name, rows in combined.items()}}


def dropout():
  rows = tf.reshape(tf.range(40, dtype=tf.float32), [8, 5]) + 1
  return {"dropped": tf.nn.dropout(rows, rate=0.3, seed=5)}


def losses():
  random = np.random.RandomState(2)
  logits = tf.constant(random.standard_normal([4, 3]).astype(np.float32) * 5)
  labels = tf.constant(np.eye(3, dtype=np.float32)[[0, 2, 1, 1]])
  weights = tf.constant(np.array([1, 0, 2, 0.5], np.float32))
  return {
      "meanSquaredError": v1.losses.mean_squared_error(labels, logits),
      "absoluteDifference": v1.losses.absolute_difference(labels, logits, weights=0.5),
      "softmax": v1.losses.softmax_cross_entropy(labels, logits, weights=weights),
      "sparseSoftmax": v1.losses.sparse_softmax_cross_entropy(tf.constant([0, 2, 1, 1]), logits),
      "sigmoid": v1.losses.sigmoid_cross_entropy(labels, logits),
      "none": v1.losses.softmax_cross_entropy(labels, logits, weights=tf.zeros([4])),
      "total": v1.losses.get_total_loss(),
  }


if __name__ == "__main__":
  cases = {case.__name__: run(case) for case in (dense, convolutions, pooling, batch_norm, embedding, text, dropout, losses)}
  inputs = {"image": tensor(image()[0]), "logits": tensor(np.random.RandomState(2).standard_normal([4, 3]).astype(np.float32) * 5)}
  OUT.parent.mkdir(exist_ok=True)
  OUT.write_text(json.dumps({"inputs": inputs, "initialValues": initial_values(), "cases": cases}) + "\n")
  print(OUT, file=sys.stderr)
