import { FunctionLibrary, Graph, type Attribute, type ConstantValue, type SymbolicTensor } from '@tenon/graph';
import { allocate, sizeOf, Tensor, type DType, type NumericDType, type PartialShape, type Shape } from '@tenon/tensor';

type Plain = string | number | boolean | readonly number[];

/** Builds graphs by hand, with shapes as given: no inference runs. */
export class GraphBuilder {
  readonly graph = new Graph(new FunctionLibrary());

  placeholder(name: string, dtype: DType, shape: PartialShape): SymbolicTensor {
    const attributes = new Map<string, Attribute>([['dtype', { kind: 'dtype', value: dtype }]]);
    return this.graph.addOperation({ type: 'Placeholder', name, attributes, shapes: [shape] }).output();
  }

  constant(value: ConstantValue): SymbolicTensor {
    const attributes = new Map<string, Attribute>([
      ['dtype', { kind: 'dtype', value: value.dtype }],
      ['value', { kind: 'tensor', value }],
    ]);
    return this.graph.addOperation({ type: 'Const', attributes, shapes: [value.shape] }).output();
  }

  /** A constant of zeros. */
  zeros(shape: Shape, dtype: NumericDType = 'float32'): SymbolicTensor {
    return this.constant(new Tensor(dtype, shape, allocate(dtype, sizeOf(shape))));
  }

  int32s(...values: number[]): SymbolicTensor {
    return this.constant(new Tensor('int32', [values.length], Int32Array.from(values)));
  }

  /** An operation with one output of that shape. Type attributes follow from the inputs unless they are given. */
  add(
    type: string,
    inputs: readonly SymbolicTensor[],
    shape: PartialShape,
    attributes: Readonly<Record<string, Plain>> = {},
    types: Readonly<Record<string, DType>> = { T: inputs[0]!.dtype },
  ): SymbolicTensor {
    return this.graph
      .addOperation({
        type,
        inputs,
        shapes: [shape],
        attributes: new Map<string, Attribute>([
          ...Object.entries(types).map(([name, value]) => [name, { kind: 'dtype', value }] as const),
          ...Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)] as const),
        ]),
      })
      .output();
  }
}

function attributeOf(value: Plain): Attribute {
  if (typeof value === 'string') return { kind: 'bytes', value: new TextEncoder().encode(value) };
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { kind: 'int', value: BigInt(value) } : { kind: 'float', value };
  }
  return { kind: 'list', value: value.map((item) => ({ kind: 'int', value: BigInt(item) })) };
}
