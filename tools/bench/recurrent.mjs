// An LSTM over sequences: its loop inside ONNX Runtime, the loop on the host with its heavy operations on ONNX Runtime, all of it on the host,
// and the same in Python's TensorFlow. Milliseconds per call, and per step of the sequence in microseconds.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onnx } from '@tenon/backend-onnx';
import { BuiltFunction, FunctionLibrary, Graph, inferShapes } from '@tenon/graph';
import { Session } from '@tenon/runtime';
import { Tensor } from '@tenon/tensor';

const HELP = `Usage: node tools/bench/recurrent.mjs [--python PATH] [--runs N]

Needs a build. PATH is the Python of an environment with TensorFlow; without it, only Tenon is measured.
`;
const CASES = [
  { batch: 1, steps: 10, units: 8 },
  { batch: 1, steps: 100, units: 32 },
  { batch: 1, steps: 100, units: 128 },
  { batch: 8, steps: 100, units: 128 },
  { batch: 1, steps: 200, units: 256 },
  { batch: 16, steps: 50, units: 256 },
];
const WIDTH = 22;

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    runs: { type: 'string', default: '30' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit(0);
}

const backend = onnx();
const withoutLoops = {
  name: backend.name,
  supports: (operation) => operation.type !== 'PartitionedCall' && backend.supports(operation),
  compile: (segment) => backend.compile(segment),
};
const WAYS = { 'loop in ONNX': backend, 'loop on the host': withoutLoops, 'host alone': undefined };

