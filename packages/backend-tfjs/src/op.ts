import type { Operation } from '@tenon/graph';
import type { DType, Shape, Tensor } from '@tenon/tensor';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';

/** What TensorFlow.js has a data type for, and computes without loss. */
export const FLOATS: readonly DType[] = ['float32'];
export const NUMBERS: readonly DType[] = ['float32', 'int32'];
export const ALL: readonly DType[] = ['float32', 'int32', 'bool'];

/** The values of one run of one operation. */
export interface Call {
  /** How many inputs there are. */
  readonly count: number;
  /** An input on the device. */
  tensor(index: number): TfTensor;
  /** An input of those that the op reads on the host. */
  host(index: number): Tensor;
  /** The elements of such an input as numbers: those beyond 2^53, which stand for "to the end", are rounded. */
  numbers(index: number): number[];
  /** The shape of any input. */
  shape(index: number): Shape;
}

/** What an operation gives: on the device new tensors, never one of those given; or, where it is a matter of shapes alone, on the host. */
export type Result = TfTensor | Tensor;

/** How TensorFlow.js computes one of TensorFlow's ops. */
export interface Op {
  /** TensorFlow's name of it: `AddV2`. */
  readonly type: string;
  /** Data types of its inputs that are on the device. Default `FLOATS`. */
  readonly types?: readonly DType[];
  /** Inputs that are read on the host: shapes, axes, indices to be checked. Those less than 0 count from the last. */
  readonly host?: readonly number[];
  /** Outputs that may be int64 in TensorFlow: positions, which fit into the int32 that TensorFlow.js gives. */
  readonly int64Outputs?: readonly number[];
  /** Backends of TensorFlow.js whose kernel for it is missing, or does not give what TensorFlow gives. */
  readonly except?: readonly string[];
  /** Backends on which it takes float32 alone. */
  readonly floatsOnly?: readonly string[];
  /** Why this operation of the type cannot run on all of these backends; `undefined` if it can. */
  readonly problem?: (operation: Operation, backends: readonly string[]) => string | undefined;
  /** Reads the attributes; the function returned is called once per run. */
  readonly prepare: (operation: Operation) => (call: Call) => Result | readonly Result[];
}
