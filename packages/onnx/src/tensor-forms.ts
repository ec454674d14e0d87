import type { ConstantValue } from '@tenon/graph';
import { Tensor, type PartialShape } from '@tenon/tensor';
import { Unconvertible } from './errors.js';
import type { ModelBuilder, Value } from './model-builder.js';
import type { ListValue } from './list-value.js';
import { toChannelsLast } from './permutation.js';

/**
 * One TensorFlow tensor in the ONNX graph. TensorFlow keeps the channels of images last, ONNX first; a tensor is there in the one form, the
 * other, or both, and the second is made when something asks for it. So neighbours that agree on a form need no transposition between them.
 */
export interface TensorForms {
  readonly shape: PartialShape;
  /** The elements, or where they lie, of a constant. */
  readonly constant?: ConstantValue;
  /** As TensorFlow has it. */
  plain?: Value;
  /** With its last axis moved behind its first. */
  channelsFirst?: Value;
  /** Of a handle of a list of tensors, or what TensorFlow 1 keeps the order of an array's changes with: the list. */
  readonly list?: ListValue;
}

/** The tensor as TensorFlow has it; adds a transposition if it is there with channels first only. */
export function plainForm(forms: TensorForms, builder: ModelBuilder): Value {
  return (forms.plain ??= makePlain(forms, builder));
}

function makePlain({ constant, channelsFirst, shape }: TensorForms, builder: ModelBuilder): Value {
  if (constant) return constant instanceof Tensor ? builder.constant(constant) : builder.reference(constant);
  if (!channelsFirst) throw new Unconvertible('a handle has no value');
  return builder.one('Transpose', [channelsFirst], { perm: toChannelsLast(shape!.length) });
}

/**
 * The tensor as a graph inside may use it: what is derived from it there must not be taken for something that is there outside, too.
 */
export function captured(forms: TensorForms, builder: ModelBuilder): TensorForms {
  const { shape, constant, list } = forms;
  if (constant) return { shape, constant };
  if (forms.plain ?? forms.channelsFirst) return { shape, plain: plainForm(forms, builder), ...(list && { list }) };
  return { shape, ...(list && { list }) };
}

export type Layout = 'plain' | 'channelsFirst';
