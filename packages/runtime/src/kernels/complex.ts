import { allocate, Tensor } from '@tenon/tensor';
import type { Operation } from '@tenon/graph';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { broadcast } from './broadcast.js';
import { define, isComplex, passThrough } from './definition.js';

/** A real number for each complex one. */
function toReal(type: string, f: (re: number, im: number) => number): KernelDefinition {
  return define(type, (operation: Operation): Kernel => {
    const { dtype } = operation.output();
    if (!isComplex(operation.input(0).dtype)) return passThrough;
    return ([tensor]) => {
      const input = tensor!.data as Float32Array;
      const output = allocate(dtype as 'float32', tensor!.size);
      for (let i = 0; i < output.length; i++) output[i] = f(input[2 * i]!, input[2 * i + 1]!);
      return [new Tensor(dtype as 'float32', tensor!.shape, output)];
    };
  });
}

function prepareComplex(operation: Operation): Kernel {
  const { dtype } = operation.output();
  return ([re, im]) => {
    const { shape, rows, inner, leftStep, rightStep, leftStarts, rightStarts } = broadcast(re!.shape, im!.shape);
    const left = re!.data as Float32Array;
    const right = im!.data as Float32Array;
    const output = allocate(dtype as 'complex64', rows * inner);
    for (let row = 0, o = 0; row < rows; row++) {
      for (let i = 0; i < inner; i++) {
        output[o++] = left[leftStarts[row]! + i * leftStep]!;
        output[o++] = right[rightStarts[row]! + i * rightStep]!;
      }
    }
    return [new Tensor(dtype as 'complex64', shape, output)];
  };
}

export const conjugate: Kernel = ([tensor]) => {
  if (!isComplex(tensor!.dtype)) return [tensor!];
  const input = tensor!.data as Float32Array;
  const output = allocate(tensor!.dtype as 'complex64', tensor!.size);
  for (let i = 0; i < output.length; i++) output[i] = i % 2 === 0 ? input[i]! : -input[i]!;
  return [new Tensor(tensor!.dtype as 'complex64', tensor!.shape, output)];
};

export const complexKernels: readonly KernelDefinition[] = [
  define('Complex', prepareComplex),
  toReal('Real', (re) => re),
  toReal('Imag', (_, im) => im),
  toReal('ComplexAbs', Math.hypot),
  toReal('Angle', (re, im) => Math.atan2(im, re)),
  define('Conj', () => conjugate),
];
