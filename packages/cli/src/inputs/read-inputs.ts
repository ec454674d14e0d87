import { readFile } from 'node:fs/promises';
import type { CallableModule, InputValue } from '@tenon/hub';
import { formatShape } from '@tenon/tensor';
import type { Application } from '../application.js';
import type { CommandIO } from '../command-io.js';
import { InputFileError, UsageError } from '../errors.js';
import { areImages } from './are-images.js';
import { parseRequest, requestInputs, type JsonRequest } from './json-inputs.js';
import { argumentsToInput, linesToInput } from './text-inputs.js';

/** Where the inputs are to be found. */
export interface InputSources {
  readonly values: readonly string[];
  /** `-` for a request on standard input. */
  readonly file: string | undefined;
}

const STANDARD_INPUT = '-';
const IN_MESSAGES = 'Standard input';
const NUMPY_FILE = /\.np[yz]$/i;

/** The request, where the inputs come as one: it may say which signature is meant. */
export async function readRequest({ file }: InputSources, io: CommandIO): Promise<JsonRequest | undefined> {
  if (file === undefined || NUMPY_FILE.test(file)) return undefined;
  if (file === STANDARD_INPUT) return parseRequest((await readAll(io)).toString(), IN_MESSAGES);
  if (!file.toLowerCase().endsWith('.json'))
    throw new UsageError(`--inputs takes a .json, .npz or .npy file, or - for JSON on standard input; not ${file}.`);
  return parseRequest(await readFile(file, 'utf8'), file);
}

/**
 * The inputs of a call, by name.
 *
 * @throws UsageError, InputFileError
 */
export async function readInputs(
  { values, file }: InputSources,
  request: JsonRequest | undefined,
  application: Application,
  module: CallableModule,
  io: CommandIO,
): Promise<Map<string, InputValue>> {
  if (request) return requestInputs(request, application);
  if (file !== undefined) {
    const { readNumpyInputs } = await import('./numpy-inputs.js');
    return readNumpyInputs(await readFile(file), file, application);
  }
  if (application.inputs.size === 0) {
    if (values.length > 0) throw new UsageError('The module takes no inputs here.');
    return new Map();
  }
  const { loneInput } = application;
  if (!loneInput) throw new UsageError(`Several inputs are wanted. ${describeInputs(application)}`);
  return new Map([[loneInput.name, await readLoneInput(values, application, module, io)]]);
}

async function readLoneInput(
  values: readonly string[],
  application: Application,
  module: CallableModule,
  io: CommandIO,
): Promise<InputValue> {
  const { info } = application.loneInput!;
  if (areImages(values, info)) {
    const { readImages } = await import('./image-inputs.js');
    return readImages(values, application, module);
  }
  if (values.length > 0) return argumentsToInput(values, info);
  if (info.dtype === 'string' && info.kind === 'dense' && !io.stdin.isTTY)
    return linesToInput(await readAll(io), info, IN_MESSAGES);
  throw new UsageError(`A value is missing. ${describeInputs(application)}`);
}

function describeInputs({ inputs, loneInput }: Application): string {
  const list = [...inputs].map(([name, { kind, dtype, shape }]) => {
    const type = `${kind === 'dense' ? '' : `${kind} `}${dtype} ${formatShape(shape)}`;
    return `  ${name}  ${type}`;
  });
  const advice = loneInput ? 'Give it as an argument, or with --inputs FILE:' : 'Give them with --inputs FILE:';
  return `${advice}\n${list.join('\n')}`;
}

async function readAll({ stdin }: CommandIO): Promise<Buffer> {
  if (stdin.isTTY) throw new InputFileError(IN_MESSAGES, 'Nothing is piped into it.');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
