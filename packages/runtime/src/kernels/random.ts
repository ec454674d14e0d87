import type { Operation } from '@tenon/graph';
import { allocate, isFloating, sizeOf, Tensor, type DType, type Shape } from '@tenon/tensor';
import type { Kernel, KernelContext, KernelDefinition } from '../kernel.js';
import { define, isInteger64 } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { gather } from './gather.js';
import { integerOf, integers, shapeFrom } from './integers.js';
import type { Int64Array } from './int64.js';
import { defineMovement } from './movement.js';
import { Philox, PhiloxStream } from './philox.js';
import { readVariable, variableIn } from './state.js';

const { fround } = Math;
const TWO_32 = 4294967296;

/** Numbers in [0, 1) from bits, by filling the fraction of a number between 1 and 2 as TensorFlow does. */
const toFloat32 = (bits: number): number => (bits & 0x7fffff) / 0x800000;
const toFloat16 = (bits: number): number => (bits & 0x3ff) / 0x400;
const toBfloat16 = (bits: number): number => (bits & 0x7f) / 0x80;
const toFloat64 = (highBits: number, lowBits: number): number => ((highBits & 0xfffff) * TWO_32 + lowBits) / 2 ** 52;

/** Two independent normal numbers from two uniform ones, by Box and Muller; in float32 where `round` is `Math.fround`. */
function boxMuller(u: number, v: number, round: (value: number) => number, output: Float64Array): void {
  const radius = round(Math.sqrt(round(-2 * round(Math.log(Math.max(u, round(1e-7)))))));
  const angle = round(2 * Math.PI * v);
  output[0] = round(Math.sin(angle)) * radius;
  output[1] = round(Math.cos(angle)) * radius;
}

const exact = (value: number): number => value;
const group = new Uint32Array(4);
const pair = new Float64Array(2);

/** Fills an array with random numbers of one distribution. */
type Distribution = (philox: Philox, output: NumberArray, dtype: DType) => void;

const uniform: Distribution = (philox, output, dtype) => {
  if (dtype === 'float64') {
    for (let i = 0; i < output.length; i += 2) {
      philox.next(group);
      output[i] = toFloat64(group[0]!, group[1]!);
      if (i + 1 < output.length) output[i + 1] = toFloat64(group[2]!, group[3]!);
    }
    return;
  }
  const convert = dtype === 'float16' ? toFloat16 : dtype === 'bfloat16' ? toBfloat16 : toFloat32;
  for (let i = 0; i < output.length; i++) {
    if (i % 4 === 0) philox.next(group);
    output[i] = convert(group[i % 4]!);
  }
};

const normal: Distribution = (philox, output, dtype) => {
  const isDouble = dtype === 'float64';
  for (let i = 0; i < output.length; i += 2) {
    if (isDouble || i % 4 === 0) philox.next(group);
    if (isDouble) boxMuller(toFloat64(group[0]!, group[1]!), toFloat64(group[2]!, group[3]!), exact, pair);
    else boxMuller(toFloat32(group[i % 4]!), toFloat32(group[(i % 4) + 1]!), fround, pair);
    output[i] = pair[0]!;
    if (i + 1 < output.length) output[i + 1] = pair[1]!;
  }
};

/** Random groups of four numbers that TensorFlow sets aside for each number that takes an unknown number of tries. */
const RESERVED = 256;

/** Normal numbers, drawn again while they are two or more from zero. */
const truncatedNormal: Distribution = (philox, output, dtype) => {
  const isDouble = dtype === 'float64';
  const perGroup = isDouble ? 2 : 4;
  for (let start = 0; start < output.length; start += perGroup) {
    const own = philox.copy();
    own.skip(((start / perGroup) * perGroup * RESERVED) / 4);
    const stream = new PhiloxStream(own);
    for (let filled = 0; filled < perGroup;) {
      const a = stream.next();
      const b = stream.next();
      if (isDouble) {
        const c = stream.next();
        boxMuller(toFloat64(a, b), toFloat64(c, stream.next()), exact, pair);
      } else boxMuller(toFloat32(a), toFloat32(b), fround, pair);
      for (let i = 0; i < 2 && filled < perGroup; i++) {
        if (Math.abs(pair[i]!) >= 2) continue;
        if (start + filled < output.length) output[start + filled] = pair[i]!;
        filled++;
      }
    }
  }
};

