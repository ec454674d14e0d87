"""Makes packages/format/testdata/text-format.json with real TensorFlow: messages as text, and the same in binary form.

    python tools/tensorflow/text_format_goldens.py      (TensorFlow 2.21)

Half of the texts were written by TensorFlow, half are what people and other programs write, and TensorFlow reads. Those
under "refused" it does not read.
"""

import json
import os
import pathlib

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from google.protobuf import text_format  # noqa: E402
from tensorflow.core.framework import attr_value_pb2, graph_pb2, tensor_pb2  # noqa: E402
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2, struct_pb2  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "packages" / "format" / "testdata" / "text-format.json"
MESSAGES = {
    message.DESCRIPTOR.full_name: message
    for message in [
        attr_value_pb2.AttrValue,
        graph_pb2.GraphDef,
        meta_graph_pb2.CollectionDef,
        meta_graph_pb2.MetaGraphDef,
        meta_graph_pb2.SignatureDef,
        saved_model_pb2.SavedModel,
        struct_pb2.StructuredValue,
        tensor_pb2.TensorProto,
    ]
}

READ = [
    ("tensorflow.GraphDef", ""),
    ("tensorflow.GraphDef", "# only a comment"),
    ("tensorflow.GraphDef", 'node { name: "a" op: "Const" } node < name: "b", input: ["a", "^a"]; op: \'Neg\'; >'),
    ("tensorflow.GraphDef", 'node: { name: "a" attr: { key: "T" value: { type: DT_INT32 } } }'),
    ("tensorflow.GraphDef", 'node: [{ name: "a" }, { name: "b" }, < name: "c" >]'),
    ("tensorflow.GraphDef", "node []"),
    ("tensorflow.GraphDef", 'node{name:"x"device:"y"}versions{producer:0x1Fmin_consumer:017bad_consumers:[1,2]}'
     .replace("0x1Fmin", "0x1F min").replace("017bad", "017 bad")),
    ("tensorflow.GraphDef", 'node { name: "a" # why\n # "}"\n  op: "Const" }\r\n\tversions { producer: 1 }'),
    ("tensorflow.GraphDef", 'node { attr { key: "x" value { i: 1 } } attr { value { i: 2 } key: "x" } attr { key: "y" } }'),
    ("tensorflow.GraphDef", 'node { attr { key: "__proto__" value { b: true } } attr { key: "constructor" value { b: t } } }'),
    ("tensorflow.GraphDef", 'node { name: "one" " two" \'three\'\n  # between\n  "four" }'),
    ("tensorflow.GraphDef", r'node { name: "gr\303\266\xc3\x9f\145r \u00e4 \U0001f600 é" }'),
    ("tensorflow.TensorProto", r'string_val: "\a\b\f\n\r\t\v\\\'\"" string_val: "\0\00\000\1019\x4\x41G" string_val: "\377\xFE"'),
    ("tensorflow.TensorProto", "float_val: [1, -1, 1.5, -.5, 2., 1e10, 1E-10, 2.5f, 3f, inf, -inf, nan, -Infinity, NaN, 1e400, 0.1, -0]"),
    ("tensorflow.TensorProto", "double_val: [0.1, 1e308, -1e309, 5e-324, inf, -3, 123456789012345678901234567890]"),
    ("tensorflow.TensorProto", "int_val: [0, -1, 2147483647, -2147483648, 0x7f, -0X10, 0777]"),
    ("tensorflow.TensorProto", "int64_val: [9223372036854775807, -9223372036854775808, 0x7fffffffffffffff, 01777]"),
    ("tensorflow.TensorProto", "uint64_val: [18446744073709551615, 0xffffffffffffffff] uint32_val: 4294967295"),
    ("tensorflow.TensorProto", "bool_val: [true, false, True, False, t, f, 1, 0]"),
    ("tensorflow.TensorProto", "dtype: DT_STRING tensor_shape { dim { size: -1 name: 'batch' } unknown_rank: true }"),
    ("tensorflow.TensorProto", "dtype: 1"),
    ("tensorflow.TensorProto", "dtype: 0x65 half_val: [], half_val: 1"),
    ("tensorflow.AttrValue", "list { type: [DT_INT32, 1, DT_FLOAT_REF] shape { } shape { dim { size: 2 } } func { name: 'f' } }"),
    ("tensorflow.AttrValue", "list {}"),
    ("tensorflow.AttrValue", "f: -0.0"),
    ("tensorflow.CollectionDef", 'any_list { value { [type.googleapis.com/tensorflow.AssetFileDef] '
     '{ tensor_info { name: "x:0" } filename: "vocab.txt" } } value { type_url: "a/b" value: "\\001" } }'),
    ("tensorflow.CollectionDef", 'any_list { value: { [type.googleapis.com/tensorflow.TensorInfo]: < name: "y:0" > } }'),
    ("tensorflow.StructuredValue", "int64_value: -5"),
    ("tensorflow.StructuredValue", "none_value {}"),
    ("tensorflow.StructuredValue", 'dict_value { fields { key: "a" value { tuple_value { values { bool_value: true } } } } }'),
]

REFUSED = [
    ("tensorflow.GraphDef", 'node { name: "a" '),
    ("tensorflow.GraphDef", 'node { name: "a" >'),
    ("tensorflow.GraphDef", 'node { name: "a }'),
    ("tensorflow.GraphDef", 'node { name: "a\n" }'),
    ("tensorflow.GraphDef", "node { name: a }"),
    ("tensorflow.GraphDef", 'node { name "a" }'),
    ("tensorflow.GraphDef", r'node { name: "\u00e" }'),
    ("tensorflow.GraphDef", "versions { producer: 1.5 }"),
    ("tensorflow.GraphDef", "versions { producer: 2147483648 }"),
    ("tensorflow.GraphDef", "versions { producer: 08 }"),
    ("tensorflow.GraphDef", "versions { producer: -true }"),
    ("tensorflow.GraphDef", "versions: 5"),
    ("tensorflow.GraphDef", "}"),
    ("tensorflow.GraphDef", "versions { bad_consumers: [1 2] }"),
    ("tensorflow.GraphDef", "versions { bad_consumers: [1,] }"),
    ("tensorflow.TensorProto", "uint64_val: -1"),
    ("tensorflow.TensorProto", "uint64_val: 18446744073709551616"),
    ("tensorflow.TensorProto", "bool_val: 2"),
    ("tensorflow.TensorProto", "bool_val: yes"),
    ("tensorflow.TensorProto", "float_val: x"),
    ("tensorflow.TensorProto", r'string_val: "\x"'),
]

WRITTEN = ["half-plus-two", "half-plus-two-ref", "token-embedding"]


def main():
    read = []
    for name, text in READ:
        message = MESSAGES[name]()
        text_format.Parse(text, message)
        read.append({"message": name, "text": text, "binary": message.SerializeToString(deterministic=True).hex()})
    for name, text in REFUSED:
        try:
            text_format.Parse(text, MESSAGES[name]())
        except text_format.ParseError:
            continue
        raise SystemExit(f"TensorFlow reads {text}")
    written = []
    for module in WRITTEN:
        path = ROOT / "tools" / "fixtures" / "modules" / module / "saved_model.pb"
        model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
        compact = module == "token-embedding"
        text = text_format.MessageToString(model, as_one_line=compact, use_short_repeated_primitives=compact,
                                           as_utf8=compact)
        written.append({"module": module, "text": text})
    refused = [{"message": name, "text": text} for name, text in REFUSED]
    OUT.write_text(json.dumps({"read": read, "refused": refused, "written": written}, indent=1) + "\n")


main()
