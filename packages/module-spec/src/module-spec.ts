import { RepeatedTagsError, VariantNotFoundError } from './errors.js';
import type { ModuleVariant } from './module-variant.js';
import type { TensorInfo } from './tensor-info.js';

/** What kind of file a module was read from. */
export type ModuleFormat = 'hub-module' | 'saved-model-v1' | 'saved-model-v2';

/** Which graph variant is meant. */
export interface VariantOptions {
  /**
   * Its tags, all of them, in any order. Left out, the variant without tags of a TF1 Hub module; of a SavedModel the only one, or the one
   * tagged `serve`.
   */
  readonly tags?: Iterable<string> | undefined;
}

/** Which signature of which variant is meant: `default` if it is left out. */
export interface SignatureOptions extends VariantOptions {
  readonly signature?: string | undefined;
}

/**
 * What a module is, wherever it came from: variants told apart by their tags, each with signatures, attached messages and a graph.
 *
 * @see loadModuleSpec
 */
export class ModuleSpec {
  constructor(
    /** What to call it in messages: where it was read from. */
    readonly name: string,
    readonly format: ModuleFormat,
    readonly variants: readonly ModuleVariant[],
  ) {
    const seen = new Set<string>();
    for (const { tags } of variants) {
      const key = keyOf(tags);
      if (seen.has(key)) throw new RepeatedTagsError(name, tags);
      seen.add(key);
    }
  }

  /** The tags of every variant; the empty set is usually that for inference. */
  getTags(): (readonly string[])[] {
    return this.variants.map(({ tags }) => tags);
  }

  /** @throws VariantNotFoundError */
  variant(tags?: Iterable<string>): ModuleVariant {
    const wanted = tags === undefined ? undefined : [...new Set(tags)].sort();
    const variant = wanted === undefined ? this.defaultVariant() : this.find(wanted);
    if (variant) return variant;
    throw new VariantNotFoundError(wanted ?? (this.format === 'hub-module' ? [] : undefined), this.getTags());
  }

  private defaultVariant(): ModuleVariant | undefined {
    if (this.format === 'hub-module') return this.find([]);
    return this.variants.length === 1 ? this.variants[0] : this.find(['serve']);
  }

  private find(tags: readonly string[]): ModuleVariant | undefined {
    const key = keyOf(tags);
    return this.variants.find((variant) => keyOf(variant.tags) === key);
  }

  getSignatureNames({ tags }: VariantOptions = {}): string[] {
    return [...this.variant(tags).signatures.keys()];
  }

  /** What the inputs of a signature are, by name. */
  getInputInfo({ signature, tags }: SignatureOptions = {}): ReadonlyMap<string, TensorInfo> {
    return this.variant(tags).signature(signature).inputs;
  }

  /** What the outputs of a signature are, by name. */
  getOutputInfo({ signature, tags }: SignatureOptions = {}): ReadonlyMap<string, TensorInfo> {
    return this.variant(tags).signature(signature).outputs;
  }

  getAttachedMessage(
    key: string,
    options: VariantOptions & { readonly required?: boolean } = {},
  ): Uint8Array | undefined {
    return this.variant(options.tags).getAttachedMessage(key, options);
  }
}

function keyOf(tags: readonly string[]): string {
  return JSON.stringify(tags);
}
