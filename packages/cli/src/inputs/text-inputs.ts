import type { InputValue, TensorInfo } from '@tenon/hub';
import { sizeOf, StringArray, tensorFrom, Tensor, type Shape, type TensorLike } from '@tenon/tensor';
import { InputFileError, JsonSyntaxError, UsageError } from '../errors.js';
import { parseJson, type JsonValue } from '../json/parse-json.js';
import { jsonToInput } from './json-inputs.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What a lone input is given as arguments: one JSON value; or elements, each an argument. Texts are elements as they are. */
export function argumentsToInput(args: readonly string[], info: TensorInfo): InputValue {
  const [only] = args;
  if (only !== undefined && args.length === 1 && /^\s*[[{]/.test(only)) {
    const value = tryParse(only);
    if (info.dtype !== 'string' ? value !== undefined : isStrings(value)) return jsonToInput(value!, info, 'The value');
  }
  if (info.kind !== 'dense') throw new UsageError(`A ${info.kind} input takes one JSON value; or use --inputs.`);
  if (info.dtype === 'string') return elements(StringArray.from(args), info);
  const values = args.map((arg): TensorLike => {
    const value = tryParse(arg);
    if (value === undefined) {
      const advice = /\.(json|np[yz])$/i.test(arg) ? 'a file is given with --inputs' : 'values are JSON';
      throw new UsageError(`"${arg}" is not a value of type ${info.dtype}; ${advice}.`);
    }
    return jsonToInput(value, info, 'The value') as TensorLike;
  });
  const [lone] = values;
  if (lone !== undefined && values.length === 1 && info.shape === null) return lone;
  if (values.some((value) => Array.isArray(value))) return values;
  return elements(tensorFrom(values, info.dtype), info);
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** Whether a JSON value is strings in arrays, or bytes, and not a text that happens to look like JSON. */
function isStrings(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string' || isStrings(item));
  return value instanceof Map && ['b64', 'indices', 'values'].some((name) => value.has(name));
}

/** Lines as a string tensor, without their line ends; bytes stay as they are. */
export function linesToInput(bytes: Uint8Array, info: TensorInfo, file: string): InputValue {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = bytes.indexOf(NEWLINE, start);
    if (end < 0) end = bytes.length;
    lines.push(bytes.subarray(start, bytes[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end));
    start = end + 1;
  }
  if (lines.length === 0) throw new InputFileError(file, 'There are no lines; each is one element of the input.');
  return elements(StringArray.from(lines), info);
}

/** Elements one after the other, in the shape of the input where they fill it; else as a vector, for the module to accept or refuse. */
function elements(values: StringArray | Tensor, { dtype, shape }: TensorInfo): Tensor {
  const flat = values instanceof StringArray ? new Tensor('string', [values.length], values) : values;
  const unknown = shape?.filter((dimension) => dimension === null).length ?? 0;
  const known = sizeOf(shape?.map((dimension) => dimension ?? 1) ?? []);
  if (shape === null || unknown > 1 || flat.size % known !== 0 || (unknown === 0 && flat.size !== known)) return flat;
  const filled: Shape = shape.map((dimension) => dimension ?? flat.size / known);
  return flat.is(dtype) ? flat.reshape(filled) : flat;
}
