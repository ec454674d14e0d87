import { ASSETS_FOLDER, type ModuleDirectory } from '@tenon/module-spec';
import { FileAccessError, type FileAccess } from '@tenon/runtime';
import { MemorySource, type ByteSource } from '@tenon/tensor';

/** A module whose files are in memory, or come there when they are asked for. */
export class FetchedDirectory implements ModuleDirectory {
  private readonly files = new Map<string, Promise<Uint8Array | undefined>>();
  private readonly assets = new Map<string, Uint8Array>();

  /**
   * @param name Its address.
   * @param fetchFile Gets a file by its path in the module; undefined if there is none.
   */
  constructor(
    readonly name: string,
    private readonly fetchFile: (path: string) => Promise<Uint8Array | undefined>,
  ) {}

  private file(path: string): Promise<Uint8Array | undefined> {
    let file = this.files.get(path);
    if (!file) {
      file = this.fetchFile(path);
      this.files.set(path, file);
    }
    return file;
  }

  async exists(path: string): Promise<boolean> {
    return (await this.file(path)) !== undefined;
  }

  async readFile(path: string): Promise<Uint8Array> {
    const file = await this.file(path);
    if (!file) throw new FileAccessError(this.resolvePath(path), 'it is not in the module.');
    return file;
  }

  async open(path: string): Promise<ByteSource> {
    return new MemorySource(await this.readFile(path), this.resolvePath(path));
  }

  resolvePath(path: string): string {
    return `${this.name}/${path}`;
  }

  /** Gets assets, which programs read at once. Those that are missing are missed when they are read. */
  async fetchAssets(filenames: Iterable<string>): Promise<void> {
    await Promise.all(
      Array.from(filenames, async (filename) => {
        const path = `${ASSETS_FOLDER}/${filename}`;
        const contents = await this.file(path);
        if (contents) this.assets.set(this.resolvePath(path), contents);
      }),
    );
  }

  /** Lets programs read the assets of this module, and nothing else. */
  get fileAccess(): FileAccess {
    return {
      mayRead: (path) => path.startsWith(this.resolvePath(`${ASSETS_FOLDER}/`)),
      mayWrite: false,
      readFile: (path) => {
        const contents = this.assets.get(path);
        if (!contents) throw new FileAccessError(path, 'it is not among the assets of the module.');
        return contents;
      },
      writeFile(path) {
        throw new FileAccessError(path, 'pages write no files.');
      },
    };
  }
}
