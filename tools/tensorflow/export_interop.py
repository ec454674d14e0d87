"""Takes modules that Tenon exported, as TensorFlow Hub's users do, and writes down what is wrong with them. Called by tools/ci/exports.mjs.

  python tools/tensorflow/export_interop.py hub1 FOLDER FIXTURES        (TensorFlow 2.15, tensorflow_hub 0.15)
  python tools/tensorflow/export_interop.py tf2 FOLDER FIXTURES         (TensorFlow 2.21, tensorflow_hub 0.16)
"""
import filecmp
import json
import pathlib
import sys
import traceback

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

v1 = tf.compat.v1
TOLERANCE = 1e-5
results = []
MADE = ("made-images", "made-words", "made-texts", "made-loops")


def check(title, action):
  try:
    action()
    results.append({"title": title, "problem": ""})
  except Exception:  # pylint: disable=broad-except
    results.append({"title": title, "problem": traceback.format_exc()[-3000:]})


def value(tensor):
  if tensor["dtype"] == "string":
    return np.array([text.encode() for text in tensor["data"]], object).reshape(tensor["shape"])
  return np.array(tensor["data"], tensor["dtype"]).reshape(tensor["shape"])


def read(folder, name):
  case = json.loads((folder / f"{name}.json").read_text())
  return ({key: value(item) for key, item in case["inputs"].items()}, {key: value(item) for key, item in case["outputs"].items()})


def expect_close(actual, expected):
  assert sorted(actual) == sorted(expected), (sorted(actual), sorted(expected))
  for key, item in expected.items():
    np.testing.assert_allclose(actual[key], item, TOLERANCE, TOLERANCE, err_msg=key)


def runs(folder, name):
  """Both variants, side by side in one graph; the same outputs as in Tenon."""
  inputs, outputs = read(folder, name)
  with tf.Graph().as_default(), v1.Session() as session:
    module = hub.Module(str(folder / name))
    again = hub.Module(str(folder / name), trainable=True, tags={"train"})
    fetches = module(inputs, as_dict=True)
    again(inputs, as_dict=True)
    assert sorted(module.variable_map) == sorted(again.variable_map)
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    expect_close(session.run(fetches), outputs)


def describes_images(folder, name):
  spec = hub.load_module_spec(str(folder / name))
  assert sorted(map(sorted, spec.get_tags())) == [[], ["train"]], spec.get_tags()
  assert sorted(spec.get_signature_names()) == ["default", "probabilities"]
  images = spec.get_input_info_dict("default")["images"]
  assert (images.dtype, images.get_shape().as_list(), images.is_sparse) == (tf.float32, [None, 8, 8, 2], False)
  assert spec.get_output_info_dict("probabilities")["default"].get_shape().as_list() == [None, 3]
  with tf.Graph().as_default():
    module = hub.Module(spec, trainable=True, tags={"train"})
    assert hub.get_expected_image_size(module) == [8, 8]
    counts = lambda: [len(v1.get_collection(name)) for name in ("variables", "trainable_variables", "regularization_losses", "update_ops")]  # noqa: E731
    assert counts() == [11, 9, 1, 0], counts()
    module(np.zeros([1, 8, 8, 2], np.float32))
    assert counts() == [11, 9, 1, 2], counts()
  with tf.Graph().as_default():
    hub.Module(spec)
    assert not v1.trainable_variables()


def describes_words(folder, name):
  spec = hub.load_module_spec(str(folder / name))
  assert sorted(spec.get_signature_names()) == ["default", "ragged", "sparse"]
  sparse = spec.get_input_info_dict("sparse")["default"]
  assert (sparse.is_sparse, sparse.dtype, sparse.get_shape().as_list()) == (True, tf.float32, [None, 7])
  words = spec.get_input_info_dict("ragged")["words"]
  assert words.is_composite and words.type_spec == tf.RaggedTensorSpec([None, None], tf.int32), words.type_spec
  with tf.Graph().as_default(), v1.Session() as session:
    module = hub.Module(spec)
    total = module(tf.SparseTensor([[0, 1], [2, 3]], [1.5, 2.0], [3, 7]), signature="sparse")
    squares = module({"words": tf.ragged.constant([[1], [2, 3]], dtype=tf.int32)}, signature="ragged")
    assert session.run(total) == 3.5 and session.run(squares).tolist() == [1, 4, 9]
  from tensorflow.core.protobuf import saved_model_pb2  # pylint: disable=import-outside-toplevel
  model = saved_model_pb2.SavedModel()
  model.ParseFromString((folder / name / "saved_model.pb").read_bytes())
  attachments = model.meta_graphs[0].collection_def["hub_module_attachments"].bytes_list.value
  assert attachments == ["\n\x04note\x12\x08".encode() + "größer".encode()], attachments


def trains(folder, name):
  """One step, with the module's own losses and updates; exported for Tenon, with what it computes then."""
  inputs, _ = read(folder, name)
  with tf.Graph().as_default(), v1.Session() as session:
    module = hub.Module(str(folder / name), trainable=True, tags={"train"})
    outputs = module(inputs, as_dict=True)
    loss = tf.reduce_sum(tf.square(outputs["default"])) + sum(v1.losses.get_regularization_losses())
    step = v1.train.GradientDescentOptimizer(0.1).minimize(loss)
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    before = session.run(module.variable_map)
    session.run([step, v1.get_collection(v1.GraphKeys.UPDATE_OPS)])
    after = session.run(module.variable_map)
    still = [key for key in before if np.array_equal(before[key], after[key])]
    assert not still, f"these did not move: {still}"
    module.export(str(folder / f"{name}-trained"), session)
  with tf.Graph().as_default(), v1.Session() as session:
    outputs = hub.Module(str(folder / f"{name}-trained"))(inputs, as_dict=True)
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    described = {key: {"shape": list(item.shape), "data": item.ravel().tolist()} for key, item in session.run(outputs).items()}
  (folder / f"{name}-trained.json").write_text(json.dumps({"outputs": described}))


