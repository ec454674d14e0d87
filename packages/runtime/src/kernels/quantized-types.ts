import type { Operation } from '@tenon/graph';
import { allocate, isFloating, sizeOf, Tensor, type DType } from '@tenon/tensor';
import type { KernelDefinition, Kernel } from '../kernel.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { roundHalfToEven } from './unary.js';

const { fround } = Math;

interface IntegerRange {
  readonly lowest: number;
  readonly highest: number;
  readonly bits: number;
}

/** The numbers that a data type of quantised values has. */
const RANGES: Readonly<Partial<Record<DType, IntegerRange>>> = {
  qint8: { lowest: -128, highest: 127, bits: 8 },
  quint8: { lowest: 0, highest: 255, bits: 8 },
  qint16: { lowest: -32768, highest: 32767, bits: 16 },
  quint16: { lowest: 0, highest: 65535, bits: 16 },
  qint32: { lowest: -(2 ** 31), highest: 2 ** 31 - 1, bits: 32 },
};

/** The floats that quantised values stand for. */
interface FloatRange {
  readonly low: number;
  readonly high: number;
}

interface QuantizeOptions {
  readonly mode: string;
  readonly isNarrow: boolean;
  readonly round: (value: number) => number;
}

const roundHalfAway = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

/** The scale and the range of `SCALED`, where zero stands for zero and the wider side just fits. */
function scaledRange({ low, high }: FloatRange, { lowest, highest }: IntegerRange, isNarrow: boolean) {
  const least = lowest + (isNarrow ? 1 : 0);
  const fromLow = least * low > 0 ? fround(least / low) : Infinity;
  const fromHigh = highest * high > 0 ? fround(highest / high) : Infinity;
  const scale = Math.min(fromLow, fromHigh);
  return { scale, low: fround(least / scale), high: fround(highest / scale) };
}

/** How one range of floats becomes integers, and the range that they then stand for. */
function quantizer(range: FloatRange, type: IntegerRange, { mode, isNarrow, round }: QuantizeOptions) {
  const { low, high } = range;
  const { lowest, highest, bits } = type;
  const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
  if (mode === 'SCALED') {
    const scaled = scaledRange(range, type, isNarrow);
    return {
      ...scaled,
      quantize: (value: number) => round(fround(clamp(value, scaled.low, scaled.high) * scaled.scale)),
    };
  }
  if (mode === 'MIN_FIRST') {
    const steps = 2 ** bits;
    const scale = low === high ? 0 : steps / ((high - low) * (steps / (steps - 1)));
    const offset = roundHalfAway(low * scale) - lowest;
    return { low, high, quantize: (value: number) => clamp(roundHalfAway(value * scale) - offset, lowest, highest) };
  }
  const scale = fround((highest - lowest) / fround(high - low));
  const half = lowest < 0 ? (highest - lowest + 1) / 2 : 0;
  const quantize = (value: number): number => {
    const steps = fround(fround(clamp(value, low, high) - low) * scale);
    return lowest < 0 ? roundHalfAway(fround(steps - half)) : Math.floor(fround(steps + 0.5));
  };
  return { low, high, quantize };
}

/** How integers become the floats that they stand for. */
function dequantizer(
  { low, high }: FloatRange,
  { lowest, highest, bits }: IntegerRange,
  mode: string,
  isNarrow: boolean,
) {
  if (mode === 'SCALED') {
    const fromHigh = high / highest;
    const scale = fround(lowest < 0 ? Math.max(low / (lowest + (isNarrow ? 1 : 0)), fromHigh) : fromHigh);
    return (value: number): number => value * scale;
  }
  if (mode === 'MIN_FIRST') {
    const steps = 2 ** bits;
    const scale = fround(((high - low) * (steps / (steps - 1))) / steps);
    const start = low === high ? low : fround(roundHalfAway(fround(low / scale)) * scale);
    return (value: number): number => start + (value - lowest) * scale;
  }
  const half = lowest < 0 ? (highest - lowest + 1) / 2 : 0;
  const scale = fround(fround(high - low) / (highest - lowest));
  return (value: number): number => fround((value + half) * scale) + low;
}

