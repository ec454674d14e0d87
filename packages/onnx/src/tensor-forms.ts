import type { ConstantValue } from '@tenon/graph';
import { Tensor, type PartialShape } from '@tenon/tensor';
import type { ModelBuilder, Value } from './model-builder.js';
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
}

/** The tensor as TensorFlow has it; adds a transposition if it is there with channels first only. */
export function plainForm(forms: TensorForms, builder: ModelBuilder): Value {
  return (forms.plain ??= makePlain(forms, builder));
}

function makePlain({ constant, channelsFirst, shape }: TensorForms, builder: ModelBuilder): Value {
  if (constant) return constant instanceof Tensor ? builder.constant(constant) : builder.reference(constant);
  return builder.one('Transpose', [channelsFirst!], { perm: toChannelsLast(shape!.length) });
}

export type Layout = 'plain' | 'channelsFirst';
