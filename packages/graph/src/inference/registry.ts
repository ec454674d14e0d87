import type { ShapeFunction } from './shape-context.js';
import { ARRAY } from './shapes/array.js';
import { CONTROL_FLOW } from './shapes/control-flow.js';
import { IMAGE } from './shapes/image.js';
import { INDEXING } from './shapes/indexing.js';
import { IO } from './shapes/io.js';
import { LINEAR_ALGEBRA } from './shapes/linear-algebra.js';
import { LOOKUP } from './shapes/lookup.js';
import { MATH } from './shapes/math.js';
import { NN } from './shapes/nn.js';
import { QUANTIZATION } from './shapes/quantization.js';
import { RAGGED } from './shapes/ragged.js';
import { RANDOM } from './shapes/random.js';
import { REDUCTION } from './shapes/reduction.js';
import { RNN } from './shapes/rnn.js';
import { SIGNAL } from './shapes/signal.js';
import { SPARSE } from './shapes/sparse.js';
import { STATE } from './shapes/state.js';
import { STRING } from './shapes/string.js';
import { TENSOR_LIST } from './shapes/tensor-list.js';
import { TRAINING } from './shapes/training.js';
import { XLA } from './shapes/xla.js';

/** How output shapes follow from inputs, by op. An op that is not here keeps the shapes that it has. */
export const SHAPE_FUNCTIONS: ReadonlyMap<string, ShapeFunction> = new Map(
  [
    ARRAY,
    CONTROL_FLOW,
    IMAGE,
    INDEXING,
    IO,
    LINEAR_ALGEBRA,
    LOOKUP,
    MATH,
    NN,
    QUANTIZATION,
    RAGGED,
    RANDOM,
    REDUCTION,
    RNN,
    SIGNAL,
    SPARSE,
    STATE,
    STRING,
    TENSOR_LIST,
    TRAINING,
    XLA,
  ].flatMap((family) => Object.entries(family)),
);
