import { AttrValueSchema, create, TensorShapeProtoSchema, type GraphDef, type NodeDef } from '@tenon/format';

/** The last version of graphs in which a placeholder of any shape says that it is a scalar. */
const LAST_WITHOUT_UNKNOWN_SHAPES = 21;

/** The nodes of a graph; placeholders in old ones say that their shape is unknown, where that is what a scalar's shape means there. */
export function withUnknownShapes({ node: nodes, versions }: GraphDef): readonly NodeDef[] {
  if ((versions?.producer ?? 0) > LAST_WITHOUT_UNKNOWN_SHAPES) return nodes;
  return nodes.map((node) => (isScalarPlaceholder(node) ? { ...node, attr: { ...node.attr, shape: UNKNOWN } } : node));
}

function isScalarPlaceholder({ op, attr }: NodeDef): boolean {
  if (op !== 'Placeholder') return false;
  const shape = attr['shape']?.value;
  return shape?.case === 'shape' && shape.value.dim.length === 0;
}

const UNKNOWN = create(AttrValueSchema, {
  value: { case: 'shape', value: create(TensorShapeProtoSchema, { unknownRank: true }) },
});
