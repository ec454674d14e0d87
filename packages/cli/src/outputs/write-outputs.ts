import { writeFile } from 'node:fs/promises';
import type { Value } from '@tenon/hub';
import { Tensor } from '@tenon/tensor';
import type { OutputStream } from '../command-io.js';
import { OutputFileError, UsageError } from '../errors.js';
import { formatJson } from '../json/format-json.js';

export type Outputs = ReadonlyMap<string, Value>;

const FORMATS = ['.json', '.npz', '.npy'] as const;
const DEFAULT_WIDTH = 80;
type Format = (typeof FORMATS)[number];

/** @throws UsageError, before anything is computed, for a file that has none of the endings that say how to write. */
export function outputFormat(file: string): Format {
  const format = FORMATS.find((ending) => file.toLowerCase().endsWith(ending));
  if (!format) throw new UsageError(`--output takes a .json, .npz or .npy file; not ${file}.`);
  return format;
}

/** @throws OutputFileError if the outputs do not fit the format of the file. */
export async function writeOutputs(outputs: Outputs, file: string): Promise<void> {
  await writeFile(file, await encode(outputs, outputFormat(file), file));
}

async function encode(outputs: Outputs, format: Format, file: string): Promise<string | Uint8Array> {
  if (format === '.json') return formatOutputs(outputs);
  const { writeNpy, writeNpz } = await import('@tenon/format/npz');
  if (format === '.npz') return writeNpz(new Map([...outputs].flatMap(([name, value]) => arrays(name, value))));
  const [only, ...others] = outputs.values();
  if (!only || others.length > 0 || !Tensor.isTensor(only)) {
    throw new OutputFileError(
      file,
      `A .npy file holds one array; there are ${[...outputs].flatMap(([name, value]) => arrays(name, value)).length}. ` +
        'Write a .npz file, or choose one output with --outputs.',
    );
  }
  return writeNpy(only);
}

/** As a `.npz` file names them, and `--inputs` reads them. */
function arrays(name: string, value: Value): [string, Tensor][] {
  if (Tensor.isTensor(value)) return [[name, value]];
  if ('indices' in value) {
    return [
      [`${name}/indices`, value.indices],
      [`${name}/values`, value.values],
      [`${name}/dense_shape`, value.denseShape],
    ];
  }
  return [
    [`${name}/values`, value.values],
    ...value.rowSplits.map((splits, index): [string, Tensor] => [`${name}/row_splits_${index}`, splits]),
  ];
}

/** TensorFlow Serving's columnar form: a lone output stands without its name. */
export function formatOutputs(outputs: Outputs): string {
  const [only, ...others] = outputs;
  const values =
    only && others.length === 0
      ? formatJson(only[1], '  ')
      : `{${[...outputs].map(([name, value]) => `\n    ${JSON.stringify(name)}: ${formatJson(value, '    ')}`).join(',')}\n  }`;
  return `{\n  "outputs": ${values}\n}\n`;
}

/** A table for people, JSON for programs. */
export async function printOutputs(outputs: Outputs, stdout: OutputStream): Promise<void> {
  if (!stdout.isTTY) {
    stdout.write(formatOutputs(outputs));
    return;
  }
  const { formatTable } = await import('./format-table.js');
  // A terminal that does not know its width says 0.
  const width = stdout.columns || DEFAULT_WIDTH;
  const tables = [...outputs].map(([name, value]) => formatTable(name, value, width));
  stdout.write(tables.join('\n'));
}
