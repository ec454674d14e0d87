import type { Attribute, Attributes, Graph, Operation, RewrittenGraph, SymbolicTensor } from '@tenon/graph';
import { rewriteGraph } from './rewrite-graph.js';

/**
 * TensorFlow 1's reference variables hand out references, and whoever takes one as a value reads the variable at that moment.
 * This rewrites them to resource variables, with one explicit read where each reader stands, so that the rest of the runtime knows only
 * one kind of variable and reads keep their order with assignments.
 *
 * @param graph In topological order.
 */
export function useResourceVariables(graph: Graph): RewrittenGraph {
  /** For each handle that stands for a reference, the reference. */
  const references = new Map<SymbolicTensor, Reference>();

  return rewriteGraph(graph, (operation, { graph: copy, inputs, controlInputs, copy: copyAsIs }) => {
    const refer = (reference: Reference, after: Operation) => {
      // A tensor of its own for each state of the variable that the graph can tell apart.
      const handle = copy
        .addOperation({
          type: 'Identity',
          name: `${operation.name}/handle`,
          inputs: [reference.handle],
          controlInputs: [after],
          attributes: RESOURCE,
        })
        .output();
      references.set(handle, { ...reference, handle });
      return handle;
    };

    if (operation.type === 'VariableV2' || operation.type === 'Variable') {
      const variable = copyAsIs({ type: 'VarHandleOp', attributes: withSharedName(operation), shapes: [[]] });
      const { dtype, shape } = operation.output();
      references.set(variable.output(), { handle: variable.output(), dtype, shape: shape ?? operation.shape('shape') });
      return { operation: variable, outputs: variable.outputs };
    }

    const target = inputs[0] && references.get(inputs[0]);
    if (target && operation.type === 'RefIdentity') {
      const after = copy.addOperation({ type: 'NoOp', name: operation.name, controlInputs });
      return { operation: after, outputs: [refer(target, after)] };
    }

    const resourceType = target && RESOURCE_FORMS[operation.type];
    const values = inputs.map((input, index) => {
      const reference = references.get(input);
      if (!reference || (resourceType && operation.definition.inputs[index]!.isReference)) return input;
      return copy
        .addOperation({
          type: 'ReadVariableOp',
          name: `${operation.name}/read`,
          inputs: [reference.handle],
          controlInputs,
          attributes: new Map<string, Attribute>([['dtype', { kind: 'dtype', value: reference.dtype }]]),
          shapes: [reference.shape],
        })
        .output();
    });
    if (!resourceType) {
      if (values.every((value, index) => value === inputs[index])) return undefined;
      const reader = copyAsIs({ inputs: values });
      return { operation: reader, outputs: reader.outputs };
    }
    const updated = copyAsIs({
      type: resourceType,
      inputs: values,
      attributes: new Map<string, Attribute>([
        ...operation.attributes,
        ['dtype', { kind: 'dtype', value: target.dtype }],
      ]),
    });
    return {
      operation: updated,
      outputs: operation.outputs.map((output, index) =>
        output.isReference ? refer(target, updated) : updated.output(index),
      ),
    };
  });
}

interface Reference {
  readonly handle: SymbolicTensor;
  readonly dtype: SymbolicTensor['dtype'];
  readonly shape: SymbolicTensor['shape'];
}

const RESOURCE: Attributes = new Map([['T', { kind: 'dtype', value: 'resource' }]]);

function withResource(prefix: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [`${prefix}${name}`, `Resource${prefix}${name}`]));
}

/** Ops that take a reference as their first input, by the op that takes a handle instead: and all others where they take references. */
const RESOURCE_FORMS: Readonly<Record<string, string>> = {
  Assign: 'AssignVariableOp',
  AssignAdd: 'AssignAddVariableOp',
  AssignSub: 'AssignSubVariableOp',
  IsVariableInitialized: 'VarIsInitializedOp',
  ScatterUpdate: 'ResourceScatterUpdate',
  ScatterAdd: 'ResourceScatterAdd',
  ScatterSub: 'ResourceScatterSub',
  ScatterMul: 'ResourceScatterMul',
  ScatterDiv: 'ResourceScatterDiv',
  ScatterMin: 'ResourceScatterMin',
  ScatterMax: 'ResourceScatterMax',
  ScatterNdUpdate: 'ResourceScatterNdUpdate',
  ScatterNdAdd: 'ResourceScatterNdAdd',
  ScatterNdSub: 'ResourceScatterNdSub',
  StridedSliceAssign: 'ResourceStridedSliceAssign',
  ...withResource('Apply', 'GradientDescent Momentum Adagrad AdagradV2 RMSProp CenteredRMSProp Adam Adadelta'),
  ...withResource('SparseApply', 'Momentum Adagrad AdagradV2 RMSProp CenteredRMSProp Adadelta'),
};

/** A resource is found by its shared name; a reference variable without one is found by its own. */
function withSharedName(operation: Operation): Attributes {
  const name = operation.string('shared_name') || operation.name;
  return new Map<string, Attribute>([
    ...operation.attributes,
    ['shared_name', { kind: 'bytes', value: new TextEncoder().encode(name) }],
  ]);
}
