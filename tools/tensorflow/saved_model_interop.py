"""Takes SavedModels that Tenon exported as TensorFlow's users do, and writes down what is wrong with them. Called by tools/ci/exports.mjs.

  python tools/tensorflow/saved_model_interop.py KIND FOLDER FIXTURES        (TensorFlow 2.15, or 2.21; KIND names the results)

What they should compute is what Tenon noted of those that it made, and the goldens of those that TensorFlow made first.
"""
import base64
import json
import os
import pathlib
import sys
import traceback

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from export_interop import MADE

v1 = tf.compat.v1
results = []
STEPS = 3


def check(title, action):
  try:
    action()
    results.append({"title": title, "problem": ""})
  except Exception:  # pylint: disable=broad-except
    results.append({"title": title, "problem": traceback.format_exc()[-3000:]})


def decode(tensor, arrays):
  """The value that a golden stands for; None if it has only a sample of it."""
  if tensor.get("sparse"):
    return tf.SparseTensor(*(decode(tensor[part], arrays) for part in ("indices", "values", "dense_shape")))
  if "npz" in tensor:
    return arrays[tensor["npz"]]
  if "sample" in tensor:
    return None
  if tensor["dtype"] == "string":
    data = [base64.b64decode(item["b64"]) if isinstance(item, dict) else item.encode() for item in tensor["data"]]
    return np.array(data, object).reshape(tensor["shape"])
  dtype = tf.as_dtype(tensor["dtype"]).as_numpy_dtype
  data = [int(item) if isinstance(item, str) else item for item in tensor["data"]]
  return np.array(data).astype(dtype).reshape(tensor["shape"])


def read_golden(fixtures, name):
  document = json.loads((fixtures / "golden" / f"{name}.json").read_text())
  arrays = fixtures / "golden" / f"{name}.npz"
  return document, np.load(arrays) if arrays.exists() else {}


def read_made(folder, name):
  case = json.loads((folder / f"{name}.json").read_text())
  return tuple({key: decode(item, {}) for key, item in case[part].items()} for part in ("inputs", "outputs"))


def expect_close(actual, expected, what, tolerance=1e-4):
  actual = np.asarray(actual)
  assert actual.shape == expected.shape, (what, actual.shape, expected.shape)
  if actual.dtype == object:
    assert actual.tolist() == expected.tolist(), what
  elif actual.dtype.kind not in "fcV":
    np.testing.assert_array_equal(actual, expected, err_msg=what)
  else:
    # Half precision is as exact as its 11 bits.
    relative = {2: 2e-3}.get(actual.dtype.itemsize, tolerance)
    np.testing.assert_allclose(actual.astype(np.float64), expected.astype(np.float64), relative, relative / 10, err_msg=what)


def by_argument(inputs):
  """Inputs as signatures take them, which know only tensors."""
  arguments = {}
  for key, item in inputs.items():
    if isinstance(item, tf.SparseTensor):
      arguments.update({f"{key}_indices": item.indices, f"{key}_values": item.values, f"{key}_dense_shape": item.dense_shape})
    elif key.endswith("@values"):
      arguments[f"{key[:-7]}_component_0"] = tf.constant(item)
    elif key.endswith("@row_splits"):
      arguments[f"{key[:-11]}_component_1"] = tf.constant(item)
    else:
      arguments[key] = tf.constant(item)
  return arguments


def computes(path, document, arrays):
  """All signatures, for all goldens of the variant for inference."""
  loaded = hub.load(str(path))
  count = 0
  for case in document["cases"]:
    if case.get("tags") or "call" in case:
      continue
    signature = loaded.signatures[case.get("signature", "default")]
    outputs = signature(**by_argument({key: decode(item, arrays) for key, item in case["inputs"].items()}))
    for key, item in case["outputs"].items():
      expected = decode(item, arrays)
      if key in outputs and isinstance(expected, np.ndarray):
        expect_close(outputs[key].numpy(), expected, f"{case['id']} {key}")
        count += 1
      elif isinstance(expected, tf.SparseTensor):
        expect_close(outputs[f"{key}_values"].numpy(), np.asarray(expected.values), f"{case['id']} {key}")
        count += 1
  assert count > 0 or not document["cases"] or all("call" in case for case in document["cases"]), "nothing was compared"


