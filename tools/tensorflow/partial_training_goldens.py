"""Writes packages/hub/testdata/partial-training.json: what TensorFlow makes of a module whose last block alone is trained.

  python tools/tensorflow/partial_training_goldens.py        (TensorFlow 2.15, tensorflow_hub 0.15)

Of the module's variables, losses and updates those count that belong to variables whose names match; the images are those of the module's golden.
"""
import json
import os
import pathlib
import re

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_hub as hub  # noqa: E402

v1 = tf.compat.v1
ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tools/fixtures"
NAME, PATTERN, SCOPE = "mobilenet-v2-small", r"/Conv_1/", "module/"
STEPS = 3


def main():
  images = np.load(FIXTURES / "golden" / f"{NAME}.npz")["train/images"]
  matches = lambda name: re.search(PATTERN, name.removeprefix(SCOPE)) is not None  # noqa: E731
  with tf.Graph().as_default() as graph, v1.Session() as session:
    module = hub.Module(str(FIXTURES / "modules" / NAME), trainable=True, tags={"train"})
    features = module({"images": images})
    w = v1.get_variable("w", initializer=((np.arange(64 * 5).reshape(64, 5) % 11 - 5) * 0.02).astype(np.float32))
    bias = v1.get_variable("bias", initializer=np.zeros(5, np.float32))
    logits = tf.matmul(features, w) + bias
    ce = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=np.arange(8) % 5, logits=logits))

    def reads(tensor):
      """Names of the variables that a loss depends on."""
      seen, pending = set(), [tensor.op]
      while pending:
        op = pending.pop()
        if op in seen:
          continue
        seen.add(op)
        pending.extend(i.op for i in op.inputs)
      return [op.name for op in seen if op.type == "VarHandleOp"]

    losses = [loss for loss in v1.losses.get_regularization_losses() if any(map(matches, reads(loss)))]
    updates = [update for update in v1.get_collection(v1.GraphKeys.UPDATE_OPS)
               if matches((update if isinstance(update, tf.Operation) else update.op).inputs[0].op.name)]
    head = [w.op.name, bias.op.name]
    variables = [v for v in v1.trainable_variables() if matches(v.op.name) or v.op.name in head]
    reg = tf.add_n(losses)
    optimizer = v1.train.GradientDescentOptimizer(0.05)
    gradients = optimizer.compute_gradients(ce + reg, variables)
    with tf.control_dependencies(updates):
      step = optimizer.apply_gradients(gradients)
    session.run(v1.global_variables_initializer())
    before = session.run(module.variable_map)
    steps = []
    for _ in range(STEPS):
      values = session.run([ce, reg, step])
      steps.append({"ce": float(values[0]), "reg": float(values[1])})
    after = session.run(module.variable_map)
    moved = [key for key in after if not np.array_equal(before[key], after[key])]
    assert all(map(matches, moved)) and len(moved) == 5, moved
    assert graph.get_collection(v1.GraphKeys.UPDATE_OPS) != updates
  document = {
      "module": NAME, "pattern": PATTERN, "tf": tf.__version__, "steps": steps, "losses": len(losses), "updates": len(updates),
      "trainable": [v.op.name for v in variables if v.op.name not in head],
      "moved": {key: [float(x) for x in after[key].ravel()] for key in sorted(moved)},
  }
  (ROOT / "packages/hub/testdata/partial-training.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
  main()
