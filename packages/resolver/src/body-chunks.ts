import type { Readable } from 'node:stream';

const ENOUGH = 2 ** 19;

/**
 * The chunks of a stream, and its failure only after them: a stream that is iterated itself drops what it holds when it fails, and what
 * came before a connection broke need not be asked for again.
 */
export function bodyChunks(stream: Readable): AsyncIterableIterator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let held = 0;
  let outcome: { readonly error?: Error } | undefined;
  let wake: (() => void) | undefined;

  const end = (error?: Error) => {
    outcome ??= error === undefined ? {} : { error };
    wake?.();
  };
  stream.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held >= ENOUGH) stream.pause();
    wake?.();
  });
  stream.on('end', () => end());
  stream.on('error', end);
  stream.on('close', () => end(new Error('The connection was closed.')));

  return {
    async next() {
      for (;;) {
        if (chunks.length > 0) {
          const value = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
          chunks.length = held = 0;
          if (stream.isPaused()) stream.resume();
          return { done: false, value };
        }
        if (outcome?.error !== undefined) throw outcome.error;
        if (outcome !== undefined) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async return() {
      chunks.length = 0;
      end();
      stream.destroy();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