def is_what_was_read(path, original):
  """The graphs and assets to the byte; the same variables; and TensorFlow Hub has it."""
  from tensorflow.core.protobuf import saved_model_pb2  # pylint: disable=import-outside-toplevel
  models = []
  for folder in (path, original):
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    models.append(model)
  assert models[0] == models[1], "the graphs differ"
  names = [sorted(str(file.relative_to(folder)) for file in (folder / "assets").rglob("*") if file.is_file()) if (folder / "assets").is_dir() else []
           for folder in (path, original)]
  assert names[0] == names[1], names
  for name in names[0]:
    assert filecmp.cmp(path / name, original / name, shallow=False), name
  if (original / "variables" / "variables.index").exists():
    readers = [tf.train.load_checkpoint(str(folder / "variables" / "variables")) for folder in (path, original)]
    shapes = [reader.get_variable_to_shape_map() for reader in readers]
    assert shapes[0] == shapes[1], shapes
    for key in shapes[0]:
      np.testing.assert_array_equal(readers[0].get_tensor(key), readers[1].get_tensor(key), err_msg=key)
  spec = hub.load_module_spec(str(path))
  for tags in spec.get_tags():
    with tf.Graph().as_default(), v1.Session() as session:
      hub.Module(spec, tags=set(tags))
      session.run([v1.global_variables_initializer(), v1.tables_initializer()])


def makes_the_same_module(folder, name, original):
  """Of a SavedModel of TensorFlow 1: tags, signatures, variables, and what it computes; and TensorFlow Hub's own module, for Tenon."""
  specs = [hub.load_module_spec(str(folder / f"from-{name}")), hub.create_module_spec_from_saved_model(str(original))]
  for spec in specs[1:]:
    assert sorted(map(sorted, spec.get_tags())) == sorted(map(sorted, specs[0].get_tags()))
  values = []
  for tags in specs[0].get_tags():
    signatures = [sorted(spec.get_signature_names(tags)) for spec in specs]
    assert signatures[0] == signatures[1], signatures
    for spec in specs:
      with tf.Graph().as_default(), v1.Session() as session:
        module = hub.Module(spec, tags=set(tags), trainable=True)
        if name == "tf1-tables":
          outputs = module({"text": ["a", "b", "größer", "zz"]}, signature="serving_default", as_dict=True)
        else:
          outputs = module(signature="steps", as_dict=True)
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        values.append([sorted(module.variable_map), len(v1.trainable_variables()),
                       {key: item.tolist() for key, item in session.run(outputs).items()}])
        if spec is specs[1] and tags == specs[0].get_tags()[0]:
          module.export(str(folder / f"python-from-{name}"), session)
    assert values[-1] == values[-2], values[-2:]


def loads(folder, name):
  """TensorFlow 2 loads it, and its signatures compute the same."""
  inputs, outputs = read(folder, name)
  loaded = hub.load(str(folder / name), tags=[])
  actual = loaded.signatures["default"](**{key: tf.constant(item) for key, item in inputs.items()})
  expect_close({key: item.numpy() for key, item in actual.items()}, outputs)


def is_a_layer(folder, name):
  inputs, outputs = read(folder, name)
  layer = hub.KerasLayer(str(folder / name), signature="default", signature_outputs_as_dict=True)
  actual = layer({key: tf.constant(item) for key, item in inputs.items()})
  expect_close({key: item.numpy() for key, item in actual.items()}, outputs)


def main(kind, folder, fixtures):
  if kind == "hub1":
    for name in MADE:
      check(f"TensorFlow Hub runs {name} as Tenon does", lambda: runs(folder, name))  # pylint: disable=cell-var-from-loop
      check(f"TensorFlow Hub trains {name} and exports it", lambda: trains(folder, name))  # pylint: disable=cell-var-from-loop
    check("TensorFlow Hub says of made-images what was said", lambda: describes_images(folder, "made-images"))
    check("TensorFlow Hub says of made-words what was said", lambda: describes_words(folder, "made-words"))
    for original in sorted((fixtures / "modules").iterdir()):
      path = folder / f"again-{original.name}"
      check(f"{original.name}, exported again, is what was read", lambda: is_what_was_read(path, original))  # pylint: disable=cell-var-from-loop
    for name in ("tf1-tables", "tf1-reference-variables"):
      original = fixtures / "unusual" / "saved_models" / name
      check(f"TensorFlow Hub makes of {name} what Tenon does", lambda: makes_the_same_module(folder, name, original))  # pylint: disable=cell-var-from-loop
  else:
    for name in MADE:
      check(f"hub.load has {name} as Tenon does", lambda: loads(folder, name))  # pylint: disable=cell-var-from-loop
      check(f"KerasLayer has {name} as Tenon does", lambda: is_a_layer(folder, name))  # pylint: disable=cell-var-from-loop
  (folder / f"{kind}.json").write_text(json.dumps(results))


if __name__ == "__main__":
  main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
