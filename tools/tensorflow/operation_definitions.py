"""Writes packages/graph/src/generated/operation-definitions.ts: TensorFlow's registered ops, one JSON line each.

  python tools/tensorflow/operation_definitions.py        (TensorFlow 2.21)

A line is [name, inputs, outputs, attributes, stateful]. An argument is [name, type], where type is "=float32" (fixed), "T" (an
attribute), "N*T" or "N*=int32" (as many as the attribute N says), "[T]" (a list attribute), with a leading "&" for references.
An attribute is [name, type] or [name, type, default].
"""
import json, os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework import c_api_util  # noqa: F401  (registers every op)
from tensorflow.python.client import pywrap_tf_session as c_api
from tensorflow.core.framework import op_def_pb2

buffer = c_api.TF_GetAllOpList()
ops = op_def_pb2.OpList()
ops.ParseFromString(c_api.TF_GetBuffer(buffer))


def dtype(value):
  return tf.dtypes.as_dtype(value).name


def argument(arg):
  if arg.type_list_attr:
    kind = "[%s]" % arg.type_list_attr
  else:
    kind = arg.type_attr or "=" + dtype(arg.type)
    if arg.number_attr:
      kind = "%s*%s" % (arg.number_attr, kind)
  return [arg.name, ("&" if arg.is_ref else "") + kind]


def shape(value):
  return None if value.unknown_rank else [None if d.size < 0 else d.size for d in value.dim]


def number(value):
  return value if abs(value) < 2**53 else str(value)


def real(value):
  return value if value == value and abs(value) != float("inf") else str(value)


def scalar(kind, value):
  return {
      "int": lambda: number(value.i), "float": lambda: real(value.f), "bool": lambda: value.b, "string": lambda: value.s.decode("utf-8"),
      "type": lambda: dtype(value.type), "shape": lambda: shape(value.shape), "func": lambda: value.func.name,
  }[kind]()


def default(attr):
  value = attr.default_value
  if attr.type == "list(int)": return [number(v) for v in value.list.i]
  if attr.type == "list(float)": return [real(v) for v in value.list.f]
  if attr.type == "list(bool)": return list(value.list.b)
  if attr.type == "list(string)": return [v.decode("utf-8") for v in value.list.s]
  if attr.type == "list(type)": return [dtype(v) for v in value.list.type]
  if attr.type == "list(shape)": return [shape(v) for v in value.list.shape]
  if attr.type == "list(func)": return [v.name for v in value.list.func]
  return scalar(attr.type, value)


lines = []
for op in sorted(ops.op, key=lambda o: o.name):
  if op.name.startswith(("TPU", "_TPU", "_Mkl", "_OneDNN", "Dataset", "_Dataset")):
    continue
  attrs = [[a.name, a.type] + ([default(a)] if a.HasField("default_value") and "tensor" not in a.type else []) for a in op.attr if not a.name.startswith("_")]
  record = [op.name, [argument(a) for a in op.input_arg], [argument(a) for a in op.output_arg], attrs, int(op.is_stateful)]
  lines.append(json.dumps(record, separators=(",", ":")))

here = os.path.dirname(os.path.abspath(__file__))
path = os.path.join(here, "../../packages/graph/src/generated/operation-definitions.ts")
os.makedirs(os.path.dirname(path), exist_ok=True)
with open(path, "w") as f:
  f.write("// Made by tools/tensorflow/operation_definitions.py from TensorFlow %s. Do not edit.\n" % tf.__version__)
  f.write("export const OPERATION_DEFINITIONS = String.raw`" + "\n".join(lines) + "`;\n")
assert not any("`" in l or "${" in l for l in lines)
print(len(lines), "ops,", os.path.getsize(path), "bytes")
