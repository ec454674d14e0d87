import type { DType } from '@tenon/tensor';
import type { KernelDefinition } from '../kernel.js';
import { prepareBinary } from './binary.js';
import { define } from './definition.js';
import { lowerGamma, scaledBesselI, upperGamma } from './special-functions.js';
import { elementwise } from './unary.js';

const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64' || dtype === 'float16';

const unary = (type: string, f: (x: number) => number): KernelDefinition => define(type, () => elementwise(f), isFloat);

const binary = (type: string, f: (a: number, x: number) => number): KernelDefinition =>
  define(type, prepareBinary({ number: f }), isFloat);

/** Functions that windows and distributions are made of. */
export const probabilityKernels: readonly KernelDefinition[] = [
  unary('BesselI0e', (x) => scaledBesselI(0, x)),
  unary('BesselI1e', (x) => scaledBesselI(1, x)),
  unary('BesselI0', (x) => scaledBesselI(0, x) * Math.exp(Math.abs(x))),
  unary('BesselI1', (x) => scaledBesselI(1, x) * Math.exp(Math.abs(x))),
  binary('Igamma', lowerGamma),
  binary('Igammac', upperGamma),
];
