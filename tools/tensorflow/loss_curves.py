"""How losses fall in TensorFlow: python loss_curves.py MODULE THREADS prints the curves of 50 steps as JSON. Called by tools/ci/loss-curves.mjs.

The data and the first values are those of tools/ci/loss-curves.mjs. TensorFlow 2.15, tensorflow_hub 0.15.
"""
import json
import logging
import sys

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

v1 = tf.compat.v1
v1.disable_v2_behavior()
logging.getLogger("tensorflow").setLevel(logging.ERROR)

STEPS, BATCH, SIZE, CLASSES = 50, 8, 32, 5
OPTIMIZERS = {
    "sgd": lambda: v1.train.GradientDescentOptimizer(0.05),
    "adam": lambda: v1.train.AdamOptimizer(0.001),
}


def numbers(shape, seed, dtype):
  """The same in both programs, to the bit: whole numbers over a power of two."""
  indices = np.arange(np.prod(shape), dtype=np.int64)
  return ((indices * 7919 + seed * 104729) % 1009 / 1024.0).astype(dtype).reshape(shape)


def weights(shape, dtype):
  return (((np.arange(np.prod(shape)) % 11) - 5) / 64.0).astype(dtype).reshape(shape)


def images(module):
  """The small network and a head, everything trainable, on a new batch at each step."""
  x = v1.placeholder(tf.float32, [BATCH, SIZE, SIZE, 3])
  features = hub.Module(module, trainable=True, tags={"train"})({"images": x})
  kernel = v1.get_variable("w", initializer=weights([int(features.shape[1]), CLASSES], np.float32))
  bias = v1.get_variable("b", initializer=np.zeros(CLASSES, np.float32))
  labels = np.arange(BATCH, dtype=np.int32) % CLASSES
  entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.matmul(features, kernel) + bias)
  loss = tf.reduce_mean(entropy) + v1.losses.get_regularization_loss()
  return loss, lambda step: {x: numbers([BATCH, SIZE, SIZE, 3], step, np.float32)}


def dense(_):
  """Two layers in float64."""
  x = v1.placeholder(tf.float64, [BATCH, 6])
  first = v1.get_variable("first", initializer=weights([6, 7], np.float64))
  second = v1.get_variable("second", initializer=weights([7, 2], np.float64))
  y = tf.constant(numbers([BATCH, 2], 3, np.float64))
  loss = tf.reduce_mean(tf.math.squared_difference(tf.matmul(tf.tanh(tf.matmul(x, first)), second), y))
  return loss, lambda step: {x: numbers([BATCH, 6], step, np.float64)}


def curve(build, module, optimizer, threads):
  with tf.Graph().as_default():
    loss, feeds = build(module)
    with tf.control_dependencies(v1.get_collection(v1.GraphKeys.UPDATE_OPS)):
      train = OPTIMIZERS[optimizer]().minimize(loss)
    config = v1.ConfigProto(intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads)
    with v1.Session(config=config) as session:
      session.run(v1.global_variables_initializer())
      return [float(session.run([loss, train], feeds(step))[0]) for step in range(STEPS)]


if __name__ == "__main__":
  folder, count = sys.argv[1], int(sys.argv[2])
  print(json.dumps({f"{build.__name__} {name}": curve(build, folder, name, count) for build in (images, dense) for name in OPTIMIZERS}))
