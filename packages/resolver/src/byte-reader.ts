/** Reads from a sequence of chunks as much as is asked for, whatever the size of the chunks. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Some bytes, at least one and at most `limit`, without copying them; undefined at the end. */
  async some(limit: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#chunk = next.value;
    }
    const taken = this.#chunk.subarray(0, limit);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken;
  }

  /** `count` bytes; fewer only at the end. */
  async upTo(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === undefined) break;
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** What has not been read yet. */
  async *rest(): AsyncGenerator<Uint8Array> {
    try {
      for (let chunk; (chunk = await this.some(Infinity)) !== undefined;) yield chunk;
    } finally {
      await this.close();
    }
  }

  /** Tells the source that nothing more will be read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
