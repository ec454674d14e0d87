import type { Operation } from '@tenon/graph';
import { sizeOf, Tensor, type Shape } from '@tenon/tensor';
import { ShapesError } from './errors.js';

/** A value while a segment runs: this backend knows float32 alone. */
export type Floats = Tensor<'float32'>;

/** Computes one operation; its attributes were read before. */
export type Kernel = (...inputs: Floats[]) => Floats;

/** The ops of this backend: what there is to say of each, in one entry. */
export const OPS: Readonly<Record<string, (operation: Operation) => Kernel>> = {
  Neg: () => elementwise((x) => -x),
  Relu: () => elementwise((x) => (x < 0 ? 0 : x)),
  Square: () => elementwise((x) => x * x),
  AddV2: () => broadcasting((x, y) => x + y),
  Sub: () => broadcasting((x, y) => x - y),
  Mul: () => broadcasting((x, y) => x * y),
  MatMul: (operation) => matrixProduct(operation.bool('transpose_a'), operation.bool('transpose_b')),
};

function elementwise(compute: (x: number) => number): Kernel {
  return (x) => new Tensor('float32', x.shape, x.data.map(compute));
}

function broadcasting(compute: (x: number, y: number) => number): Kernel {
  return (x, y) => {
    const shape = commonShape(x.shape, y.shape);
    const [left, right] = [x, y].map((tensor) => stepsAlong(shape, tensor.shape)) as [number[], number[]];
    const result = new Float32Array(sizeOf(shape));
    const position = shape.map(() => 0);
    let [a, b] = [0, 0];
    for (let i = 0; i < result.length; i++) {
      result[i] = compute(x.data[a]!, y.data[b]!);
      // To the next element: of the last dimension, and where that is at its end, of the one before.
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        a += left[axis]!;
        b += right[axis]!;
        if (++position[axis]! < shape[axis]!) break;
        a -= left[axis]! * shape[axis]!;
        b -= right[axis]! * shape[axis]!;
        position[axis] = 0;
      }
    }
    return new Tensor('float32', shape, result);
  };
}

/** @throws ShapesError, where TensorFlow would refuse, too. */
function commonShape(x: Shape, y: Shape): Shape {
  const rank = Math.max(x.length, y.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [a, b] = [x, y].map((shape) => shape[axis - rank + shape.length] ?? 1) as [number, number];
    if (a !== b && a !== 1 && b !== 1) throw new ShapesError(x, y);
    return a === 1 ? b : a;
  });
}

/** How far a step along each dimension of the result goes in an input: nowhere, where it is broadcast. */
function stepsAlong(shape: Shape, own: Shape): number[] {
  const steps = shape.map(() => 0);
  let step = 1;
  for (let axis = own.length - 1; axis >= 0; axis--) {
    if (own[axis] !== 1) steps[axis + shape.length - own.length] = step;
    step *= own[axis]!;
  }
  return steps;
}

function matrixProduct(isLeftTransposed: boolean, isRightTransposed: boolean): Kernel {
  return (x, y) => {
    const [rows, inner] = oriented(x.shape, isLeftTransposed);
    const [expected, columns] = oriented(y.shape, isRightTransposed);
    if (inner !== expected) throw new ShapesError(x.shape, y.shape);
    const result = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = x.data[isLeftTransposed ? k * rows + row : row * inner + k]!;
          const right = y.data[isRightTransposed ? column * inner + k : k * columns + column]!;
          sum += left * right;
        }
        result[row * columns + column] = sum;
      }
    }
    return new Tensor('float32', [rows, columns], result);
  };
}

function oriented([rows, columns]: Shape, isTransposed: boolean): [number, number] {
  return isTransposed ? [columns!, rows!] : [rows!, columns!];
}
