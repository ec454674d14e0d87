import { unify } from '../partial-shape.js';
import { every } from './array.js';
import { forAll, type ShapeFunctions } from '../shape-context.js';

/** Recurrent layers as one op. */
export const RNN: ShapeFunctions = {
  ...forAll(['CudnnRNN', 'CudnnRNNV2', 'CudnnRNNV3'], (c) => {
    const [time, batch] = c.ranked(0, 3);
    const state = c.ranked(1, 3);
    const directions = c.operation.string('direction') === 'bidirectional' ? 2 : 1;
    const units = state[2]! === null ? null : state[2]! * directions;
    const cell =
      c.operation.string('rnn_mode') === 'lstm' ? (c.operation.type === 'CudnnRNNV3' ? c.ranked(2, 3) : state) : [];
    return [[time!, batch!, units], state, cell, [null], [null]];
  }),
  ...forAll(['CudnnRNNBackprop', 'CudnnRNNBackpropV2', 'CudnnRNNBackpropV3'], (c) => [
    c.shape(0),
    c.shape(1),
    c.shape(2),
    c.shape(3),
  ]),
  BlockLSTM: (c) => {
    const [time, batch] = c.ranked(1, 3);
    const cells = c.ranked(2, 2)[1]!;
    return every(7, [time!, batch!, cells]);
  },
  LSTMBlockCell: (c) => {
    const shape = unify([c.ranked(0, 2)[0]!, null], c.ranked(1, 2));
    return every(7, shape);
  },
};
