import type { Operation } from '@tenon/graph';
import type { PartialShape } from '@tenon/tensor';
import type { ConversionContext } from '../conversion-context.js';
import type { Converter } from '../converter.js';
import { isConvertible, type ConvertibleDType } from '../data-types.js';
import { elementsOf, isOfOne, knownElement, lengthOf, mergeShapes, type ListValue } from '../list-value.js';
import type { Value } from '../model-builder.js';

/** Where the inputs of an op are that changes or reads a list: TensorFlow 1's arrays come with a handle, and the list in their flow. */
interface ListInputs {
  readonly list: number;
  readonly index: number;
  readonly item: number;
}

/** Ops that put one element into a list, and where their inputs are. */
export const LIST_WRITES: Readonly<Record<string, ListInputs>> = {
  TensorListSetItem: { list: 0, index: 1, item: 2 },
  TensorArrayWriteV3: { list: 3, index: 1, item: 2 },
};

/** The op that adds an element at a list's end, and where its inputs are. */
export const LIST_PUSHES: Readonly<Record<string, Omit<ListInputs, 'index'>>> = {
  TensorListPushBack: { list: 0, item: 1 },
};

/** A shape that is given as an input, with -1 for what is not known. */
function shapeInput(context: ConversionContext, index: number): PartialShape {
  const constant = context.constant(index);
  if (!constant) return null;
  const dimensions = Array.from(constant.data as ArrayLike<number | bigint>, Number);
  if (constant.rank === 0) return dimensions[0] === -1 ? null : [];
  return dimensions.map((dimension) => (dimension < 0 ? null : dimension));
}

function elementType(context: ConversionContext, attribute: string): ConvertibleDType {
  const dtype = context.operation.dtype(attribute);
  return isConvertible(dtype) ? dtype : context.unsupported(`a list of ${dtype}`);
}

/** The list with what the op knows of its elements' shape. */
function withShape(list: ListValue, shape: PartialShape): ListValue {
  return { ...list, elementShape: mergeShapes(list.elementShape, shape) };
}

function setElements(context: ConversionContext, list: ListValue, elements: Value): void {
  context.setList({ ...list, elements });
}

/** As many elements as the list has, of that shape. */
function zeros({ builder }: ConversionContext, { dtype, length }: ListValue, shape: Value): Value {
  return builder.one('Expand', [builder.scalar(0, dtype), builder.one('Concat', [length, shape], { axis: 0 })]);
}

/** Whether the op makes the list longer where it writes behind its end. */
export function grows(list: ListValue, operation: Operation): boolean {
  const attribute = operation.find('resize_if_index_out_of_bounds');
  return list.grows === true || (attribute?.kind === 'bool' && attribute.value);
}

const write = (type: string, { list: listInput, index, item }: ListInputs): Converter => ({
  type,
  convert(context) {
    const list = context.list(listInput);
    const known = withShape(list, context.shape(item));
    if (list.collector) {
      list.collector.item = { shape: context.shape(item), plain: context.plain(item) };
      return context.setList(known);
    }
    if (grows(list, context.operation))
      context.unsupported('a list that grows in another way than its loop collects it');
    const element = context.unsqueeze(context.plain(item), [0]);
    if (isOfOne(list)) return setElements(context, known, element);
    const place = context.one('Reshape', [context.int64(index), context.builder.int64s([1, 1])]);
    const before = list.elements ?? zeros(context, list, context.one('Shape', [context.plain(item)]));
    setElements(context, known, context.one('ScatterND', [before, place, element]));
  },
});

const push = (type: string, { list: listInput, item }: Omit<ListInputs, 'index'>): Converter => ({
  type,
  convert(context) {
    const list = context.list(listInput);
    const known = withShape(list, context.shape(item));
    if (list.collector) {
      list.collector.item = { shape: context.shape(item), plain: context.plain(item) };
      return context.setList(known);
    }
    const { builder } = context;
    const element = context.unsqueeze(context.plain(item), [0]);
    const isEmpty = knownElement(list.length) === 0;
    context.setList({
      ...known,
      elements: isEmpty ? element : context.concat([elementsOf(known, builder), element], 0),
      length: isEmpty ? builder.int64s([1]) : context.one('Add', [list.length, builder.int64s([1])]),
    });
  },
});

const read = (type: string, listInput: number, index: number, shape?: number): Converter => ({
  type,
  convert(context) {
    const list = withShape(context.list(listInput), shape === undefined ? null : shapeInput(context, shape));
    context.set(context.one('Gather', [elementsOf(list, context.builder), context.int64(index)], { axis: 0 }));
  },
});

const gather = (
  type: string,
  inputs: { readonly list: number; readonly indices: number },
  shapeOf: (context: ConversionContext) => PartialShape,
): Converter => ({
  type,
  convert(context) {
    const list = withShape(context.list(inputs.list), shapeOf(context));
    const indices = context.int64(inputs.indices);
    context.set(context.one('Gather', [elementsOf(list, context.builder), indices], { axis: 0 }));
  },
});

