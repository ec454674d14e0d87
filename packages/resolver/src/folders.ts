import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes the folders of a module, each once. Node's recursive way asks for each folder of a path anew, and calls a full disk a folder that is
 * missing.
 */
export class Folders {
  readonly #root: string;
  readonly #made = new Set<string>(['']);

  /** @param root Exists. */
  constructor(root: string) {
    this.#root = root;
  }

  /** @param path relative to the root, with forward slashes. */
  async make(path: string): Promise<void> {
    if (this.#made.has(path)) return;
    const end = path.lastIndexOf('/');
    if (end > 0) await this.make(path.slice(0, end));
    await mkdir(join(this.#root, path)).catch((error: NodeJS.ErrnoException) => {
      // Another file of the same folder may be on its way.
      if (error.code !== 'EEXIST') throw error;
    });
    this.#made.add(path);
  }

  /** Makes the folders that a file is in. */
  async makeFor(file: string): Promise<void> {
    await this.make(file.slice(0, Math.max(0, file.lastIndexOf('/'))));
  }
}
