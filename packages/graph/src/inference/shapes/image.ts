import type { PartialShape } from '@tenon/tensor';
import { unifyDimensions, type Dimension } from '../partial-shape.js';
import { forAll, scalarOutput, type ShapeContext, type ShapeFunctions } from '../shape-context.js';

/** Images: decoding, resizing, colours, boxes. Pixels are `[batch, height, width, channels]`. */
export const IMAGE: ShapeFunctions = {
  ...forAll(['DecodeJpeg', 'DecodePng', 'DecodeBmp'], (c) => [[null, null, channels(c)]]),
  DecodeAndCropJpeg: (c) => [[c.value(1)?.[2] ?? null, c.value(1)?.[3] ?? null, channels(c)]],
  DecodeGif: () => [[null, null, null, 3]],
  DecodeImage: (c) => [c.operation.bool('expand_animations') ? null : [null, null, channels(c)]],
  DecodeWebP: (c) => [[null, null, null, channels(c)]],
  ...forAll(['EncodeJpeg', 'EncodeJpegVariableQuality', 'EncodeWav'], scalarOutput),
  EncodePng: (c) => [c.shape(0) && c.atLeast(0, 3)!.slice(0, -3)],
  ExtractJpegShape: () => [[3]],
  ...forAll(['ResizeBilinear', 'ResizeNearestNeighbor', 'ResizeBicubic', 'ResizeArea'], (c) => [
    resized(c, c.ranked(0, 4)),
  ]),
  ...forAll(['ResizeBilinearGrad', 'ResizeBicubicGrad'], (c) => [c.shape(1)]),
  ResizeNearestNeighborGrad: (c) => [resized(c, c.ranked(0, 4))],
  ScaleAndTranslate: (c) => [resized(c, c.ranked(0, 4))],
  ...forAll(['ImageProjectiveTransformV2', 'ImageProjectiveTransformV3'], (c) => {
    const [batch, , , depth] = c.ranked(0, 4);
    return [[batch!, c.value(2)?.[0] ?? null, c.value(2)?.[1] ?? null, depth!]];
  }),
  QuantizedResizeBilinear: (c) => [resized(c, c.ranked(0, 4)), [], []],
  ...forAll(['AdjustContrastv2', 'AdjustHue', 'AdjustSaturation', 'AdjustContrast'], (c) => [c.atLeast(0, 3)]),
  ...forAll(['RGBToHSV', 'HSVToRGB'], (c) => {
    const shape = c.atLeast(0, 1);
    return [shape && shape.with(-1, unifyDimensions(shape.at(-1)!, 3))];
  }),
  ...forAll(['DrawBoundingBoxes', 'DrawBoundingBoxesV2'], (c) => [c.ranked(0, 4)]),
  CropAndResize: (c) => {
    const boxes = unifyDimensions(c.ranked(1, 2)[0]!, c.ranked(2, 1)[0]!);
    return [[boxes, c.value(3)?.[0] ?? null, c.value(3)?.[1] ?? null, c.ranked(0, 4)[3]!]];
  },
  CropAndResizeGradImage: (c) => [c.requireRank(c.spelledShape(3), 4, 'the image')],
  CropAndResizeGradBoxes: (c) => [c.ranked(2, 2)],
  ExtractGlimpse: (c) => {
    const [batch, , , depth] = c.ranked(0, 4);
    return [[unifyDimensions(batch!, c.ranked(2, 2)[0]!), c.value(1)?.[0] ?? null, c.value(1)?.[1] ?? null, depth!]];
  },
  ...forAll(
    ['NonMaxSuppression', 'NonMaxSuppressionV2', 'NonMaxSuppressionV3', 'NonMaxSuppressionWithOverlaps'],
    (c) => {
      boxesOf(c);
      return [[null]];
    },
  ),
  NonMaxSuppressionV4: (c) => {
    boxesOf(c);
    return [[padded(c)], []];
  },
  NonMaxSuppressionV5: (c) => {
    boxesOf(c);
    return [[padded(c)], [padded(c)], []];
  },
  CombinedNonMaxSuppression: (c) => {
    const batch = unifyDimensions(c.ranked(0, 4)[0]!, c.ranked(1, 3)[0]!);
    const classes = c.ranked(1, 3)[2]!;
    const [perClass, total] = [c.scalar(2), c.scalar(3)];
    const perImage = c.operation.bool('pad_per_class')
      ? total === null || perClass === null || classes === null
        ? null
        : Math.min(total, perClass * classes)
      : total;
    return [[batch, perImage, 4], [batch, perImage], [batch, perImage], [batch]];
  },
  ...forAll(
    ['SampleDistortedBoundingBox', 'SampleDistortedBoundingBoxV2', 'StatelessSampleDistortedBoundingBox'],
    () => [[3], [3], [1, 1, 4]],
  ),
  RandomCrop: (c) => {
    const image = c.ranked(0, 3);
    return [[c.value(1)?.[0] ?? null, c.value(1)?.[1] ?? null, image[2]!]];
  },
  GenerateBoundingBoxProposals: (c) => {
    const batch = c.ranked(0, 4)[0]!;
    return [
      [batch, null, 4],
      [batch, null],
    ];
  },
};

function channels(c: ShapeContext): Dimension {
  return c.operation.int('channels') || null;
}

function resized(c: ShapeContext, [batch, , , depth]: readonly Dimension[]): PartialShape {
  const size = c.value(1);
  return [batch!, size?.[0] ?? null, size?.[1] ?? null, depth!];
}

function boxesOf(c: ShapeContext): Dimension {
  return unifyDimensions(c.ranked(0, 2)[0]!, c.ranked(1, 1)[0]!);
}

function padded(c: ShapeContext): Dimension {
  return c.operation.bool('pad_to_max_output_size') ? c.scalar(2) : null;
}
