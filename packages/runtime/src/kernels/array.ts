import type { Operation } from '@tenon/graph';
import { isNumeric, sizeOf, Tensor, TensorReference, type DType, type NumericDType } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isNumber, passThrough } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integerOf, integers, integersOf, normalizeAxis, shapeFrom } from './integers.js';
import { toBfloat16, toFloat16 } from './half-precision.js';
import { asWords, defineMovement, gatherStrided, makeTensor, wordsOf, wordsPerElement } from './movement.js';
import { zerosLikeList } from './tensor-list.js';
import { zerosOf } from './zeros.js';

function prepareConst(operation: Operation): Kernel {
  const value = operation.attribute('value', 'tensor');
  const tensor = value instanceof TensorReference ? value.readSync() : value;
  if (!tensor)
    throw new InvalidArgumentError('Its value cannot be read at once; read it before the program is compiled.');
  const outputs = [tensor];
  return () => outputs;
}

/** The shape that a `Reshape` makes: one dimension of -1 takes what is left. */
function inferReshape(size: number, shape: number[]): number[] {
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) {
    let known = 1;
    shape.forEach((dimension, axis) => {
      if (axis !== unknown) known *= dimension;
    });
    shape[unknown] = known === 0 ? 0 : size / known;
  }
  if (!Number.isInteger(shape[unknown] ?? 0) || shape.some((dimension) => dimension < 0) || sizeOf(shape) !== size) {
    throw new InvalidArgumentError(`${size} elements cannot take the shape [${shape.join(', ')}].`);
  }
  return shape;
}

const reshape: Kernel = ([tensor, shape]) => [
  tensor!.reshape(inferReshape(tensor!.size, Array.from(integersOf(shape!)))),
];

function prepareShape(operation: Operation): Kernel {
  const dtype = operation.dtype('out_type');
  return (inputs) => inputs.map(({ shape }) => integers(dtype, [shape.length], shape));
}

function prepareSize(operation: Operation): Kernel {
  const dtype = operation.dtype('out_type');
  return ([tensor]) => [integers(dtype, [], [tensor!.size])];
}

const expandDims: Kernel = ([tensor, axis]) => {
  const { shape } = tensor!;
  const at = normalizeAxis(integerOf(axis!), shape.length + 1);
  return [tensor!.reshape([...shape.slice(0, at), 1, ...shape.slice(at)])];
};

function prepareSqueeze(operation: Operation): Kernel {
  const axes = operation.ints('squeeze_dims');
  return ([tensor]) => {
    const { shape } = tensor!;
    if (axes.length === 0) return [tensor!.reshape(shape.filter((dimension) => dimension !== 1))];
    const dropped = axes.map((axis) => normalizeAxis(axis, shape.length));
    const wrong = dropped.find((axis) => shape[axis] !== 1);
    if (wrong !== undefined) throw new InvalidArgumentError(`Dimension ${wrong} of [${shape.join(', ')}] is not 1.`);
    return [tensor!.reshape(shape.filter((_, axis) => !dropped.includes(axis)))];
  };
}

function prepareEnsureShape(operation: Operation): Kernel {
  const expected = operation.shape('shape');
  return ([tensor]) => {
    const { shape } = tensor!;
    const fits =
      expected === null ||
      (expected.length === shape.length &&
        expected.every((dimension, axis) => dimension === null || dimension === shape[axis]));
    if (!fits)
      throw new InvalidArgumentError(
        `The shape is [${shape.join(', ')}], not [${expected.map((d) => d ?? '?').join(', ')}].`,
      );
    return [tensor!];
  };
}

const fill: Kernel = ([dims, value]) => {
  if (value!.size !== 1) throw new InvalidArgumentError(`One value is wanted to fill with; ${value!.size} were given.`);
  const shape = shapeFrom(dims!);
  return [gatherStrided(value!, 0, new Array<number>(shape.length).fill(0), shape)];
};

/** The number one, in the words of a data type. */
function oneOf(dtype: DType): Tensor {
  const one = makeTensor(dtype, []);
  if (dtype === 'float16') (one.data as Uint16Array)[0] = toFloat16(1);
  else if (dtype === 'bfloat16') (one.data as Uint16Array)[0] = toBfloat16(1);
  else if (dtype === 'int64' || dtype === 'uint64') (one.data as BigInt64Array)[0] = 1n;
  else (one.data as Float32Array)[0] = 1;
  return one;
}

const onesLike: Kernel = ([tensor]) => {
  const { dtype, shape } = tensor!;
  return [gatherStrided(oneOf(dtype), 0, new Array<number>(shape.length).fill(0), shape)];
};

function prepareEmpty(operation: Operation): Kernel {
  const dtype = operation.dtype('dtype');
  return ([shape]) => [zerosOf(dtype, shapeFrom(shape!))];
}

function prepareOneHot(operation: Operation): Kernel {
  const axis = operation.int('axis');
  return ([indices, depth, on, off]) => {
    const size = integerOf(depth!);
    if (!(size >= 0)) throw new InvalidArgumentError(`A depth of ${size} is negative.`);
    const at = normalizeAxis(axis, indices!.rank + 1);
    const shape = [...indices!.shape.slice(0, at), size, ...indices!.shape.slice(at)];
    checkedSize(shape);
    const output = gatherStrided(off!, 0, new Array<number>(shape.length).fill(0), shape);
    const target = wordsOf(output);
    const source = wordsOf(on!);
    const words = wordsPerElement(on!.dtype);
    const inner = sizeOf(shape.slice(at + 1));
    const positions = integersOf(indices!);
    for (let i = 0; i < positions.length; i++) {
      const index = positions[i]!;
      if (!(index >= 0 && index < size)) continue;
      const element = (Math.floor(i / inner) * size + index) * inner + (i % inner);
      for (let word = 0; word < words; word++) target[element * words + word] = source[word]!;
    }
    return [output];
  };
}

