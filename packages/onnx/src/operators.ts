import type { ConvertibleDType } from './data-types.js';
import { KERNELS } from './kernels.js';
import type { GraphParts } from './write-model.js';

/** An ONNX operator; where its attributes decide which types it runs on, an operator and such attributes. */
export type Operator = keyof typeof KERNELS;

/** What a node is written as. */
export interface Spelling {
  readonly type: string;
  /** Of operators that are not ONNX's own. */
  readonly domain?: string;
  readonly attributes: Attributes;
}

/** ONNX Runtime's operators for images whose channels lie in blocks. */
const BLOCKED = 'com.microsoft.nchwc';

/** Operators that are another one with an attribute. */
const VARIANTS: Partial<Record<Operator, Spelling>> = {
  Fmod: { type: 'Mod', attributes: { fmod: 1 } },
  ScatterNDAdd: { type: 'ScatterND', attributes: { reduction: 'add' } },
  PadReflect: { type: 'Pad', attributes: { mode: 'reflect' } },
  PadEdge: { type: 'Pad', attributes: { mode: 'edge' } },
  ResizeLinear: { type: 'Resize', attributes: { mode: 'linear' } },
  MaxPoolIndices: { type: 'MaxPool', attributes: {} },
  BlockedConv: { type: 'Conv', domain: BLOCKED, attributes: {} },
  ReorderInput: { type: 'ReorderInput', domain: BLOCKED, attributes: {} },
  ReorderOutput: { type: 'ReorderOutput', domain: BLOCKED, attributes: {} },
};

/** A number that ONNX wants as a float, not as an integer. */
export interface FloatAttribute {
  readonly float: number;
}

/** A graph that a node runs: the body of a loop, a branch. */
export interface GraphAttribute {
  readonly graph: GraphParts;
}

/** The attributes of a node: plain numbers are integers. */
export type Attributes = Readonly<
  Record<string, number | string | FloatAttribute | GraphAttribute | readonly number[]>
>;

export function spell(operator: Operator, attributes: Attributes): Spelling {
  const variant = VARIANTS[operator];
  return variant
    ? { ...variant, attributes: { ...variant.attributes, ...attributes } }
    : { type: operator, attributes };
}

/** Whether ONNX Runtime runs the operator on that type. */
export function hasKernel(operator: Operator, dtype: ConvertibleDType): boolean {
  return (KERNELS[operator] as readonly ConvertibleDType[]).includes(dtype);
}

/** The input whose type decides: the first but for these. */
export function decidingInput(operator: Operator): number {
  return operator === 'Where' ? 1 : 0;
}

/** The types of an operator's outputs, `T` being the type that decides. */
export function outputTypes(operator: Operator): readonly ('T' | 'bool' | 'int64')[] {
  return OUTPUT_TYPES[operator] ?? ['T'];
}

const OUTPUT_TYPES: Partial<Record<Operator, readonly ('T' | 'bool' | 'int64')[]>> = {
  IsNaN: ['bool'],
  IsInf: ['bool'],
  Equal: ['bool'],
  Less: ['bool'],
  LessOrEqual: ['bool'],
  Greater: ['bool'],
  GreaterOrEqual: ['bool'],
  Shape: ['int64'],
  Size: ['int64'],
  ArgMax: ['int64'],
  ArgMin: ['int64'],
  TopK: ['T', 'int64'],
  MaxPoolIndices: ['T', 'int64'],
};
