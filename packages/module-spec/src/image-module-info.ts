import { ImageModuleInfoSchema, parse } from '@tenon/format';
import { ImageInfoError, SignatureNotFoundError } from './errors.js';
import { DEFAULT } from './signature.js';
import type { TensorInfo } from './tensor-info.js';
import type { ModuleVariant } from './module-variant.js';

/** The key under which image modules attach what their images must be like. */
export const IMAGE_MODULE_INFO = 'image_module_info';

/** What an image module says of its images beside the shape of its input. */
export interface ImageModuleInfo {
  /** Pixels; undefined where the module does not say. */
  readonly defaultImageSize: { readonly height: number; readonly width: number } | undefined;
}

/**
 * The attached message `image_module_info`.
 *
 * @returns undefined if the module has none.
 */
export function getImageModuleInfo(variant: ModuleVariant): ImageModuleInfo | undefined {
  const bytes = variant.attachments.get(IMAGE_MODULE_INFO);
  if (!bytes) return undefined;
  const size = parse(ImageModuleInfoSchema, bytes, IMAGE_MODULE_INFO).defaultImageSize;
  return { defaultImageSize: size && { height: size.height, width: size.width } };
}

/** Which signature and input of a module take images. */
export interface ImageInputOptions {
  /** `default` if it is left out. */
  readonly signature?: string | undefined;
  /** `images` if it is left out: the convention for image modules. */
  readonly input?: string | undefined;
}

/**
 * Height and width, in pixels, of the images that a module takes: the attached default size if the module has one, else what the shape
 * of its input says (TF1 Hub contract, `get_expected_image_size`).
 *
 * @throws ImageInfoError if neither says it.
 */
export function getExpectedImageSize(
  variant: ModuleVariant,
  options: ImageInputOptions = {},
): [height: number, width: number] {
  const attached = getImageModuleInfo(variant)?.defaultImageSize;
  if (attached && attached.height > 0 && attached.width > 0) return [attached.height, attached.width];
  const { info, fail } = imageInput(variant, options);
  const [, height, width] = info.shape ?? [];
  if (info.shape?.length !== 4 || height == null || width == null) {
    return fail('the shape of the input leaves height and width open, and no default size is attached.');
  }
  return [height, width];
}

/**
 * The number of channels of the images that a module takes (TF1 Hub contract, `get_num_image_channels`).
 *
 * @throws ImageInfoError if the shape of the input does not say it.
 */
export function getNumImageChannels(variant: ModuleVariant, options: ImageInputOptions = {}): number {
  const { info, fail } = imageInput(variant, options);
  const channels = info.shape?.[3];
  return info.shape?.length !== 4 || channels == null
    ? fail('the shape of the input leaves the channels open.')
    : channels;
}

function imageInput(
  variant: ModuleVariant,
  { signature: signatureName = DEFAULT, input = 'images' }: ImageInputOptions,
): { info: TensorInfo; fail: (reason: string) => never } {
  const signature = variant.signatures.get(signatureName);
  if (!signature) throw new SignatureNotFoundError(signatureName, [...variant.signatures.keys()]);
  const fail = (reason: string): never => {
    throw new ImageInfoError(signatureName, input, reason);
  };
  return { info: signature.inputs.get(input) ?? fail(`it has no input "${input}".`), fail };
}
