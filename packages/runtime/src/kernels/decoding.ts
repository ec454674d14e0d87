import type { Operation } from '@tenon/graph';
import { sizeOf, Tensor, type DType, type StringArray } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { decodeBmp } from './codecs/bmp.js';
import { decodeGif } from './codecs/gif.js';
import { decodeJpeg, type JpegOptions } from './codecs/jpeg.js';
import { decodePng, encodePng } from './codecs/png.js';
import { decodeWav } from './codecs/wav.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integersOf } from './integers.js';
import { StringArrayBuilder } from './string-array-builder.js';

type Format = 'BMP' | 'GIF' | 'JPEG' | 'PNG';

const MAGIC: readonly (readonly [Format, readonly number[]])[] = [
  ['PNG', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
  ['BMP', [0x42, 0x4d]],
  ['JPEG', [0xff, 0xd8, 0xff]],
];

function formatOf(bytes: Uint8Array): Format {
  const found = MAGIC.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (!found) throw new InvalidArgumentError('The data is no image in the format JPEG, PNG, GIF or BMP.');
  return found[0];
}

function bytesOf(contents: Tensor): Uint8Array {
  if (contents.rank !== 0)
    throw new InvalidArgumentError(
      `One file is decoded at a time, not a tensor of shape [${contents.shape.join(', ')}].`,
    );
  return (contents.data as StringArray).at(0);
}

/** The elements of an image as the op wants them. */
function convert(data: Uint8Array | Uint16Array, dtype: DType, shape: readonly number[]): Tensor {
  if (dtype === 'uint16') {
    const wide = data instanceof Uint16Array ? data : Uint16Array.from(data, (value) => value * 256);
    return new Tensor('uint16', shape, wide);
  }
  if (dtype === 'float32') {
    const scale = Math.fround(data instanceof Uint16Array ? 1 / 65535 : 1 / 255);
    return new Tensor(
      'float32',
      shape,
      Float32Array.from(data, (value) => value * scale),
    );
  }
  return new Tensor('uint8', shape, data as Uint8Array);
}

/** Decodes an image of any format, as all of TensorFlow's ops do that are named for one; they differ in what they allow and return. */
function prepareImage(operation: Operation): Kernel {
  const { type } = operation;
  const channels = operation.find('channels') ? operation.int('channels') : 3;
  const dtype: DType = operation.find('dtype') ? operation.dtype('dtype') : 'uint8';
  const isSmooth = operation.find('fancy_upscaling') ? operation.bool('fancy_upscaling') : true;
  const isAccurate =
    operation.find('dct_method') !== undefined && operation.string('dct_method') === 'INTEGER_ACCURATE';
  const expandsAnimations = type === 'DecodeImage' && operation.bool('expand_animations');
  const isAnimation = type === 'DecodeGif' || expandsAnimations;
  return ([contents, window]) => {
    const bytes = bytesOf(contents!);
    const format = formatOf(bytes);
    if (format === 'BMP' && type !== 'DecodeBmp' && type !== 'DecodeImage')
      throw new InvalidArgumentError(`${type} does not decode BMP images; use DecodeBmp or DecodeImage.`);
    if (type === 'DecodeBmp' && format !== 'BMP')
      throw new InvalidArgumentError(`DecodeBmp does not decode ${format} images.`);
    if (type === 'DecodeAndCropJpeg' && format !== 'JPEG')
      throw new InvalidArgumentError(`DecodeAndCropJpeg does not decode ${format} images.`);
    if ((format === 'JPEG' && channels === 4) || (format === 'GIF' && channels !== 0 && channels !== 3))
      throw new InvalidArgumentError(`A ${format} image cannot be decoded to ${channels} channels.`);
    if (format === 'GIF') {
      const gif = decodeGif(bytes);
      if (gif.frames > 1 && !isAnimation && type !== 'DecodeImage')
        throw new InvalidArgumentError(`${type} does not decode animations; the GIF image has ${gif.frames} frames.`);
      const shape = [gif.height, gif.width, 3];
      if (isAnimation) return [convert(gif.data, dtype, [gif.frames, ...shape])];
      return [convert(gif.data.subarray(0, sizeOf(shape)), dtype, shape)];
    }
    if (window) return [cropped(bytes, { channels, isSmooth, isAccurate }, window)];
    const {
      height,
      width,
      data,
      channels: depth,
    } = format === 'PNG'
      ? decodePng(bytes, channels, dtype === 'uint8' ? 8 : 16)
      : format === 'BMP'
        ? decodeBmp(bytes, channels)
        : decodeJpeg(bytes, { channels, isSmooth, isAccurate });
    const shape = [height, width, depth];
    return [convert(data, dtype, type === 'DecodeGif' ? [1, ...shape] : shape)];
  };
}

/** The part of a JPEG image that begins at a row and a column and has a height and a width. */
function cropped(bytes: Uint8Array, options: JpegOptions, window: Tensor): Tensor {
  const [top = -1, left = -1, rows = 0, columns = 0] = Array.from(integersOf(window));
  const { height, width, fullWidth, channels, data } = decodeJpeg(bytes, {
    ...options,
    columns: { from: Math.max(0, left), to: Math.max(1, left + columns) },
  });
  if (!(top >= 0 && left >= 0 && rows > 0 && columns > 0 && top + rows <= height && left + columns <= fullWidth)) {
    throw new InvalidArgumentError(
      `The crop of ${rows} by ${columns} pixels from ${top}, ${left} is not inside the image of ${height} by ${fullWidth}.`,
    );
  }
  const part = new Uint8Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    const end = ((top + row) * width + width) * channels;
    part.set(data.subarray(end - columns * channels, end), row * columns * channels);
  }
  return new Tensor('uint8', [rows, columns, channels], part);
}

