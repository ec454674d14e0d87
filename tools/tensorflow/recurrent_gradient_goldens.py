"""Writes packages/hub/testdata/recurrent-gradients.json, and the TF1 Hub module packages/hub/testdata/dynamic-rnn that it speaks of: gradients
of recurrent layers by their variables, as TensorFlow computes them.

  python tools/tensorflow/recurrent_gradient_goldens.py        (TensorFlow 2.15, tensorflow_hub 0.15)
"""
import json
import os
import pathlib
import shutil

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_hub as hub  # noqa: E402

v1 = tf.compat.v1
ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages/hub/testdata"
RANDOM = np.random.RandomState(5)


def encode(value):
  value = np.asarray(value)
  return {"dtype": value.dtype.name, "shape": list(value.shape), "data": value.ravel().tolist()}


def keras(name):
  """Of the sum of the squares of what the model gives, training or not."""
  model = tf.saved_model.load(str(ROOT / "tools/fixtures/saved_models" / name))
  x = RANDOM.standard_normal([3, 5, 6]).astype("f")
  signature = model.signatures["serving_default"]
  (argument,) = signature.structured_input_signature[1]
  with tf.GradientTape() as tape:
    variables = list(signature.variables)
    tape.watch(variables)
    (y,) = signature(**{argument: tf.constant(x)}).values()
    loss = tf.reduce_sum(y ** 2)
  gradients = tape.gradient(loss, variables)
  return {"path": "tools/fixtures/saved_models/" + name, "input": argument, "x": encode(x), "loss": float(loss),
          "gradients": [{"name": variable.name.split(":")[0], "gradient": encode(gradient)} for variable, gradient in zip(variables, gradients)]}


def dynamic_rnn():
  """TensorFlow 1's own loops: LSTM over GRU, sequences of several lengths; variables that are references."""
  def build():
    with v1.variable_scope("", use_resource=False):
      x = v1.placeholder(tf.float32, [None, None, 3], "x")
      lengths = v1.placeholder(tf.int32, [None], "lengths")
      with v1.variable_scope("gru"):
        y, _ = v1.nn.dynamic_rnn(v1.nn.rnn_cell.GRUCell(4), x, lengths, dtype=tf.float32)
      with v1.variable_scope("lstm"):
        y, state = v1.nn.dynamic_rnn(v1.nn.rnn_cell.LSTMCell(5, use_peepholes=True), y, lengths, dtype=tf.float32, time_major=False)
      hub.add_signature(inputs={"x": x, "lengths": lengths}, outputs={"outputs": y, "state": state.h})

  path = OUT / "dynamic-rnn"
  shutil.rmtree(path, ignore_errors=True)
  x, lengths = RANDOM.standard_normal([4, 6, 3]).astype("f"), np.array([6, 0, 3, 5], np.int32)
  with tf.Graph().as_default(), v1.Session() as session:
    spec = hub.create_module_spec(build)
    module = hub.Module(spec, trainable=True)
    outputs = module({"x": x, "lengths": lengths}, as_dict=True)
    loss = tf.reduce_sum(outputs["outputs"] ** 2) + tf.reduce_sum(tf.sin(outputs["state"]))
    names, variables = zip(*sorted(module.variable_map.items()))
    gradients = [tf.convert_to_tensor(gradient) for gradient in tf.gradients(loss, variables)]
    session.run(v1.global_variables_initializer())
    for variable in variables:
      variable.load((RANDOM.standard_normal(variable.shape) * 0.4).astype("f"), session)
    total, found = session.run([loss, gradients])
    module.export(str(path), session)
  return {"path": "packages/hub/testdata/dynamic-rnn", "x": encode(x), "lengths": encode(lengths), "loss": float(total),
          "gradients": [{"name": name, "gradient": encode(gradient)} for name, gradient in zip(names, found)]}


def main():
  OUT.mkdir(parents=True, exist_ok=True)
  goldens = {"tensorflow": tf.__version__, "keras": [keras(name) for name in ("tf2-keras2-lstm", "tf2-keras3-lstm")], "dynamicRnn": dynamic_rnn()}
  (OUT / "recurrent-gradients.json").write_text(json.dumps(goldens, separators=(",", ":")))


if __name__ == "__main__":
  main()
