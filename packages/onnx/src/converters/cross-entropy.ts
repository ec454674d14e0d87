import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import type { Value } from '../model-builder.js';

/** Greater than any class, so that ONNX Runtime refuses it. */
const NO_CLASS = 2 ** 31;

/** Loss and gradient of logits `[batch, classes]`; the labels are probabilities. */
function ofProbabilities(context: ConversionContext): void {
  const [logits, labels] = [context.plain(0), context.plain(1)];
  const logProbabilities = context.one('LogSoftmax', [logits], { axis: -1 });
  const products = context.one('Mul', [labels, logProbabilities]);
  const sum = context.one('ReduceSum', [products, context.builder.int64s([1])], { keepdims: 0 });
  context.set(context.one('Neg', [sum]), 'plain', 0);
  context.set(context.one('Sub', [context.one('Exp', [logProbabilities]), labels]), 'plain', 1);
}

/** Loss and gradient of logits `[batch, classes]`; the labels are classes. One that there is not is an error, as in TensorFlow. */
function ofClasses(context: ConversionContext): void {
  const { builder } = context;
  const one = context.one.bind(context);
  const logits = context.plain(0);
  const zero = builder.int64(0);
  const label = context.int64(1);
  const checked = one('Where', [one('Less', [label, zero]), builder.int64(NO_CLASS), label]);
  const column = context.unsqueeze(checked, [1]);
  const logProbabilities = one('LogSoftmax', [logits], { axis: -1 });
  const picked = one('GatherND', [logProbabilities, column], { batch_dims: 1 });
  context.set(one('Neg', [picked]), 'plain', 0);
  const classes = one('Range', [zero, lastDimension(context, logits), builder.int64(1)]);
  const isLabel = builder.cast(one('Equal', [column, classes]), logits.dtype);
  context.set(one('Sub', [one('Exp', [logProbabilities]), isLabel]), 'plain', 1);
}

function lastDimension(context: ConversionContext, logits: Value): Value {
  const known = context.shape(0)?.at(-1);
  if (known != null) return context.builder.int64(known);
  return context.one('Gather', [context.one('Shape', [logits]), context.builder.int64(1)]);
}

export const crossEntropyConverters: readonly Converter[] = [
  { type: 'SoftmaxCrossEntropyWithLogits', convert: ofProbabilities },
  { type: 'SparseSoftmaxCrossEntropyWithLogits', convert: ofClasses },
];