function prepareBitcast(operation: Operation): Kernel {
  const to = operation.dtype('type') as NumericDType;
  return ([tensor]) => {
    const from = tensor!.data as Uint8Array;
    const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
    const probe = makeTensor(to, []).data as Uint8Array;
    const width = probe.byteLength;
    const before = tensor!.size === 0 ? width : from.byteLength / tensor!.size;
    let shape: number[];
    if (before === width) shape = [...tensor!.shape];
    else if (before > width) shape = [...tensor!.shape, before / width];
    else {
      shape = tensor!.shape.slice(0, -1);
      if (tensor!.shape.at(-1) !== width / before) {
        throw new InvalidArgumentError(
          `The last of [${tensor!.shape.join(', ')}] must be ${width / before} to become ${to}.`,
        );
      }
    }
    const output = makeTensor(to, shape);
    const target = output.data as Uint8Array;
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
    return [output];
  };
}

const broadcastArgs: Kernel = ([a, b]) => {
  const left = Array.from(integersOf(a!));
  const right = Array.from(integersOf(b!));
  const rank = Math.max(left.length, right.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const l = left[axis - rank + left.length] ?? 1;
    const r = right[axis - rank + right.length] ?? 1;
    if (l !== r && l !== 1 && r !== 1) {
      throw new InvalidArgumentError(
        `Shapes [${left.join(', ')}] and [${right.join(', ')}] do not broadcast together.`,
      );
    }
    return l === 1 ? r : l;
  });
  return [integers(a!.dtype, [rank], shape)];
};

/** Which axes of each operand a gradient must be summed over to undo broadcasting. */
const broadcastGradientArgs: Kernel = ([a, b]) => {
  const left = Array.from(integersOf(a!));
  const right = Array.from(integersOf(b!));
  const rank = Math.max(left.length, right.length);
  const reduceLeft: number[] = [];
  const reduceRight: number[] = [];
  const isSame = left.length === right.length && left.every((dimension, axis) => dimension === right[axis]);
  for (let axis = 0; axis < rank && !isSame; axis++) {
    const l = left[axis - rank + left.length] ?? 1;
    const r = right[axis - rank + right.length] ?? 1;
    if (l !== r && l !== 1 && r !== 1) {
      throw new InvalidArgumentError(
        `Shapes [${left.join(', ')}] and [${right.join(', ')}] do not broadcast together.`,
      );
    }
    if (l === 1) reduceLeft.push(axis);
    if (r === 1) reduceRight.push(axis);
  }
  return [integers(a!.dtype, [reduceLeft.length], reduceLeft), integers(a!.dtype, [reduceRight.length], reduceRight)];
};

const invertPermutation: Kernel = ([permutation]) => {
  const source = integersOf(permutation!);
  const inverse = new Float64Array(source.length).fill(-1);
  for (let i = 0; i < source.length; i++) {
    const index = source[i]!;
    if (!(index >= 0 && index < source.length) || inverse[index] !== -1) {
      throw new InvalidArgumentError(`[${Array.from(source).join(', ')}] is not a permutation.`);
    }
    inverse[index] = i;
  }
  return [integers(permutation!.dtype, [source.length], inverse)];
};

/** A copy, so that what the program does to the one leaves the other. */
const deepCopy: Kernel = ([tensor]) => {
  if (!isNumeric(tensor!.dtype)) return [tensor!];
  const output = makeTensor(tensor!.dtype, tensor!.shape);
  wordsOf(output).set(asWords(tensor!.dtype, tensor!.data as Float32Array));
  return [output];
};

const IDENTITIES = ['Identity', 'Snapshot', 'StopGradient', 'PreventGradient', 'PlaceholderWithDefault'];

export const arrayKernels: readonly KernelDefinition[] = [
  define('Const', prepareConst),
  ...IDENTITIES.map((type) => define(type, () => passThrough)),
  define('IdentityN', () => (inputs) => inputs),
  define('DeepCopy', () => deepCopy),
  define('Reshape', () => reshape),
  define('Shape', prepareShape),
  define('ShapeN', prepareShape),
  define('Size', prepareSize),
  define('Rank', () => ([tensor]) => [integers('int32', [], [tensor!.rank])]),
  define('ExpandDims', () => expandDims),
  define('Squeeze', prepareSqueeze),
  define('EnsureShape', prepareEnsureShape),
  defineMovement('Fill', () => fill),
  define('ZerosLike', () => ([tensor]) => [
    tensor!.dtype === 'variant' ? zerosLikeList(tensor!) : zerosOf(tensor!.dtype, tensor!.shape),
  ]),
  define('OnesLike', () => onesLike, isNumber),
  define('Empty', prepareEmpty),
  defineMovement('OneHot', prepareOneHot),
  define('Bitcast', prepareBitcast, isNumeric),
  define('BroadcastArgs', () => broadcastArgs),
  define('BroadcastGradientArgs', () => broadcastGradientArgs),
  define('InvertPermutation', () => invertPermutation),
];
