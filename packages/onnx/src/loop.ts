import type { FunctionGraph, Operation, SymbolicTensor } from '@tenon/graph';
import { isFullyKnown } from '@tenon/tensor';
import type { ConversionContext } from './conversion-context.js';
import { grows, LIST_PUSHES, LIST_WRITES, padded } from './converters/tensor-list.js';
import {
  elementsOf,
  isOfOne,
  knownElement,
  lengthOf,
  mergeShapes,
  type Collector,
  type ListValue,
} from './list-value.js';
import type { ShapedValue, Value } from './model-builder.js';
import { captured, plainForm, type TensorForms } from './tensor-forms.js';

/** A `While`: what tells whether it goes on, and what it does. */
interface Repetition {
  readonly condition: FunctionGraph;
  readonly body: FunctionGraph;
  readonly truthOf: (forms: TensorForms) => Value;
}

/** How one of a loop's variables goes through it. */
type Variable =
  /** It is the same in every iteration. */
  | { readonly kind: 'invariant'; readonly forms: TensorForms }
  /** A tensor that each iteration hands to the next. */
  | { readonly kind: 'tensor'; readonly initial: Value }
  /** A list that each iteration hands to the next: as the tensor of its elements. */
  | { readonly kind: 'list'; readonly list: ListValue; readonly initial: Value }
  /** A list to which each iteration adds one element, in order. */
  | { readonly kind: 'collected'; readonly list: ListValue; readonly order: Order | undefined };

/** At which indices the iterations write: the first one at `start`, each other one behind or before it. `undefined`: at the list's end. */
interface Order {
  readonly start: Value;
  readonly isBackwards: boolean;
  /** Whether the list grows where it is too short. */
  readonly grows: boolean;
}

/** Converts a `While` to a `Loop` and binds its outputs. */
export function convertLoop(context: ConversionContext, { condition, body, truthOf }: Repetition): void {
  const { builder, operation } = context;
  const count = operation.inputs.length;
  if (body.inputs.length !== count || body.outputs.length !== count || condition.inputs.length !== count)
    context.unsupported('its functions take other inputs');
  const variables = operation.inputs.map((_, index) => variableOf(context, index, condition, body));
  const carried = variables.flatMap((variable, index) => ('initial' in variable ? { variable, index } : []));

  const start = variables.map((variable, index): TensorForms => {
    if (variable.kind === 'invariant') return captured(variable.forms, builder);
    return captured(context.forms(index), builder);
  });
  const runs = (forms: readonly TensorForms[]) => truthOf(context.convertBody(condition, forms)[0]!);
  const collectors = new Map<number, Collector>();
  const results = builder.loop(
    carried.map(({ variable, index }) => ({ value: variable.initial, shape: shapeOf(variable, body.inputs[index]!) })),
    runs(start),
    (state) => {
      const at = (values: readonly Value[], collecting: boolean) =>
        variables.map((variable, index): TensorForms => {
          const { shape } = body.inputs[index]!;
          if (variable.kind === 'invariant') return captured(variable.forms, builder);
          if (variable.kind === 'tensor') return { shape, plain: values[placeOf(index)]! };
          if (variable.kind === 'list') return { shape, list: { ...variable.list, elements: values[placeOf(index)]! } };
          const collector: Collector = {};
          if (collecting) collectors.set(index, collector);
          return { shape, list: { ...variable.list, collector } };
        });
      const placeOf = (index: number) => carried.findIndex((entry) => entry.index === index);
      const after = context.convertBody(body, at(state, true));
      const next = carried.map(({ variable, index }): ShapedValue => {
        const shape = shapeOf(variable, body.inputs[index]!);
        if (variable.kind === 'tensor') return { value: plainForm(after[index]!, builder), shape };
        const { list } = after[index]!;
        if (list?.length !== variable.list.length) context.unsupported('a list becomes longer or shorter in it');
        return { value: elementsOf(list, builder), shape };
      });
      next.forEach(({ value }, place) => {
        if (value.dtype !== state[place]!.dtype) context.unsupported('the type of one of its variables changes');
      });
      const collected = [...collectors].map(([index, { item }]): ShapedValue => {
        const { list } = variables[index] as Extract<Variable, { kind: 'collected' }>;
        const forms = item ?? context.unsupported('an iteration adds nothing to a list');
        return { value: plainForm(forms, builder), shape: mergeShapes(forms.shape, list.elementShape) };
      });
      const values = next.map(({ value }) => value);
      return { condition: runs(at(values, false)), state: next, collected };
    },
  );

  variables.forEach((variable, index) => {
    if (variable.kind === 'invariant') context.outputs[index] = variable.forms;
    else if (variable.kind === 'collected') {
      const elements = results.collected[[...collectors.keys()].indexOf(index)]!;
      context.setList(collectedList(context, variable, elements), index);
    } else {
      const value = results.state[carried.findIndex((entry) => entry.index === index)]!;
      if (variable.kind === 'tensor') context.set(value, 'plain', index);
      else context.setList({ ...variable.list, elements: value }, index);
    }
  });
}