/** Whether an input counts up from 0. */
function isCount({ type, inputs }: Operation): boolean {
  const isConstant = (index: number, expected: number) => {
    const { operation } = inputs[index]!;
    const value = operation.type === 'Const' ? operation.attribute('value', 'tensor') : undefined;
    return value !== undefined && 'data' in value && Number((value.data as ArrayLike<number>)[0]) === expected;
  };
  return type === 'Range' && isConstant(0, 0) && isConstant(2, 1);
}

/** Rows of a tensor, put into a list at these indices. */
const scatter = (
  type: string,
  inputs: { readonly list: number; readonly indices: number; readonly rows: number },
): Converter => ({
  type,
  convert(context) {
    const { builder } = context;
    const list = withShape(context.list(inputs.list), context.shape(inputs.rows)?.slice(1) ?? null);
    if (list.collector) context.unsupported('a list is written to in another way than its loop collects it');
    const rows = context.plain(inputs.rows);
    if (!list.elements && isCount(context.operation.input(inputs.indices).operation)) {
      return setElements(context, list, padded(context, rows, undefined, list.length));
    }
    const rest = () =>
      context.one('Slice', [context.one('Shape', [rows]), builder.int64s([1]), builder.int64s([2 ** 31])]);
    const elements = list.elements ?? zeros(context, list, rest());
    const places = context.one('Reshape', [context.int64(inputs.indices), builder.int64s([-1, 1])]);
    setElements(context, list, context.one('ScatterND', [elements, places, rows]));
  },
});

/** The value with zeros before it (as many as `start` says) and behind it, until it has that many elements along its first axis. */
export function padded(context: ConversionContext, value: Value, start: Value | undefined, length: Value): Value {
  const { builder } = context;
  const end = context.one('Sub', [length, lengthOf(value, builder)]);
  const pads = start
    ? context.concat([start, context.one('Sub', [end, start])], 0)
    : context.concat([builder.int64s([0]), end], 0);
  return context.one('Pad', [value, pads, builder.scalar(0, value.dtype), builder.int64s([0])]);
}

export const tensorListConverters: readonly Converter[] = [
  {
    type: 'TensorListReserve',
    convert(context) {
      const dtype = elementType(context, 'element_dtype');
      context.setList({ dtype, elementShape: shapeInput(context, 0), length: context.int64Vector(1) });
    },
  },
  {
    type: 'EmptyTensorList',
    convert(context) {
      const dtype = elementType(context, 'element_dtype');
      context.setList({ dtype, elementShape: shapeInput(context, 0), length: context.builder.int64s([0]) });
    },
  },
  {
    type: 'TensorListFromTensor',
    convert(context) {
      const elements = context.plain(0);
      const elementShape = mergeShapes(context.shape(0)?.slice(1) ?? null, shapeInput(context, 1));
      const count = context.shape(0)?.[0] ?? null;
      const length = count === null ? lengthOf(elements, context.builder) : context.builder.int64s([count]);
      context.setList({ dtype: elements.dtype, elementShape, length, elements });
    },
  },
  {
    type: 'TensorListStack',
    convert(context) {
      context.set(elementsOf(withShape(context.list(0), shapeInput(context, 1)), context.builder));
    },
  },
  {
    type: 'TensorListLength',
    convert(context) {
      context.set(context.builder.cast(context.squeeze(context.list(0).length, [0]), 'int32'));
    },
  },
  ...Object.entries(LIST_WRITES).map(([type, inputs]) => write(type, inputs)),
  ...Object.entries(LIST_PUSHES).map(([type, inputs]) => push(type, inputs)),
  read('TensorListGetItem', 0, 1, 2),
  read('TensorArrayReadV3', 2, 1),
  gather('TensorListGather', { list: 0, indices: 1 }, (context) => shapeInput(context, 2)),
  gather('TensorArrayGatherV3', { list: 2, indices: 1 }, ({ operation }) => operation.shape('element_shape')),
  scatter('TensorListScatterIntoExistingList', { list: 0, rows: 1, indices: 2 }),
  scatter('TensorArrayScatterV3', { list: 3, rows: 2, indices: 1 }),
  {
    type: 'TensorArrayV3',
    convert(context) {
      const dtype = elementType(context, 'dtype');
      const shape = context.operation.shape('element_shape');
      context.setHandle();
      const grows = context.operation.bool('dynamic_size');
      context.setList({ dtype, elementShape: shape, length: context.int64Vector(0), grows }, 1);
    },
  },
  {
    type: 'TensorArraySizeV3',
    convert(context) {
      context.set(context.builder.cast(context.squeeze(context.list(1).length, [0]), 'int32'));
    },
  },
];