console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}; least of ${options.runs} calls`);
const titles = ['LSTM', ...Object.keys(WAYS), ...(options.python === undefined ? [] : ['TensorFlow'])];
console.log(titles.map((title) => title.padEnd(WIDTH)).join(''));
for (const example of CASES) {
  const { batch, steps, units } = example;
  const cells = [`${batch} × ${steps} × ${units}`];
  const results = [];
  for (const way of Object.values(WAYS)) {
    const { milliseconds, value } = await measure(example, way);
    cells.push(format(milliseconds, steps));
    results.push(value);
  }
  for (const other of results.slice(1)) check(results[0], other);
  if (options.python !== undefined) cells.push(format(measurePython(example), steps));
  console.log(cells.map((cell) => cell.padEnd(WIDTH)).join(''));
}

function format(milliseconds, steps) {
  return `${milliseconds.toFixed(2)} ms (${((1000 * milliseconds) / steps).toFixed(1)} µs)`;
}

async function measure({ batch, steps, units }, way) {
  const { graph, input, output } = lstm(units);
  const session = new Session(graph, { backend: way });
  const callable = session.callable([output], [input]);
  const feeds = [random([steps, batch, units], 7)];
  let value;
  const times = [];
  for (let run = -2; run < Number(options.runs); run++) {
    const start = performance.now();
    [value] = await callable.run(feeds);
    if (run >= 0) times.push(performance.now() - start);
  }
  await session.dispose();
  return { milliseconds: Math.min(...times), value };
}

function measurePython({ batch, steps, units }) {
  const script = join(import.meta.dirname, 'recurrent.py');
  const { stdout, stderr, status } = spawnSync(
    options.python,
    [script, batch, steps, units, options.runs].map(String),
    {
      encoding: 'utf8',
      env: { ...process.env, CUDA_VISIBLE_DEVICES: '', TF_CPP_MIN_LOG_LEVEL: '3' },
    },
  );
  if (status !== 0) throw new Error(stderr);
  return Math.min(...JSON.parse(stdout));
}

function check(expected, actual) {
  const far = expected.data.findIndex((element, index) => !(Math.abs(element - actual.data[index]) < 1e-4));
  if (far >= 0) throw new Error(`Element ${far} is ${actual.data[far]}, not ${expected.data[far]}.`);
}

/** Numbers between -0.5 and 0.5, the same every time. */
function random(shape, seed) {
  let state = seed;
  const elements = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
  return new Tensor('float32', shape, elements);
}

/** The graph that Keras makes of a layer `LSTM(units, return_sequences=True)`, its sequence of unknown length first. */
function lstm(units) {
  const body = builder(new Graph());
  const time = body.argument('int32', []);
  const written = body.argument('variant', []);
  const [h, c] = [body.argument('float32', [null, units]), body.argument('float32', [null, units])];
  const items = body.argument('variant', []);
  const length = body.argument('int32', []);
  const item = body.add('TensorListGetItem', [items, time, body.ints(-1, units)], { element_dtype: 'float32' });
  const weights = (rows, seed) => {
    const { data, shape } = random([rows, 4 * units], seed);
    return body.constant(
      new Tensor(
        'float32',
        shape,
        data.map((element) => element / Math.sqrt(units)),
      ),
    );
  };
  const products = [item, h].map((x, index) => body.add('MatMul', [x, weights(units, index + 1)], { T: 'float32' }));
  const sum = body.add('AddV2', products, { T: 'float32' });
  const biased = body.add('BiasAdd', [sum, body.constant(random([4 * units], 3))], { T: 'float32' });
  const gates = body.all('Split', [body.scalar(1), biased], { T: 'float32', num_split: 4n });
  const [input, forget, output] = [0, 1, 3].map((index) => body.add('Sigmoid', [gates[index]], { T: 'float32' }));
  const candidate = body.add('Tanh', [gates[2]], { T: 'float32' });
  const mul = (x, y) => body.add('Mul', [x, y], { T: 'float32' });
  const nextC = body.add('AddV2', [mul(forget, c), mul(input, candidate)], { T: 'float32' });
  const nextH = mul(output, body.add('Tanh', [nextC], { T: 'float32' }));
  const next = body.add('TensorListSetItem', [written, time, nextH], { element_dtype: 'float32' });
  const later = body.add('AddV2', [time, body.scalar(1)], { T: 'int32' });

  const condition = builder(new Graph());
  const args = body.inputs.map(({ dtype, shape }) => condition.argument(dtype, shape));
  const goesOn = condition.add('Less', [args[0], args[5]], { T: 'int32' });

  const functions = [
    functionOf('body', body, [later, next, nextH, nextC, items, length]),
    functionOf('cond', condition, [goesOn]),
  ];
  const outer = builder(new Graph(new FunctionLibrary(functions)));
  const x = outer.argument('float32', [null, null, units]);
  const shape = outer.add('Shape', [x], { T: 'float32', out_type: 'int32' });
  const dimension = (index) =>
    outer.add('Gather', [shape, outer.scalar(index)], { Tparams: 'int32', Tindices: 'int32' });
  const [steps, batch] = [dimension(0), dimension(1)];
  const size = outer.add('Pack', [batch, outer.scalar(units)], { T: 'int32', N: 2n });
  const zero = outer.constant(new Tensor('float32', [], new Float32Array(1)));
  const zeros = outer.add('Fill', [size, zero], { T: 'float32' });
  const elementShape = outer.ints(-1, units);
  const listTypes = { element_dtype: 'float32', shape_type: 'int32' };
  const list = outer.add('TensorListFromTensor', [x, elementShape], listTypes);
  const reserved = outer.add('TensorListReserve', [elementShape, steps], listTypes);
  const loop = outer.all('StatelessWhile', [outer.scalar(0), reserved, zeros, zeros, list, steps], {
    T: body.inputs.map(({ dtype }) => dtype),
    body: functions[0],
    cond: functions[1],
  });
  const stacked = outer.add('TensorListStack', [loop[1], elementShape], { element_dtype: 'float32' });
  return { graph: outer.graph, input: x, output: stacked };
}

function functionOf(name, { graph, inputs }, outputs) {
  inferShapes(graph);
  const outputNames = outputs.map((_, index) => `output_${index}`);
  return new BuiltFunction({ name, graph, inputs, outputs, controlOutputs: [], outputNames });
}

function builder(graph) {
  const inputs = [];
  const all = (type, operands, attributes) =>
    graph.addOperation({ type, inputs: operands, attributes: attributesOf(attributes) }).outputs;
  const constant = (value) => all('Const', [], { dtype: value.dtype, value })[0];
  return {
    graph,
    inputs,
    all,
    constant,
    add: (...parts) => all(...parts)[0],
    ints: (...elements) => constant(new Tensor('int32', [elements.length], Int32Array.from(elements))),
    scalar: (element) => constant(new Tensor('int32', [], Int32Array.of(element))),
    argument(dtype, shape) {
      const attributes = attributesOf({ dtype, shape: { shape } });
      const input = graph.addOperation({ type: 'Placeholder', attributes, shapes: [shape] }).output();
      inputs.push(input);
      return input;
    },
  };
}

function attributesOf(values) {
  const attributeOf = (value) => {
    if (typeof value === 'string') return { kind: 'dtype', value };
    if (typeof value === 'bigint') return { kind: 'int', value };
    if (Array.isArray(value)) return { kind: 'list', value: value.map(attributeOf) };
    if (value instanceof Tensor) return { kind: 'tensor', value };
    if (value instanceof BuiltFunction) return { kind: 'function', value: { name: value.name, attributes: new Map() } };
    return { kind: 'shape', value: value.shape };
  };
  return new Map(Object.entries(values).map(([name, value]) => [name, attributeOf(value)]));
}
