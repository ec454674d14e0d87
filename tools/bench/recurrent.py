"""Times of an LSTM in TensorFlow: python recurrent.py BATCH STEPS UNITS RUNS prints milliseconds per call as JSON."""
import json
import sys
import time

import numpy as np
import tensorflow as tf

batch, steps, units, runs = map(int, sys.argv[1:])
rng = np.random.RandomState(0)
weights = [tf.constant((rng.rand(units, 4 * units) - 0.5) / units**0.5, tf.float32) for _ in range(2)]
bias = tf.constant(rng.rand(4 * units) - 0.5, tf.float32)


@tf.function(input_signature=[tf.TensorSpec([None, None, units], tf.float32)])
def lstm(x):
    length = tf.shape(x)[0]
    items = tf.TensorArray(tf.float32, length).unstack(x)
    out = tf.TensorArray(tf.float32, length, element_shape=[None, units])
    zeros = tf.zeros([tf.shape(x)[1], units])

    def body(t, h, c, out):
        gates = tf.nn.bias_add(items.read(t) @ weights[0] + h @ weights[1], bias)
        i, f, g, o = tf.split(gates, 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return t + 1, h, c, out.write(t, h)

    return tf.while_loop(lambda t, *_: t < length, body, [0, zeros, zeros, out])[3].stack()


x = tf.constant(rng.rand(steps, batch, units) - 0.5, tf.float32)
times = []
for run in range(-3, runs):
    start = time.perf_counter()
    lstm(x).numpy()
    if run >= 0:
        times.append(1000 * (time.perf_counter() - start))
print(json.dumps(times))
