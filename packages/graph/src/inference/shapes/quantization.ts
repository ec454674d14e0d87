import { forAll, sameAsFirst, type ShapeFunctions } from '../shape-context.js';

/** Quantised values, and floats that are made to look like them. */
export const QUANTIZATION: ShapeFunctions = {
  ...forAll(
    [
      'QuantizeAndDequantize',
      'QuantizeAndDequantizeV2',
      'QuantizeAndDequantizeV3',
      'QuantizeAndDequantizeV4',
      'FakeQuantWithMinMaxArgs',
      'FakeQuantWithMinMaxArgsGradient',
      'FakeQuantWithMinMaxVars',
      'Dequantize',
    ],
    sameAsFirst,
  ),
  FakeQuantWithMinMaxVarsPerChannel: (c) => [c.atLeast(0, 1)],
  FakeQuantWithMinMaxVarsGradient: (c) => [c.unify([c.shape(0), c.shape(1)]), [], []],
  FakeQuantWithMinMaxVarsPerChannelGradient: (c) => {
    const shape = c.unify([c.shape(0), c.shape(1)]);
    const channels = c.unify([c.ranked(2, 1), c.ranked(3, 1), shape && shape.slice(-1)]);
    return [shape, channels, channels];
  },
  QuantizeV2: (c) => {
    const axis = c.operation.int('axis');
    const shape = c.shape(0);
    const range = axis === -1 ? [] : [shape ? shape[axis]! : null];
    return [shape, range, range];
  },
};