function draw(distribution: Distribution, philox: Philox, dtype: DType, shape: Shape): Tensor {
  const output = makeNumbers(dtype, sizeOf(shape));
  distribution(philox, output, dtype);
  return fromNumbers(dtype, shape, output);
}

/** Integers in `[low, high)`. */
function drawIntegers(philox: Philox, dtype: DType, shape: Shape, lowTensor: Tensor, highTensor: Tensor): Tensor {
  const size = sizeOf(shape);
  const [low, high] = [lowTensor, highTensor].map(({ data }) => BigInt((data as Int32Array)[0]!)) as [bigint, bigint];
  if (size > 0 && low >= high)
    throw new InvalidArgumentError(`There are no integers from ${low} on that are below ${high}.`);
  if (isInteger64(dtype)) {
    const range = BigInt.asUintN(64, high - low);
    return drawInt64(philox, dtype, shape, (bits) => low + (bits % range));
  }
  const range = Number(high - low);
  return drawInt32(philox, dtype, shape, (bits) => Number(low) + (bits % range));
}

function drawInt32(philox: Philox, dtype: DType, shape: Shape, f: (bits: number) => number): Tensor {
  const output = makeNumbers(dtype, sizeOf(shape));
  for (let i = 0; i < output.length; i++) {
    if (i % 4 === 0) philox.next(group);
    output[i] = f(group[i % 4]!);
  }
  return fromNumbers(dtype, shape, output);
}

function drawInt64(philox: Philox, dtype: DType, shape: Shape, f: (bits: bigint) => bigint): Tensor {
  const output: Int64Array = allocate(dtype as 'int64', sizeOf(shape));
  for (let i = 0; i < output.length; i++) {
    if (i % 2 === 0) philox.next(group);
    output[i] = f(BigInt(group[(i % 2) * 2]!) | (BigInt(group[(i % 2) * 2 + 1]!) << 32n));
  }
  return new Tensor(dtype as 'int64', shape, output);
}

/** Any bits at all. */
function drawBits(philox: Philox, dtype: DType, shape: Shape): Tensor {
  return isInteger64(dtype)
    ? drawInt64(philox, dtype, shape, (bits) => bits)
    : drawInt32(philox, dtype, shape, (bits) => bits);
}

function makeGenerator(operation: Operation): Philox {
  const seed = operation.attribute('seed', 'int');
  const seed2 = operation.attribute('seed2', 'int');
  if (seed !== 0n || seed2 !== 0n) return Philox.fromSeeds(seed, seed2);
  const random = crypto.getRandomValues(new BigUint64Array(2));
  return Philox.fromSeeds(random[0]!, random[1]!);
}

/** A kernel with a generator that goes on from run to run, one per op and session. */
function stateful(
  run: (inputs: readonly Tensor[], reserve: (groups: number) => Philox, operation: Operation) => readonly Tensor[],
): (operation: Operation) => Kernel {
  return (operation) => {
    const create = (): Philox => makeGenerator(operation);
    return (inputs, { resources }: KernelContext) => {
      const generator = resources.getOrCreate('random generator', operation.name, create);
      const reserve = (groups: number): Philox => {
        const own = generator.copy();
        generator.skip(groups);
        return own;
      };
      return run(inputs, reserve, operation);
    };
  };
}

const statefulDistribution = (distribution: Distribution): ((operation: Operation) => Kernel) =>
  stateful(([shapeTensor], reserve, operation) => {
    const shape = shapeFrom(shapeTensor!);
    return [draw(distribution, reserve(sizeOf(shape) * RESERVED), operation.output().dtype, shape)];
  });

const randomUniformInt = stateful(([shapeTensor, low, high], reserve, operation) => {
  const shape = shapeFrom(shapeTensor!);
  return [drawIntegers(reserve(sizeOf(shape) * RESERVED), operation.output().dtype, shape, low!, high!)];
});

/** The rows in another order. */
const randomShuffle = stateful(([tensor], reserve) => [
  shuffle(tensor!, (count) => reserve(Math.ceil((count - 1) / 4))),
]);

