import type { DeviceTensor } from '@tenon/backend';
import type { Operation } from '@tenon/graph';
import { stridesOf, Tensor, TensorReference, type TypedArray } from '@tenon/tensor';
import { UninitializedError } from '../errors.js';
import type { Kernel, KernelContext, KernelDefinition } from '../kernel.js';
import { handleOf, Variable } from '../resources.js';
import { InvalidArgumentError } from './errors.js';

/** The kind under which variables stand in `Resources`. */
export const VARIABLE = 'variable';

/** The variable that a state operation stands for, made if it is not there yet. */
export function variableOf(operation: Operation, { resources }: Pick<KernelContext, 'resources'>): Variable {
  const name = operation.string('shared_name') || operation.name;
  return resources.getOrCreate(VARIABLE, `${operation.string('container')}/${name}`, () => {
    return new Variable(name, operation.dtype('dtype'), operation.shape('shape'));
  });
}

/** The variable that a handle stands for. @throws InvalidArgumentError if it is no variable's. */
export function variableIn(handle: Tensor | undefined): Variable {
  const variable = (handle?.data as readonly unknown[])[0];
  if (!(variable instanceof Variable))
    throw new InvalidArgumentError('Its first input is not the handle of a variable.');
  return variable;
}

/** The value of a variable, on the host. @throws UninitializedError if it has none. */
export function readVariable(variable: Variable): Tensor {
  const value = currentValue(variable);
  return Tensor.isTensor(value) ? value : value.readSync!();
}

/** The value of a variable, where it is. @throws UninitializedError if it has none. */
export function currentValue(variable: Variable): Tensor | DeviceTensor {
  if (variable.value instanceof TensorReference) {
    const value = variable.value.readSync();
    if (!value)
      throw new InvalidArgumentError(
        `The value of variable "${variable.name}" cannot be read at once from ${variable.value.source.name}.`,
      );
    variable.value = value;
  }
  if (!variable.value) throw new UninitializedError(variable.name);
  return variable.value;
}

const kernel = (type: string, prepare: (operation: Operation) => Kernel): KernelDefinition => ({ type, prepare });

/** Arithmetic on the slots of a typed array is arithmetic on the elements, but for the types that keep their bits. */
function keepsBits(operation: Operation): string | undefined {
  const dtype = operation.dtype('dtype');
  return dtype === 'float16' || dtype === 'bfloat16' || dtype === 'string' || dtype === 'bool'
    ? `dtype ${dtype}`
    : undefined;
}

const update = (type: string, combine: (target: TypedArray, value: TypedArray) => void): KernelDefinition => ({
  type,
  unsupported: keepsBits,
  prepare:
    () =>
    ([handle, value]) => {
      const variable = variableIn(handle);
      const before = readVariable(variable);
      const data = (before.data as TypedArray).slice();
      combine(data, value!.data as TypedArray);
      variable.assign(new Tensor(before.dtype, before.shape, data));
      return [];
    },
});

const scatter = (type: string, combine: (target: number, value: number) => number): KernelDefinition => ({
  type,
  unsupported: keepsBits,
  prepare:
    () =>
    ([handle, indices, updates]) => {
      const variable = variableIn(handle);
      const before = readVariable(variable);
      const data = (before.data as TypedArray).slice() as Float32Array;
      const row = stridesOf(before.shape)[0] ?? 1;
      const source = updates!.data as Float32Array;
      (indices!.data as Int32Array).forEach((index, position) => {
        const start = Number(index) * row;
        if (!(start >= 0 && start < data.length))
          throw new InvalidArgumentError(`Index ${index} is outside [0, ${before.shape[0]}).`);
        for (let offset = 0; offset < row; offset++) {
          data[start + offset] = combine(
            data[start + offset]!,
            source.length === 1 ? source[0]! : source[position * row + offset]!,
          );
        }
      });
      variable.assign(new Tensor(before.dtype, before.shape, data));
      return [];
    },
});

const add = (target: TypedArray, value: TypedArray): void => {
  for (let i = 0; i < target.length; i++) (target as Float32Array)[i]! += (value as Float32Array)[i]!;
};

const subtract = (target: TypedArray, value: TypedArray): void => {
  for (let i = 0; i < target.length; i++) (target as Float32Array)[i]! -= (value as Float32Array)[i]!;
};

/** Variables: TensorFlow 1's reference variables were rewritten to these before, see `use-resource-variables.ts`. */
export const stateKernels: readonly KernelDefinition[] = [
  kernel('VarHandleOp', (operation) => (_, context) => [handleOf(variableOf(operation, context))]),
  // A value on a device goes into the frame as it is: segments take it so, and kernels are given it read.
  kernel('ReadVariableOp', () => ([handle]) => [currentValue(variableIn(handle)) as Tensor]),
  kernel('AssignVariableOp', () => ([handle, value]) => {
    variableIn(handle).assign(value!);
    return [];
  }),
  kernel('VarIsInitializedOp', () => ([handle]) => [
    new Tensor('bool', [], Uint8Array.of(variableIn(handle).value === undefined ? 0 : 1)),
  ]),
  kernel('DestroyResourceOp', () => () => []),
  kernel('VariableShape', (operation) => ([handle]) => {
    const { shape } = readVariable(variableIn(handle));
    const dtype = operation.dtype('out_type');
    return [
      dtype === 'int64'
        ? new Tensor('int64', [shape.length], BigInt64Array.from(shape, BigInt))
        : new Tensor('int32', [shape.length], Int32Array.from(shape)),
    ];
  }),
  update('AssignAddVariableOp', add),
  update('AssignSubVariableOp', subtract),
  scatter('ResourceScatterUpdate', (_, value) => value),
  scatter('ResourceScatterAdd', (target, value) => target + value),
  scatter('ResourceScatterSub', (target, value) => target - value),
];
