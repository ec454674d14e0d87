import type { Operation } from '@tenon/graph';
import { isFullyKnown, Tensor, type DType, type PartialShape } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integerOf, integers, integersOf } from './integers.js';
import { moveElements } from './movement.js';
import { addTensors } from './sums.js';
import { concatenate, splitAxis, stack, unstack } from './slicing.js';
import { zerosOf } from './zeros.js';

/**
 * TensorFlow 1's array of tensors. Operations change it; a scalar that flows from one to the next keeps them in order, also as a variable of
 * a loop. Every run makes its own.
 */
class TensorArray {
  readonly items: (Tensor | undefined)[];
  /** The arrays that gradients are collected in, by the name of who asks. */
  private readonly gradients = new Map<string, TensorArray>();

  constructor(
    readonly dtype: DType,
    private readonly elementShape: PartialShape,
    size: number,
    private readonly grows: boolean,
    /** What is written twice is added up, and what was never written is zero. */
    private readonly isGradient: boolean,
    private readonly source?: TensorArray,
  ) {
    this.items = new Array<Tensor | undefined>(checkedSize([size])).fill(undefined);
  }

  write(index: number, value: Tensor): void {
    if (!(index >= 0) || (index >= this.items.length && !this.grows)) {
      throw new InvalidArgumentError(`Index ${index} is outside the array of ${this.items.length} tensors.`);
    }
    if (value.dtype !== this.dtype)
      throw new InvalidArgumentError(`A ${value.dtype} was written to an array of ${this.dtype}.`);
    checkedSize([index]);
    while (this.items.length <= index) this.items.push(undefined);
    const before = this.items[index];
    if (before && !this.isGradient)
      throw new InvalidArgumentError(`Element ${index} was written before; each can be written once.`);
    this.items[index] = before ? addTensors([before, value]) : value;
  }

  read(index: number): Tensor {
    if (!(index >= 0 && index < this.items.length)) {
      throw new InvalidArgumentError(`Index ${index} is outside the array of ${this.items.length} tensors.`);
    }
    const item = this.items[index];
    if (item) return item;
    const shape = this.source?.items[index]?.shape ?? this.elementShape;
    if (!isFullyKnown(shape)) throw new InvalidArgumentError(`Element ${index} is read, but was never written.`);
    return zerosOf(this.dtype, shape);
  }

  gradient(name: string): TensorArray {
    let gradient = this.gradients.get(name);
    if (!gradient) {
      gradient = new TensorArray(this.dtype, this.elementShape, this.items.length, false, true, this);
      this.gradients.set(name, gradient);
    }
    return gradient;
  }
}

function arrayIn(handle: Tensor | undefined): TensorArray {
  const array = (handle?.data as readonly unknown[] | undefined)?.[0];
  if (!(array instanceof TensorArray))
    throw new InvalidArgumentError('Its first input is not the handle of an array of tensors.');
  return array;
}

const handleOf = (array: TensorArray): Tensor => new Tensor('resource', [], [array]);
const FLOW = new Tensor('float32', [], new Float32Array(1));

function prepareArray(operation: Operation): Kernel {
  const dtype = operation.dtype('dtype');
  const shape = operation.shape('element_shape');
  const grows = operation.bool('dynamic_size');
  return ([size]) => [handleOf(new TensorArray(dtype, shape, integerOf(size!), grows, false)), FLOW];
}

/** The tensors at these indices along a new first axis. */
function prepareGather(operation: Operation): Kernel {
  const dtype = operation.dtype('dtype');
  const shape = operation.shape('element_shape');
  return ([handle, indices]) => {
    const array = arrayIn(handle);
    const items = Array.from(integersOf(indices!), (index) => array.read(index));
    if (items.length > 0) return [moveElements(items, (tensors) => [stack(tensors, 0)])[0]!];
    if (!isFullyKnown(shape)) throw new InvalidArgumentError('No tensors of an unknown shape cannot be stacked.');
    return [zerosOf(dtype, [0, ...shape])];
  };
}

const scatter: Kernel = ([handle, indicesTensor, value, flow]) => {
  const array = arrayIn(handle);
  const indices = integersOf(indicesTensor!);
  const parts = moveElements([value!], ([numeric]) => unstack(numeric!, 0));
  if (parts.length !== indices.length)
    throw new InvalidArgumentError(`${indices.length} indices were given for ${parts.length} tensors.`);
  parts.forEach((part, i) => array.write(indices[i]!, part));
  return [flow!];
};

/** All tensors one after the other along their first axis, and how long each is there. */
function prepareConcat(operation: Operation): Kernel {
  const dtype = operation.dtype('dtype');
  const rest = operation.shape('element_shape_except0');
  return ([handle]) => {
    const array = arrayIn(handle);
    const items = array.items.map((_, i) => array.read(i));
    const lengths = items.map(({ shape }) => shape[0]!);
    const outputLengths = integers('int64', [lengths.length], lengths);
    if (items.length > 0) return [moveElements(items, (tensors) => [concatenate(tensors, 0)])[0]!, outputLengths];
    if (!isFullyKnown(rest)) throw new InvalidArgumentError('No tensors of an unknown shape cannot be joined.');
    return [zerosOf(dtype, [0, ...rest]), outputLengths];
  };
}

const split: Kernel = ([handle, value, lengthsTensor, flow]) => {
  const array = arrayIn(handle);
  const lengths = Array.from(integersOf(lengthsTensor!));
  if (lengths.reduce((sum, length) => sum + length, 0) !== value!.shape[0]) {
    throw new InvalidArgumentError(`Lengths of ${lengths.join(', ')} do not add up to ${value!.shape[0]} rows.`);
  }
  moveElements([value!], ([numeric]) => splitAxis(numeric!, 0, lengths)).forEach((part, i) => array.write(i, part));
  return [flow!];
};

function prepareGradient(operation: Operation): Kernel {
  const source = operation.string('source');
  return ([handle, flow]) => [handleOf(arrayIn(handle).gradient(source)), flow!];
}

export const tensorArrayKernels: readonly KernelDefinition[] = [
  define('TensorArrayV3', prepareArray),
  define('TensorArrayWriteV3', () => ([handle, index, value, flow]) => {
    arrayIn(handle).write(integerOf(index!), value!);
    return [flow!];
  }),
  define('TensorArrayReadV3', () => ([handle, index]) => [arrayIn(handle).read(integerOf(index!))]),
  define('TensorArrayGatherV3', prepareGather),
  define('TensorArrayScatterV3', () => scatter),
  define('TensorArraySizeV3', () => ([handle]) => [integers('int32', [], [arrayIn(handle).items.length])]),
  define('TensorArrayConcatV3', prepareConcat),
  define('TensorArraySplitV3', () => split),
  define('TensorArrayGradV3', prepareGradient),
  define('TensorArrayCloseV3', () => () => []),
];