def is_served(path):
  """The loader of TensorFlow 1 restores and initialises it, as Serving does; and it is what TensorFlow 2 takes for one of its own."""
  with tf.Graph().as_default(), v1.Session() as session:
    definition = v1.saved_model.load(session, ["serve"], str(path)).signature_def
    assert definition["serving_default"].method_name == "tensorflow/serving/predict"
    return definition, session


def made_is_served(folder, name):
  inputs, outputs = read_made(folder, name)
  with tf.Graph().as_default(), v1.Session() as session:
    definition = v1.saved_model.load(session, ["serve"], str(folder / f"model-{name}")).signature_def["serving_default"]
    fetches = {key: info.name for key, info in definition.outputs.items()}
    actual = session.run(fetches, {definition.inputs[key].name: item for key, item in inputs.items()})
  assert sorted(actual) == sorted(outputs), (sorted(actual), sorted(outputs))
  for key, item in outputs.items():
    expect_close(actual[key], item, key)


def made_is_called(folder, name):
  inputs, outputs = read_made(folder, name)
  (argument,) = (tf.constant(item) for item in inputs.values())
  layer = hub.KerasLayer(str(folder / f"model-{name}"))
  expect_close(layer(argument).numpy(), outputs["default"], "the layer")
  loaded = tf.saved_model.load(str(folder / f"model-{name}"))
  expect_close(loaded(argument).numpy(), outputs["default"], "the object")


def made_is_trained(folder, kind, name):
  """A layer that is fine-tuned for a step, saved by TensorFlow, for Tenon to load, with what it computes then."""
  inputs, _ = read_made(folder, name)
  (argument,) = (tf.constant(item) for item in inputs.values())
  layer = hub.KerasLayer(str(folder / f"model-{name}"), trainable=True)
  assert layer.trainable_weights
  before = [weight.numpy() for weight in layer.weights]
  with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(layer(argument, training=True))) + sum(layer.losses)
  gradients = tape.gradient(loss, layer.trainable_weights)
  assert all(gradient is not None for gradient in gradients)
  for weight, gradient in zip(layer.trainable_weights, gradients):
    if isinstance(gradient, tf.IndexedSlices):
      gradient = tf.convert_to_tensor(gradient)
    weight.assign_sub(0.1 * gradient)
  still = [weight.name for weight, old in zip(layer.weights, before) if np.array_equal(weight.numpy(), old)]
  # Of an embedding some rows move; of batch normalisation the averages do, too.
  assert not still, f"these did not move: {still}"
  saved = folder / f"model-{name}-{kind}"
  loaded = layer.resolved_object
  tf.saved_model.save(loaded, str(saved), signatures=dict(loaded.signatures))
  output = layer(argument, training=False).numpy()
  described = {"default": {"shape": list(output.shape), "data": output.ravel().tolist()}}
  (folder / f"model-{name}-{kind}.json").write_text(json.dumps({"outputs": described}))


def trains_as_module(path, document, arrays):
  """What TensorFlow noted while it trained the TF1 Hub module is what training the object of TensorFlow 2 gives."""
  notes = document["training"]
  images = decode(notes["images"], arrays)
  layer = hub.KerasLayer(str(path), trainable=True)
  assert len(layer.trainable_weights) == notes["n_trainable"] - 2, len(layer.trainable_weights)
  assert len(layer.losses) == notes["n_regularization_losses"]
  width = layer(images[:1]).shape[1]
  w = tf.Variable(((np.arange(width * 5).reshape(width, 5) % 11 - 5) * 0.02).astype(np.float32))
  bias = tf.Variable(np.zeros(5, np.float32))
  variables = [w, bias, *layer.trainable_weights]
  for step in notes["steps"][:STEPS]:
    with tf.GradientTape() as tape:
      logits = tf.matmul(layer(images, training=True), w) + bias
      ce = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=np.arange(8) % 5, logits=logits))
      reg = tf.add_n(layer.losses)
      loss = ce + reg
    np.testing.assert_allclose([loss, ce, reg], [step["loss"], step["ce"], step["reg"]], 1e-4)
    for variable, gradient in zip(variables, tape.gradient(loss, variables)):
      if gradient is not None:
        variable.assign_sub(0.05 * gradient)


