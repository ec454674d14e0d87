import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readNpz } from '@tenon/format/npz';
import { Tensor, tensorFrom, type DType, type RaggedTensor, type Shape, type SparseTensor } from '@tenon/tensor';

const FIXTURES = resolve(__dirname, '../../../../tools/fixtures');
/** Other goldens than the checked-in ones, made by the same generators: `TENON_GOLDENS` names their folder. */
const GOLDENS = process.env['TENON_GOLDENS'] ?? FIXTURES;

/** A tensor of a golden file; `tools/tensorflow/gold.py` says what each form is. */
export type GoldenTensor =
  | { readonly dtype: DType; readonly shape: Shape; readonly data: readonly unknown[] }
  | { readonly dtype: DType; readonly shape: Shape; readonly npz: string }
  | {
      readonly dtype: DType;
      readonly shape: Shape;
      readonly sample: { readonly npz: string; readonly stride: number };
      readonly mean: number;
      readonly std: number;
    }
  | {
      readonly sparse: true;
      readonly indices: GoldenTensor;
      readonly values: GoldenTensor;
      readonly dense_shape: GoldenTensor;
    };

export interface GoldenCase {
  readonly id: string;
  readonly signature?: string;
  readonly tags?: readonly string[];
  readonly call?: string;
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, GoldenTensor>>;
  readonly outputs: Readonly<Record<string, GoldenTensor>>;
}

export interface GoldenInfo {
  readonly dtype: DType;
  readonly shape: readonly (number | null)[] | null;
  readonly sparse?: boolean;
  readonly ragged?: boolean;
}

type GoldenSignatures = Readonly<
  Record<string, { readonly inputs: Record<string, GoldenInfo>; readonly outputs: Record<string, GoldenInfo> }>
>;

export interface GoldenDocument {
  readonly module: string;
  readonly cases: readonly GoldenCase[];
  readonly tags?: readonly (readonly string[])[];
  /** Of TF1 Hub modules by tags, joined with commas; of SavedModels by name. */
  readonly signatures: Readonly<Record<string, GoldenSignatures>> | GoldenSignatures;
  readonly variables?: unknown;
  readonly image?: { readonly size: readonly [number, number]; readonly channels: number };
}

/** What real TensorFlow computed with one module. */
export class Golden {
  private arrays: ReadonlyMap<string, Tensor> | undefined;

  constructor(
    readonly document: GoldenDocument,
    /** The folder of the module. */
    readonly path: string,
    private readonly arraysPath: string,
  ) {}

  get isHubModule(): boolean {
    return existsSync(join(this.path, 'tfhub_module.pb'));
  }

  array(key: string): Tensor {
    this.arrays ??= readNpz(readFileSync(this.arraysPath), this.arraysPath);
    const array = this.arrays.get(key);
    if (!array) throw new Error(`${this.arraysPath} has no array "${key}".`);
    return array;
  }

  /** What a case gives as inputs: values, sparse values as objects, ragged ones put together. */
  inputs(golden: GoldenCase): Record<string, Tensor | SparseTensor | RaggedTensor> {
    const values: Record<string, Tensor | SparseTensor | RaggedTensor> = {};
    for (const [name, tensor] of Object.entries(golden.inputs)) {
      if (name.endsWith('@row_splits')) continue;
      const ragged = /^(.*)@values$/.exec(name)?.[1];
      if (ragged === undefined) values[name] = this.decode(tensor);
      else {
        const rowSplits = [this.decode(golden.inputs[`${ragged}@row_splits`]!) as Tensor<'int64'>];
        values[ragged] = { values: this.decode(tensor) as Tensor, rowSplits };
      }
    }
    return values;
  }

  decode(golden: GoldenTensor): Tensor | SparseTensor {
    if ('sparse' in golden) {
      return {
        indices: this.decode(golden.indices) as Tensor<'int64'>,
        values: this.decode(golden.values) as Tensor,
        denseShape: this.decode(golden.dense_shape) as Tensor<'int64'>,
      };
    }
    if ('npz' in golden) return this.array(golden.npz);
    if ('sample' in golden) throw new Error('Only a sample of this tensor was kept.');
    const isBig = golden.dtype === 'int64' || golden.dtype === 'uint64';
    const elements = golden.data.map((element) =>
      isBig ? BigInt(element as string | number) : isBytes(element) ? Buffer.from(element.b64, 'base64') : element,
    );
    return tensorFrom(elements as number[], golden.dtype).reshape(golden.shape);
  }
}

function isBytes(element: unknown): element is { readonly b64: string } {
  return typeof element === 'object' && element !== null && 'b64' in element;
}

/** Every module and SavedModel of the fixtures with what TensorFlow computed with it. */
export function readGoldens(): Golden[] {
  const folder = join(GOLDENS, 'golden');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const document = JSON.parse(readFileSync(join(folder, file), 'utf8')) as GoldenDocument;
      if (document.module === undefined) return [];
      const path = ['modules', 'saved_models'].map((kind) => join(GOLDENS, kind, document.module)).find(existsSync);
      return path === undefined ? [] : [new Golden(document, path, join(folder, file.replace(/json$/, 'npz')))];
    });
}

/** The path of a module of the fixtures: `modules/half-plus-two`. */
export function fixturePath(path: string): string {
  return join(FIXTURES, path);
}
