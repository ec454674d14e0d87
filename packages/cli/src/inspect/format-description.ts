import type { Access, PreflightDownload } from '@tenon/hub';
import { formatShape } from '@tenon/tensor';
import { formatColumns } from '../format-columns.js';
import { printable } from '../printable.js';
import type { ModuleDescription, SignatureDescription, TypeDescription, VariantDescription } from './description.js';

const FORMATS: Readonly<Record<string, string>> = {
  'hub-module': 'TF1 Hub module',
  'saved-model-v1': 'SavedModel of TensorFlow 1',
  'saved-model-v2': 'SavedModel of TensorFlow 2',
};
/** Longer lists end with how many more there are; `--json` has all. */
const MOST_LISTED = 25;

/** A description for people to read. */
export function formatDescription({ handle, directory, download, format, variants }: ModuleDescription): string {
  const head = formatColumns(
    [
      ['module', printable(handle)],
      ['files', directory === undefined ? formatDownload(download) : printable(directory)],
      ['format', FORMATS[format] ?? format],
    ],
    { indent: '' },
  );
  return (
    head +
    variants
      .map((variant, index) => `\n${formatVariant(variant, variants[index - 1], download !== undefined)}`)
      .join('')
  );
}

function formatDownload(download: PreflightDownload | undefined): string {
  const { size, received } = download ?? { size: undefined, received: 0 };
  return `not downloaded: ${size === undefined ? 'how large they are, the host does not say' : formatBytes(size)} (${formatBytes(received)} read)`;
}

function formatVariant(
  variant: VariantDescription,
  previous: VariantDescription | undefined,
  isElsewhere: boolean,
): string {
  const tags = variant.tags.length === 0 ? 'without tags' : `tagged ${variant.tags.map(printable).join(', ')}`;
  const parts = [
    formatMemory(variant),
    ...variant.signatures.map(formatSignature),
    formatFunctions(variant),
    formatVariables(variant, previous),
    section(
      count(variant.tables, 'table'),
      variant.tables.map(({ name, type, keys, values }) => [
        printable(name),
        type,
        `${keys ?? '?'} to ${values ?? '?'}`,
      ]),
    ),
    section(
      count(variant.assets, 'asset'),
      variant.assets.map(({ filename, bytes }) => [
        printable(filename),
        bytes !== undefined ? formatBytes(bytes) : isElsewhere ? 'not downloaded' : 'missing',
      ]),
    ),
    section(
      count(variant.attachments, 'attached message'),
      variant.attachments.map(({ key, bytes }) => [printable(key), formatBytes(bytes)]),
    ),
  ];
  return `Variant ${tags}\n${parts
    .filter((part) => part !== '')
    .map((part) => `\n${part}`)
    .join('')}`;
}

function formatMemory({ memory }: VariantDescription): string {
  if (!memory) return '';
  const { variables, constants } = memory;
  return `  needs ${formatBytes(variables + constants)} of memory, and more for what calls compute\n`;
}

function formatSignature({
  name,
  inputs,
  outputs,
  imageSize,
  runs,
  operations,
  support,
}: SignatureDescription): string {
  const types = formatColumns([...typeRows('takes', inputs), ...typeRows('gives', outputs)], { indent: '    ' });
  const size = imageSize ? `    images of ${imageSize[1]} × ${imageSize[0]} pixels (width × height)\n` : '';
  const places = Object.entries(operations.places).map(([place, ops]) => {
    const total = Object.values(ops).reduce((sum, ops) => sum + ops, 0);
    const list = Object.entries(ops).map(([type, times]) => (times === 1 ? type : `${type} × ${times}`));
    return [`runs on ${place}`, `${total}`, wrap(list)];
  });
  const unsupported = operations.unsupported.map(({ type, operation, reason }) => [
    'runs nowhere',
    type,
    `"${printable(operation)}"${reason === undefined ? '' : ` (${reason})`}`,
  ]);
  const problems = formatColumns([...unsupported, ...operations.accesses.map(formatAccess)], { indent: '    ' });
  return `  Signature "${printable(name)}"${runs ? '' : ' does not run here'}\n${types}${size}${formatPlaces(places)}${formatSupport(support)}${problems}`;
}

