import { UnreadWeightsError, type ModuleDirectory } from '@tenon/module-spec';
import { readExcerpt, type ModuleExcerpt, type ResolveOptions } from '@tenon/resolver';
import type { ByteSource } from '@tenon/tensor';

const REQUEST = {
  files: ['tfhub_module.pb', 'saved_model.pb', 'saved_model.pbtxt'],
  until: ['saved_model.pb', 'saved_model.pbtxt'],
};

/** What a module says it is, read from where it is published; nothing of it is on this machine. */
export class ExcerptDirectory implements ModuleDirectory {
  readonly isExcerpt = true;

  constructor(
    /** The handle. */
    readonly name: string,
    readonly excerpt: ModuleExcerpt,
  ) {}

  async exists(path: string): Promise<boolean> {
    return this.excerpt.files.has(path);
  }

  async readFile(path: string): Promise<Uint8Array> {
    return this.excerpt.files.get(path)!;
  }

  async open(path: string): Promise<ByteSource> {
    throw new UnreadWeightsError(this.name, path);
  }

  resolvePath(path: string): string {
    return `${this.name}/${path}`;
  }

  /** Nothing was opened. */
  close(): void {}
}

export async function openExcerpt(handle: string, options: ResolveOptions): Promise<ExcerptDirectory> {
  return new ExcerptDirectory(handle, await readExcerpt(handle, REQUEST, options));
}
