import type { TensorReference } from '@tenon/tensor';

/** References to no more bytes than this are read and written into the model. */
const INLINE_BYTES = 1024;

/** Elements of an initializer that are to be handed to whoever runs the model, under the name that the model has for them. */
export interface DetachedData {
  /** What the model calls the bytes: the name of a file that need not exist. */
  readonly location: string;
  readonly reference: TensorReference;
}

/**
 * Decides where a model finds its weights. ONNX names files relative to one folder: one that holds all of them. Weights that lie in no file are detached,
 * unless others lie in files: ONNX Runtime takes either files or what is handed to it, not both.
 */
export class Placement {
  readonly directory: string | undefined;
  readonly detached: DetachedData[] = [];

  constructor(references: Iterable<TensorReference>) {
    const paths = Array.from(references)
      .filter(({ byteLength }) => byteLength > INLINE_BYTES)
      .flatMap(({ source }) => source.path ?? []);
    this.directory = commonFolder(paths);
  }

  /** The keys and values of the initializer's `external_data`; `undefined` where its elements are to be written into the model. */
  place(reference: TensorReference): Readonly<Record<string, string | number>> | undefined {
    const { byteLength: length, source } = reference;
    if (length <= INLINE_BYTES) return undefined;
    if (this.directory === undefined) {
      const location = `detached-${this.detached.length}`;
      this.detached.push({ location, reference });
      return { location, offset: 0, length };
    }
    if (source.path === undefined) return undefined;
    return { location: source.path.slice(this.directory.length), offset: reference.offset, length };
  }
}

/** The innermost folder that holds all files of these absolute paths, with the separator at its end; `undefined` if there is none. */
function commonFolder(paths: readonly string[]): string | undefined {
  let folder = paths[0] && folderOf(paths[0]);
  for (const path of paths)
    while (folder !== undefined && !path.startsWith(folder)) folder = folderOf(folder.slice(0, -1));
  return folder;
}

function folderOf(path: string): string | undefined {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return end < 0 ? undefined : path.slice(0, end + 1);
}
