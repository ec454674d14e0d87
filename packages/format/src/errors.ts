import type { PartialShape } from '@tenon/tensor';
import { formatShape } from '@tenon/tensor';

/** A file is not what it should be: another kind of file, cut short, or damaged. */
export class MalformedFileError extends Error {
  override readonly name = 'MalformedFileError';
  readonly code = 'ERR_MALFORMED_FILE';
  constructor(
    readonly file: string,
    /** What the file should hold: `SavedModel`, `checkpoint index`. */
    readonly expected: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file} is not a valid ${expected}: ${reason}`, options);
  }
}

/** A file in protobuf's text form does not follow it. */
export class TextFormatError extends Error {
  override readonly name = 'TextFormatError';
  readonly code = 'ERR_TEXT_FORMAT';
  constructor(
    readonly file: string,
    /** Where it goes wrong; both count from 1. */
    readonly line: number,
    readonly column: number,
    readonly problem: string,
  ) {
    super(`${file}:${line}:${column}: ${problem}.`);
  }
}

/** A data type that files can name and Tenon does not have: 8-bit floating point, 4-bit integers, or none at all. */
export class UnsupportedDTypeError extends Error {
  override readonly name = 'UnsupportedDTypeError';
  readonly code = 'ERR_UNSUPPORTED_DTYPE';
  constructor(
    /** The number in the file, or the name. */
    readonly dataType: number | string,
    /** What has this type. */
    readonly where: string,
  ) {
    super(`${where} has the data type ${dataType}, which Tenon does not have.`);
  }
}

/** A tensor in a file contradicts itself, or would be too large. */
export class InvalidTensorError extends Error {
  override readonly name = 'InvalidTensorError';
  readonly code = 'ERR_INVALID_TENSOR';
  constructor(
    /** What the tensor is called, as far as known. */
    readonly tensor: string,
    readonly shape: PartialShape,
    readonly reason: string,
  ) {
    super(`${tensor}, of shape ${formatShape(shape)}, cannot be read: ${reason}`);
  }
}

/** A checkpoint has no tensor of this name. */
export class KeyNotFoundError extends Error {
  override readonly name = 'KeyNotFoundError';
  readonly code = 'ERR_CHECKPOINT_KEY_NOT_FOUND';
  constructor(
    readonly checkpoint: string,
    readonly key: string,
    /** All there are. */
    readonly available: readonly string[],
  ) {
    const listed = available.slice(0, 20).map((name) => JSON.stringify(name));
    const more = available.length - listed.length;
    super(
      `"${key}" is not in the checkpoint ${checkpoint}; it has ` +
        `${listed.join(', ') || 'no tensors at all'}${more > 0 ? ` and ${more} more` : ''}.`,
    );
  }
}

/** There is no checkpoint at a prefix. */
export class CheckpointNotFoundError extends Error {
  override readonly name = 'CheckpointNotFoundError';
  readonly code = 'ERR_CHECKPOINT_NOT_FOUND';
  constructor(
    readonly checkpoint: string,
    options?: ErrorOptions,
  ) {
    super(
      `There is no checkpoint ${checkpoint}: ${checkpoint}.index cannot be opened. ` +
        'A checkpoint is named by what its files have in common, without .index or .data-….',
      options,
    );
  }
}

/** Data files of a checkpoint are not there, or cannot be opened. */
export class MissingShardError extends Error {
  override readonly name = 'MissingShardError';
  readonly code = 'ERR_CHECKPOINT_SHARD_MISSING';
  constructor(
    readonly checkpoint: string,
    /** Every missing one. */
    readonly shards: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `The checkpoint ${checkpoint} needs ${shards.join(', ')}, which cannot be opened. ` +
        'Every data file belongs beside its index; copy the whole folder again.',
      options,
    );
  }
}

/** Tensors that are to be written into one checkpoint contradict each other. Names every problem. */
export class CheckpointKeyError extends Error {
  override readonly name = 'CheckpointKeyError';
  readonly code = 'ERR_CHECKPOINT_KEY';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Bytes do not have the checksum that was stored for them. */
export class ChecksumError extends Error {
  override readonly name = 'ChecksumError';
  readonly code = 'ERR_CHECKSUM';
  constructor(
    readonly file: string,
    /** What the bytes are: the key of a tensor, a block of the index. */
    readonly subject: string,
    readonly offset: number,
    readonly length: number,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(
      `${subject} is damaged: ${length} bytes at offset ${offset} of ${file} have the CRC-32C ${hex(actual)}, ` +
        `${hex(expected)} was stored. Get the file again.`,
    );
  }
}

/** The slices stored for a tensor do not make it up, or a slice asked for does not lie in it. */
export class SliceError extends Error {
  override readonly name = 'SliceError';
  readonly code = 'ERR_CHECKPOINT_SLICE';
  constructor(
    readonly checkpoint: string,
    readonly key: string,
    readonly reason: string,
  ) {
    super(`"${key}" of the checkpoint ${checkpoint} cannot be read: ${reason}`);
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
