import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Header } from 'tar';

const SHARDS = 4;
const BLOCK = 2 ** 22;
/** What is left of float32 weights when they are gzipped: their exponents are alike, their fractions are noise. */
const PACKED = 0.92;

/**
 * Writes a gzipped archive of a module with normally distributed weights.
 * @returns the bytes of its files.
 */
export async function makeArchive(path, packedBytes) {
  const block = weights(BLOCK);
  const blocks = Math.ceil(packedBytes / PACKED / SHARDS / BLOCK);
  function* entries() {
    yield* file('saved_model.pb', [Buffer.alloc(64 * 1024, 'graph')]);
    // Python's tensorflow_hub makes the directories that an archive names, and no others.
    yield header({ path: 'variables/', type: 'Directory', mode: 0o755, size: 0 });
    for (let shard = 0; shard < SHARDS; shard++)
      yield* file(`variables/variables.data-0000${shard}-of-0000${SHARDS}`, Array(blocks).fill(block));
    yield Buffer.alloc(1024);
  }
  await pipeline(entries, createGzip({ level: 1, chunkSize: 2 ** 18 }), createWriteStream(path));
  return 64 * 1024 + SHARDS * blocks * BLOCK;
}

function* file(path, chunks) {
  const size = chunks.reduce((total, chunk) => total + chunk.length, 0);
  yield header({ path, size, type: 'File', mode: 0o644 });
  yield* chunks;
}

function header(fields) {
  const block = Buffer.alloc(512);
  new Header({ ...fields, mtime: new Date(0), uid: 0, gid: 0 }).encode(block);
  return block;
}

/** Box and Muller's, from a generator with a seed, so that every run measures the same. */
function weights(bytes) {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  const values = Float32Array.from(
    { length: bytes / 4 },
    () => 0.05 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
  return Buffer.from(values.buffer);
}
