import type { Graph, SymbolicTensor } from '@tenon/graph';
import { isTypedArray, sizeOf, Tensor, tensorFrom, type DType, type Shape, type TensorLike } from '@tenon/tensor';
import { BuildArgumentError } from './errors.js';
import { addConstant, apply, operation } from './operation.js';
import { joinScopes, seedsFor, stateOf } from './scopes.js';

/** Adds to a graph what a variable of that shape and data type is set to first. */
export type VariableInitializer = (graph: Graph, shape: Shape, dtype: DType) => SymbolicTensor;

/** More elements than this are filled in by an operation, and not kept in the graph. */
const MOST_CONSTANT_ELEMENTS = 1000;

function constantNamed(graph: Graph, value: Tensor, name: string): SymbolicTensor {
  return addConstant(graph, value, joinScopes(stateOf(graph).nameScope, name));
}

function filled(value: number, name: string): VariableInitializer {
  return (graph, shape, dtype) => {
    const scalar = tensorFrom(dtype === 'bool' ? value !== 0 : value, dtype);
    if (sizeOf(shape) > MOST_CONSTANT_ELEMENTS)
      return operation(graph, 'Fill', [vectorOf(shape), scalar], {}, { name }).output();
    const elements = Array.from({ length: sizeOf(shape) }, () => (dtype === 'bool' ? value !== 0 : value));
    return constantNamed(graph, tensorFrom(elements, dtype).reshape(shape), name);
  };
}

/** All zeros; `false` for bool. */
export function zeros(): VariableInitializer {
  return filled(0, 'zeros');
}

/** All ones; `true` for bool. */
export function ones(): VariableInitializer {
  return filled(1, 'ones');
}

/**
 * A value: one number for all elements, or all elements.
 *
 * @throws BuildArgumentError if the value has another shape than the variable.
 */
export function constantValue(value: Tensor | TensorLike): VariableInitializer {
  return (graph, shape, dtype) => {
    if (typeof value === 'number') return filled(value, 'Const')(graph, shape, dtype);
    const tensor = Tensor.isTensor(value) ? value : tensorFrom(value, dtype);
    const isFlat = isTypedArray(value) && tensor.size === sizeOf(shape);
    if (tensor.dtype !== dtype || (!isFlat && tensor.shape.join() !== shape.join())) {
      const [given, wanted] = [`${tensor.dtype} [${tensor.shape.join(', ')}]`, `${dtype} [${shape.join(', ')}]`];
      throw new BuildArgumentError('constantValue', `${given} was given for a variable that is ${wanted}.`);
    }
    return constantNamed(graph, tensor.reshape(shape), 'Const');
  };
}

export interface RandomOptions {
  /** Makes it give the same numbers in every session, in Tenon and in TensorFlow. */
  readonly seed?: number | undefined;
}

type Distribution = 'RandomStandardNormal' | 'TruncatedNormal' | 'RandomUniform';

/** `distribution * factor + offset`, as TensorFlow computes it. */
function draw(
  distribution: Distribution,
  factor: number,
  offset: number,
  { seed }: RandomOptions,
): VariableInitializer {
  return (graph, shape, dtype) => {
    const random = operation(graph, distribution, [vectorOf(shape)], { dtype, ...seedsFor(graph, seed) }).output();
    return apply('AddV2', [apply('Mul', [random, factor]), offset]);
  };
}

function vectorOf(shape: Shape): Tensor {
  return new Tensor('int32', [shape.length], Int32Array.from(shape));
}

export interface NormalOptions extends RandomOptions {
  /** 0 by default. */
  readonly mean?: number;
  /** 1 by default. */
  readonly stddev?: number;
}

/** Normally distributed numbers. */
export function randomNormal({ mean = 0, stddev = 1, seed }: NormalOptions = {}): VariableInitializer {
  return draw('RandomStandardNormal', stddev, mean, { seed });
}

/** Normally distributed numbers, those that are two standard deviations or more from the mean drawn again. */
export function truncatedNormal({ mean = 0, stddev = 1, seed }: NormalOptions = {}): VariableInitializer {
  return draw('TruncatedNormal', stddev, mean, { seed });
}

export interface UniformOptions extends RandomOptions {
  /** -0.05 by default. */
  readonly min?: number;
  /** Not reached; 0.05 by default. */
  readonly max?: number;
}

/** Numbers evenly spread over `[min, max)`. */
export function randomUniform({ min = -0.05, max = 0.05, seed }: UniformOptions = {}): VariableInitializer {
  return draw('RandomUniform', max - min, min, { seed });
}

export interface VarianceScalingOptions extends RandomOptions {
  /** 1 by default. */
  readonly scale?: number;
  /** What the variance is divided by: the number of inputs of a unit (the default), of outputs, or the mean of both. */
  readonly mode?: 'fanIn' | 'fanOut' | 'fanAverage';
  /** `truncatedNormal` by default. */
  readonly distribution?: 'truncatedNormal' | 'untruncatedNormal' | 'uniform';
}

/** The standard deviation of normal numbers that are drawn again beyond two. */
const TRUNCATED_STDDEV = 0.8796256610342398;

/** Random numbers whose variance suits the number of a unit's inputs or outputs. */
export function varianceScaling({
  scale = 1,
  mode = 'fanIn',
  distribution = 'truncatedNormal',
  seed,
}: VarianceScalingOptions = {}): VariableInitializer {
  return (graph, shape, dtype) => {
    const [fanIn, fanOut] = fans(shape);
    const fan = mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
    const variance = scale / Math.max(1, fan);
    const make =
      distribution === 'uniform'
        ? randomUniform({ min: -Math.sqrt(3 * variance), max: Math.sqrt(3 * variance), seed })
        : distribution === 'truncatedNormal'
          ? truncatedNormal({ stddev: Math.sqrt(variance) / TRUNCATED_STDDEV, seed })
          : randomNormal({ stddev: Math.sqrt(variance), seed });
    return make(graph, shape, dtype);
  };
}

/** How many inputs and outputs a unit has. */
function fans(shape: Shape): [fanIn: number, fanOut: number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const field = sizeOf(shape.slice(0, -2));
  return [field * shape.at(-2)!, field * shape.at(-1)!];
}

/** Glorot's uniform initialiser: what weights have by default. */
export function glorotUniform(options: RandomOptions = {}): VariableInitializer {
  return varianceScaling({ ...options, mode: 'fanAverage', distribution: 'uniform' });
}

/** Glorot's normal initialiser. */
export function glorotNormal(options: RandomOptions = {}): VariableInitializer {
  return varianceScaling({ ...options, mode: 'fanAverage' });
}

/** He's uniform initialiser, for layers with rectifiers. */
export function heUniform(options: RandomOptions = {}): VariableInitializer {
  return varianceScaling({ ...options, scale: 2, distribution: 'uniform' });
}

/** He's normal initialiser, for layers with rectifiers. */
export function heNormal(options: RandomOptions = {}): VariableInitializer {
  return varianceScaling({ ...options, scale: 2 });
}
