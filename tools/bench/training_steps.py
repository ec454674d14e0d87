"""Steps of training with Python's hub.Module: python training_steps.py MODULE head|frozen|full STEPS prints the milliseconds of each as JSON."""
import json
import logging
import resource
import sys
import time

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

BATCH, CLASSES, WARM_UP = 32, 5, 2

v1 = tf.compat.v1
v1.disable_v2_behavior()
logging.getLogger("tensorflow").setLevel(logging.ERROR)

folder, mode, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
full = mode == "full"
size = 224 if "224" in folder else 32
images = v1.placeholder(tf.float32, [None, size, size, 3])
features = hub.Module(folder, trainable=full, tags={"train"} if full else None)({"images": images})
width = features.shape[-1]
given = v1.placeholder(tf.float32, [None, width]) if mode == "head" else features
w, b = v1.get_variable("w", [width, CLASSES]), v1.get_variable("b", [CLASSES])
labels = np.arange(BATCH, dtype=np.int32) % CLASSES
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.matmul(given, w) + b))
if full:
  loss += v1.losses.get_regularization_loss()
with tf.control_dependencies(v1.get_collection(v1.GraphKeys.UPDATE_OPS) if full else []):
  train = v1.train.GradientDescentOptimizer(0.01).minimize(loss)

batch = np.random.RandomState(0).rand(BATCH, size, size, 3).astype(np.float32)
milliseconds = []
with v1.Session() as session:
  session.run(v1.global_variables_initializer())
  feeds = {given: session.run(features, {images: batch})} if mode == "head" else {images: batch}
  step = session.make_callable([loss, train], list(feeds))
  for index in range(-WARM_UP, steps):
    start = time.perf_counter()
    step(*feeds.values())
    if index >= 0:
      milliseconds.append(1000 * (time.perf_counter() - start))
print(json.dumps({"milliseconds": milliseconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
