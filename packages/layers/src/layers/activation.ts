import type { SymbolicTensor } from '@tenon/graph';

/** What a layer does to its outputs last: `relu`, `tanh`, … */
export type Activation = (x: SymbolicTensor) => SymbolicTensor;
