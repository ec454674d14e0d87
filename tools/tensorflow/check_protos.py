"""Compares packages/format/proto with the messages of the TensorFlow that runs this: numbers, types, labels, oneofs.

    python tools/tensorflow/check_protos.py tensorflow       (TensorFlow 2.21)
    python tools/tensorflow/check_protos.py tensorflow_hub   (tensorflow_hub 0.15, the last with its own messages)

Fields that we leave out are fine; a field of ours that differs, or that the real message lacks, is an error.
Needs Node on the path: buf compiles our files.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from google.protobuf import descriptor_pb2, descriptor_pool  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The same on the wire under a name of our own.
ALIASES = {"tensorflow.Any": "google.protobuf.Any"}
BUF = "@bufbuild/buf@1.75.0"


def ours(package):
    with tempfile.TemporaryDirectory() as work:
        image = pathlib.Path(work, "image.binpb")
        source = ROOT / "packages" / "format" / "proto"
        command = ["npx", "--yes", "-p", BUF, "buf", "build", str(source), "--as-file-descriptor-set", "-o", str(image)]
        subprocess.run(command, check=True, cwd=work)
        files = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes()).file
    return [file for file in files if file.package == package]


def import_theirs(package):
    if package == "tensorflow":
        from tensorflow.core.framework import tensor_slice_pb2, variable_pb2  # noqa: F401
        from tensorflow.core.protobuf import control_flow_pb2, saved_model_pb2, tensor_bundle_pb2  # noqa: F401
    elif package == "tensorflow_hub":
        from tensorflow_hub import image_module_info_pb2, module_attachment_pb2, module_def_pb2  # noqa: F401
    else:
        sys.exit(__doc__)


def proto_of(descriptor):
    proto = descriptor_pb2.DescriptorProto()
    descriptor.CopyToProto(proto)
    return proto


def facts(field, entries):
    """What must agree; for a map, the types of its key and value."""
    name = field.type_name.removeprefix(".")
    entry = entries.get(name.rsplit(".", 1)[-1])
    if entry is not None:
        return ("map", tuple(facts(part, {}) for part in entry.field))
    return (field.number, field.type, field.label, ALIASES.get(name, name))


def maps_of(message):
    return {nested.name: nested for nested in message.nested_type if nested.options.map_entry}


def oneof_of(message, field):
    if not field.HasField("oneof_index") or field.proto3_optional:
        return frozenset()
    return frozenset(f.name for f in message.field if f.HasField("oneof_index") and f.oneof_index == field.oneof_index)


def compare_message(name, message, pool, problems):
    try:
        real = proto_of(pool.FindMessageTypeByName(ALIASES.get(name, name)))
    except KeyError:
        problems.append(f"{name}: no such message")
        return 0
    fields = {field.name: field for field in real.field}
    for field in message.field:
        theirs = fields.get(field.name)
        if theirs is None:
            problems.append(f"{name}.{field.name}: no such field")
        elif (field.number, facts(field, maps_of(message))) != (theirs.number, facts(theirs, maps_of(real))):
            problems.append(f"{name}.{field.name}: {facts(field, maps_of(message))}, really {facts(theirs, maps_of(real))}")
        elif oneof_of(message, field) != oneof_of(real, theirs):
            problems.append(f"{name}.{field.name}: another oneof")
    count = len(message.field)
    for enum in message.enum_type:
        compare_enum(f"{name}.{enum.name}", enum, pool, problems)
    for nested in message.nested_type:
        if not nested.options.map_entry:
            count += compare_message(f"{name}.{nested.name}", nested, pool, problems)
    return count


def compare_enum(name, enum, pool, problems):
    real = {value.name: value.number for value in pool.FindEnumTypeByName(name).values}
    for value in enum.value:
        if real.get(value.name) != value.number:
            problems.append(f"{name}.{value.name}: {value.number}, really {real.get(value.name)}")


def main(package):
    import_theirs(package)
    pool = descriptor_pool.Default()
    problems = []
    fields = 0
    for file in ours(package):
        if file.syntax != "proto3":
            problems.append(f"{file.name}: not proto3")
        for message in file.message_type:
            fields += compare_message(f"{package}.{message.name}", message, pool, problems)
        for enum in file.enum_type:
            compare_enum(f"{package}.{enum.name}", enum, pool, problems)
    print("\n".join(problems) or f"{fields} fields of package {package} agree.")
    return 1 if problems or fields == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
