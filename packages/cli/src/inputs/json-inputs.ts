import type { InputValue, TensorInfo } from '@tenon/hub';
import type { TensorLike } from '@tenon/tensor';
import type { Application } from '../application.js';
import { InputFileError, JsonSyntaxError } from '../errors.js';
import { parseJson, type JsonObject, type JsonValue } from '../json/parse-json.js';

/** A request in TensorFlow Serving's columnar form. */
export interface JsonRequest {
  readonly file: string;
  /** `signature_name`, where the request has it. */
  readonly signature: string | undefined;
  readonly inputs: JsonValue;
}

const MEMBERS = ['inputs', 'signature_name'];

/**
 * Reads a request: `{"inputs": …}`.
 *
 * @param file What to call it in errors.
 * @throws InputFileError
 */
export function parseRequest(text: string, file: string): JsonRequest {
  const request = parse(text, file);
  if (!(request instanceof Map) || !request.has('inputs')) {
    const isRowForm = request instanceof Map && request.has('instances');
    throw new InputFileError(
      file,
      `Expected {"inputs": …}: an object of values by name, or the value of the only input${isRowForm ? '; {"instances": …} is not read' : ''}.`,
    );
  }
  const extra = [...request.keys()].filter((name) => !MEMBERS.includes(name));
  if (extra.length > 0) throw new InputFileError(file, `${quote(extra)} mean nothing beside "inputs".`);
  const signature = request.get('signature_name');
  if (signature !== undefined && typeof signature !== 'string')
    throw new InputFileError(file, '"signature_name" must be a string.');
  return { file, signature, inputs: request.get('inputs')! };
}

function parse(text: string, file: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const line = text.slice(0, error.position).split('\n').length;
    throw new InputFileError(file, `This is not JSON: ${error.message} (line ${line}).`, { cause: error });
  }
}

/** The inputs of a request, by name. */
export function requestInputs({ inputs, file }: JsonRequest, application: Application): Map<string, InputValue> {
  const { loneInput } = application;
  if (loneInput && !(inputs instanceof Map && (inputs.has(loneInput.name) || !isValue(inputs)))) {
    return new Map([[loneInput.name, jsonToInput(inputs, loneInput.info, file)]]);
  }
  if (!(inputs instanceof Map))
    throw new InputFileError(file, `"inputs" must give values by name: ${quote(application.inputs.keys())}.`);
  return new Map(
    [...inputs].map(([name, value]) => {
      const info = application.inputs.get(name);
      // A name that there is no input of is reported with all others, when the module is called.
      return [name, info ? jsonToInput(value, info, file) : 0];
    }),
  );
}

const VALUE_MEMBERS = ['b64', 're', 'indices', 'values'];

/** Whether an object stands for one value: bytes, a complex number, a sparse or ragged tensor. */
function isValue(object: JsonObject): boolean {
  return VALUE_MEMBERS.some((name) => object.has(name));
}

/** What JSON says of an input of this type, for `tenon`'s API. */
export function jsonToInput(value: JsonValue, info: TensorInfo, file: string): InputValue {
  const convert = (item: JsonValue | undefined): TensorLike => convertElements(item ?? null, info, file);
  if (info.kind === 'sparse' && value instanceof Map) {
    const [indices, values, denseShape] = membersOf(value, ['indices', 'values', 'dense_shape'], file);
    return { indices, values: convert(values), denseShape } as unknown as InputValue;
  }
  if (info.kind === 'ragged' && value instanceof Map) {
    const [values, rowSplits] = membersOf(value, ['values', 'row_splits'], file);
    return { values: convert(values), rowSplits } as unknown as InputValue;
  }
  return convert(value);
}

function membersOf(object: JsonObject, names: readonly string[], file: string): (JsonValue | undefined)[] {
  if (object.size !== names.length || names.some((name) => !object.has(name)))
    throw new InputFileError(file, `An object with ${quote(names)} was expected; it has ${quote(object.keys())}.`);
  return names.map((name) => object.get(name));
}

function convertElements(value: JsonValue, info: TensorInfo, file: string): TensorLike {
  if (Array.isArray(value)) return value.map((item) => convertElements(item, info, file));
  if (value instanceof Map) return convertObject(value, info, file);
  // A long number for a floating-point input means the nearest one.
  if (typeof value === 'bigint' && /^(float|bfloat|complex)/.test(info.dtype)) return Number(value);
  return value as TensorLike;
}

function convertObject(object: JsonObject, { kind }: TensorInfo, file: string): TensorLike {
  const [bytes, real, imaginary] = [object.get('b64'), object.get('re'), object.get('im')];
  if (object.size === 1 && typeof bytes === 'string') {
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(bytes)) throw new InputFileError(file, '{"b64": …} does not hold base64.');
    return Buffer.from(bytes, 'base64');
  }
  if (object.size === 2 && typeof real === 'number' && typeof imaginary === 'number')
    return { re: real, im: imaginary };
  throw new InputFileError(
    file,
    `An object with ${quote(object.keys())} stands where a ${kind} value is expected; ` +
      'elements are numbers, true, false, strings, {"b64": …} for bytes or {"re": …, "im": …} for complex numbers.',
  );
}

function quote(names: Iterable<string>): string {
  return [...names].map((name) => `"${name}"`).join(', ') || 'nothing';
}
