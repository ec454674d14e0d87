import {
  dtypeToProto,
  shapeToProto,
  TypeSpecProto_TypeSpecClass as TypeSpecClass,
  type Init,
  type StructuredValue,
} from '@tenon/format';
import type { TensorInfo } from '@tenon/module-spec';

/** A Python value, as files describe arguments and results of functions. */
export type Structured = Init<StructuredValue>;

export const none: Structured = { kind: { case: 'noneValue', value: {} } };

export const text = (value: string): Structured => ({ kind: { case: 'stringValue', value } });

export const bool = (value: boolean): Structured => ({ kind: { case: 'boolValue', value } });

export const list = (values: Structured[]): Structured => ({ kind: { case: 'listValue', value: { values } } });

export const tuple = (values: Structured[]): Structured => ({ kind: { case: 'tupleValue', value: { values } } });

export const dictionary = (fields: Iterable<readonly [string, Structured]>): Structured => ({
  kind: { case: 'dictValue', value: { fields: Object.fromEntries(fields) } },
});

/** What TensorFlow calls the spec of a tensor, or of a sparse or ragged one. */
export function spec(name: string, { kind, dtype, shape, components }: TensorInfo): Structured {
  const [type, dimensions] = [dtypeToProto(dtype), shapeToProto(shape)];
  const state = (values: Structured[]): Structured => tuple(values);
  const shapeValue: Structured = { kind: { case: 'tensorShapeValue', value: dimensions } };
  const typeValue: Structured = { kind: { case: 'tensorDtypeValue', value: type } };
  switch (kind) {
    case 'dense':
      return { kind: { case: 'tensorSpecValue', value: { name, shape: dimensions, dtype: type } } };
    case 'sparse':
      return composite(TypeSpecClass.SPARSE_TENSOR_SPEC, 'SparseTensorSpec', state([shapeValue, typeValue]), 3);
    case 'ragged': {
      const splits = components.slice(1);
      const rank: Structured = { kind: { case: 'int64Value', value: BigInt(splits.length) } };
      const splitsType: Structured = {
        kind: { case: 'tensorDtypeValue', value: dtypeToProto(splits[0]?.dtype ?? 'int64') },
      };
      const own = state([shapeValue, typeValue, rank, splitsType]);
      return composite(TypeSpecClass.RAGGED_TENSOR_SPEC, 'RaggedTensorSpec', own, components.length);
    }
  }
}

function composite(
  typeSpecClass: TypeSpecClass,
  typeSpecClassName: string,
  typeState: Structured,
  numFlatComponents: number,
): Structured {
  const value = { typeSpecClass, typeSpecClassName, typeState, numFlatComponents };
  return { kind: { case: 'typeSpecValue', value } };
}

/** Python's description of a function's parameters, of which the last may have defaults. */
export function parameters(names: readonly string[], defaults: readonly Structured[] = []): Structured {
  const fields: readonly [string, Structured][] = [
    ['args', list(names.map(text))],
    ['varargs', none],
    ['varkw', none],
    ['defaults', defaults.length > 0 ? tuple([...defaults]) : none],
    ['kwonlyargs', list([])],
    ['kwonlydefaults', none],
    ['annotations', dictionary([])],
  ];
  const values = fields.map(([key, value]) => ({ key, value }));
  return { kind: { case: 'namedTupleValue', value: { name: 'FullArgSpec', values } } };
}
