import type { Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integersOf } from './integers.js';

const { fround } = Math;

/** How much a pixel counts, by how far it is from where the image is sampled. */
interface SamplingKernel {
  readonly radius: number;
  readonly weigh: (distance: number) => number;
}

function lanczos(radius: number): SamplingKernel {
  const weigh = (x: number): number => {
    if (x > radius) return 0;
    // The limit, which the formula loses near zero.
    if (x <= 1e-3) return 1;
    return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * Math.PI * x * x);
  };
  return { radius, weigh };
}

const GAUSSIAN_RADIUS = 1.5;
const GAUSSIAN_SIGMA = GAUSSIAN_RADIUS / 3;

const SAMPLING_KERNELS: Readonly<Record<string, SamplingKernel>> = {
  lanczos1: lanczos(1),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
  gaussian: {
    radius: GAUSSIAN_RADIUS,
    weigh: (x) => (x >= GAUSSIAN_RADIUS ? 0 : Math.exp((-x * x) / (2 * GAUSSIAN_SIGMA ** 2))),
  },
  box: { radius: 1, weigh: (x) => (x < 0.5 ? 1 : x === 0.5 ? 0.5 : 0) },
  triangle: { radius: 1, weigh: (x) => (x < 1 ? 1 - x : 0) },
  keyscubic: {
    radius: 2,
    weigh: (x) => (x >= 2 ? 0 : x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1),
  },
  mitchellcubic: {
    radius: 2,
    weigh: (x) =>
      x >= 2 ? 0 : x >= 1 ? (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9 : ((7 / 6) * x - 2) * x * x + 8 / 9,
  },
};

/** The pixels along one axis that make each pixel of the result. */
interface Span {
  readonly start: number;
  readonly weights: Float32Array;
}

interface SpanOptions {
  readonly kernel: SamplingKernel;
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  readonly translation: number;
  readonly isAntialiased: boolean;
}

function spansOf({ kernel, input, output, scale, translation, isAntialiased }: SpanOptions): Span[] {
  const inverse = fround(1 / scale);
  const offset = fround(-inverse * translation);
  const width = isAntialiased ? Math.max(inverse, 1) : 1;
  const reach = fround(kernel.radius * width);
  const clamp = (position: number): number => Math.max(0, Math.min(input - 1, position));
  return Array.from({ length: output }, (_, at) => {
    const sample = fround(fround(at + 0.5) * inverse + offset);
    if (!(sample >= 0 && sample <= input)) return { start: 0, weights: new Float32Array(0) };
    const start = clamp(Math.ceil(sample - reach - 0.5));
    const end = clamp(Math.floor(sample + reach - 0.5)) + 1;
    const weights = Float32Array.from({ length: end - start }, (_, i) =>
      kernel.weigh(Math.abs((start + i + 0.5 - sample) / width)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const isSafe = Math.abs(total) >= 1e-35;
    return { start, weights: isSafe ? weights.map((weight) => weight / total) : weights.fill(0) };
  });
}

/** Resamples the rows of images, or with other strides their columns. */
function resample(
  input: NumberArray,
  spans: readonly Span[],
  { outer, length, inner }: { outer: number; length: number; inner: number },
): Float32Array {
  const output = new Float32Array(outer * spans.length * inner);
  for (let block = 0; block < outer; block++) {
    spans.forEach(({ start, weights }, at) => {
      const to = (block * spans.length + at) * inner;
      weights.forEach((weight, tap) => {
        const from = (block * length + start + tap) * inner;
        for (let i = 0; i < inner; i++) output[to + i]! += input[from + i]! * weight;
      });
    });
  }
  return output;
}

function checkImages(images: Tensor, sizes: readonly number[]): void {
  if (
    images.rank !== 4 ||
    sizes.length !== 2 ||
    sizes.some((size) => !(size > 0)) ||
    images.shape.slice(1, 3).includes(0)
  )
    throw new InvalidArgumentError(
      `Images of shape [${images.shape.join(', ')}] cannot become [${sizes.join(', ')}] pixels large.`,
    );
}

/** Images of another size, sampled with a kernel that is as wide as what it leaves out. */
function prepareScaleAndTranslate(operation: Operation): Kernel {
  const kernel = SAMPLING_KERNELS[operation.string('kernel_type')]!;
  const isAntialiased = operation.bool('antialias');
  return ([images, size, scales, translations]) => {
    const sizes = Array.from(integersOf(size!));
    checkImages(images!, sizes);
    const [batch, height, width, channels] = images!.shape as [number, number, number, number];
    const shape = [batch, ...sizes, channels];
    checkedSize(shape);
    checkedSize([batch, sizes[0]!, width, channels]);
    const scale = numbersOf(scales!);
    if (scale.length !== 2 || !scale.every((one) => one > 0) || translations!.size !== 2)
      throw new InvalidArgumentError(`Images cannot be scaled by [${scale.join(', ')}].`);
    const translation = numbersOf(translations!);
    const spans = [height, width].map((input, axis) =>
      spansOf({
        kernel,
        input,
        output: sizes[axis]!,
        scale: scale[axis]!,
        translation: translation[axis]!,
        isAntialiased,
      }),
    );
    const rows = resample(numbersOf(images!), spans[0]!, { outer: batch, length: height, inner: width * channels });
    const output = resample(rows, spans[1]!, { outer: batch * sizes[0]!, length: width, inner: channels });
    return [new Tensor('float32', shape, output)];
  };
}

/** Where a position outside of an image is taken from, along one axis. */
type Fill = (position: number, length: number) => number;

const within = (position: number, length: number): number => Math.max(0, Math.min(length - 1, position));

const FILLS: Readonly<Record<string, Fill>> = {
  CONSTANT: (position) => position,
  NEAREST: within,
  REFLECT(position, length) {
    if (length <= 1) return 0;
    const period = 2 * length;
    let at = position;
    if (at < 0) {
      if (at < period) at += period * Math.trunc(-at / period);
      at = at < -length ? at + period : -at - 1;
    } else if (at > length - 1) {
      at -= period * Math.trunc(at / period);
      if (at >= length) at = period - at - 1;
    }
    return within(at, length);
  },
  WRAP(position, length) {
    if (length <= 1) return 0;
    const last = length - 1;
    let at = position;
    if (at < 0) at += length * (Math.trunc(-at / last) + 1);
    else if (at > last) at -= length * Math.trunc(at / last);
    return within(at, length);
  },
};

const roundHalfAway = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

/** Images as they look from elsewhere: each pixel of the result is where a projection puts it. */
function prepareProjection(operation: Operation): Kernel {
  const isBilinear = operation.string('interpolation') === 'BILINEAR';
  const fill = FILLS[operation.string('fill_mode')];
  if (!fill) throw new InvalidArgumentError(`There is no fill mode "${operation.string('fill_mode')}".`);
  return ([images, transformsTensor, size, fillValue]) => {
    const sizes = Array.from(integersOf(size!));
    checkImages(images!, sizes);
    const { dtype } = images!;
    const [batch, height, width, channels] = images!.shape as [number, number, number, number];
    const transforms = numbersOf(transformsTensor!);
    const count = transforms.length / 8;
    if (transformsTensor!.rank !== 2 || transformsTensor!.shape[1] !== 8 || (count !== 1 && count !== batch))
      throw new InvalidArgumentError(
        `Transforms of shape [${transformsTensor!.shape.join(', ')}] do not go with ${batch} images; each has 8 numbers.`,
      );
    const outside = fillValue ? numbersOf(fillValue)[0]! : 0;
    const shape = [batch, ...sizes, channels];
    const output = makeNumbers(dtype, checkedSize(shape));
    const input = numbersOf(images!);
    const [rows, columns] = sizes as [number, number];
    let to = 0;
    for (let image = 0; image < batch; image++) {
      const [a0, a1, a2, b0, b1, b2, c0, c1] = transforms.subarray(count === 1 ? 0 : image * 8) as unknown as number[];
      const at = (y: number, x: number, channel: number): number =>
        y >= 0 && y < height && x >= 0 && x < width
          ? input[((image * height + y) * width + x) * channels + channel]!
          : outside;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const depth = fround(c0! * column + c1! * row + 1);
          const x = fill(fround(fround(a0! * column + a1! * row + a2!) / depth), width);
          const y = fill(fround(fround(b0! * column + b1! * row + b2!) / depth), height);
          const left = Math.floor(x);
          const top = Math.floor(y);
          for (let channel = 0; channel < channels; channel++, to++) {
            if (depth === 0) output[to] = outside;
            else if (!isBilinear) output[to] = at(roundHalfAway(y), roundHalfAway(x), channel);
            else {
              const upper = (left + 1 - x) * at(top, left, channel) + (x - left) * at(top, left + 1, channel);
              const lower = (left + 1 - x) * at(top + 1, left, channel) + (x - left) * at(top + 1, left + 1, channel);
              output[to] = (top + 1 - y) * upper + (y - top) * lower;
            }
          }
        }
      }
    }
    return [fromNumbers(dtype, shape, output)];
  };
}

/** Images resampled with kernels, and projected. */
export const imageWarpingKernels: readonly KernelDefinition[] = [
  {
    type: 'ScaleAndTranslate',
    unsupported: (operation) => {
      const name = operation.string('kernel_type');
      return SAMPLING_KERNELS[name] ? undefined : `kernel_type ${name}`;
    },
    prepare: prepareScaleAndTranslate,
  },
  define('ImageProjectiveTransformV2', prepareProjection, isReal),
  define('ImageProjectiveTransformV3', prepareProjection, isReal),
];
