// Asks ONNX Runtime, one small model at a time, which data types each ONNX operator runs on, and writes what it said
// into packages/onnx/src/kernels.ts:
//
//     node tools/onnx/probe-kernels.mjs
//
// To use another ONNX operator in a converter, add it to PROBES and run this again.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { env, InferenceSession } from 'onnxruntime-node';
import prettier from 'prettier';

const root = fileURLToPath(new URL('../..', import.meta.url));
const OPSET = 21;
const IR_VERSION = 10n;

const TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

/** `inputs > outputs`, where T is the type asked about; then attributes. */
const PROBES = {
  ...same('T > T', [
    ...['Abs', 'Neg', 'Sign', 'Floor', 'Ceil', 'Round', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Erf', 'Sigmoid', 'Tanh'],
    ...['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh'],
    ...['Relu', 'Elu', 'Selu', 'LeakyRelu', 'Softplus', 'Softsign', 'Identity', 'Not', 'BitwiseNot'],
    ...['Softmax', 'LogSoftmax', 'Trilu'],
  ]),
  ...same('T > bool', ['IsNaN', 'IsInf']),
  ...same('T T > T', [
    ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'MatMul', 'Gemm'],
    ...['And', 'Or', 'Xor', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor'],
  ]),
  ...same('T T > bool', ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']),
  ...same('T int64 > T', ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL2']),
  ...same('T int64 > T', [
    'CumSum',
    'Reshape',
    'Squeeze',
    'Unsqueeze',
    'Tile',
    'Expand',
    'Gather',
    'GatherND',
    'Split',
  ]),
  ...same('T > int64', ['ArgMax', 'ArgMin', 'Shape', 'Size']),
  Clip: ['T T T > T'],
  Mod: ['T T > T', {}],
  Fmod: ['T T > T', { op_type: 'Mod', fmod: 1 }],
  Where: ['bool T T > T'],
  Einsum: ['T T > T', { equation: 'ij,jk->ik' }],
  Transpose: ['T > T'],
  Concat: ['T T > T', { axis: 0 }],
  Slice: ['T int64 int64 int64 int64 > T'],
  ScatterND: ['T int64 T > T'],
  ScatterNDAdd: ['T int64 T > T', { op_type: 'ScatterND', reduction: 'add' }],
  Pad: ['T int64 T > T'],
  PadReflect: ['T int64 > T', { op_type: 'Pad', mode: 'reflect' }],
  PadEdge: ['T int64 > T', { op_type: 'Pad', mode: 'edge' }],
  Range: ['T T T > T'],
  TopK: ['T int64 > T int64'],
  ReverseSequence: ['T int64 > T'],
  DepthToSpace: ['T > T', { blocksize: 2 }],
  SpaceToDepth: ['T > T', { blocksize: 2 }],
  Resize: ['T - - int64 > T'],
  ResizeLinear: ['T - - int64 > T', { op_type: 'Resize', mode: 'linear' }],
  Conv: ['T T > T'],
  ConvTranspose: ['T T > T'],
  MaxPool: ['T > T', { kernel_shape: [2, 2] }],
  MaxPoolIndices: ['T > T int64', { op_type: 'MaxPool', kernel_shape: [2, 2] }],
  AveragePool: ['T > T', { kernel_shape: [2, 2] }],
  GlobalAveragePool: ['T > T'],
  BatchNormalization: ['T T T T T > T'],
  LRN: ['T > T', { size: 3 }],
  BlockedConv: ['T T > T', { op_type: 'Conv', domain: 'com.microsoft.nchwc' }],
  ReorderInput: ['T > T', { domain: 'com.microsoft.nchwc' }],
  ReorderOutput: ['T > T', { domain: 'com.microsoft.nchwc', channels: 16 }],
};

function same(signature, operators) {
  return Object.fromEntries(operators.map((operator) => [operator, [signature]]));
}

/** The messages of packages/onnx, which are TypeScript. */
async function messages() {
  const outfile = `${root}out/onnx-messages.mjs`;
  const contents = "export * from './onnx/onnx_pb.ts'; export { create, toBinary } from './protobuf.ts';";
  const stdin = { contents, resolveDir: `${root}packages/onnx/src/generated`, loader: 'ts' };
  await build({ stdin, bundle: true, format: 'esm', packages: 'external', outfile });
  return import(outfile);
}

function attribute([name, value]) {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: 7, ints: value.map(BigInt) };
  return { name, type: 2, i: BigInt(value) };
}

function model(operator, signature, attributes, type) {
  const [inputs, outputs] = signature.split('>').map((side, index) =>
    side
      .trim()
      .split(' ')
      .map((name, place) => ({ name: name === '-' ? '' : `${'io'[index]}${place}`, type: name === 'T' ? type : name })),
  );
  const { op_type = operator, domain = '', ...rest } = attributes;
  const nodes = [
    {
      opType: op_type,
      domain,
      input: inputs.map(({ name }) => name),
      output: outputs.map(({ name }) => name),
      attribute: Object.entries(rest).map(attribute),
    },
  ];
  // The Node binding has no bfloat16 at its borders.
  const border = (value, cast) => {
    if (value.type !== 'bfloat16') return info(value);
    const outside = { name: `${value.name}_float32`, type: 'float32' };
    nodes.push(cast(value, outside));
    return info(outside);
  };
  const into = (value, outside) => castNode(outside.name, value.name, 'bfloat16');
  const outOf = (value, outside) => castNode(value.name, outside.name, 'float32');
  return create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    opsetImport: [{ version: BigInt(OPSET) }, ...(domain === '' ? [] : [{ domain, version: 1n }])],
    graph: {
      name: 'probe',
      input: inputs.filter(({ name }) => name !== '').map((value) => border(value, into)),
      output: outputs.map((value) => border(value, outOf)),
      node: nodes.sort((a, b) => stage(a) - stage(b)),
    },
  });
}

