import {
  getExpectedImageSize,
  getNumImageChannels,
  type ImageInputOptions,
  type ModuleSpec,
  type ModuleVariant,
  type TensorInfo,
} from '@tenon/module-spec';

/** What can be asked of a module, loaded or in a graph: about the variant that is in use. */
export abstract class ModuleInfo {
  abstract readonly spec: ModuleSpec;
  /** @internal */
  protected abstract readonly variant: ModuleVariant;
  /** The signature that is meant where none is named. */
  abstract readonly defaultSignature: string;

  /** The tags of the variant in use. */
  get tags(): readonly string[] {
    return this.variant.tags;
  }

  /** The tags of every variant that the module has. */
  getTags(): (readonly string[])[] {
    return this.spec.getTags();
  }

  getSignatureNames(): string[] {
    return [...this.variant.signatures.keys()];
  }

  /**
   * What the inputs of a signature are, by name: data types, shapes, and whether they are sparse or ragged.
   *
   * @throws SignatureNotFoundError
   */
  getInputInfo(signature = this.defaultSignature): ReadonlyMap<string, TensorInfo> {
    return this.variant.signature(signature).inputs;
  }

  /** What the outputs of a signature are, by name. */
  getOutputInfo(signature = this.defaultSignature): ReadonlyMap<string, TensorInfo> {
    return this.variant.signature(signature).outputs;
  }

  /**
   * The message attached to the module under `key`, as bytes.
   *
   * @throws AttachmentNotFoundError if there is none and it is required.
   */
  getAttachedMessage(key: string, options: { readonly required?: boolean } = {}): Uint8Array | undefined {
    return this.variant.getAttachedMessage(key, options);
  }

  /**
   * Height and width, in pixels, of the images that the module takes.
   *
   * @throws ImageInfoError if the module does not say.
   */
  getExpectedImageSize(options: ImageInputOptions = {}): [height: number, width: number] {
    return getExpectedImageSize(this.variant, { signature: this.defaultSignature, ...options });
  }

  /** @throws ImageInfoError if the module does not say. */
  getNumImageChannels(options: ImageInputOptions = {}): number {
    return getNumImageChannels(this.variant, { signature: this.defaultSignature, ...options });
  }
}

/**
 * The signature that a module is applied with where none is named: `default`, as TensorFlow Hub has it; of a SavedModel without one
 * `serving_default`, else the only one there is. `default` if there is no such: asking for it then says what there is.
 */
export function defaultSignatureOf({ signatures }: ModuleVariant): string {
  for (const name of ['default', 'serving_default']) if (signatures.has(name)) return name;
  const [only, ...others] = signatures.keys();
  return only !== undefined && others.length === 0 ? only : 'default';
}