/** Of one backend alone, where the operations run says it. */
function formatSupport(support: SignatureDescription['support'] = []): string {
  if (support.length < 2) return '';
  const parts = support.map(({ backend, operations, of }) => `${backend} ${operations} of ${of}`);
  return `    backends would run ${parts.join(', ')}\n`;
}

const DEEDS: Readonly<Record<Access['touch'], string>> = {
  'read-files': 'reads a file',
  'write-files': 'writes a file',
  'this-process': 'ends the process',
  'other-processes': 'reaches others',
  'other-code': 'runs other code',
};

function formatAccess({ type, operation, touch, path, refusal, permission }: Access): string[] {
  if (refusal === undefined) return [DEEDS[touch], type, path === undefined ? 'one that is computed' : printable(path)];
  const remedy = permission === undefined ? 'nothing allows it' : `--allow ${permission}`;
  return ['refused', type, `"${printable(operation)}": ${printable(refusal)} (${remedy})`];
}

function formatPlaces(places: readonly (readonly string[])[]): string {
  const lines = places.flatMap(([place, total, list]) =>
    list!.split('\n').map((line, index) => (index === 0 ? [place!, total!, line] : ['', '', line])),
  );
  return formatColumns(lines, { indent: '    ', alignRight: (column) => column === 1 });
}

const LINE_WIDTH = 90;

function wrap(items: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    if (line !== '' && line.length + item.length > LINE_WIDTH) {
      lines.push(`${line},`);
      line = item;
    } else line = line === '' ? item : `${line}, ${item}`;
  }
  return [...lines, line].join('\n');
}

function typeRows(verb: string, types: Readonly<Record<string, TypeDescription>>): string[][] {
  const rows = Object.entries(types).map(([name, { kind, dtype, shape }]) => [
    printable(name),
    `${kind === 'dense' ? '' : `${kind} `}${dtype}`,
    formatShape(shape),
  ]);
  return rows.length === 0 ? [[verb, 'nothing']] : rows.map((row, index) => [index === 0 ? verb : '', ...row]);
}

function formatFunctions({ functions }: VariantDescription): string {
  return section(
    count(functions, 'function'),
    functions.flatMap(({ name, traces }) =>
      traces.map(({ takes, gives }, index) => [
        index === 0 ? printable(name) : '',
        `(${printable(takes)})`,
        `→ ${printable(gives)}`,
      ]),
    ),
  );
}

function formatVariables({ variables }: VariantDescription, previous: VariantDescription | undefined): string {
  const bytes = variables.reduce((sum, variable) => sum + (variable.bytes ?? 0), 0);
  const title = variables.length === 0 ? '' : `${count(variables, 'variable')}, ${formatBytes(bytes)}`;
  // Variants of one module usually share their weights.
  if (title !== '' && JSON.stringify(variables) === JSON.stringify(previous?.variables))
    return `  ${title}: those of the variant above\n`;
  return section(
    title,
    variables.map(({ name, dtype, shape, bytes, trainable }) => [
      printable(name),
      dtype,
      formatShape(shape),
      bytes === undefined ? '' : formatBytes(bytes),
      trainable ? '' : 'not trainable',
    ]),
  );
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const shown = rows.length > MOST_LISTED ? rows.slice(0, MOST_LISTED) : rows;
  const rest = rows.length - shown.length;
  const more = rest > 0 ? `    … and ${rest} more; --json has all\n` : '';
  return `  ${title}\n${formatColumns(shown, { indent: '    ' })}${more}`;
}

function count(items: readonly unknown[], noun: string): string {
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}`;
}

function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
