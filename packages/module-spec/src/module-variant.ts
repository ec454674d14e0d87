import type { MetaGraphDef } from '@tenon/format';
import { AttachmentNotFoundError, SignatureNotFoundError } from './errors.js';
import type { ModuleGraph } from './module-graph.js';
import { DEFAULT, type Signature } from './signature.js';

/** What a variant says of itself, beside its tags. */
export interface VariantDescription {
  readonly signatures: ReadonlyMap<string, Signature>;
  /** Messages attached to the module, as bytes, by key. */
  readonly attachments?: ReadonlyMap<string, Uint8Array>;
  /** What the file said, where it was read from one. */
  readonly definition?: MetaGraphDef;
}

export interface ModuleVariantOptions {
  readonly tags: readonly string[];
  /** Reads what the variant says of itself; called once, when that is first asked for. */
  readonly describe: () => VariantDescription;
  /**
   * Makes the graph: `all` of it, or only what `calls` of signatures and functions need, without what only training and exporting do.
   */
  readonly read: (part: 'all' | 'calls') => Promise<ModuleGraph>;
}

/**
 * One graph of a module: for inference, for training. Told apart from the others by its tags.
 *
 * A variant that is not used is not even parsed; the first use of a damaged one throws.
 */
export class ModuleVariant {
  /** Sorted. */
  readonly tags: readonly string[];
  private description: VariantDescription | undefined;
  private graph: Promise<ModuleGraph> | undefined;
  private readonly describeVariant: ModuleVariantOptions['describe'];
  private readonly readGraph: ModuleVariantOptions['read'];

  constructor({ tags, describe, read }: ModuleVariantOptions) {
    this.tags = [...tags].sort();
    this.describeVariant = describe;
    this.readGraph = read;
  }

  /** @throws UnsupportedCollectionsError, and MalformedFileError if what the file says of this variant cannot be parsed. */
  private describe(): VariantDescription {
    return (this.description ??= this.describeVariant());
  }

  get signatures(): ReadonlyMap<string, Signature> {
    return this.describe().signatures;
  }

  /** Messages attached to the module, as bytes, by key. */
  get attachments(): ReadonlyMap<string, Uint8Array> {
    return this.describe().attachments ?? NO_ATTACHMENTS;
  }

  /** What the file said, where it was read from one. */
  get definition(): MetaGraphDef | undefined {
    return this.describe().definition;
  }

  /**
   * @param name `default` if it is left out.
   * @throws SignatureNotFoundError
   */
  signature(name: string = DEFAULT): Signature {
    const signature = this.signatures.get(name);
    if (!signature) throw new SignatureNotFoundError(name, [...this.signatures.keys()]);
    return signature;
  }

  /**
   * The message attached under `key`, as bytes.
   *
   * @returns undefined if there is none.
   * @throws AttachmentNotFoundError if there is none and it is required.
   */
  getAttachedMessage(key: string, options: { readonly required: true }): Uint8Array;
  getAttachedMessage(key: string, options?: { readonly required?: boolean }): Uint8Array | undefined;
  getAttachedMessage(key: string, { required = false }: { readonly required?: boolean } = {}): Uint8Array | undefined {
    const message = this.attachments.get(key);
    if (!message && required) throw new AttachmentNotFoundError(key, [...this.attachments.keys()]);
    return message;
  }

  /**
   * The graph with its state. Read when first asked for: opening a module reads no weights and builds no graph.
   *
   * @throws InvalidModuleError, AssetError, RestoreError, and what reading graphs and checkpoints throws.
   */
  load(): Promise<ModuleGraph> {
    this.graph ??= this.readGraph('all');
    return this.graph;
  }

  /**
   * A graph with state that calls of signatures and functions need, and no more: not the initial values of variables that are in the
   * checkpoint, no update ops, no losses. Made anew each time, for one session to run and to add to.
   *
   * @throws as `load`, for what it reads.
   */
  loadForCalls(): Promise<ModuleGraph> {
    return this.readGraph('calls');
  }
}

const NO_ATTACHMENTS: ReadonlyMap<string, Uint8Array> = new Map();