/** The range that each channel has: one for all where `axis` is -1. */
function rangesOf(tensor: Tensor, lows: NumberArray, highs: NumberArray, axis: number) {
  const channels = axis === -1 ? 1 : tensor.shape[axis];
  if (channels === undefined || lows.length !== channels || highs.length !== channels) {
    throw new InvalidArgumentError(
      `Ranges from [${lows.join(', ')}] to [${highs.join(', ')}] do not go with ${channels ?? 'no'} channels.`,
    );
  }
  const inner = axis === -1 ? Infinity : sizeOf(tensor.shape.slice(axis + 1));
  const ranges = Array.from(lows, (low, i) => ({ low, high: highs[i]! }));
  const wrong = ranges.find(({ low, high }) => !(low <= high));
  if (wrong) throw new InvalidArgumentError(`There is no range from ${wrong.low} to ${wrong.high}.`);
  return { ranges, channelOf: (i: number) => (axis === -1 ? 0 : Math.floor(i / inner) % channels) };
}

/** A range that has zero in it, and is not too small to divide. */
function widened({ low, high }: FloatRange, least: number): FloatRange {
  if (!(least > 0)) return { low, high };
  const zeroed = Math.min(0, low);
  const margin = fround(Math.max(1, Math.abs(low), Math.abs(high)) * least);
  return { low: zeroed, high: Math.max(0, high, fround(zeroed + margin)) };
}

function prepareQuantize(operation: Operation): Kernel {
  const { dtype } = operation.output(0);
  const type = RANGES[dtype]!;
  const axis = operation.int('axis');
  const least = operation.float('ensure_minimum_range');
  const options: QuantizeOptions = {
    mode: operation.string('mode'),
    isNarrow: operation.bool('narrow_range'),
    round: operation.string('round_mode') === 'HALF_TO_EVEN' ? roundHalfToEven : roundHalfAway,
  };
  return ([tensor, lows, highs]) => {
    const { ranges, channelOf } = rangesOf(tensor!, numbersOf(lows!), numbersOf(highs!), axis);
    const quantizers = ranges.map((range) => quantizer(widened(range, least), type, options));
    const input = numbersOf(tensor!);
    const output = allocate(dtype as 'qint8', input.length);
    for (let i = 0; i < output.length; i++) output[i] = quantizers[channelOf(i)]!.quantize(input[i]!);
    const shape = axis === -1 ? [] : [ranges.length];
    return [
      new Tensor(dtype as 'qint8', tensor!.shape, output),
      new Tensor(
        'float32',
        shape,
        Float32Array.from(quantizers, ({ low }) => low),
      ),
      new Tensor(
        'float32',
        shape,
        Float32Array.from(quantizers, ({ high }) => high),
      ),
    ];
  };
}

function prepareDequantize(operation: Operation): Kernel {
  const type = RANGES[operation.input(0).dtype]!;
  const { dtype } = operation.output();
  const axis = operation.int('axis');
  const mode = operation.string('mode');
  const isNarrow = operation.bool('narrow_range');
  return ([tensor, lows, highs]) => {
    const { ranges, channelOf } = rangesOf(tensor!, numbersOf(lows!), numbersOf(highs!), axis);
    const dequantizers = ranges.map((range) => dequantizer(range, type, mode, isNarrow));
    const input = tensor!.data as Int8Array;
    const output = makeNumbers(dtype, input.length);
    for (let i = 0; i < output.length; i++) output[i] = dequantizers[channelOf(i)]!(input[i]!);
    return [fromNumbers(dtype, tensor!.shape, output)];
  };
}

function unsupported(quantized: DType, float: DType): string | undefined {
  if (!RANGES[quantized]) return `dtype ${quantized}`;
  return isFloating(float) ? undefined : `dtype ${float}`;
}

/** To and from the data types that TensorFlow has for quantised values. */
export const quantizedTypeKernels: readonly KernelDefinition[] = [
  {
    type: 'QuantizeV2',
    unsupported: (operation) => unsupported(operation.output(0).dtype, operation.input(0).dtype),
    prepare: prepareQuantize,
  },
  {
    type: 'Dequantize',
    unsupported: (operation) => unsupported(operation.input(0).dtype, operation.output().dtype),
    prepare: prepareDequantize,
  },
];
