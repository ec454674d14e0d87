import type { Kernel, KernelDefinition } from '../kernel.js';
import { Tensor, type DType, type TypedArray } from '@tenon/tensor';
import { prepareBinary, type BinaryFunction } from './binary.js';
import { define, isReal } from './definition.js';
import { asWords, makeTensor, wordsOf } from './movement.js';

const isInteger = (dtype: DType): boolean => isReal(dtype) && /^u?int/.test(dtype);

/** Of 64-bit integers whose results are safe only by luck, so that the slow way is the only one. */
const NEVER_SAFE = (): number => NaN;

function bitwise(
  type: string,
  int32: (a: number, b: number) => number,
  bigint: (a: bigint, b: bigint) => bigint,
): KernelDefinition {
  const f: BinaryFunction = { number: NEVER_SAFE, int32, bigint };
  return define(type, prepareBinary(f), isInteger);
}

/** Shifts by as many bits as there are, or more, are cut to one less than that, as TensorFlow does. */
function shift(type: string, isLeft: boolean): KernelDefinition {
  return define(
    type,
    (operation) => {
      const { dtype } = operation.output();
      const most = Number(/\d+/.exec(dtype)![0]) - 1;
      const cut = (count: number): number => Math.min(Math.max(count, 0), most);
      const cutBig = (count: bigint): bigint => (count < 0n ? 0n : count > 63n ? 63n : count);
      const f: BinaryFunction = isLeft
        ? { number: NEVER_SAFE, int32: (a, b) => a << cut(b), bigint: (a, b) => a << cutBig(b) }
        : {
            number: NEVER_SAFE,
            int32: dtype === 'uint32' ? (a, b) => a >>> cut(b) : (a, b) => a >> cut(b),
            bigint: (a, b) => a >> cutBig(b),
          };
      return prepareBinary(f)(operation);
    },
    isInteger,
  );
}

const invert: Kernel = ([tensor]) => {
  const output = makeTensor(tensor!.dtype, tensor!.shape);
  const source = wordsOf(tensor!);
  const target = wordsOf(output);
  for (let i = 0; i < target.length; i++) target[i] = ~source[i]!;
  return [output];
};

/** How many bits of each element are set. */
const populationCount: Kernel = ([tensor]) => {
  const data = tensor!.data as TypedArray;
  const words = asWords(tensor!.dtype as 'int64', data);
  const perElement = words.length / Math.max(1, data.length);
  const mask = words instanceof Uint8Array ? 0xff : words instanceof Uint16Array ? 0xffff : -1;
  const counts = new Uint8Array(data.length);
  for (let i = 0; i < words.length; i++) {
    let count = 0;
    for (let rest = words[i]! & mask; rest !== 0; rest &= rest - 1) count++;
    counts[Math.floor(i / perElement)]! += count;
  }
  return [new Tensor('uint8', tensor!.shape, counts)];
};

export const bitwiseKernels: readonly KernelDefinition[] = [
  bitwise(
    'BitwiseAnd',
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  bitwise(
    'BitwiseOr',
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  bitwise(
    'BitwiseXor',
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
  shift('LeftShift', true),
  shift('RightShift', false),
  define('Invert', () => invert, isInteger),
  define(
    'PopulationCount',
    () => populationCount,
    (dtype) => isInteger(dtype),
  ),
];
