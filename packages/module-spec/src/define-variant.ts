import {
  AnySchema,
  AssetFileDefSchema,
  create,
  dtypeToProto,
  encodeTensor,
  MetaGraphDefSchema,
  ModuleAttachmentSchema,
  serialize,
  shapeToProto,
  TypeSpecProto_TypeSpecClass as TypeSpecClass,
  VariableDefSchema,
  type CollectionDef,
  type GraphDef,
  type Init,
  type MetaGraphDef,
  type SignatureDef,
  type TensorInfo as TensorInfoProto,
} from '@tenon/format';
import { exportGraphDef, readConstants, type Graph, type Operation } from '@tenon/graph';
import { StringArray, Tensor } from '@tenon/tensor';
import { assetFilenames, type NamedAsset } from './asset-filenames.js';
import { ASSET_PLACEHOLDER } from './assets.js';
import { Collections } from './collections.js';
import { UnexportableModuleError } from './errors.js';
import type { ModuleVariant } from './module-variant.js';
import type { Signature } from './signature.js';
import { operationList } from './operation-list.js';
import { sortedFields } from './sorted-fields.js';
import type { ComponentInfo, TensorInfo } from './tensor-info.js';

/**
 * What `saved_model.pb` says of a variant of a TF1 Hub module: what the file said that it was read from, or what was built, as TensorFlow Hub
 * writes it (TF1 Hub contract, Bytes on disk). Equal modules are equal bytes.
 *
 * @throws UnexportableModuleError naming every variable that nothing in the graph initialises; UnwritableGraphError, AssetError.
 */
export async function defineVariant(variant: ModuleVariant): Promise<MetaGraphDef> {
  if (variant.definition) return variant.definition;
  const { graph } = await variant.load();
  const assets = assetFilenames(graph);
  const graphDef = withoutPaths(exportGraphDef(graph, await readConstants(graph)), assets);
  return create(MetaGraphDefSchema, {
    metaInfoDef: { tags: [...variant.tags], strippedDefaultAttrs: true, strippedOpList: operationList(graph) },
    graphDef,
    collectionDef: Object.fromEntries(sortedFields(defineCollections(graph, assets, variant.attachments))),
    signatureDef: Object.fromEntries(
      sortedFields(variant.signatures).map(([name, signature]) => [name, defineSignature(signature)]),
    ),
  });
}

function withoutPaths(graphDef: GraphDef, assets: readonly NamedAsset[]): GraphDef {
  const names = new Set(assets.map(({ tensor }) => tensor.operation.name));
  for (const node of graphDef.node) {
    if (!names.has(node.name)) continue;
    const value = encodeTensor(new Tensor('string', [], StringArray.from([ASSET_PLACEHOLDER])));
    node.attr['value'] = { ...node.attr['value']!, value: { case: 'tensor', value } };
  }
  return graphDef;
}

function defineCollections(
  graph: Graph,
  assets: readonly NamedAsset[],
  attachments: ReadonlyMap<string, Uint8Array>,
): Map<string, Init<CollectionDef>> {
  const collections = new Map<string, Init<CollectionDef>>();
  const variables = new VariableDefinitions(graph);
  for (const [name, members] of graph.collections) {
    if (members.length === 0) continue;
    collections.set(
      name,
      VARIABLES.has(name)
        ? bytesList(members.map((member) => variables.define('operation' in member ? member.operation : member)))
        : { kind: { case: 'nodeList', value: { value: members.map((member) => member.name) } } },
    );
  }
  variables.check();
  if (assets.length > 0) collections.set(Collections.assets, assetList(assets));
  const messages = sortedFields(attachments).map(([key, value]) =>
    serialize(ModuleAttachmentSchema, create(ModuleAttachmentSchema, { key, value })),
  );
  if (messages.length > 0) collections.set(Collections.attachments, bytesList(messages));
  return collections;
}

const VARIABLES: ReadonlySet<string> = new Set([
  Collections.variables,
  Collections.trainableVariables,
  Collections.modelVariables,
]);

function bytesList(value: Uint8Array[]): Init<CollectionDef> {
  return { kind: { case: 'bytesList', value: { value } } };
}

function assetList(assets: readonly NamedAsset[]): Init<CollectionDef> {
  const files = assets.map(({ tensor, filename }) => {
    const file = create(AssetFileDefSchema, {
      tensorInfo: { encoding: { case: 'name', value: tensor.name } },
      filename,
    });
    const value = serialize(AssetFileDefSchema, file);
    return create(AnySchema, { typeUrl: 'type.googleapis.com/tensorflow.AssetFileDef', value });
  });
  return { kind: { case: 'anyList', value: { value: files } } };
}

