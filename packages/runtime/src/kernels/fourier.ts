import type { Operation } from '@tenon/graph';
import { allocate, sizeOf, Tensor, type DType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isComplex } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integersOf } from './integers.js';

/** Complex numbers, with their parts apart. */
interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

export const makeSpectrum = (size: number): Spectrum => ({
  real: new Float64Array(size),
  imaginary: new Float64Array(size),
});

/** The discrete Fourier transform of `n` numbers, in place: without a scale, and with the sign of the exponent given. */
type Transform = (values: Spectrum) => void;

/** Cooley and Tukey's transform for powers of two. */
function powerOfTwoTransform(n: number, sign: 1 | -1): Transform {
  const cosines = new Float64Array(n / 2);
  const sines = new Float64Array(n / 2);
  for (let i = 0; i < n / 2; i++) {
    cosines[i] = Math.cos((2 * Math.PI * i) / n);
    sines[i] = sign * Math.sin((2 * Math.PI * i) / n);
  }
  return ({ real, imaginary }) => {
    for (let i = 1, j = 0; i < n; i++) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        [real[i], real[j]] = [real[j]!, real[i]!];
        [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
      }
    }
    for (let half = 1; half < n; half *= 2) {
      const step = n / (2 * half);
      for (let start = 0; start < n; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const a = start + k;
          const b = a + half;
          const c = cosines[k * step]!;
          const s = sines[k * step]!;
          const re = real[b]! * c - imaginary[b]! * s;
          const im = real[b]! * s + imaginary[b]! * c;
          real[b] = real[a]! - re;
          imaginary[b] = imaginary[a]! - im;
          real[a]! += re;
          imaginary[a]! += im;
        }
      }
    }
  };
}

/** Bluestein's transform for any length: a convolution with a chirp, by transforms of a power of two. */
function chirpTransform(n: number, sign: 1 | -1): Transform {
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const forward = powerOfTwoTransform(size, -1);
  const backward = powerOfTwoTransform(size, 1);
  const chirp = makeSpectrum(n);
  const filter = makeSpectrum(size);
  for (let i = 0; i < n; i++) {
    // The square is taken modulo the period, so that the angle stays exact for large lengths.
    const angle = (Math.PI * ((i * i) % (2 * n))) / n;
    chirp.real[i] = Math.cos(angle);
    chirp.imaginary[i] = sign * Math.sin(angle);
    for (const at of i === 0 ? [0] : [i, size - i]) {
      filter.real[at] = chirp.real[i]!;
      filter.imaginary[at] = -chirp.imaginary[i]!;
    }
  }
  forward(filter);
  const work = makeSpectrum(size);
  return ({ real, imaginary }) => {
    work.real.fill(0);
    work.imaginary.fill(0);
    for (let i = 0; i < n; i++) {
      work.real[i] = real[i]! * chirp.real[i]! - imaginary[i]! * chirp.imaginary[i]!;
      work.imaginary[i] = real[i]! * chirp.imaginary[i]! + imaginary[i]! * chirp.real[i]!;
    }
    forward(work);
    for (let i = 0; i < size; i++) {
      const re = work.real[i]! * filter.real[i]! - work.imaginary[i]! * filter.imaginary[i]!;
      work.imaginary[i] = work.real[i]! * filter.imaginary[i]! + work.imaginary[i]! * filter.real[i]!;
      work.real[i] = re;
    }
    backward(work);
    for (let i = 0; i < n; i++) {
      const re = work.real[i]! / size;
      const im = work.imaginary[i]! / size;
      real[i] = re * chirp.real[i]! - im * chirp.imaginary[i]!;
      imaginary[i] = re * chirp.imaginary[i]! + im * chirp.real[i]!;
    }
  };
}

export function makeTransform(n: number, sign: 1 | -1): Transform {
  if (n < 2) return () => undefined;
  return (n & (n - 1)) === 0 ? powerOfTwoTransform(n, sign) : chirpTransform(n, sign);
}

/** Transforms along one axis, in place; the inverse divides by its length. */
function transformAxis(values: Spectrum, shape: readonly number[], axis: number, sign: 1 | -1): void {
  const n = shape[axis]!;
  if (n === 0) return;
  const transform = makeTransform(n, sign);
  const inner = sizeOf(shape.slice(axis + 1));
  const row = makeSpectrum(n);
  const scale = sign === 1 ? 1 / n : 1;
  for (let i = 0; i < values.real.length / n; i++) {
    const start = Math.floor(i / inner) * n * inner + (i % inner);
    for (let k = 0; k < n; k++) {
      row.real[k] = values.real[start + k * inner]!;
      row.imaginary[k] = values.imaginary[start + k * inner]!;
    }
    transform(row);
    for (let k = 0; k < n; k++) {
      values.real[start + k * inner] = row.real[k]! * scale;
      values.imaginary[start + k * inner] = row.imaginary[k]! * scale;
    }
  }
}

