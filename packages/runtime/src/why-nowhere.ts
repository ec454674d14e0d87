import { findOperationDefinition, type Operation } from '@tenon/graph';

/** Ops that no kernel can be written for here, and what to do about them. */
const FAMILIES: readonly (readonly [ops: RegExp, reason: string])[] = [
  [
    /^(OneShot|Multi|Anonymous)?(Multi)?(Device)?Iterator|^MakeIterator|Dataset(V\d)?$|Queue(V\d)?$|^Queue|^Barrier|^(Unstage|Stage|MapStage|MapUnstage|OrderedMap)/,
    'part of an input pipeline, which Tenon does not run: feed the tensors that it gives, by their names',
  ],
  [
    /^_?Xla|^TPU|^_?Tpu|TPU|^(Infeed|Outfeed)/,
    "made for an accelerator's compiler: export the model again without compilation (in jax2tf with native_serialization=False and enable_xla=False)",
  ],
  [/^(Cudnn|Nccl|_?Mkl|Trt|TRT)/, 'made for one kind of processor: export the model again for any'],
];

/** Why an operation of this type can run nowhere, and what to do; `undefined` where it is only that nobody has written a kernel. */
export function whyNowhere({ type, graph }: Operation): string | undefined {
  if (graph.functions.find(type)) return undefined;
  const family = FAMILIES.find(([ops]) => ops.test(type));
  if (family) return family[1];
  if (findOperationDefinition(type)) return undefined;
  return 'no op of TensorFlow itself, but of a library that the model was made with: export the model without it, or feed what it gives';
}