function shuffle(tensor: Tensor, generatorOf: (count: number) => Philox): Tensor {
  const count = tensor.shape[0] ?? 1;
  if (tensor.rank === 0 || count < 2) return tensor;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const stream = new PhiloxStream(generatorOf(count));
  for (let i = 0; i < count - 1; i++) {
    const other = i + (stream.next() % (count - i));
    const row = order[i]!;
    order[i] = order[other]!;
    order[other] = row;
  }
  return gather(tensor, new Tensor('int32', [count], order), 0, 0);
}

/** Classes drawn with probabilities in proportion to `exp(logits)`. */
function drawClasses(logits: Tensor, samples: number, philox: Philox, dtype: DType): Tensor {
  const [rows, classes] = logits.shape as [number, number];
  if (!(samples >= 0) || (classes === 0 && samples > 0))
    throw new InvalidArgumentError(`${samples} of ${classes} classes cannot be drawn.`);
  const values = numbersOf(logits);
  const output = new Float64Array(rows * samples);
  const sums = new Float64Array(classes);
  const stream = new PhiloxStream(philox);
  for (let row = 0; row < rows; row++) {
    const of = (i: number): number => values[row * classes + i]!;
    let most = -Infinity;
    for (let i = 0; i < classes; i++) if (Number.isFinite(of(i))) most = Math.max(most, of(i));
    let total = 0;
    for (let i = 0; i < classes; i++) {
      if (Number.isFinite(of(i))) total += Math.exp(of(i) - most);
      sums[i] = total;
    }
    for (let sample = 0; sample < samples; sample++) {
      const highBits = stream.next();
      const wanted = toFloat64(highBits, stream.next()) * total;
      let first = 0;
      let last = classes;
      while (first < last) {
        const middle = (first + last) >>> 1;
        if (wanted < sums[middle]!) last = middle;
        else first = middle + 1;
      }
      output[row * samples + sample] = first;
    }
  }
  return integers(dtype, [rows, samples], output);
}

const multinomial = stateful(([logits, samplesTensor], reserve, operation) => {
  const samples = integerOf(samplesTensor!);
  const numbers = logits!.shape[0]! * Math.ceil(samples / 4) * 4 * 2;
  return [drawClasses(logits!, samples, reserve(numbers * RESERVED), operation.output().dtype)];
});

/** The seed of a stateless op: two integers. */
function statelessGenerator(seed: Tensor): Philox {
  const [first, second] = Array.from(seed.data as Int32Array, BigInt);
  if (first === undefined || second === undefined) throw new InvalidArgumentError('A seed is two integers.');
  return Philox.fromStatelessSeed(first, second);
}

/** The generator that key, counter and algorithm stand for. */
function generatorFrom(key: Tensor, counter: Tensor, algorithm: Tensor): Philox {
  const number = integerOf(algorithm);
  if (number !== PHILOX && number !== CHOOSE_FOR_ME)
    throw new InvalidArgumentError(`Random algorithm ${number} is not known; Philox is 1.`);
  const [first, second] = counter.data as BigUint64Array as unknown as [bigint, bigint];
  return Philox.fromState((key.data as BigUint64Array)[0]!, [first, second]);
}

const PHILOX = 1;
const CHOOSE_FOR_ME = 3;

const statelessShuffle: Kernel = ([tensor, key, counter, algorithm]) => [
  shuffle(tensor!, () => generatorFrom(key!, counter!, algorithm!)),
];

/** What a generator whose state is in a variable goes on by, for each number that it is asked for. */
const GROUPS_PER_NUMBER = 256n;

/** The state of a generator that a variable holds: its counter and its key; the variable goes on to what comes after `delta` numbers. */
const readAndSkip: Kernel = ([handle, algorithm, delta]) => {
  const variable = variableIn(handle);
  const before = readVariable(variable);
  if (integerOf(algorithm!) !== PHILOX || before.dtype !== 'int64' || before.size < 3) {
    throw new InvalidArgumentError(
      `Variable "${variable.name}" is no state of a Philox generator: ${before.dtype} of shape [${before.shape.join(', ')}].`,
    );
  }
  const state = before.data as BigInt64Array;
  const count = BigInt.asUintN(64, (delta!.data as BigUint64Array)[0]! * GROUPS_PER_NUMBER);
  const counter = (BigInt.asUintN(64, state[1]!) << 64n) + BigInt.asUintN(64, state[0]!) + count;
  const after = state.slice();
  after[0] = BigInt.asIntN(64, counter);
  after[1] = BigInt.asIntN(64, counter >> 64n);
  variable.assign(new Tensor('int64', before.shape, after));
  return [before];
};

