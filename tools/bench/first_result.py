"""Applies a TF1 Hub module once, in a fresh process, and prints that it has: what first-result.mjs measures Tenon against.

    python tools/bench/first_result.py MODULE INPUT        (TensorFlow 2.15, tensorflow_hub 0.15; INPUT is a .npy file)
"""

import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_hub as hub  # noqa: E402

tf1 = tf.compat.v1
tf1.disable_v2_behavior()
tf1.logging.set_verbosity(tf1.logging.ERROR)

module = hub.Module(sys.argv[1])
outputs = module(np.load(sys.argv[2]), as_dict=True)
with tf1.Session() as session:
    session.run([tf1.global_variables_initializer(), tf1.tables_initializer()])
    results = session.run(outputs)
print({name: value.shape for name, value in results.items()}, flush=True)
