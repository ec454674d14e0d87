import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Attributes, Operator } from '../operators.js';
import { imageFormat, images, padding, spatialEntries } from './spatial.js';

function pool(
  context: ConversionContext,
  operator: Operator,
  ksize: readonly number[],
  strides: readonly number[],
  attributes: Attributes = {},
): void {
  const format = imageFormat(context);
  const window = {
    kernel: spatialEntries(context, ksize, format, 'ksize'),
    strides: spatialEntries(context, strides, format, 'strides'),
    dilations: format.spatialAxes.map(() => 1),
  };
  const value = context.one(operator, [images(context, 0, format)], {
    ...attributes,
    ...padding(context, format, window),
    kernel_shape: window.kernel,
    strides: window.strides,
  });
  context.set(value, format.layout);
}

const pooling = (type: string, operator: Operator): Converter => ({
  type,
  convert(context) {
    pool(context, operator, context.operation.ints('ksize'), context.operation.ints('strides'));
  },
});

export const poolingConverters: readonly Converter[] = [
  pooling('MaxPool', 'MaxPool'),
  pooling('MaxPool3D', 'MaxPool'),
  pooling('AvgPool', 'AveragePool'),
  pooling('AvgPool3D', 'AveragePool'),
  {
    type: 'MaxPoolV2',
    convert(context) {
      pool(context, 'MaxPool', context.numbers(1, 'ksize'), context.numbers(2, 'the strides'));
    },
  },
];