function variableOf(
  context: ConversionContext,
  index: number,
  condition: FunctionGraph,
  body: FunctionGraph,
): Variable {
  const forms = context.forms(index);
  const { builder } = context;
  if (original(body.outputs[index]!) === body.inputs[index]) return { kind: 'invariant', forms };
  const { list } = forms;
  if (!list) return { kind: 'tensor', initial: plainForm(forms, builder) };
  return listVariableOf(context, list, index, condition, body);
}

function listVariableOf(
  context: ConversionContext,
  list: ListValue,
  index: number,
  condition: FunctionGraph,
  body: FunctionGraph,
): Variable {
  if (list.collector) context.unsupported('a list is added to in a loop within a loop');
  const addition = additionTo(body, index);
  const elementShape = mergeShapes(list.elementShape, itemShape(addition?.operation));
  if (!isFullyKnown(elementShape) && !isOfOne(list) && !isStacked(context.operation.output(index)))
    context.unsupported('the elements of a list may be of different shapes');
  if (addition && !isUsed(condition, condition.inputs[index]!)) {
    const { operation, place } = addition;
    if (place === undefined) return { kind: 'collected', list, order: undefined };
    const counter = counterOf(body, place);
    // A list that has elements keeps those that the loop does not write.
    if (counter && !list.elements) {
      const start = context.int64Vector(counter.index);
      const { isBackwards } = counter;
      return { kind: 'collected', list, order: { start, isBackwards, grows: grows(list, operation) } };
    }
    // Whatever the first iteration starts from, it is not looked at.
    if (isOfOne(list) && !list.elements && elementShape)
      return { kind: 'list', list, initial: emptyElement(context, list, elementShape) };
  }
  return { kind: 'list', list, initial: elementsOf({ ...list, elementShape }, context.builder) };
}

/** Ops that put the elements of a list together, which must be of one shape for that, and where the list is among their inputs. */
const STACKS: Readonly<Record<string, number>> = { TensorListStack: 0, TensorListGather: 0, TensorArrayGatherV3: 2 };

/** Whether the list that a tensor stands for is put together in the end. */
function isStacked(tensor: SymbolicTensor): boolean {
  const same = new Set([tensor]);
  for (const { type, inputs, outputs } of tensor.graph.operations) {
    const place = STACKS[type];
    if (place !== undefined && same.has(inputs[place]!)) return true;
    const list = (LIST_WRITES[type] ?? LIST_PUSHES[type])?.list;
    if (list !== undefined && same.has(inputs[list]!)) same.add(outputs[0]!);
    if (type === 'Identity' || type.endsWith('While'))
      inputs.forEach((input, index) => same.has(input) && same.add(outputs[index]!));
  }
  return false;
}

function itemShape(operation: Operation | undefined) {
  const inputs = operation && (LIST_WRITES[operation.type] ?? LIST_PUSHES[operation.type]);
  return inputs ? operation.input(inputs.item).shape : null;
}

/** Zeros of the shape of an element, or no elements where it is not known. */
function emptyElement({ builder }: ConversionContext, { dtype }: ListValue, shape: readonly (number | null)[]): Value {
  const dimensions = [1, ...shape.map((dimension) => dimension ?? 0)];
  return builder.one('Expand', [builder.scalar(0, dtype), builder.int64s(dimensions)]);
}

function shapeOf(variable: Variable, { shape }: SymbolicTensor): ShapedValue['shape'] {
  if (variable.kind !== 'list') return shape;
  const { list } = variable;
  return list.elementShape && [isOfOne(list) ? 1 : null, ...list.elementShape];
}

