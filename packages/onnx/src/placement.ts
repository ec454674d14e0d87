import type { TensorReference } from '@tenon/tensor';

/** References to no more bytes than this are read and written into the model. */
const INLINE_BYTES = 1024;

/** Elements of an initializer that are to be handed to whoever runs the model, under the name that the model has for them. */
export interface DetachedData {
  /** What the model calls the bytes: the name of a file that need not exist. */
  readonly location: string;
  readonly reference: TensorReference;
}

/** A piece of the file that weights are gathered in. */
export interface GatheredWeights {
  /** Where it begins in the file; before it there may be a gap. */
  readonly offset: number;
  /** Gives the bytes. */
  readonly read: () => Promise<Uint8Array>;
}

/** What an initializer's elements are: at hand, or stored somewhere. */
export interface Elements {
  readonly byteLength: number;
  readonly reference?: TensorReference;
  readonly read: () => Promise<Uint8Array>;
}

/** Where the elements of initializers go. */
export interface WeightPlacement {
  readonly directory: string | undefined;
  readonly detached: readonly DetachedData[];
  readonly gathered: readonly GatheredWeights[];
  /** The keys and values of the initializer's `external_data`; `undefined` where its elements are to be written into the model. */
  place(elements: Elements): Readonly<Record<string, string | number>> | undefined;
}

/** Weights are mapped into memory page by page. */
const PAGE = 4096;

/** Gathers weights in one file beside the model; or in the model, where they come to few bytes. */
export class Gathering implements WeightPlacement {
  readonly directory = undefined;
  readonly detached = [];
  readonly gathered: GatheredWeights[] = [];
  private end = 0;
  private readonly isInline: boolean;

  /**
   * @param file What the model calls the file.
   * @param over How many bytes may be written into the model.
   */
  constructor(
    elements: Iterable<Elements>,
    private readonly file: string,
    over: number,
  ) {
    let total = 0;
    for (const { byteLength } of elements) total += byteLength;
    this.isInline = total <= over;
  }

  place({ byteLength: length, read }: Elements): Readonly<Record<string, string | number>> | undefined {
    if (this.isInline || length <= INLINE_BYTES) return undefined;
    const offset = Math.ceil(this.end / PAGE) * PAGE;
    this.end = offset + length;
    this.gathered.push({ offset, read });
    return { location: this.file, offset, length };
  }
}

/**
 * Decides where a model finds its weights. ONNX names files relative to one folder: one that holds all of them. Weights that lie in no file are detached,
 * unless others lie in files: ONNX Runtime takes either files or what is handed to it, not both.
 */
export class Placement implements WeightPlacement {
  readonly directory: string | undefined;
  readonly detached: DetachedData[] = [];
  readonly gathered = [];

  constructor(references: Iterable<TensorReference>) {
    const paths = Array.from(references)
      .filter(({ byteLength }) => byteLength > INLINE_BYTES)
      .flatMap(({ source }) => source.path ?? []);
    this.directory = commonFolder(paths);
  }

  place({ reference }: Elements): Readonly<Record<string, string | number>> | undefined {
    if (!reference) return undefined;
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
