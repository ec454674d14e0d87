// Generated from all .proto files by tools/proto/generate.mjs. Do not change it here.

/** The number of a field; and a scalar type, `enum NAME`, or the full name of a message. Maps are lists of entries. */
export type TextField = readonly [number: number, kind: string];

/** Of each message its fields by their names in text. */
export const TEXT_FIELDS: Readonly<Record<string, Readonly<Record<string, TextField>>>> = {
  'onnx.ModelProto': {
    ir_version: [1, 'int64'],
    producer_name: [2, 'string'],
    producer_version: [3, 'string'],
    graph: [7, 'onnx.GraphProto'],
    opset_import: [8, 'onnx.OperatorSetIdProto'],
  },
  'onnx.OperatorSetIdProto': { domain: [1, 'string'], version: [2, 'int64'] },
  'onnx.GraphProto': {
    node: [1, 'onnx.NodeProto'],
    name: [2, 'string'],
    initializer: [5, 'onnx.TensorProto'],
    input: [11, 'onnx.ValueInfoProto'],
    output: [12, 'onnx.ValueInfoProto'],
  },
  'onnx.NodeProto': {
    input: [1, 'string'],
    output: [2, 'string'],
    name: [3, 'string'],
    op_type: [4, 'string'],
    attribute: [5, 'onnx.AttributeProto'],
    domain: [7, 'string'],
  },
  'onnx.AttributeProto': {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'bytes'],
    t: [5, 'onnx.TensorProto'],
    g: [6, 'onnx.GraphProto'],
    floats: [7, 'float'],
    ints: [8, 'int64'],
    type: [20, 'enum onnx.AttributeProto.AttributeType'],
  },
  'onnx.TensorProto': {
    dims: [1, 'int64'],
    data_type: [2, 'int32'],
    name: [8, 'string'],
    raw_data: [9, 'bytes'],
    external_data: [13, 'onnx.StringStringEntryProto'],
    data_location: [14, 'enum onnx.TensorProto.DataLocation'],
  },
  'onnx.StringStringEntryProto': { key: [1, 'string'], value: [2, 'string'] },
  'onnx.ValueInfoProto': { name: [1, 'string'], type: [2, 'onnx.TypeProto'] },
  'onnx.TypeProto': { tensor_type: [1, 'onnx.TypeProto.Tensor'] },
  'onnx.TypeProto.Tensor': { elem_type: [1, 'int32'], shape: [2, 'onnx.TensorShapeProto'] },
  'onnx.TensorShapeProto': { dim: [1, 'onnx.TensorShapeProto.Dimension'] },
  'onnx.TensorShapeProto.Dimension': { dim_value: [1, 'int64'], dim_param: [2, 'string'] },
};

/** Of each enum its values by name. */
export const ENUM_VALUES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'onnx.AttributeProto.AttributeType': {
    UNDEFINED: 0,
    FLOAT: 1,
    INT: 2,
    STRING: 3,
    TENSOR: 4,
    GRAPH: 5,
    FLOATS: 6,
    INTS: 7,
  },
  'onnx.TensorProto.DataType': {
    UNDEFINED: 0,
    FLOAT: 1,
    UINT8: 2,
    INT8: 3,
    UINT16: 4,
    INT16: 5,
    INT32: 6,
    INT64: 7,
    STRING: 8,
    BOOL: 9,
    FLOAT16: 10,
    DOUBLE: 11,
    UINT32: 12,
    UINT64: 13,
    COMPLEX64: 14,
    COMPLEX128: 15,
    BFLOAT16: 16,
  },
  'onnx.TensorProto.DataLocation': { DEFAULT: 0, EXTERNAL: 1 },
};