/** The list that a loop leaves behind to which each of its iterations added an element. */
function collectedList(
  context: ConversionContext,
  { list, order }: Extract<Variable, { kind: 'collected' }>,
  collected: Value,
): ListValue {
  const { builder } = context;
  if (!order) {
    const isEmpty = knownElement(list.length) === 0;
    const all = isEmpty ? collected : context.concat([elementsOf(list, builder), collected], 0);
    return { ...list, elements: all, length: lengthOf(all, builder) };
  }
  const { start, isBackwards } = order;
  const count = () => lengthOf(collected, builder);
  const end = () => context.one('Add', [start, isBackwards ? builder.int64s([1]) : count()]);
  const first = isBackwards ? context.one('Sub', [end(), count()]) : knownElement(start) === 0 ? undefined : start;
  const length = order.grows ? context.one('Max', [list.length, end()]) : list.length;
  const elements = isBackwards ? reversed(context, collected) : collected;
  return { ...list, length, elements: padded(context, elements, first, length) };
}

function reversed({ builder }: ConversionContext, value: Value): Value {
  const [last, beforeFirst] = [builder.int64s([-1]), builder.int64s([-(2n ** 63n)])];
  return builder.one('Slice', [value, last, beforeFirst, builder.int64s([0]), builder.int64s([-1])]);
}

/** What a tensor is that was only handed on. */
function original(tensor: SymbolicTensor): SymbolicTensor {
  let source = tensor;
  while (source.operation.type === 'Identity') source = source.operation.input(0);
  return source;
}

/** The operation that adds an element to a list once per iteration, where nothing else reads or changes the list; and at which index it does. */
function additionTo(
  body: FunctionGraph,
  index: number,
): { readonly operation: Operation; readonly place?: SymbolicTensor } | undefined {
  const result = original(body.outputs[index]!);
  const { operation } = result;
  const write = LIST_WRITES[operation.type];
  const push = LIST_PUSHES[operation.type];
  const listInput = (write ?? push)?.list;
  if (listInput === undefined || original(operation.input(listInput)) !== body.inputs[index]) return undefined;
  const before = usesOf(body, body.inputs[index]);
  const after = usesOf(body, result);
  if (before.operations.length !== 1 || before.outputs > 0) return undefined;
  if (after.operations.length > 0 || after.outputs !== 1) return undefined;
  return write ? { operation, place: operation.input(write.index) } : { operation };
}

/** Which variable of a loop, that each iteration counts up or down by one, a tensor of its body is; `undefined` if it is none. */
function counterOf(
  body: FunctionGraph,
  tensor: SymbolicTensor,
): { readonly index: number; readonly isBackwards: boolean } | undefined {
  const index = body.inputs.indexOf(original(tensor));
  if (index < 0) return undefined;
  const { operation } = original(body.outputs[index]!);
  const sign = SIGNS[operation.type];
  if (sign === undefined) return undefined;
  const [left, right] = operation.inputs.map(original) as [SymbolicTensor, SymbolicTensor];
  const isLeft = left === body.inputs[index];
  const step = isLeft ? right : sign > 0 && right === body.inputs[index] ? left : undefined;
  const value = step?.operation.type === 'Const' ? step.operation.attribute('value', 'tensor') : undefined;
  if (!value || !('data' in value) || value.rank > 0) return undefined;
  const by = sign * Number((value.data as ArrayLike<number>)[0]);
  return by === 1 || by === -1 ? { index, isBackwards: by < 0 } : undefined;
}

const SIGNS: Readonly<Record<string, 1 | -1>> = { Add: 1, AddV2: 1, Sub: -1 };

/** Who reads a tensor, or what it is handed on as: operations, and outputs of the function. */
function usesOf(
  { graph, outputs }: FunctionGraph,
  tensor: SymbolicTensor,
): { readonly operations: readonly Operation[]; readonly outputs: number } {
  const same = (other: SymbolicTensor) => original(other) === tensor;
  const operations = Array.from(graph.operations).filter(
    ({ type, inputs }) => type !== 'Identity' && inputs.some(same),
  );
  return { operations, outputs: outputs.filter(same).length };
}

function isUsed(body: FunctionGraph, tensor: SymbolicTensor): boolean {
  const { operations, outputs } = usesOf(body, tensor);
  return operations.length > 0 || outputs > 0;
}
