"""Writes packages/tfjs-layer/testdata/keras-layer.json: what hub.KerasLayer computes, and what training does to it.

  python tools/tensorflow/keras_layer_goldens.py        (TensorFlow 2.21, tensorflow_hub 0.16, tf_keras)
"""
import json
import os
import pathlib

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_hub as hub  # noqa: E402
import tf_keras  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tools/fixtures"
OUT = ROOT / "packages/tfjs-layer/testdata/keras-layer.json"
WORDS = ["the cat and the dog", "", "Hello, WORLD!", "café über", "a b c", "dog", "x y the", "and and and"]


def encode(value):
  array = np.asarray(value)
  if array.dtype.kind in "OS":
    return {"shape": list(array.shape), "data": [s.decode() if isinstance(s, bytes) else s for s in array.ravel()]}
  return {"shape": list(array.shape), "data": [float(np.float32(x)) for x in array.ravel()]}


def trained(module, x, y, *, head=None, trainable=True, rate=0.05, loss="mse", steps=3, batch=4, shape=None, dtype=None):
  """Steps of SGD, one per batch, in order."""
  extra = {"input_shape": list(np.shape(x)[1:]) if shape is None else shape}
  if dtype is not None:
    extra["dtype"] = dtype
  loaded = hub.load(str(FIXTURES / module))
  if not hasattr(loaded, "variables"):
    # One that lists no variables has none for Keras.
    loaded.trainable_variables = loaded.variables = [loaded.a, loaded.b]
  layer = hub.KerasLayer(loaded, trainable=trainable, **extra)
  layers = [layer]
  if head is not None:
    units, activation = head
    layers.append(tf_keras.layers.Dense(units, activation))
  model = tf_keras.Sequential(layers)
  kernel = None
  if head is not None:
    fan = layers[1].kernel.shape[0]
    kernel = (np.arange(fan * units) % 11 - 5).reshape(fan, units).astype("f") * 0.05
    layers[1].set_weights([kernel, np.zeros(units, "f")])
  model.compile(tf_keras.optimizers.SGD(rate), loss=loss)
  before = model(tf.constant(x), training=False)
  losses = []
  for step in range(steps):
    at = slice(step * batch, (step + 1) * batch)
    losses.append(float(model.train_on_batch(tf.constant(x[at]), tf.constant(y[at]))))
  return {
      "module": module, "trainable": trainable, "rate": rate, "loss": loss, "batch": batch,
      "head": head and {"units": head[0], "activation": head[1]}, "kernel": None if kernel is None else encode(kernel),
      "x": encode(x), "y": encode(y), "before": encode(before), "losses": losses,
      "weights": [{"name": w.name, **encode(w.numpy())} for w in layer.weights],
      "trainableWeights": len(layer.trainable_weights),
      "headWeights": None if head is None else [encode(w) for w in layers[1].get_weights()],
      "after": encode(model(tf.constant(x), training=False)),
      "parameters": int(model.count_params()),
  }


def called(module, inputs, **options):
  layer = hub.KerasLayer(str(FIXTURES / module), **options)
  outputs = layer({k: tf.constant(v) for k, v in inputs.items()} if len(inputs) > 1 else tf.constant(*inputs.values()))
  named = outputs if isinstance(outputs, dict) else {"": outputs}
  return {"module": module, "options": options, "inputs": {k: encode(v) for k, v in inputs.items()},
          "outputs": {k: encode(v) for k, v in sorted(named.items())}}


def main():
  r = np.random.RandomState(7)
  images = r.rand(12, 16, 16, 3).astype("f")
  classes = np.eye(5, dtype="f")[np.arange(12) % 5]
  features = r.randn(12, 6).astype("f")
  texts = np.array([WORDS[i % len(WORDS)] for i in range(12)], object)
  line = r.randn(12).astype("f")
  saved = "saved_models/tf2-"
  goldens = {
      "calls": [
          called("saved_models/tf2-multi-signature", {"apples": r.randn(2, 3).astype("f"), "oranges": r.randn(2, 3).astype("f")},
                 signature="my_method", output_key="cats"),
          called("saved_models/tf2-multi-signature", {"apples": r.randn(2, 3).astype("f"), "oranges": r.randn(2, 3).astype("f")},
                 signature="my_method", signature_outputs_as_dict=True),
          called("modules/nnlm-small", {"x": np.array(WORDS, object)}),
          called("modules/mobilenet-v2-small", {"images": r.rand(2, 32, 32, 3).astype("f")}, signature="default",
                 output_key="default"),
      ],
      "fits": [
          trained(saved + "half-plus-two", line, (3 * line - 1).astype("f"), shape=[]),
          trained(saved + "reusable", features, r.randn(12, 4).astype("f")),
          trained(saved + "reusable", features, r.randn(12, 2).astype("f"), head=(2, None), trainable=False),
          trained(saved + "mobilenet-small", images, classes, head=(5, "softmax"), loss="categorical_crossentropy"),
          trained(saved + "mobilenet-small", images, classes, head=(5, "softmax"), loss="categorical_crossentropy", trainable=False),
          trained(saved + "text-embedding", texts, np.eye(2, dtype="f")[np.arange(12) % 2], head=(2, "softmax"),
                  loss="categorical_crossentropy", rate=0.5, shape=[], dtype=tf.string),
      ],
  }
  OUT.parent.mkdir(parents=True, exist_ok=True)
  OUT.write_text(json.dumps(goldens) + "\n")


main()
