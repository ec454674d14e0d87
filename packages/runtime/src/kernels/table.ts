import type { Operation } from '@tenon/graph';
import { isFullyKnown, isNumeric, Tensor, type DType, type Shape, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { handleOf } from '../resources.js';
import { InvalidArgumentError } from './errors.js';
import { define } from './definition.js';
import { int64From } from './int64.js';
import { LookupTable, TABLE, type LookupTableOptions } from './lookup-table.js';
import { readVocabulary, WHOLE_LINE } from './vocabulary-file.js';

function tableIn(handle: Tensor | undefined): LookupTable {
  const table = (handle?.data as readonly unknown[])[0];
  if (!(table instanceof LookupTable))
    throw new InvalidArgumentError('Its first input is not the handle of a lookup table.');
  return table;
}

function valueShapeOf(operation: Operation): Shape {
  if (operation.find('value_shape') === undefined) return [];
  const shape = operation.shape('value_shape');
  // TensorFlow checks values against it when they come; an unknown one stands for scalars there too.
  return isFullyKnown(shape) ? shape : [];
}

function optionsOf(operation: Operation, isMutable: boolean): LookupTableOptions {
  const sharedName = operation.find('shared_name') === undefined ? '' : operation.string('shared_name');
  return {
    name: sharedName || operation.name,
    keyDType: operation.dtype('key_dtype'),
    valueDType: operation.dtype('value_dtype'),
    valueShape: valueShapeOf(operation),
    isMutable,
  };
}

/** The table that a table operation stands for, made if it is not there yet; an anonymous one is made on every run. */
function tableKernel(type: string, isMutable: boolean): KernelDefinition {
  return {
    type,
    unsupported: unsupportedTable,
    prepare(operation): Kernel {
      const options = optionsOf(operation, isMutable);
      const make = (aside: readonly Tensor[]): LookupTable => {
        const table = new LookupTable(options);
        for (const key of aside) {
          if (key.size !== 1)
            throw new InvalidArgumentError(
              `Table "${options.name}" has keys that are not scalars; those are not supported.`,
            );
          table.forbid(key);
        }
        return table;
      };
      if (type.startsWith('Anonymous')) return (aside) => [handleOf(make(aside))];
      const container = operation.string('container');
      return (aside, { resources }) => {
        const table = resources.getOrCreate(TABLE, `${container}/${options.name}`, () => make(aside));
        const { keyDType, valueDType } = table.options;
        if (keyDType !== options.keyDType || valueDType !== options.valueDType) {
          throw new InvalidArgumentError(
            `Table "${options.name}" maps ${keyDType} to ${valueDType}; this operation shares its name, but maps ${options.keyDType} to ${options.valueDType}.`,
          );
        }
        return [handleOf(table)];
      };
    },
  };
}

const KEYS: ReadonlySet<DType> = new Set<DType>(['string', 'int32', 'int64']);

function unsupportedTable(operation: Operation): string | undefined {
  const key = operation.dtype('key_dtype');
  const value = operation.dtype('value_dtype');
  if (!KEYS.has(key)) return `keys of dtype ${key}`;
  if (value !== 'string' && !isNumeric(value)) return `values of dtype ${value}`;
  return undefined;
}

/** The op and its second version, which takes the handle as a resource and not as a reference. */
function both(type: string, prepare: (operation: Operation) => Kernel): KernelDefinition[] {
  return [define(type, prepare), define(`${type}V2`, prepare)];
}

function initializeFromFile(operation: Operation): Kernel {
  const keyIndex = operation.int('key_index');
  const valueIndex = operation.int('value_index');
  const delimiters = operation.attribute('delimiter', 'bytes');
  if (keyIndex < WHOLE_LINE || valueIndex < WHOLE_LINE)
    throw new InvalidArgumentError(`Columns ${keyIndex} and ${valueIndex}: there is none below ${WHOLE_LINE}.`);
  if (delimiters.length !== 1)
    throw new InvalidArgumentError(`The delimiter must be one byte; it has ${delimiters.length}.`);
  const size = operation.int('vocab_size');
  const offset = operation.find('offset') === undefined ? 0 : operation.int('offset');
  return ([handle, filename], { files }) => {
    const table = tableIn(handle);
    const { keyDType, valueDType } = table.options;
    const path = (filename!.data as StringArray).decode(0);
    const file = files.readFile(path);
    const delimiter = delimiters[0]!;
    const { keys, values } = readVocabulary(file, {
      path,
      keyDType,
      keyIndex,
      valueDType,
      valueIndex,
      size,
      delimiter,
      offset,
    });
    table.initialize(keys, values);
    return [];
  };
}

export const tableKernels: readonly KernelDefinition[] = [
  tableKernel('HashTable', false),
  tableKernel('HashTableV2', false),
  tableKernel('AnonymousHashTable', false),
  ...['MutableHashTable', 'MutableHashTableOfTensors', 'MutableDenseHashTable'].flatMap((type) => [
    tableKernel(type, true),
    tableKernel(`${type}V2`, true),
    tableKernel(`Anonymous${type}`, true),
  ]),
  ...both('InitializeTable', () => ([handle, keys, values]) => {
    tableIn(handle).initialize(keys!, values!);
    return [];
  }),
  ...both('InitializeTableFromTextFile', initializeFromFile),
  ...both('LookupTableFind', () => ([handle, keys, missing]) => [tableIn(handle).find(keys!, missing!)]),
  ...both('LookupTableSize', () => ([handle]) => [new Tensor('int64', [], int64From([tableIn(handle).size]))]),
  ...both('LookupTableInsert', () => ([handle, keys, values]) => {
    tableIn(handle).insert(keys!, values!);
    return [];
  }),
  ...both('LookupTableImport', () => ([handle, keys, values]) => {
    tableIn(handle).import(keys!, values!);
    return [];
  }),
  ...both(
    'LookupTableExport',
    () =>
      ([handle]) =>
        tableIn(handle).export(),
  ),
  define('LookupTableRemoveV2', () => ([handle, keys]) => {
    tableIn(handle).remove(keys!);
    return [];
  }),
];
