import type { ByteSource } from '@tenon/tensor';
import { CheckpointNotFoundError, MalformedFileError, MissingShardError } from '../errors.js';
import { Checkpoint } from './checkpoint.js';
import { INDEX_KIND, readIndexEntries, type StoredSlice } from './index-entries.js';
import { indexName, shardName } from './shard-name.js';
import { readTable } from './table-reader.js';

/** Room for some million tensors: an index this large is not one. */
const MAX_INDEX_BYTES = 2 ** 29;

/** Where a checkpoint's files come from. Whoever opens them closes them, after the last use of the checkpoint. */
export interface CheckpointFiles {
  /** Opens a file by its path: the checkpoint's prefix and an ending. Throws, or rejects, if it cannot. */
  open(path: string): ByteSource | Promise<ByteSource>;
}

/**
 * Opens a checkpoint in TensorFlow's V2 format ("tensor bundle"): reads its index, and opens the data files that the
 * index names, without reading them.
 *
 * @param prefix What the names of the files begin with: `path/to/variables/variables`.
 * @throws CheckpointNotFoundError if there is no index.
 * @throws MissingShardError if data files are missing.
 * @throws MalformedFileError if the index is damaged, or names bytes that its data files do not have.
 * @throws ChecksumError if a block of the index is damaged.
 */
export async function openCheckpoint(prefix: string, files: CheckpointFiles): Promise<Checkpoint> {
  const index = await openIndex(prefix, files);
  if (index.size > MAX_INDEX_BYTES) {
    throw new MalformedFileError(index.name, INDEX_KIND, `it has ${index.size} bytes; ${MAX_INDEX_BYTES} is the most.`);
  }
  const table = readTable(await index.read(0, index.size), index.name);
  const { shardCount, tensors } = readIndexEntries(table, index.name);
  const used = new Set(tensors.flatMap(({ pieces }) => pieces.map(({ shard }) => shard)));
  const shards = await openShards(prefix, files, used, shardCount);
  const stored = [...shards.values()].reduce((sum, { size }) => sum + size, 0);
  const problems = tensors.flatMap(({ key, pieces }) => [
    ...pieces.flatMap((piece) => describeOverrun(key, piece, shards.get(piece.shard)!)),
    // Slices that share their bytes could make any amount of memory from a small file.
    ...(sizeOfAll(pieces) > stored ? [`"${key}" has more bytes than all data files together`] : []),
  ]);
  if (problems.length > 0) throw new MalformedFileError(prefix, 'checkpoint', `${problems.join('; ')}.`);
  return new Checkpoint(prefix, new Map(tensors.map((tensor) => [tensor.key, tensor])), shards);
}

async function openIndex(prefix: string, files: CheckpointFiles): Promise<ByteSource> {
  try {
    return await files.open(indexName(prefix));
  } catch (cause) {
    throw new CheckpointNotFoundError(prefix, { cause });
  }
}

async function openShards(
  prefix: string,
  files: CheckpointFiles,
  used: ReadonlySet<number>,
  shardCount: number,
): Promise<Map<number, ByteSource>> {
  const shards = new Map<number, ByteSource>();
  const missing: string[] = [];
  let cause: unknown;
  for (const shard of [...used].sort((a, b) => a - b)) {
    const name = shardName(prefix, shard, shardCount);
    try {
      shards.set(shard, await files.open(name));
    } catch (error) {
      missing.push(name);
      cause ??= error;
    }
  }
  if (missing.length > 0) throw new MissingShardError(prefix, missing, { cause });
  return shards;
}

function sizeOfAll(pieces: readonly StoredSlice[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}

function describeOverrun(key: string, piece: StoredSlice, shard: ByteSource): string[] {
  if (piece.offset + piece.size <= shard.size) return [];
  return [
    `"${key}" has ${piece.size} bytes at offset ${piece.offset} of ${shard.name}, which ends at ${shard.size}: ` +
      'it was cut short, or belongs to another checkpoint',
  ];
}
