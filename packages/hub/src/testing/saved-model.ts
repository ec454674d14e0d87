import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  create,
  DataType,
  encodeTensor,
  SavedModelSchema,
  serialize,
  type AttrValue,
  type FunctionDef,
  type Init,
  type MetaGraphDef,
  type NodeDef,
  type SignatureDef,
} from '@tenon/format';
import { tensorFrom, type DType, type TensorLike } from '@tenon/tensor';

type Attributes = Record<string, Init<AttrValue>>;

export const typeAttribute = (type: DataType): Init<AttrValue> => ({ value: { case: 'type', value: type } });
export const intAttribute = (value: number): Init<AttrValue> => ({ value: { case: 'i', value: BigInt(value) } });
export const boolAttribute = (value: boolean): Init<AttrValue> => ({ value: { case: 'b', value } });
export const textAttribute = (value: string): Init<AttrValue> => ({ value: { case: 's', value: Buffer.from(value) } });
export const functionAttribute = (name: string): Init<AttrValue> => ({ value: { case: 'func', value: { name } } });
export const typesAttribute = (...type: DataType[]): Init<AttrValue> => ({
  value: { case: 'list', value: { type } },
});

export function node(op: string, name: string, input: readonly string[] = [], attr: Attributes = {}): Init<NodeDef> {
  return { op, name, input, attr };
}

export function placeholderNode(name: string, type = DataType.DT_FLOAT): Init<NodeDef> {
  return node('Placeholder', name, [], { dtype: typeAttribute(type) });
}

export function constantNode(name: string, value: TensorLike, dtype: DType = 'float32'): Init<NodeDef> {
  const tensor = encodeTensor(tensorFrom(value, dtype));
  return node('Const', name, [], {
    dtype: typeAttribute(tensor.dtype),
    value: { value: { case: 'tensor', value: tensor } },
  });
}

/** `identityNode('b', 'a')` hands on what `a` is. */
export function identityNode(name: string, input: string, type = DataType.DT_FLOAT): Init<NodeDef> {
  return node('Identity', name, [input], { T: typeAttribute(type) });
}

/** A call of a function of one float32 that gives one. */
export function callNode(name: string, called: string, input: string): Init<NodeDef> {
  const type = typesAttribute(DataType.DT_FLOAT);
  return node('PartitionedCall', name, [input], { Tin: type, Tout: type, f: functionAttribute(called) });
}

/** A function of float32 `x` that gives what `output` is. */
export function floatFunction(
  name: string,
  nodeDef: readonly Init<NodeDef>[],
  output: string,
  type = DataType.DT_FLOAT,
): Init<FunctionDef> {
  return {
    signature: { name, inputArg: [{ name: 'x', type: DataType.DT_FLOAT }], outputArg: [{ name: 'y', type }] },
    nodeDef,
    ret: { y: output },
  };
}

export interface ModelParts {
  readonly nodes: readonly Init<NodeDef>[];
  readonly functions?: readonly Init<FunctionDef>[];
  /** Names of tensors. Default: from `x:0` to `y:0`, both float32. */
  readonly signature?: Init<SignatureDef>;
  readonly more?: Init<MetaGraphDef>;
  /** Further files. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
}

const FLOAT_TO_FLOAT: Init<SignatureDef> = {
  inputs: { x: { encoding: { case: 'name', value: 'x:0' }, dtype: DataType.DT_FLOAT, tensorShape: { unknownRank: true } } },
  outputs: { y: { encoding: { case: 'name', value: 'y:0' }, dtype: DataType.DT_FLOAT, tensorShape: { unknownRank: true } } },
}; // prettier-ignore

/** Folders of models that tests make up. */
export class ModelFolder {
  private readonly root = mkdtempSync(join(tmpdir(), 'models-'));
  private count = 0;

  /** @returns The path of a SavedModel of these parts. */
  write({ nodes, functions = [], signature = FLOAT_TO_FLOAT, more = {}, files = {} }: ModelParts): string {
    const path = join(this.root, String(this.count++));
    const model = create(SavedModelSchema, {
      savedModelSchemaVersion: 1n,
      metaGraphs: [
        {
          ...more,
          metaInfoDef: { tags: ['serve'] },
          graphDef: { node: nodes, library: { function: functions } },
          signatureDef: { serving_default: signature },
        },
      ],
    });
    const all = { 'saved_model.pb': serialize(SavedModelSchema, model), ...files };
    for (const [file, contents] of Object.entries(all)) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), contents);
    }
    return path;
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
