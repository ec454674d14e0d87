import type { TensorReference } from '@tenon/tensor';

/** References to no more bytes than this are read and written into the model. */
const INLINE_BYTES = 1024;

/** Whether the elements stay outside of the model. */
export function isExternal(reference: TensorReference): boolean {
  return reference.byteLength > INLINE_BYTES;
}

/** Elements of an initializer that are to be handed to whoever runs the model, under the name that the model has for them. */
export interface DetachedData {
  /** What the model calls the bytes: the name of a file that need not exist. */
  readonly location: string;
  readonly reference: TensorReference;
}

/**
 * Decides where a model finds its weights. ONNX names files relative to one folder: that in which most of the bytes lie. What lies in others, or not
 * in files, is detached.
 */
export class Placement {
  readonly directory: string | undefined;
  readonly detached: DetachedData[] = [];

  constructor(references: Iterable<TensorReference>) {
    const sizes = new Map<string, number>();
    for (const reference of references) {
      if (!isExternal(reference) || reference.source.path === undefined) continue;
      const [directory] = split(reference.source.path);
      sizes.set(directory, (sizes.get(directory) ?? 0) + reference.byteLength);
    }
    this.directory = [...sizes].sort(([, left], [, right]) => right - left)[0]?.[0];
  }

  /** The keys and values of the initializer's `external_data`. */
  place(reference: TensorReference): Readonly<Record<string, string | number>> {
    const { path } = reference.source;
    const length = reference.byteLength;
    if (path !== undefined && split(path)[0] === this.directory) {
      return { location: split(path)[1], offset: reference.offset, length };
    }
    const location = `detached/${this.detached.length}`;
    this.detached.push({ location, reference });
    return { location, offset: 0, length };
  }
}

/** The folder of an absolute path, with its separator, and the name in it. */
function split(path: string): readonly [string, string] {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return [path.slice(0, end), path.slice(end)];
}
