"""Writes packages/hub/testdata/feature-columns.json: what hub's feature columns give, alone and together, and what training does to them.

  python tools/tensorflow/feature_column_goldens.py        (TensorFlow 2.15, tensorflow_hub 0.15)
"""
import json
import os
import pathlib

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_hub as hub  # noqa: E402

v1 = tf.compat.v1
ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ROOT / "tools/fixtures/modules"
OUT = ROOT / "packages/hub/testdata/feature-columns.json"

TEXT, IMAGE = str(MODULES / "nnlm-small"), str(MODULES / "mobilenet-v2-small")
RECORDS = [
    {"text": "the cat and the dog", "Zebra": "a", "words": ["cat", "dog", "cat"]},
    {"text": "", "Zebra": "the end", "words": []},
    {"text": "Hello, WORLD!", "Zebra": "x y", "words": ["the"]},
    {"text": "café über", "Zebra": "dog", "words": ["dog", "Hello", "the", "zz"]},
]
FULL = [{**record, "words": record["words"] or ["the", "cat"]} for record in RECORDS]


def sparse(records, key):
  indices = [[row, at] for row, record in enumerate(records) for at in range(len(record[key]))]
  values = [value for record in records for value in record[key]]
  return tf.SparseTensor(np.array(indices, np.int64).reshape(-1, 2), np.array(values, object),
                         [len(records), max(len(record[key]) for record in records)])


def features(records, images):
  return {
      "text": tf.constant([[record["text"]] for record in records]),
      "Zebra": tf.constant([[record["Zebra"]] for record in records]),
      "words": sparse(records, "words"),
      "image": tf.constant(images),
  }


def encode(value):
  return {"shape": list(np.shape(value)), "data": [float(x) for x in np.ravel(value)]}


def run(columns, records, images):
  with tf.Graph().as_default(), v1.Session() as session:
    matrix = v1.feature_column.input_layer(features(records, images), columns())
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    return encode(session.run(matrix))


def train(columns, records, images, rate, steps):
  """The mean of squares of what is above the average of all, made smaller."""
  with tf.Graph().as_default(), v1.Session() as session:
    matrix = v1.feature_column.input_layer(features(records, images), columns(), trainable=True)
    loss = tf.reduce_mean(tf.math.squared_difference(matrix, 0.25))
    step = v1.train.GradientDescentOptimizer(rate).minimize(loss)
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    losses = [float(session.run([loss, step])[0]) for _ in range(steps)]
    return {"rate": rate, "losses": losses, "after": encode(session.run(matrix)),
            "trainable": [v.op.name for v in v1.trainable_variables()]}


def savedmodel(records, rate, steps):
  """A column of a TF2 SavedModel, beside another, and what training does."""
  path = str(ROOT / "tools/fixtures/saved_models/tf2-text-embedding")
  texts = {key: tf.constant([[record[key]] for record in records]) for key in ("text", "Zebra")}
  layer = tf.keras.layers.DenseFeatures([hub.text_embedding_column_v2("text", path, trainable=True),
                                         hub.text_embedding_column_v2("Zebra", path)])
  before, losses = layer(texts), []
  for _ in range(steps):
    with tf.GradientTape() as tape:
      loss = tf.reduce_mean(tf.math.squared_difference(layer(texts), 0.25))
    gradients = tape.gradient(loss, layer.trainable_variables)
    for variable, gradient in zip(layer.trainable_variables, gradients):
      variable.assign_sub(rate * tf.convert_to_tensor(gradient))
    losses.append(float(loss))
  return {"before": encode(before), "rate": rate, "losses": losses, "after": encode(layer(texts)),
          "trainable": len(layer.trainable_variables)}


def failure(make):
  try:
    make()
  except ValueError as error:
    return str(error)
  raise AssertionError("It did not fail.")


def main():
  images = np.random.RandomState(3).rand(len(RECORDS), 32, 32, 3).astype("f")
  text = lambda key="text", **kw: hub.text_embedding_column(key, TEXT, **kw)
  words = lambda combiner="mean", default="the", **kw: hub.sparse_text_embedding_column("words", TEXT, combiner, default, **kw)
  image = lambda: hub.image_embedding_column("image", IMAGE)
  goldens = {
      "records": RECORDS, "full": FULL, "images": encode(images),
      "matrices": {
          "text": run(lambda: [text()], RECORDS, images),
          "image": run(lambda: [image()], RECORDS, images),
          **{f"words-{c}": run(lambda c=c: [words(c)], RECORDS, images) for c in ("mean", "sqrtn", "sum")},
          "words-without-default": run(lambda: [words("mean", None)], FULL, images),
          "all": run(lambda: [words("sqrtn"), text(), image(), text("Zebra")], RECORDS, images),
      },
      "training": {
          "text": train(lambda: [text("Zebra"), text(trainable=True)], RECORDS, images, 5.0, 3),
          "words": train(lambda: [words("sqrtn", "the", trainable=True), image()], RECORDS, images, 5.0, 3),
      },
      "savedModel": savedmodel(RECORDS, 5.0, 3),
      "failures": {
          name: {"text": failure(lambda: hub.text_embedding_column("key", str(MODULES / name))),
                 "sparse": failure(lambda: hub.sparse_text_embedding_column("key", str(MODULES / name), "mean", None))}
          for name in ("half-plus-two", "mobilenet-v2-small")
      },
      "imageFailures": {name: failure(lambda: hub.image_embedding_column("key", str(MODULES / name)))
                        for name in ("half-plus-two", "nnlm-small")},
      "specs": {"text": text().parse_example_spec["text"].shape, "image": image().parse_example_spec["image"].shape},
      "names": [column.name for column in (text(), words(), image())],
  }
  OUT.parent.mkdir(parents=True, exist_ok=True)
  OUT.write_text(json.dumps(goldens) + "\n")


main()
