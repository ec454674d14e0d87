"""Checks the ONNX models that Tenon writes, and computes with them, in Python. Called by tools/ci/onnx-models.mjs.

  python tools/tensorflow/onnx_interop.py FOLDER        (onnx, onnxruntime)

FOLDER has for each model NAME.json: its file, its inputs, and what Tenon computes.
"""
import json
import pathlib
import sys
import traceback

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-4


def value(tensor):
  return np.array(tensor["data"], tensor["dtype"]).reshape(tensor["shape"])


def check(folder, case):
  path = str(folder / case["file"])
  onnx.checker.check_model(path, full_check=True)
  session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
  inputs = {name: value(tensor) for name, tensor in case["inputs"].items()}
  assert sorted(inputs) == sorted(item.name for item in session.get_inputs())
  names = [item.name for item in session.get_outputs()]
  outputs = dict(zip(names, session.run(names, inputs)))
  assert sorted(outputs) == sorted(case["outputs"]), (names, sorted(case["outputs"]))
  for name, expected in case["outputs"].items():
    wanted = value(expected)
    assert outputs[name].dtype == wanted.dtype, (name, outputs[name].dtype, wanted.dtype)
    np.testing.assert_allclose(outputs[name], wanted, TOLERANCE, TOLERANCE * float(np.max(np.abs(wanted), initial=0)) / 10, err_msg=name)


def main():
  folder = pathlib.Path(sys.argv[1])
  results = []
  for path in sorted(folder.glob("*.json")):
    try:
      check(folder, json.loads(path.read_text()))
      results.append({"name": path.stem, "problem": ""})
    except Exception:  # pylint: disable=broad-except
      results.append({"name": path.stem, "problem": traceback.format_exc()[-3000:]})
  print(json.dumps(results))


if __name__ == "__main__":
  main()