def differentiates_loops(path):
  """Gradients go through what were version 1's loops and branches; small steps say whether they are right."""
  loaded = tf.saved_model.load(str(path))
  variables = {variable.name: variable for variable in loaded.variables}
  inputs = {"n": tf.constant(4), "x": tf.constant([1.0, 2.0, 3.0])}
  run = lambda: tf.add_n([tf.reduce_sum(item) for item in loaded(inputs).values() if item.dtype.is_floating])  # noqa: E731
  with tf.GradientTape() as tape:
    total = run()
  gradients = {name: gradient for name, gradient in tape.gradient(total, variables).items() if gradient is not None}
  assert len(gradients) == 2, gradients
  for name, gradient in gradients.items():
    before = float(variables[name])
    slope = 0
    for step in (1e-2, -1e-2):
      variables[name].assign(before + step)
      slope += float(run()) / (2 * step)
    variables[name].assign(before)
    np.testing.assert_allclose(float(gradient), slope, 1e-2, err_msg=name)


def has_tables_and_assets(folder):
  """The table of words is an object; its file is an asset; nothing remembers where it was made."""
  path = folder / "model-made-texts"
  assert [file.name for file in (path / "assets").iterdir()] == ["vocabulary.txt"]
  original = folder / "made-texts" / "assets" / "vocabulary.txt"
  assert (path / "assets" / "vocabulary.txt").read_bytes() == original.read_bytes()
  assert str(folder).encode() not in (path / "saved_model.pb").read_bytes()
  moved = folder / "moved"
  os.rename(path, moved)
  try:
    inputs, outputs = read_made(folder, "made-texts")
    expect_close(hub.load(str(moved))(inputs["texts"]).numpy(), outputs["default"], "moved")
  finally:
    os.rename(moved, path)


def main(kind, folder, fixtures):
  for name in MADE:
    check(f"TensorFlow Serving's loader has the SavedModel of {name} ({kind})", lambda: made_is_served(folder, name))  # pylint: disable=cell-var-from-loop
    check(f"TensorFlow 2 calls the SavedModel of {name} ({kind})", lambda: made_is_called(folder, name))  # pylint: disable=cell-var-from-loop
    check(f"KerasLayer trains the SavedModel of {name} ({kind})", lambda: made_is_trained(folder, kind, name))  # pylint: disable=cell-var-from-loop
  check(f"the SavedModel of made-texts is whole ({kind})", lambda: has_tables_and_assets(folder))
  for sort in ("modules", "saved_models"):
    for original in sorted((fixtures / sort).iterdir()):
      path = folder / f"model-{original.name}"
      if not path.exists():
        continue
      golden = read_golden(fixtures, original.name) if (fixtures / "golden" / f"{original.name}.json").exists() else None
      if golden:
        check(f"the SavedModel of {original.name} computes the same ({kind})", lambda: computes(path, *golden))  # pylint: disable=cell-var-from-loop
      if sort == "modules":
        check(f"TensorFlow Serving's loader has the SavedModel of {original.name} ({kind})", lambda: is_served(path))  # pylint: disable=cell-var-from-loop
  check(f"the SavedModel of control-flow has gradients ({kind})", lambda: differentiates_loops(folder / "model-control-flow"))
  check(f"KerasLayer trains mobilenet-v2-small as hub.Module did ({kind})",
        lambda: trains_as_module(folder / "model-mobilenet-v2-small", *read_golden(fixtures, "mobilenet-v2-small")))
  (folder / f"saved-models-{kind}.json").write_text(json.dumps(results))


if __name__ == "__main__":
  main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
