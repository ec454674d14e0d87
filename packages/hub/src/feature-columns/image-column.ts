import type { SymbolicTensor } from '@tenon/graph';
import { placeholder } from '@tenon/layers';
import { getExpectedImageSize, ImageInfoError, type ModuleSpec } from '@tenon/module-spec';
import { ConversionError, formatShape, sizeOf, Tensor, tensorFrom, type TensorLike } from '@tenon/tensor';
import { FeatureModuleError, type FeatureProblem } from '../errors.js';
import type { FeatureColumn, FeatureRecord } from './feature-column.js';
import {
  instantiateOnce,
  nameOfColumn,
  openForColumn,
  outputProblems,
  widthOf,
  type ColumnOptions,
} from './module-column.js';

export interface ImageEmbeddingOptions extends ColumnOptions {
  /** Height and width, in pixels, of the images, where the module takes others than it expects. Default: what the module expects. */
  readonly imageSize?: readonly [height: number, width: number] | undefined;
}

/**
 * A column that makes an image a vector: what an image module gives for it. The module is never trained. Python's
 * `hub.image_embedding_column`.
 *
 * In records the feature is the image, RGB in [0, 1]: a tensor or nested array `[height, width, 3]`, or its numbers in a typed array. In a batch it is float32
 * `[batch, height, width, 3]`.
 *
 * @param handle A path or URL; or what `loadModuleSpec` gave. A module whose `default` signature takes float32 `images` and gives float32
 *   `[batch, width]`.
 * @throws FeatureModuleError naming everything about the module that does not fit; and what reading modules throws.
 */
export async function imageEmbeddingColumn(
  key: string,
  handle: string | ModuleSpec,
  { imageSize, ...resolving }: ImageEmbeddingOptions = {},
): Promise<FeatureColumn> {
  const spec = await openForColumn(handle, resolving);
  const [height, width] = checkImageModule(spec, imageSize);
  const name = nameOfColumn(key);
  const shape = [height, width, 3];
  return {
    key,
    name,
    spec,
    width: widthOf(spec),
    kind: 'dense',
    encode: (records, problems) => encodeImages(key, records, shape, problems),
    placeholder: (graph) => placeholder(graph, { dtype: 'float32', shape: [null, ...shape], name: 'feature' }),
    instantiate: instantiateOnce({ spec, name }, false, (module, feature) =>
      module({ images: feature as SymbolicTensor }),
    ),
  };
}

/** @throws FeatureModuleError (TF1 Hub contract, `image_embedding_column`). */
function checkImageModule(
  spec: ModuleSpec,
  imageSize: readonly [number, number] | undefined,
): readonly [height: number, width: number] {
  const variant = spec.variant();
  const signature = variant.signature();
  const problems: string[] = [];
  let size = imageSize;
  const images = signature.inputs.get('images');
  if (signature.inputs.size !== 1 || images?.kind !== 'dense' || images.dtype !== 'float32') {
    problems.push(
      "Module 'default' signature must require a single input, which must have type float32 and name 'images'.",
    );
  } else {
    try {
      size ??= getExpectedImageSize(variant);
    } catch (error) {
      if (!(error instanceof ImageInfoError)) throw error;
      problems.push(`Module does not say what size its images have; give imageSize. ${error.message}`);
    }
  }
  problems.push(...outputProblems(signature.outputs.get('default'), 'float32 [_, K]', true));
  if (problems.length > 0) throw new FeatureModuleError('usable as image embedding', problems);
  return size!;
}

function encodeImages(
  key: string,
  records: readonly FeatureRecord[],
  shape: readonly number[],
  problems: FeatureProblem[],
): Tensor {
  const size = sizeOf(shape);
  const pixels = new Float32Array(records.length * size);
  records.forEach((record, index) => {
    const image = toImage(record[key], shape);
    if (typeof image === 'string') problems.push({ key, record: index, problem: image });
    else pixels.set(image, index * size);
  });
  return new Tensor('float32', [records.length, ...shape], pixels);
}

/** The numbers of an image, or what is wrong with it. */
function toImage(value: unknown, shape: readonly number[]): Float32Array | string {
  const wanted = `must be float32 ${formatShape(shape)}`;
  if (value === undefined || value === null) return `${wanted}; it is missing`;
  // What comes from files and canvases is 0 to 255.
  if (ArrayBuffer.isView(value) && !(value instanceof Float32Array || value instanceof Float64Array))
    return `${wanted}, mostly from 0 to 1; it has integers. Divide bytes by 255`;
  try {
    const image = tensorFrom(value as TensorLike, 'float32', ArrayBuffer.isView(value) ? shape : null);
    if (image.shape.join() !== shape.join()) return `${wanted}; it is ${formatShape(image.shape)}`;
    return image.data as Float32Array;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    return `${wanted}: ${error.message}`;
  }
}
