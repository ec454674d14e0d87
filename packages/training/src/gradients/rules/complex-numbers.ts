import type { Operation, SymbolicTensor } from '@tenon/graph';
import { tensorFrom, type DType } from '@tenon/tensor';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, UndifferentiableError, type GradientRule } from '../rule.js';

const PARTS: Partial<Record<DType, DType>> = { complex64: 'float32', complex128: 'float64' };

/** Complex numbers of their parts. */
function complex(b: GradientBuilder, real: SymbolicTensor, imaginary: SymbolicTensor): SymbolicTensor {
  return b.apply('Complex', [real, imaginary], { Tout: real.dtype === 'float64' ? 'complex128' : 'complex64' });
}

function part(b: GradientBuilder, op: 'Real' | 'Imag', x: SymbolicTensor): SymbolicTensor {
  return b.apply(op, [x], { Tout: PARTS[x.dtype]! });
}

/** Of a Fourier transform of real numbers, the numbers that it is over and the frequencies that it gives. */
function lengths(operation: Operation, b: GradientBuilder): { readonly samples: number; readonly frequencies: number } {
  const samples = b.knownElements(operation.input(1))?.[0];
  if (samples === undefined) throw new UndifferentiableError('the length of its transform must be known');
  return { samples, frequencies: Math.floor(samples / 2) + 1 };
}

/** How often each frequency counts: all but the first, and of an even number of samples the last, stand for two. */
function weights(
  b: GradientBuilder,
  { samples, frequencies }: ReturnType<typeof lengths>,
  dtype: DType,
  [single, double]: readonly [number, number],
): SymbolicTensor {
  const values = Array.from({ length: frequencies }, (_, index) =>
    index === 0 || (samples % 2 === 0 && index === frequencies - 1) ? single : double,
  );
  const real = b.constant(tensorFrom(values, dtype));
  return complex(b, real, b.zerosLike(real));
}

/** The gradient of what a transform cut off or filled up with zeros before. */
function resized(b: GradientBuilder, gradient: SymbolicTensor, length: number, x: SymbolicTensor): SymbolicTensor {
  if (b.knownShape(x)?.at(-1) === length) return gradient;
  const last = b.element(b.shape(x), -1);
  const missing = b.apply('Maximum', [b.sub(last, b.integers(length)), b.integers(0)]);
  const paddings = b.concat([b.integers([0, 0, 0]), b.reshape(missing, b.integers([1]))]);
  const lines = b.reshape(gradient, b.integers([-1, length]));
  const filled = b.apply('Pad', [lines, b.reshape(paddings, b.integers([2, 2]))]);
  const size = b.concat([b.integers([-1]), b.reshape(last, b.integers([1]))]);
  return b.reshapeLike(b.apply('Slice', [filled, b.integers([0, 0]), size]), x);
}

const rfft: GradientRule = (operation, dy, b) => [
  () => {
    const x = operation.input(0);
    const all = lengths(operation, b);
    const { samples } = all;
    const weighted = b.mul(dy(), weights(b, all, x.dtype, [samples, samples / 2]));
    const inputs = [weighted, operation.input(1)];
    return resized(b, b.apply('IRFFT', inputs, attributesOf(operation, 'Treal', 'Tcomplex')), samples, x);
  },
];

const irfft: GradientRule = (operation, dy, b) => [
  () => {
    const all = lengths(operation, b);
    const frequencies = b.apply('RFFT', [dy(), operation.input(1)], attributesOf(operation, 'Treal', 'Tcomplex'));
    const weight = weights(b, all, PARTS[frequencies.dtype]!, [1 / all.samples, 2 / all.samples]);
    return resized(b, b.mul(frequencies, weight), all.frequencies, operation.input(0));
  },
];

/** As TensorFlow has it: the gradient by a complex number is that by its real part plus i times that by its imaginary one. */
export const complexNumbers: Readonly<Record<string, GradientRule>> = {
  Complex: ({ inputs: [real, imaginary] }, dz, b) => [
    () => b.sumToShape(part(b, 'Real', dz()), real!, imaginary!),
    () => b.sumToShape(part(b, 'Imag', dz()), imaginary!, real!),
  ],
  Real: (_operation, dy, b) => [() => complex(b, dy(), b.zerosLike(dy()))],
  Imag: (_operation, dy, b) => [() => complex(b, b.zerosLike(dy()), dy())],
  Conj: (_operation, dy, b) => [() => b.conjugate(dy())],
  ComplexAbs: (operation, dy, b) => [
    () => {
      const ratio = b.apply('DivNoNan', [dy(), operation.output()]);
      return b.mul(complex(b, ratio, b.zerosLike(ratio)), operation.input(0));
    },
  ],
  Angle: (operation, dy, b) => [
    () => {
      const [real, imaginary] = [part(b, 'Real', operation.input(0)), part(b, 'Imag', operation.input(0))];
      const share = b.div(dy(), b.add(b.square(real), b.square(imaginary)));
      return complex(b, b.neg(b.mul(share, imaginary)), b.mul(share, real));
    },
  ],
  RFFT: rfft,
  IRFFT: irfft,
};

/** Other ops whose gradients are right for complex numbers, too. */
export const complexOps: ReadonlySet<string> = new Set([
  ...Object.keys(complexNumbers),
  ...`Identity IdentityN Reshape Squeeze ExpandDims Transpose ConcatV2 Concat Slice StridedSlice Pad Pack Unpack Split SplitV Tile
    ReverseV2 Roll GatherV2 Add AddV2 Sub Neg AddN Mul Exp Sum Cast Select SelectV2 EnsureShape ReadVariableOp
    While StatelessWhile If StatelessIf Case StatelessCase PartitionedCall StatefulPartitionedCall`.split(/\s+/),
]);
