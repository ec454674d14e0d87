import { createHash, randomUUID } from 'node:crypto';
import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { uptime } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { roomIn } from './disk-space.js';

/** The beginning of an archive that an earlier process had downloaded. */
export interface PartialArchive {
  readonly validator: string;
  /** Bytes that there are, at least one and fewer than all. */
  readonly length: number;
  /** Bytes of the whole archive. */
  readonly total: number;
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

interface PartialHeader {
  readonly version: 1;
  /** SHA-256 of the address, which may hold what nobody should read in a file. */
  readonly source: string;
  readonly validator: string;
  readonly total: number;
}

/** Smaller archives are sooner downloaded again than looked after. */
const WORTH_KEEPING = 4 * 2 ** 20;
/** How many times its size must be free for a copy not to take the room that the module needs, which is larger than its archive. */
const SPACIOUS = 4;
const MAX_HEADER = 4096;

/**
 * Copies of archives that are being downloaded, for a later process to go on with where this one is killed or gives up. Archives are
 * unpacked as they arrive; the copy is written on the side, and is gone when the module is there.
 *
 * Each process writes a file of its own, and reads from another's only the bytes that were there when it looked: whoever else may
 * still be writing to it, two downloads never mix, whether locks work on this file system or not.
 */
export class PartialArchives {
  readonly #prefix: string;
  readonly #source: string;
  #writer: PartialWriter | undefined;

  /** @param prefix beginning of the files' paths. */
  constructor(prefix: string, url: string) {
    this.#prefix = prefix;
    this.#source = createHash('sha256').update(url).digest('hex');
  }

  /** The longest of the copies that can be used. Whoever takes it closes it. */
  async find(): Promise<PartialArchive | undefined> {
    let best: PartialArchive | undefined;
    for (const path of await this.#list()) {
      const partial = await openPartial(path, this.#source).catch(() => undefined);
      if (partial === undefined) continue;
      const worse = best === undefined || partial.length > best.length ? best : partial;
      if (worse !== partial) best = partial;
      await worse?.close();
    }
    return best;
  }

  /** Begins a copy, where it is worth it. */
  async begin(validator: string | undefined, total: number | undefined, isSeekable: boolean): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
    if (validator === undefined || total === undefined || total < WORTH_KEEPING || !isSeekable) return;
    const room = await roomIn(dirname(this.#prefix));
    if (room !== undefined && room < total * SPACIOUS) return;
    const header: PartialHeader = { version: 1, source: this.#source, validator, total };
    const line = `${JSON.stringify(header)}\n`;
    if (Buffer.byteLength(line) > MAX_HEADER) return;
    this.#writer = await PartialWriter.create(`${this.#prefix}.${randomUUID().replaceAll('-', '')}.partial`, line);
  }

  /** Adds bytes that will not be changed any more. Waits only where the disk is slower than the network. */
  async write(chunk: Uint8Array): Promise<void> {
    await this.#writer?.write(chunk);
  }

  /** Leaves this process's copy to a later one; it holds everything that the others hold. */
  async keep(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer === undefined) return;
    const isWhole = await writer.close();
    for (const path of await this.#list()) {
      if (isWhole === (path !== writer.path)) await rm(path, { force: true }).catch(() => undefined);
    }
  }

  /** Removes all copies: the module is there, or there is something wrong with it. */
  async discard(): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
    for (const path of await this.#list()) await rm(path, { force: true }).catch(() => undefined);
  }

  async #list(): Promise<string[]> {
    const directory = dirname(this.#prefix);
    const names = await readdir(directory).catch(() => []);
    return names
      .filter((name) => name.startsWith(`${basename(this.#prefix)}.`) && name.endsWith('.partial'))
      .map((name) => join(directory, name));
  }
}

/** What may be in memory for a disk that is slower than the network. */
const MAX_PENDING = 4 * 2 ** 20;

class PartialWriter {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushing: Promise<void> | undefined;
  #failed = false;

  private constructor(
    readonly path: string,
    readonly file: FileHandle,
  ) {}

  /** Undefined where no file can be made: a copy is worth nothing that would stop a download. */
  static async create(path: string, header: string): Promise<PartialWriter | undefined> {
    try {
      const file = await open(path, 'wx', 0o600);
      const writer = new PartialWriter(path, file);
      await writer.write(Buffer.from(header));
      return writer;
    } catch {
      return undefined;
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failed) return;
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    this.#flushing ??= this.#flush();
    if (this.#pendingBytes > MAX_PENDING) await this.#flushing;
  }

  /** @returns whether all bytes were written. */
  async close(): Promise<boolean> {
    await this.#flushing;
    await this.file.close().catch(() => undefined);
    return !this.#failed;
  }

  async #flush(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const chunks = this.#pending.splice(0);
        const length = this.#pendingBytes;
        const { bytesWritten } = await this.file.writev(chunks);
        this.#pendingBytes -= length;
        if (bytesWritten !== length) throw new Error('no room left');
      }
    } catch {
      // The room may be what the module itself needs now.
      this.#failed = true;
      this.#pending = [];
      await rm(this.path, { force: true }).catch(() => undefined);
      await this.file.truncate(0).catch(() => undefined);
    } finally {
      this.#flushing = undefined;
    }
  }
}

/** Opens a copy of this source's archive; undefined for any other, or one that cannot be relied on. */
async function openPartial(path: string, source: string): Promise<PartialArchive | undefined> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs } = await file.stat();
    // After a crash of the machine, a file may have its length and not its bytes.
    if (mtimeMs < Date.now() - uptime() * 1000) throw new Error('written before the machine was started');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEADER), 0, MAX_HEADER, 0);
    const lineEnd = buffer.subarray(0, bytesRead).indexOf('\n');
    const header = JSON.parse(buffer.toString('utf8', 0, lineEnd)) as Partial<PartialHeader>;
    const { validator, total } = header;
    if (header.version !== 1 || header.source !== source || typeof validator !== 'string') throw new Error('another');
    const start = lineEnd + 1;
    // One byte is asked for in any case: the answer says whether the archive is still the same.
    const length = Math.min(size - start, Number(total) - 1);
    if (!Number.isSafeInteger(total) || !(length > 0)) throw new Error('nothing in it');
    return {
      validator,
      length,
      total: total!,
      read: () => file.createReadStream({ start, end: start + length - 1, autoClose: false, highWaterMark: 2 ** 18 }),
      close: () => file.close().catch(() => undefined),
    };
  } catch {
    await file.close();
    return undefined;
  }
}
