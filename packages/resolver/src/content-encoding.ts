import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { RATIO_GRACE, type ArchiveLimits } from './archive-limits.js';
import { ArchiveLimitError, CorruptArchiveError } from './errors.js';

const DECODERS: Readonly<Record<string, typeof createGunzip | typeof createBrotliDecompress>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Undoes what a host did to an archive for the way, unasked. */
export async function* decodeContent(
  handle: string,
  encoding: string,
  body: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): AsyncGenerator<Uint8Array> {
  const create = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (create === undefined) {
    throw new CorruptArchiveError(handle, `its host encoded it in a way that was not asked for (${encoding})`);
  }
  const decoder = create();
  let packed = 0;
  let unpacked = 0;
  let failure: Error | undefined;
  async function* counted() {
    try {
      for await (const chunk of body) {
        packed += chunk.length;
        yield chunk;
      }
    } catch (error) {
      failure = error as Error;
      throw error;
    }
  }
  const feeding = pipeline(counted, decoder);
  feeding.catch(() => undefined);
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      unpacked += chunk.length;
      if (unpacked > RATIO_GRACE && unpacked > packed * limits.maxRatio)
        throw new ArchiveLimitError(handle, 'maxRatio', limits.maxRatio);
      yield chunk;
    }
    await feeding;
  } catch (error) {
    if (failure !== undefined) throw failure;
    const { code } = error as NodeJS.ErrnoException;
    if (!/^(Z_|ERR__?BROTLI|ERR_STREAM)/.test(code ?? '')) throw error;
    throw new CorruptArchiveError(handle, `its content encoding is broken (${(error as Error).message})`, error);
  }
}