const stateless =
  (distribution: Distribution) =>
  (operation: Operation): Kernel => {
    const { dtype } = operation.output();
    return ([shape, seed]) => [draw(distribution, statelessGenerator(seed!), dtype, shapeFrom(shape!))];
  };

const statelessV2 =
  (distribution: Distribution) =>
  (operation: Operation): Kernel => {
    const { dtype } = operation.output();
    return ([shape, key, counter, algorithm]) => [
      draw(distribution, generatorFrom(key!, counter!, algorithm!), dtype, shapeFrom(shape!)),
    ];
  };

function keyAndCounter(seed: Tensor): [Tensor, Tensor] {
  const { key, counter } = statelessGenerator(seed).state;
  return [new Tensor('uint64', [1], BigUint64Array.of(key)), new Tensor('uint64', [2], BigUint64Array.from(counter))];
}

const algorithmOutput = new Tensor('int32', [], Int32Array.of(PHILOX));

const isDrawn = (dtype: DType): boolean => isFloating(dtype) || /^u?int(32|64)$/.test(dtype);

const ofOutput = (operation: Operation): DType => operation.output().dtype;

export const randomKernels: readonly KernelDefinition[] = [
  define('RandomUniform', statefulDistribution(uniform), isDrawn),
  define('RandomStandardNormal', statefulDistribution(normal), isDrawn),
  define('TruncatedNormal', statefulDistribution(truncatedNormal), isDrawn),
  define('RandomUniformInt', randomUniformInt, isDrawn),
  defineMovement('RandomShuffle', randomShuffle),
  defineMovement('StatelessShuffle', () => statelessShuffle),
  define('RngReadAndSkip', () => readAndSkip),
  define('Multinomial', multinomial),
  define('StatelessRandomUniform', stateless(uniform), isDrawn),
  define('StatelessRandomNormal', stateless(normal), isDrawn),
  define('StatelessTruncatedNormal', stateless(truncatedNormal), isDrawn),
  define('StatelessRandomUniformInt', (operation) => ([shape, seed, low, high]) => [
    drawIntegers(statelessGenerator(seed!), ofOutput(operation), shapeFrom(shape!), low!, high!),
  ]),
  define('StatelessRandomUniformFullInt', (operation) => ([shape, seed]) => [
    drawBits(statelessGenerator(seed!), ofOutput(operation), shapeFrom(shape!)),
  ]),
  define('StatelessMultinomial', (operation) => ([logits, samples, seed]) => [
    drawClasses(logits!, integerOf(samples!), statelessGenerator(seed!), ofOutput(operation)),
  ]),
  define(
    'StatelessRandomGetKeyCounter',
    () =>
      ([seed]) =>
        keyAndCounter(seed!),
  ),
  define('StatelessRandomGetAlg', () => () => [algorithmOutput]),
  define('StatelessRandomGetKeyCounterAlg', () => ([seed]) => [...keyAndCounter(seed!), algorithmOutput]),
  define('StatelessRandomUniformV2', statelessV2(uniform), isDrawn),
  define('StatelessRandomNormalV2', statelessV2(normal), isDrawn),
  define('StatelessTruncatedNormalV2', statelessV2(truncatedNormal), isDrawn),
  define('StatelessRandomUniformIntV2', (operation) => ([shape, key, counter, algorithm, low, high]) => [
    drawIntegers(generatorFrom(key!, counter!, algorithm!), ofOutput(operation), shapeFrom(shape!), low!, high!),
  ]),
  define('StatelessRandomUniformFullIntV2', (operation) => ([shape, key, counter, algorithm]) => [
    drawBits(generatorFrom(key!, counter!, algorithm!), ofOutput(operation), shapeFrom(shape!)),
  ]),
];
