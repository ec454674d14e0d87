import type { Operation } from '@tenon/graph';
import { Tensor, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { InvalidArgumentError } from './errors.js';
import { int64From } from './int64.js';
import { integers, integersOf } from './integers.js';
import { StringArrayBuilder } from './string-array-builder.js';
import { findDecoder, findEncoder, isScalarValue, type CharacterVisitor } from './unicode-codecs.js';

/** Control characters that `replace_control_characters` means end here. */
const LAST_CONTROL = 0x1f;

/** What stands for something broken; `undefined` if nothing does. */
type Mend = (at: number) => number | undefined;

function mendOf(operation: Operation): Mend {
  const errors = operation.string('errors');
  const replacement = operation.int('replacement_char');
  switch (errors) {
    case 'replace':
      if (!isScalarValue(replacement))
        throw new InvalidArgumentError(`The replacement ${replacement} is no code point of a character.`);
      return () => replacement;
    case 'ignore':
      return () => undefined;
    case 'strict':
      return (at) => {
        throw new InvalidArgumentError(
          `String ${at} is not what its encoding says. Set "errors" to "replace" or "ignore" to go on.`,
        );
      };
    default:
      throw new InvalidArgumentError(
        `"errors" is ${JSON.stringify(errors)}; it may be "strict", "replace" or "ignore".`,
      );
  }
}

/** Goes through the characters of one string after the other, broken ones mended. */
function prepareDecoding(operation: Operation): (strings: StringArray, index: number, visit: CharacterVisitor) => void {
  const decode = findDecoder(operation.string('input_encoding'))!;
  const mend = mendOf(operation);
  const replacesControls = operation.bool('replace_control_characters');
  // Control characters are not broken: being strict about what is, TensorFlow still decodes them to the replacement.
  const isLenient = operation.string('errors') === 'strict' && operation.type !== 'UnicodeTranscode';
  const replacement = operation.int('replacement_char');
  const mendControl: Mend = isLenient ? () => replacement : mend;
  return ({ bytes, offsets }, index, visit) => {
    const start = offsets[index]!;
    decode(bytes, start, offsets[index + 1]!, (codePoint, at) => {
      const isSound = codePoint > LAST_CONTROL || (codePoint >= 0 && !replacesControls);
      const character = isSound ? codePoint : codePoint >= 0 ? mendControl(index) : mend(index);
      if (character !== undefined) visit(character, at - start);
    });
  };
}

function prepareDecode(operation: Operation): Kernel {
  const forEachCharacter = prepareDecoding(operation);
  const splitsDType = operation.dtype('Tsplits');
  const wantsOffsets = operation.type === 'UnicodeDecodeWithOffsets';
  return ([input]) => {
    const strings = input!.data as StringArray;
    const characters: number[] = [];
    const starts: number[] = [];
    const splits = new Float64Array(strings.length + 1);
    for (let i = 0; i < strings.length; i++) {
      forEachCharacter(strings, i, (codePoint, at) => {
        characters.push(codePoint);
        if (wantsOffsets) starts.push(at);
      });
      splits[i + 1] = characters.length;
    }
    const outputs: Tensor[] = [
      integers(splitsDType, [splits.length], splits),
      new Tensor('int32', [characters.length], Int32Array.from(characters)),
    ];
    if (wantsOffsets) outputs.push(new Tensor('int64', [starts.length], int64From(starts)));
    return outputs;
  };
}

function prepareTranscode(operation: Operation): Kernel {
  const forEachCharacter = prepareDecoding(operation);
  const encode = findEncoder(operation.string('output_encoding'))!;
  return ([input]) => {
    const strings = input!.data as StringArray;
    const builder = new StringArrayBuilder(strings.bytes.length, strings.length);
    for (let i = 0; i < strings.length; i++) {
      forEachCharacter(strings, i, (codePoint) => encode(codePoint, builder));
      builder.end();
    }
    return [new Tensor('string', input!.shape, builder.build())];
  };
}

function prepareEncode(operation: Operation): Kernel {
  const encode = findEncoder(operation.string('output_encoding'))!;
  const mend = mendOf(operation);
  return ([values, splitsTensor]) => {
    const codePoints = values!.data as Int32Array;
    const splits = integersOf(splitsTensor!);
    const rows = Math.max(0, splits.length - 1);
    if (splits.length === 0 || splits[0] !== 0 || splits[rows] !== codePoints.length) {
      throw new InvalidArgumentError(
        `Row splits must begin with 0 and end with the number of characters, ${codePoints.length}.`,
      );
    }
    const builder = new StringArrayBuilder(codePoints.length, rows);
    for (let row = 0; row < rows; row++) {
      if (splits[row + 1]! < splits[row]!)
        throw new InvalidArgumentError(`Row splits must rise; split ${row + 1} is ${splits[row + 1]}.`);
      for (let i = splits[row]!; i < splits[row + 1]!; i++) {
        const codePoint = isScalarValue(codePoints[i]!) ? codePoints[i]! : mend(row);
        if (codePoint !== undefined) encode(codePoint, builder);
      }
      builder.end();
    }
    return [new Tensor('string', [rows], builder.build())];
  };
}

function unsupportedEncoding(operation: Operation): string | undefined {
  const input = operation.find('input_encoding') && operation.string('input_encoding');
  const output = operation.find('output_encoding') && operation.string('output_encoding');
  if (input !== undefined && !findDecoder(input)) return `encoding ${JSON.stringify(input)}`;
  if (output !== undefined && !findEncoder(output)) return `encoding ${JSON.stringify(output)}`;
  return undefined;
}

export const unicodeKernels: readonly KernelDefinition[] = [
  { type: 'UnicodeDecode', unsupported: unsupportedEncoding, prepare: prepareDecode },
  { type: 'UnicodeDecodeWithOffsets', unsupported: unsupportedEncoding, prepare: prepareDecode },
  { type: 'UnicodeTranscode', unsupported: unsupportedEncoding, prepare: prepareTranscode },
  { type: 'UnicodeEncode', unsupported: unsupportedEncoding, prepare: prepareEncode },
];