function prepareWav(operation: Operation): Kernel {
  const wantedChannels = operation.int('desired_channels');
  const wantedMoments = operation.int('desired_samples');
  return ([contents]) => {
    const { sampleRate, channels, samples } = decodeWav(bytesOf(contents!));
    const columns = wantedChannels < 0 ? channels : wantedChannels;
    const rows = wantedMoments < 0 ? samples.length / channels : wantedMoments;
    const output = new Float32Array(checkedSize([rows, columns]));
    for (let row = 0, to = 0; row < Math.min(rows, samples.length / channels); row++) {
      // Where more channels are wanted than there are, the last one is repeated.
      for (let column = 0; column < columns; column++)
        output[to++] = samples[row * channels + Math.min(column, channels - 1)]!;
    }
    return [new Tensor('float32', [rows, columns], output), new Tensor('int32', [], Int32Array.of(sampleRate))];
  };
}

/** Decoding at a fraction of the size has transforms of its own. */
function defineJpeg(type: string): KernelDefinition {
  return {
    type,
    prepare: prepareImage,
    unsupported: (operation) => (operation.int('ratio') === 1 ? undefined : `ratio ${operation.int('ratio')}`),
  };
}

/** Pixels as a PNG file. TensorFlow's is smaller; what is decoded from it is the same. */
const encodePngKernel: Kernel = ([image]) => {
  const [height, width, channels] = image!.shape as [number, number, number];
  if (image!.rank !== 3 || !(height > 0 && width > 0 && channels >= 1 && channels <= 4))
    throw new InvalidArgumentError(`No PNG image has shape [${image!.shape.join(', ')}].`);
  const builder = new StringArrayBuilder(0, 1);
  builder.appendAll(encodePng(image!.data as Uint8Array | Uint16Array, height, width, channels));
  builder.end();
  return [new Tensor('string', [], builder.build())];
};

export const decodingKernels: readonly KernelDefinition[] = [
  defineJpeg('DecodeJpeg'),
  defineJpeg('DecodeAndCropJpeg'),
  ...['DecodePng', 'DecodeGif', 'DecodeBmp', 'DecodeImage'].map((type) => define(type, prepareImage)),
  define('DecodeWav', prepareWav),
  define('EncodePng', () => encodePngKernel),
];
