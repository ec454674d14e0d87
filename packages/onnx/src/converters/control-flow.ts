import { isFullyKnown, sizeOf, type PartialShape } from '@tenon/tensor';
import type { FunctionGraph } from '@tenon/graph';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import { convertLoop } from '../loop.js';
import { elementsOf, type ListValue } from '../list-value.js';
import type { ShapedValue, Value } from '../model-builder.js';
import { captured, plainForm, type TensorForms } from '../tensor-forms.js';

/** TensorFlow's truth: a scalar that is not zero, or anything else that has elements. */
export function truthOf(context: ConversionContext, forms: TensorForms): Value {
  const { builder } = context;
  const { shape } = forms;
  if (shape === null) return context.unsupported('the rank of a condition is unknown');
  if (shape.length === 0) return builder.cast(plainForm(forms, builder), 'bool');
  if (isFullyKnown(shape)) return builder.scalar(sizeOf(shape) > 0 ? 1 : 0, 'bool');
  return builder.cast(context.one('Size', [plainForm(forms, builder)]), 'bool');
}

/** What a list is in values, so that a branch can hand it out: its elements, and how many they are. */
interface Unpacked {
  readonly values: readonly ShapedValue[];
  readonly list?: ListValue;
}

function unpack(context: ConversionContext, forms: TensorForms): Unpacked {
  const { list, shape } = forms;
  if (!list) return { values: [{ value: plainForm(forms, context.builder), shape }] };
  const elements = elementsOf(list, context.builder);
  const elementsShape = list.elementShape && [null, ...list.elementShape];
  return {
    list,
    values: [
      { value: elements, shape: elementsShape },
      { value: list.length, shape: [1] },
    ],
  };
}

/** Runs one of the branches, which take the inputs from `first` on. */
function choose(
  context: ConversionContext,
  branches: readonly FunctionGraph[],
  isFirst: (place: number) => Value,
): void {
  const { builder, operation } = context;
  const args = operation.inputs.slice(1).map((_, index) => captured(context.forms(index + 1), builder));
  const lists: (ListValue | undefined)[][] = [];
  const run = (body: FunctionGraph): readonly ShapedValue[] => {
    const results = context.convertBody(
      body,
      args.map((forms) => captured(forms, builder)),
    );
    const unpacked = operation.outputs.map((_, index) => unpack(context, results[index]!));
    lists.push(unpacked.map(({ list }) => list));
    return unpacked.flatMap(({ values }) => values);
  };
  const from = (place: number): readonly ShapedValue[] => {
    if (place === branches.length - 1) return run(branches[place]!);
    const values = builder.branch(
      isFirst(place),
      () => run(branches[place]!),
      () => from(place + 1),
    );
    return values.map((value) => ({ value, shape: null }));
  };
  const values = from(0);
  let next = 0;
  operation.outputs.forEach((_, index) => {
    const { value } = values[next++]!;
    const known = lists.map((branch) => branch[index]);
    const [list] = known;
    if (!list) return context.set(value, 'plain', index);
    const given = values[next++]!.value;
    // What no branch changes is the same outside.
    const length = known.every((other) => other?.length === list.length) ? list.length : given;
    const elementShape = known.reduce<PartialShape>(
      (all, other) => common(all, other!.elementShape),
      list.elementShape,
    );
    context.setList({ dtype: list.dtype, elementShape, elements: value, length }, index);
  });
}

/** What is known of both shapes. */
function common(a: PartialShape, b: PartialShape): PartialShape {
  return a && b?.length === a.length ? a.map((dimension, axis) => (dimension === b[axis] ? dimension : null)) : null;
}

const conditional = (type: string): Converter => ({
  type,
  convert(context) {
    const branches = ['then_branch', 'else_branch'].map((name) =>
      context.body(context.operation.attribute(name, 'function')),
    );
    choose(context, branches, () => truthOf(context, context.forms(0)));
  },
});

const selection = (type: string): Converter => ({
  type,
  convert(context) {
    const branches = context.operation.list('branches', 'function').map((reference) => context.body(reference));
    // An index outside of the branches takes the last one.
    choose(context, branches, (place) => context.one('Equal', [context.int64(0), context.builder.int64(place)]));
  },
});

const repetition = (type: string): Converter => ({
  type,
  convert(context) {
    const { operation } = context;
    convertLoop(context, {
      condition: context.body(operation.attribute('cond', 'function')),
      body: context.body(operation.attribute('body', 'function')),
      truthOf: (forms) => truthOf(context, forms),
    });
  },
});

const call = (type: string): Converter => ({
  type,
  convert(context) {
    const body = context.body(context.operation.attribute('f', 'function'));
    const inputs = context.operation.inputs.map((_, index) => context.forms(index));
    context.convertBody(body, inputs).forEach((forms, index) => (context.outputs[index] = forms));
  },
});

export const controlFlowConverters: readonly Converter[] = [
  ...['While', 'StatelessWhile'].map(repetition),
  ...['If', 'StatelessIf'].map(conditional),
  ...['Case', 'StatelessCase'].map(selection),
  call('PartitionedCall'),
];