/** Casts of inputs stand before the operator, casts of outputs behind it. */
const stage = ({ opType, output }) => (opType !== 'Cast' ? 1 : output[0].startsWith('i') ? 0 : 2);

const castNode = (from, to, type) => ({
  opType: 'Cast',
  input: [from],
  output: [to],
  attribute: [attribute(['to', TYPES[type]])],
});

const info = ({ name, type }) => ({
  name,
  type: { value: { case: 'tensorType', value: { elemType: TYPES[type] } } },
});

async function runs(operator, signature, attributes, type) {
  try {
    const session = await InferenceSession.create(
      toBinary(ModelProtoSchema, model(operator, signature, attributes, type)),
      {
        graphOptimizationLevel: 'disabled',
        logSeverityLevel: 4,
      },
    );
    await session.release();
    return true;
  } catch {
    return false;
  }
}

const { create, ModelProtoSchema, toBinary } = await messages();
env.logLevel = 'fatal';
const types = Object.keys(TYPES);
/** What opens and then fails when it runs, or gives something else: the sign of NaN is 0 in half precision. */
const FAILS_TO_RUN = { ScatterNDAdd: ['float16', 'bfloat16', 'bool'], Sign: ['float16', 'bfloat16'] };
const supported = {};
for (const [operator, [signature, attributes = {}]] of Object.entries(PROBES)) {
  supported[operator] = [];
  for (const type of types) {
    if (FAILS_TO_RUN[operator]?.includes(type)) continue;
    if (await runs(operator, signature, attributes, type)) supported[operator].push(type);
  }
}
supported.Cast = [];
for (const from of types) {
  const casts = await Promise.all(types.map((to) => runs('Cast', `T > ${to}`, { to: TYPES[to] }, from)));
  if (casts.every(Boolean)) supported.Cast.push(from);
}

const text = `import type { NumericDType } from '@tenon/tensor';

// Made by tools/onnx/probe-kernels.mjs, which asked ONNX Runtime itself.

/** For each ONNX operator that converters emit, the data types that ONNX Runtime's CPU provider runs it on. */
export const KERNELS = ${JSON.stringify(supported)} as const satisfies Record<string, readonly NumericDType[]>;
`;
const file = `${root}packages/onnx/src/kernels.ts`;
await writeFile(file, await prettier.format(text, { ...(await prettier.resolveConfig(file)), parser: 'typescript' }));
