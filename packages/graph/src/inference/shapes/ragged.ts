import type { PartialShape } from '@tenon/tensor';
import { concatenate, product, unknownOfRank, type Dimension } from '../partial-shape.js';
import type { ShapeContext, ShapeFunctions } from '../shape-context.js';
import { every } from './array.js';

/** Ragged tensors: row splits, outermost first, and the innermost values. */
export const RAGGED: ShapeFunctions = {
  RaggedRange: (c) => {
    const rows =
      c.shapes.map((shape) => (shape?.length === 1 ? shape[0]! : null)).find((size) => size !== null) ?? null;
    const scalars = c.shapes.every((shape) => shape?.length === 0);
    return [[scalars ? 2 : rows === null ? null : rows + 1], [null]];
  },
  RaggedGather: (c) => {
    const inner = c.shape(c.argument('params_dense_values')[0]!);
    const indices = c.shape(c.argument('indices')[0]!);
    const splits = every(c.operation.int('OUTPUT_RAGGED_RANK'), [null]);
    if (splits.length > 0) {
      const rows = indices?.[0] ?? null;
      splits[0] = [rows === null ? null : rows + 1];
    }
    return [...splits, concatenate([null], inner && inner.slice(1))];
  },
  RaggedTensorToTensor: (c) => [raggedToTensor(c)],
  RaggedTensorToSparse: (c) => {
    const splits = c.operation.int('RAGGED_RANK');
    const values = c.shape(splits);
    const rank = values && values.length + splits;
    const count = values && product(values);
    return [[count, rank], [count], [rank]];
  },
  RaggedTensorToVariant: (c) => {
    if (!c.operation.bool('batched_input')) return [[]];
    const rows = c.ranked(0, 1)[0]!;
    return [[rows === null ? null : rows - 1]];
  },
  RaggedTensorFromVariant: (c) => [...every(c.operation.int('output_ragged_rank'), [null]), null],
  RaggedFillEmptyRows: () => [[null], [null], [null], [null]],
};

/** The shape asked for, with the rows and the inner dimensions of the values filled in where it leaves them open. */
function raggedToTensor(c: ShapeContext): PartialShape {
  const types = c.operation.list('row_partition_types', 'bytes').map((bytes) => new TextDecoder().decode(bytes));
  const values = c.shape(1);
  // The first partition may say the number of rows alone, and adds no dimension.
  const partitions = types[0] === 'FIRST_DIM_SIZE' ? types.length - 1 : types.length;
  const open = c.shape(0)?.length === 0;
  const asked = c.value(0);
  if (!values) return open ? null : c.spelledShape(0);
  const implied: Dimension[] = [...unknownOfRank(partitions), null, ...values.slice(1)];
  if (types[0] === 'FIRST_DIM_SIZE') implied[0] = c.scalar(3);
  else if (types[0] === 'ROW_SPLITS') implied[0] = minusOne(c.ranked(3, 1)[0]!);
  if (open) return implied;
  return c.requireRank(c.spelledShape(0), implied.length, 'the shape asked for').map((dimension, axis) => {
    // What is not known may be larger or smaller than what the values have; -1 is what they have, and inner dimensions always are.
    return dimension ?? (asked?.[axis] === -1 || axis > partitions ? implied[axis]! : null);
  });
}

function minusOne(size: Dimension): Dimension {
  return size === null ? null : size - 1;
}