/** Writes variables as `VariableDef`s: which operations hold, initialise and read them. */
class VariableDefinitions {
  private readonly readers = new Map<Operation, Operation[]>();
  private readonly trainable: ReadonlySet<unknown>;
  private readonly problems: string[] = [];

  constructor(graph: Graph) {
    this.trainable = new Set(graph.collections.get(Collections.trainableVariables));
    for (const operation of graph.operations) {
      const source = operation.inputs[0]?.operation;
      if (source && ROLES.has(operation.type))
        this.readers.set(source, [...(this.readers.get(source) ?? []), operation]);
    }
  }

  define(variable: Operation): Uint8Array {
    const { name, type } = variable;
    const initializer = this.find(variable, ['AssignVariableOp', 'Assign'], `${name}/Assign`);
    if (!initializer) this.problems.push(`Nothing in the graph initialises the variable "${name}".`);
    const isResource = type === 'VarHandleOp';
    const snapshot = isResource
      ? this.find(variable, ['ReadVariableOp'], `${name}/Read/ReadVariableOp`)
      : this.find(variable, ['Identity'], `${name}/read`);
    const definition = create(VariableDefSchema, {
      variableName: variable.output().name,
      initializerName: initializer?.name ?? '',
      snapshotName: snapshot?.output().name ?? '',
      initialValueName: initializer?.input(1).name ?? '',
      isResource,
      trainable: this.trainable.has(variable),
    });
    return serialize(VariableDefSchema, definition);
  }

  /** The operation of that name that has the variable for its first input, or else the first one that has. */
  private find(variable: Operation, types: readonly string[], name: string): Operation | undefined {
    const candidates = (this.readers.get(variable) ?? []).filter(({ type }) => types.includes(type));
    return candidates.find((candidate) => candidate.name === name) ?? candidates[0];
  }

  /** @throws UnexportableModuleError */
  check(): void {
    if (this.problems.length > 0) throw new UnexportableModuleError([...new Set(this.problems)]);
  }
}

const ROLES: ReadonlySet<string> = new Set(['AssignVariableOp', 'Assign', 'ReadVariableOp', 'Identity']);

/** A signature as files have it. */
export function defineSignature({ method, inputs, outputs }: Omit<Signature, 'name'>): Init<SignatureDef> {
  const define = (infos: Signature['inputs']) =>
    Object.fromEntries(sortedFields(infos).map(([name, info]) => [name, defineTensor(info)]));
  return { methodName: method, inputs: define(inputs), outputs: define(outputs) };
}

function defineTensor(info: TensorInfo): Init<TensorInfoProto> {
  const { kind, dtype, shape, components } = info;
  const type = { dtype: dtypeToProto(dtype), tensorShape: shapeToProto(shape) };
  switch (kind) {
    case 'dense':
      return { ...type, encoding: { case: 'name', value: components[0]!.tensor } };
    case 'sparse': {
      const [indicesTensorName, valuesTensorName, denseShapeTensorName] = components.map(({ tensor }) => tensor);
      const value = { indicesTensorName, valuesTensorName, denseShapeTensorName };
      return { ...type, encoding: { case: 'cooSparse', value } };
    }
    case 'ragged':
      return { encoding: { case: 'compositeTensor', value: defineRagged(info) } };
  }
}

function defineRagged({ dtype, shape, components }: TensorInfo) {
  const splits = components.slice(1);
  const state = [
    { kind: { case: 'tensorShapeValue', value: shapeToProto(shape) } },
    { kind: { case: 'tensorDtypeValue', value: dtypeToProto(dtype) } },
    { kind: { case: 'int64Value', value: BigInt(splits.length) } },
    { kind: { case: 'tensorDtypeValue', value: dtypeToProto(splits[0]!.dtype) } },
  ] as const;
  return {
    typeSpec: {
      typeSpecClass: TypeSpecClass.RAGGED_TENSOR_SPEC,
      typeSpecClassName: 'RaggedTensorSpec',
      typeState: { kind: { case: 'tupleValue', value: { values: state } } },
      numFlatComponents: components.length,
    },
    components: components.map(({ tensor, dtype: own, shape: ownShape }: ComponentInfo): Init<TensorInfoProto> => ({
      dtype: dtypeToProto(own),
      tensorShape: shapeToProto(ownShape),
      encoding: { case: 'name', value: tensor },
    })),
  } as const;
}
