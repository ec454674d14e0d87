import type { Operation } from '@tenon/graph';
import { isFloating, sizeOf, type Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integerOf, normalizeAxis } from './integers.js';
import { roundHalfToEven } from './unary.js';

const { fround } = Math;

/** A range of floats that quantised values stand for, moved a little so that zero is one of them. */
interface Nudged {
  readonly low: number;
  readonly high: number;
  readonly scale: number;
}

function nudge(low: number, high: number, bits: number, isNarrow: boolean): Nudged {
  const least = isNarrow ? 1 : 0;
  const most = 2 ** bits - 1;
  const scale = fround(fround(high - low) / (most - least));
  const zeroAt = fround(least - fround(low / scale));
  const zero = zeroAt < least ? least : zeroAt > most ? most : Math.round(zeroAt);
  return { low: fround((least - zero) * scale), high: fround((most - zero) * scale), scale };
}

function quantize(value: number, { low, high, scale }: Nudged): number {
  const clamped = Math.max(low, Math.min(high, value));
  return fround(fround(Math.floor(fround(fround(fround(clamped - low) * fround(1 / scale)) + 0.5)) * scale) + low);
}

/** What comes back after quantising to few bits; one range for all, or one for each channel of the last axis. */
function fakeQuantize(
  tensor: Tensor,
  lows: ArrayLike<number>,
  highs: ArrayLike<number>,
  bits: number,
  isNarrow: boolean,
): Tensor {
  const input = numbersOf(tensor);
  const output = makeNumbers(tensor.dtype, input.length);
  const ranges = Array.from(lows, (low, i) => nudge(low, highs[i]!, bits, isNarrow));
  for (let i = 0; i < output.length; i++) output[i] = quantize(input[i]!, ranges[i % ranges.length]!);
  return fromNumbers(tensor.dtype, tensor.shape, output);
}

function prepareFakeQuant(hasRangeInputs: boolean): (operation: Operation) => Kernel {
  return (operation) => {
    const bits = operation.int('num_bits');
    const isNarrow = operation.bool('narrow_range');
    if (hasRangeInputs) {
      return ([tensor, low, high]) => [fakeQuantize(tensor!, numbersOf(low!), numbersOf(high!), bits, isNarrow)];
    }
    const low = operation.float('min');
    const high = operation.float('max');
    return ([tensor]) => [fakeQuantize(tensor!, [low], [high], bits, isNarrow)];
  };
}

/** How `QuantizeAndDequantize` scales a range: so that its wider side just fits. */
function scalesFor(low: number, high: number, bits: number, isSigned: boolean, isNarrow: boolean) {
  const least = isSigned ? -(2 ** (bits - 1)) + (isNarrow ? 1 : 0) : 0;
  const most = isSigned ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const fromLow = least * low > 0 ? least / low : Infinity;
  const fromHigh = most * high > 0 ? most / high : Infinity;
  const scale = Math.min(fromLow, fromHigh);
  const inverse = fromLow < fromHigh ? low / least : high / most;
  return fromLow < fromHigh
    ? { scale, inverse, low, high: most * inverse }
    : { scale, inverse, low: least * inverse, high };
}

interface QuantizeOptions {
  readonly isSigned: boolean;
  readonly isNarrow: boolean;
  readonly axis: number;
  readonly round: (value: number) => number;
  /** Whether the range is given, and not found in the values. */
  readonly isGiven: boolean;
}

function quantizeAndDequantize(
  tensor: Tensor,
  lowTensor: Tensor,
  highTensor: Tensor,
  bits: number,
  options: QuantizeOptions,
): Tensor {
  const { isSigned, isNarrow, axis, round, isGiven } = options;
  const input = numbersOf(tensor);
  const output = makeNumbers(tensor.dtype, input.length);
  const at = axis === -1 ? -1 : normalizeAxis(axis, tensor.rank);
  const channels = at === -1 ? 1 : tensor.shape[at]!;
  const inner = at === -1 ? input.length : sizeOf(tensor.shape.slice(at + 1));
  const channelOf = (i: number): number => Math.floor(i / Math.max(1, inner)) % channels;
  const lows = isGiven ? Array.from(numbersOf(lowTensor)) : new Array<number>(channels).fill(Infinity);
  const highs = isGiven ? Array.from(numbersOf(highTensor)) : new Array<number>(channels).fill(-Infinity);
  if (!isGiven) {
    for (let i = 0; i < input.length; i++) {
      const channel = channelOf(i);
      lows[channel] = Math.min(lows[channel]!, input[i]!);
      highs[channel] = Math.max(highs[channel]!, input[i]!);
    }
  }
  if (isGiven && (lows.length !== channels || lows.some((low, i) => low > highs[i]!))) {
    throw new InvalidArgumentError(
      `Ranges from [${lows.join(', ')}] to [${highs.join(', ')}] do not go with ${channels} channels.`,
    );
  }
  const ranges = lows.map((low, i) => scalesFor(low, highs[i]!, bits, isSigned, isNarrow));
  for (let i = 0; i < output.length; i++) {
    const range = ranges[channelOf(i)]!;
    // Without a wider side everything is zero; the range has nothing to scale.
    const clamped = isGiven ? Math.max(range.low, Math.min(range.high, input[i]!)) : input[i]!;
    output[i] = Number.isFinite(range.scale) ? round(clamped * range.scale) * range.inverse : input[i]!;
  }
  return fromNumbers(tensor.dtype, tensor.shape, output);
}

function quantizeOptions(operation: Operation): QuantizeOptions {
  return {
    isSigned: operation.bool('signed_input'),
    isNarrow: operation.bool('narrow_range'),
    axis: operation.int('axis'),
    isGiven: operation.bool('range_given'),
    round:
      operation.find('round_mode') && operation.string('round_mode') === 'HALF_UP'
        ? (value) => Math.floor(value + 0.5)
        : roundHalfToEven,
  };
}

function prepareV2(operation: Operation): Kernel {
  const bits = operation.int('num_bits');
  const options = quantizeOptions(operation);
  return ([tensor, low, high]) => [quantizeAndDequantize(tensor!, low!, high!, bits, options)];
}

function prepareV3(operation: Operation): Kernel {
  const options = quantizeOptions(operation);
  return ([tensor, low, high, bits]) => [quantizeAndDequantize(tensor!, low!, high!, integerOf(bits!), options)];
}

export const quantizationKernels: readonly KernelDefinition[] = [
  define('FakeQuantWithMinMaxArgs', prepareFakeQuant(false), isFloating),
  define('FakeQuantWithMinMaxVars', prepareFakeQuant(true), isFloating),
  define('FakeQuantWithMinMaxVarsPerChannel', prepareFakeQuant(true), isFloating),
  define('QuantizeAndDequantizeV2', prepareV2, isFloating),
  define('QuantizeAndDequantizeV4', prepareV2, isFloating),
  define('QuantizeAndDequantizeV3', prepareV3, (dtype) => isFloating(dtype) || dtype === 'int32'),
];
