"""Writes packages/training/testdata/training.json: how losses fall in TensorFlow, with each optimizer, and what it leaves in variables.

  python tools/tensorflow/training_goldens.py        (TensorFlow 2.15, whose Keras still has TensorFlow 1's layers)

First values are drawn from seeds that Tenon draws from, too.
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
OUT = pathlib.Path(__file__).resolve().parents[2] / "packages/training/testdata/training.json"

OPTIMIZERS = {
    "gradientDescent": lambda: v1.train.GradientDescentOptimizer(0.1),
    "momentum": lambda: v1.train.MomentumOptimizer(0.05, 0.9),
    "nesterov": lambda: v1.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "adagrad": lambda: v1.train.AdagradOptimizer(0.2),
    "rmsProp": lambda: v1.train.RMSPropOptimizer(0.01, momentum=0.5),
    "adam": lambda: v1.train.AdamOptimizer(0.02),
    "decayed": lambda: v1.train.GradientDescentOptimizer(
        v1.train.exponential_decay(0.2, v1.train.get_or_create_global_step(), 3, 0.5)),
    "clipped": lambda: Clipped(v1.train.AdamOptimizer(0.02)),
}


class Clipped:
  """Clips gradients by their common norm."""

  def __init__(self, optimizer):
    self.optimizer = optimizer

  def minimize(self, loss, global_step=None):
    pairs = self.optimizer.compute_gradients(loss)
    clipped, _ = tf.clip_by_global_norm([gradient for gradient, _ in pairs], 0.05)
    return self.optimizer.apply_gradients(zip(clipped, [variable for _, variable in pairs]), global_step)


def uniform(seed):
  return v1.glorot_uniform_initializer(seed=seed)


def dense(dtype):
  """Two dense layers."""
  random = np.random.RandomState(1)
  x, y = random.standard_normal([16, 4]), random.standard_normal([16, 2])
  features, labels = tf.constant(x, dtype), tf.constant(y, dtype)
  hidden = v1.layers.dense(features, 5, tf.tanh, kernel_initializer=uniform(1))
  # TensorFlow 1's own losses round to float32.
  loss = tf.reduce_mean(tf.math.squared_difference(labels, v1.layers.dense(hidden, 2, kernel_initializer=uniform(2))))
  return loss, {"x": x, "y": y}


def words(dtype):
  """An embedding, of which every batch needs few rows, some of them twice."""
  ids = np.array([[1, 3], [1, 1], [5, 3], [6, 1]], np.int32)
  table = v1.get_variable("embedding/embeddings", [9, 3], dtype, v1.random_uniform_initializer(-0.5, 0.5, seed=3, dtype=dtype))
  rows = tf.reduce_mean(tf.nn.embedding_lookup(table, tf.constant(ids)), 1)
  logits = v1.layers.dense(rows, 3, kernel_initializer=uniform(4))
  loss = v1.losses.sparse_softmax_cross_entropy(tf.constant([0, 2, 1, 1]), logits)
  return loss, {}


def pictures(dtype):
  """A convolutional network with batch normalisation."""
  random = np.random.RandomState(2)
  x = random.standard_normal([8, 9, 9, 2])
  y = random.randint(0, 3, [8])
  images = tf.constant(x, dtype)
  conv = v1.layers.conv2d(images, 4, 3, padding="same", use_bias=False, kernel_initializer=uniform(5))
  conv = tf.nn.relu(v1.layers.batch_normalization(conv, training=True, momentum=0.9))
  pooled = v1.layers.max_pooling2d(conv, 2, 2)
  conv = v1.layers.separable_conv2d(pooled, 6, 3, strides=2, activation=tf.nn.relu6, depthwise_initializer=uniform(6), pointwise_initializer=uniform(7))
  logits = v1.layers.dense(tf.reduce_mean(conv, [1, 2]), 3, kernel_initializer=uniform(8),
                           kernel_regularizer=lambda value: 0.01 * tf.nn.l2_loss(value))
  v1.losses.sparse_softmax_cross_entropy(tf.constant(y, tf.int32), logits)
  return v1.losses.get_total_loss(), {"x": x, "labels": y}


def train(model, dtype, optimizer, steps):
  with tf.Graph().as_default(), v1.Session() as session, v1.variable_scope("", use_resource=True):
    loss, data = model(dtype)
    global_step = v1.train.get_or_create_global_step() if optimizer == "decayed" else None
    step = OPTIMIZERS[optimizer]().minimize(loss, global_step=global_step)
    updates = v1.get_collection(v1.GraphKeys.UPDATE_OPS)
    session.run(v1.global_variables_initializer())
    losses = [float(session.run([loss, step, updates])[0]) for _ in range(steps)]
    variables = {variable.name[:-2]: np.asarray(session.run(variable)) for variable in v1.global_variables()}
    final = {name: [float(item) for item in value.ravel()] for name, value in variables.items()}
  return data, {"losses": losses, "variables": final}


def main():
  golden = {"data": {}, "runs": []}
  for model, dtype, optimizers, steps in (
      (dense, tf.float64, OPTIMIZERS, 50),
      (dense, tf.float32, ["gradientDescent", "adam"], 50),
      (words, tf.float32, OPTIMIZERS, 10),
      (pictures, tf.float32, ["gradientDescent", "momentum", "adam"], 10),
  ):
    for optimizer in optimizers:
      data, run = train(model, dtype, optimizer, steps)
      golden["data"][model.__name__] = {name: value.tolist() for name, value in data.items()}
      golden["runs"].append({"model": model.__name__, "dtype": dtype.name, "optimizer": optimizer, **run})
  OUT.write_text(json.dumps(golden) + "\n")
  print(OUT, file=sys.stderr)


if __name__ == "__main__":
  main()
