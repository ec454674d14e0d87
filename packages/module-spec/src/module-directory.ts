import type { ByteSource } from '@tenon/tensor';

/**
 * The files of one module, wherever they lie: on disk, in memory, behind a server.
 *
 * Paths are relative to the module, with `/` between their parts, and never lead out of it: callers check them before they ask.
 */
export interface ModuleDirectory {
  /** What to call it in messages: its path or address. */
  readonly name: string;
  /**
   * Whether this is only the part of a module that says what it is. Its weights are elsewhere, and taken for what the graph says of them;
   * programs can be planned, and not run.
   */
  readonly isExcerpt?: boolean;
  exists(path: string): Promise<boolean>;
  /** Reads a whole file. */
  readFile(path: string): Promise<Uint8Array>;
  /** Opens a file to be read by range. */
  open(path: string): Promise<ByteSource>;
  /** What programs call the file: for a module on disk its absolute path. */
  resolvePath(path: string): string;
}
