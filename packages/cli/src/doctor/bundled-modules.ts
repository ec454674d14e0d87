import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StringArray, Tensor, viewBytes, type NumericDType, type Shape } from '@tenon/tensor';

/** A module that comes with the command, and what TensorFlow computed with it. */
export interface BundledModule {
  readonly name: string;
  /** Where its files are. */
  readonly path: string;
  readonly cases: readonly BundledCase[];
}

export interface BundledCase {
  readonly id: string;
  readonly signature: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Elements as base64: of texts one by one, of numbers all together as they lie in memory. */
type StoredTensor =
  | { readonly dtype: 'string'; readonly shape: Shape; readonly texts: readonly string[] }
  | { readonly dtype: NumericDType; readonly shape: Shape; readonly bytes: string };

interface StoredModule {
  readonly name: string;
  readonly cases: readonly {
    readonly id: string;
    readonly signature: string;
    readonly inputs: Readonly<Record<string, StoredTensor>>;
    readonly outputs: Readonly<Record<string, StoredTensor>>;
  }[];
}

/** The root of this package as it is installed. */
export function packageRoot(): string {
  return dirname(createRequire(import.meta.url).resolve('@tenon/cli/package.json'));
}

/** The modules that the build puts beside the program. */
export async function readBundledModules(): Promise<readonly BundledModule[]> {
  const folder = join(packageRoot(), 'dist/doctor-modules');
  const modules = JSON.parse(await readFile(join(folder, 'modules.json'), 'utf8')) as readonly StoredModule[];
  return modules.map(({ name, cases }) => ({
    name,
    path: join(folder, name),
    cases: cases.map(({ id, signature, inputs, outputs }) => ({
      id,
      signature,
      inputs: mapValues(inputs, decode),
      outputs: mapValues(outputs, decode),
    })),
  }));
}

function decode(stored: StoredTensor): Tensor {
  const { dtype, shape } = stored;
  if (dtype === 'string') {
    const texts = stored.texts.map((text) => new Uint8Array(Buffer.from(text, 'base64')));
    return new Tensor(dtype, shape, StringArray.from(texts));
  }
  // A copy of its own begins where elements may.
  const bytes = new Uint8Array(Buffer.from(stored.bytes, 'base64'));
  return new Tensor(dtype, shape, viewBytes(dtype, bytes));
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
