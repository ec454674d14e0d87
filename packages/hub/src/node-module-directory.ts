import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleDirectory } from '@tenon/module-spec';
import { FileSource } from '@tenon/tensor/node';

/** A module in a folder of the local disk. The files that it opened stay open until `close`. */
export class NodeModuleDirectory implements ModuleDirectory {
  private readonly sources: FileSource[] = [];

  /** @param name The folder's path. */
  constructor(readonly name: string) {}

  async exists(path: string): Promise<boolean> {
    try {
      await access(this.resolvePath(path));
      return true;
    } catch {
      return false;
    }
  }

  readFile(path: string): Promise<Uint8Array> {
    return readFile(this.resolvePath(path));
  }

  async open(path: string): Promise<FileSource> {
    const source = new FileSource(this.resolvePath(path));
    this.sources.push(source);
    return source;
  }

  resolvePath(path: string): string {
    return join(this.name, path);
  }

  /** Closes the files that were opened, when nothing reads them any more. */
  close(): void {
    for (const source of this.sources.splice(0)) source.close();
  }
}