/** Reads a real or complex tensor, cut or filled up with zeros to another shape of the same rank. */
function readResized(tensor: Tensor, shape: readonly number[]): Spectrum {
  const slots = isComplex(tensor.dtype) ? 2 : 1;
  const data = tensor.data as Float32Array;
  const values = makeSpectrum(checkedSize(shape));
  for (let i = 0; i < values.real.length; i++) {
    let rest = i;
    let from = 0;
    let stride = 1;
    let isInside = true;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      if (index >= tensor.shape[axis]!) isInside = false;
      from += index * stride;
      stride *= tensor.shape[axis]!;
    }
    if (!isInside) continue;
    values.real[i] = data[from * slots]!;
    if (slots === 2) values.imaginary[i] = data[from * slots + 1]!;
  }
  return values;
}

function toComplex(values: Spectrum, dtype: DType, shape: readonly number[]): Tensor {
  const data = allocate(dtype as 'complex64', sizeOf(shape));
  for (let i = 0; i < values.real.length; i++) {
    data[2 * i] = values.real[i]!;
    data[2 * i + 1] = values.imaginary[i]!;
  }
  return new Tensor(dtype as 'complex64', shape, data);
}

function checkRank(tensor: Tensor, axes: number): void {
  if (tensor.rank < axes)
    throw new InvalidArgumentError(`A tensor of rank ${tensor.rank} does not have ${axes} axes to transform.`);
}

const complexTransform =
  (axes: number, sign: 1 | -1) =>
  (operation: Operation): Kernel => {
    const { dtype } = operation.output();
    return ([tensor]) => {
      checkRank(tensor!, axes);
      const values = readResized(tensor!, tensor!.shape);
      for (let i = 1; i <= axes; i++) transformAxis(values, tensor!.shape, tensor!.rank - i, sign);
      return [toComplex(values, dtype, tensor!.shape)];
    };
  };

/** The lengths along the transformed axes. */
function lengthsOf(tensor: Tensor, lengths: Tensor, axes: number): number[] {
  checkRank(tensor, axes);
  const values = Array.from(integersOf(lengths));
  if (values.length !== axes || values.some((length) => length < 0)) {
    throw new InvalidArgumentError(`${axes} lengths are wanted; [${values.join(', ')}] were given.`);
  }
  return values;
}

/** Of real numbers; only the half of the last axis that is not the mirror of the other comes out. */
const realTransform =
  (axes: number) =>
  (operation: Operation): Kernel => {
    const { dtype } = operation.output();
    return ([tensor, lengthTensor]) => {
      const lengths = lengthsOf(tensor!, lengthTensor!, axes);
      const shape = [...tensor!.shape.slice(0, -axes), ...lengths];
      const values = readResized(tensor!, shape);
      for (let i = 1; i <= axes; i++) transformAxis(values, shape, shape.length - i, -1);
      const length = shape.at(-1)!;
      const kept = length === 0 ? 0 : Math.floor(length / 2) + 1;
      const finalShape = [...shape.slice(0, -1), kept];
      const half = makeSpectrum(sizeOf(finalShape));
      for (let i = 0; i < half.real.length; i++) {
        const from = Math.floor(i / kept) * length + (i % kept);
        half.real[i] = values.real[from]!;
        half.imaginary[i] = values.imaginary[from]!;
      }
      return [toComplex(half, dtype, finalShape)];
    };
  };

/** Back to real numbers, from the half of the last axis. */
const inverseRealTransform =
  (axes: number) =>
  (operation: Operation): Kernel => {
    const { dtype } = operation.output();
    return ([tensor, lengthTensor]) => {
      const lengths = lengthsOf(tensor!, lengthTensor!, axes);
      const length = lengths.at(-1)!;
      const kept = length === 0 ? 0 : Math.floor(length / 2) + 1;
      const halfShape = [...tensor!.shape.slice(0, -axes), ...lengths.slice(0, -1), kept];
      const half = readResized(tensor!, halfShape);
      for (let i = 2; i <= axes; i++) transformAxis(half, halfShape, halfShape.length - i, 1);
      const shape = [...halfShape.slice(0, -1), length];
      const values = makeSpectrum(checkedSize(shape));
      for (let i = 0; i < values.real.length; i++) {
        const k = i % length;
        const isMirror = k >= kept;
        const from = Math.floor(i / length) * kept + (isMirror ? length - k : k);
        values.real[i] = half.real[from]!;
        // What has no mirror image is real.
        const isOwnMirror = k === 0 || 2 * k === length;
        values.imaginary[i] = isOwnMirror ? 0 : isMirror ? -half.imaginary[from]! : half.imaginary[from]!;
      }
      transformAxis(values, shape, shape.length - 1, 1);
      const data = allocate(dtype as 'float32', values.real.length);
      data.set(values.real);
      return [new Tensor(dtype as 'float32', shape, data)];
    };
  };

const DIMENSIONS = [
  { suffix: '', axes: 1 },
  { suffix: '2D', axes: 2 },
  { suffix: '3D', axes: 3 },
];

export const fourierKernels: readonly KernelDefinition[] = DIMENSIONS.flatMap(({ suffix, axes }) => [
  define(`FFT${suffix}`, complexTransform(axes, -1)),
  define(`IFFT${suffix}`, complexTransform(axes, 1)),
  define(`RFFT${suffix}`, realTransform(axes)),
  define(`IRFFT${suffix}`, inverseRealTransform(axes)),
]);
