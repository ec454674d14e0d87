import type { InputValue, TensorInfo } from '@tenon/hub';
import { ConversionError, Tensor, tensorFrom, type TensorLike } from '@tenon/tensor';
import type { Application } from '../application.js';
import { InputFileError } from '../errors.js';

/**
 * The inputs in numpy's files: of a `.npz` one array per input, called as it is; of sparse and ragged inputs one per component: `x/indices`,
 * `x/values`, `x/dense_shape`; `x/values`, `x/row_splits_0`, …
 *
 * @throws InputFileError
 */
export async function readNumpyInputs(
  bytes: Uint8Array,
  file: string,
  application: Application,
): Promise<Map<string, InputValue>> {
  const { readNpy, readNpz } = await import('@tenon/format/npz');
  const { inputs, loneInput } = application;
  if (!file.endsWith('.npy')) return byName(readNpz(bytes, file), inputs, file);
  if (!loneInput || loneInput.info.kind !== 'dense')
    throw new InputFileError(file, 'A .npy file holds one array; the inputs of this module need a .npz file.');
  return new Map([[loneInput.name, convert(readNpy(bytes, file), loneInput.info, loneInput.name, file)]]);
}

function byName(
  arrays: ReadonlyMap<string, Tensor>,
  inputs: ReadonlyMap<string, TensorInfo>,
  file: string,
): Map<string, InputValue> {
  const values = new Map<string, InputValue>();
  const rest = new Map(arrays);
  const take = (name: string): Tensor | undefined => {
    const array = rest.get(name);
    rest.delete(name);
    return array;
  };
  for (const [name, info] of inputs) {
    const parts = componentNames(name, info).map((part, index) => {
      const array = take(part);
      return array && convert(array, info.components[index]!, part, file);
    });
    const [first, second, third] = parts;
    if (parts.every((part) => part === undefined)) continue;
    const missing = componentNames(name, info).filter((_, index) => !parts[index]);
    if (missing.length > 0)
      throw new InputFileError(file, `It lacks ${missing.map((part) => `"${part}"`).join(', ')}.`);
    if (info.kind === 'dense') values.set(name, first!);
    else if (info.kind === 'sparse')
      values.set(name, { indices: first, values: second, denseShape: third } as InputValue);
    else values.set(name, { values: first, rowSplits: parts.slice(1) } as InputValue);
  }
  // Reported with all others, when the module is called.
  for (const [name, array] of rest) values.set(name, array);
  return values;
}

/** What the components of an input or output are called in a `.npz` file. */
export function componentNames(name: string, { kind, components }: TensorInfo): string[] {
  switch (kind) {
    case 'dense':
      return [name];
    case 'sparse':
      return [`${name}/indices`, `${name}/values`, `${name}/dense_shape`];
    case 'ragged':
      return [`${name}/values`, ...components.slice(1).map((_, index) => `${name}/row_splits_${index}`)];
  }
}

/** As Python takes numpy's arrays: of another numeric type, where nothing is lost. numpy makes float64 of all that is not said to be another. */
function convert(array: Tensor, { dtype }: { readonly dtype: Tensor['dtype'] }, name: string, file: string): Tensor {
  if (array.dtype === dtype || array.dtype === 'string' || dtype === 'string') return array;
  try {
    return tensorFrom(array.data as TensorLike, dtype).reshape(array.shape);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new InputFileError(file, `"${name}" is ${array.dtype}, and cannot become ${dtype}: ${error.message}`, {
      cause: error,
    });
  }
}
