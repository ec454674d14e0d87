import { readFileSync } from 'node:fs';
import { MemorySource } from '@tenon/tensor';
import type { CheckpointFiles } from '../checkpoint/open-checkpoint.js';

/** Files by their paths. What is opened counts what is read of it. */
export class MemoryFiles implements CheckpointFiles {
  readonly opened: string[] = [];
  bytesRead = 0;

  constructor(readonly files: Map<string, Uint8Array>) {}

  /** The files of a checkpoint on disk, as `prefix` and their endings. */
  static of(path: string, endings: readonly string[], prefix = 'ckpt'): MemoryFiles {
    return new MemoryFiles(
      new Map(endings.map((ending) => [prefix + ending, new Uint8Array(readFileSync(path + ending))])),
    );
  }

  open(path: string): MemorySource {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw new Error(`no such file: ${path}`);
    this.opened.push(path);
    return new CountingSource(bytes, path, (count) => (this.bytesRead += count));
  }

  /** The same files, but for one. */
  with(path: string, bytes: Uint8Array): MemoryFiles {
    return new MemoryFiles(new Map([...this.files, [path, bytes]]));
  }

  without(path: string): MemoryFiles {
    return new MemoryFiles(new Map([...this.files].filter(([name]) => name !== path)));
  }
}

class CountingSource extends MemorySource {
  constructor(
    bytes: Uint8Array,
    name: string,
    private readonly count: (bytes: number) => void,
  ) {
    super(bytes, name);
  }

  override readSync(offset: number, length: number): Uint8Array {
    this.count(length);
    return super.readSync(offset, length);
  }
}
