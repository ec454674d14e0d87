import { readFile } from 'node:fs/promises';
import type { CallableModule } from '@tenon/hub';
import { Tensor } from '@tenon/tensor';
import type { Application } from '../application.js';
import { InputFileError } from '../errors.js';
import { decodeImage } from './decode-image.js';
import { resizeBilinear, type Image } from './resize-bilinear.js';

const CHANNELS = 3;

/**
 * Image files as one batch: float32 `[files, height, width, 3]` with values from 0 to 1, resized to what the module expects.
 *
 * @throws InputFileError
 */
export async function readImages(
  files: readonly string[],
  application: Application,
  module: CallableModule,
): Promise<Tensor<'float32'>> {
  const { info, name } = application.loneInput!;
  const channels = info.shape?.[3] ?? CHANNELS;
  if (channels !== CHANNELS)
    throw new InputFileError(
      files[0]!,
      `The module takes images of ${channels} channels; files are read with ${CHANNELS}.`,
    );
  const size = expectedSize(module, application, name);
  const images: Image[] = [];
  for (const file of files) {
    const image = decodeImage(await readFile(file), file);
    images.push(size ? resizeBilinear(await image, size[0], size[1]) : await image);
  }
  const { height, width } = images[0]!;
  const odd = images.findIndex((image) => image.height !== height || image.width !== width);
  if (odd >= 0) {
    throw new InputFileError(
      files[odd]!,
      `It is ${images[odd]!.width} × ${images[odd]!.height} pixels, and ${files[0]} ${width} × ${height}; the module does not say to what size to bring them.`,
    );
  }
  const data = new Float32Array(images.length * height * width * CHANNELS);
  images.forEach((image, index) => data.set(image.data, index * image.data.length));
  return new Tensor('float32', [images.length, height, width, CHANNELS], data);
}

function expectedSize(
  module: CallableModule,
  { signature, loneInput }: Application,
  input: string,
): readonly [height: number, width: number] | undefined {
  const [, height, width] = loneInput!.info.shape ?? [];
  if (height != null && width != null) return [height, width];
  if (signature === undefined) return undefined;
  try {
    return module.getExpectedImageSize({ signature, input });
  } catch (error) {
    if (error instanceof Error && error.name === 'ImageInfoError') return undefined;
    throw error;
  }
}
