import type { Operation } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import type { Resources } from './resources.js';

/** What a kernel may reach beside its inputs. */
export interface KernelContext {
  /** Tables, variables and tensor arrays of the session, by the handles that flow through the graph. */
  readonly resources: Resources;
  /** The files that the program may read: a module's assets. */
  readonly files: FileAccess;
}

/** Reads and writes whole files for programs. What may be read and written is decided by whoever makes the session. */
export interface FileAccess {
  /** Whether the program may read a file of that path, whatever is there: asked before the program runs. */
  mayRead(path: string): boolean;
  /** Whether the program may write files: asked before the program runs. */
  readonly mayWrite: boolean;
  /** @throws FileAccessError if the program may not read that file, or it cannot be read. */
  readFile(path: string): Uint8Array;
  /**
   * Makes a file, and the folders above it; what was there is replaced.
   *
   * @throws FileAccessError if the program may not write files, or this one cannot be written.
   */
  writeFile(path: string, contents: Uint8Array): void;
}

/**
 * Runs one operation.
 *
 * Inputs are never changed; an output may share its elements with an input (`Identity`, `Reshape`).
 * Resources and variants are scalar tensors whose one element is a host object.
 */
export type Kernel = (inputs: readonly Tensor[], context: KernelContext) => readonly Tensor[];

/** How the host runs one TensorFlow op, in plain TypeScript: one entry per op. */
export interface KernelDefinition {
  /** The op: `Reshape`. */
  readonly type: string;
  /** Why `operation` cannot run here though its type can, `dtype complex128`; `undefined` if it can. */
  unsupported?(operation: Operation): string | undefined;
  /** Reads the attributes, once per compiled program, and returns what runs. */
  prepare(operation: Operation): Kernel;
}
