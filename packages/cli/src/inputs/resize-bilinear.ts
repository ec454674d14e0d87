/** Pixels, row by row, channels last. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** float32 `[height, width, channels]`. */
  readonly data: Float32Array;
}

/** Between which pixels of a line a pixel of the resized line lies, and how near to the second. */
interface Position {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

/**
 * Resizes as `tf.image.resize` does by default: bilinear between the centres of pixels, without anti-aliasing.
 */
export function resizeBilinear(image: Image, height: number, width: number): Image {
  if (image.height === height && image.width === width) return image;
  const { channels, data } = image;
  const rows = positions(image.height, height);
  const columns = positions(image.width, width);
  const resized = new Float32Array(height * width * channels);
  let next = 0;
  for (const row of rows) {
    for (const column of columns) {
      for (let channel = 0; channel < channels; channel++) {
        const at = (y: number, x: number): number => data[(y * image.width + x) * channels + channel]!;
        const top = mix(at(row.low, column.low), at(row.low, column.high), column.weight);
        const bottom = mix(at(row.high, column.low), at(row.high, column.high), column.weight);
        resized[next++] = mix(top, bottom, row.weight);
      }
    }
  }
  return { height, width, channels, data: resized };
}

function positions(from: number, to: number): Position[] {
  return Array.from({ length: to }, (_, index) => {
    const place = ((index + 0.5) * from) / to - 0.5;
    const floor = Math.floor(place);
    return { low: Math.max(0, floor), high: Math.min(from - 1, floor + 1), weight: place - floor };
  });
}

function mix(first: number, second: number, weight: number): number {
  return first + (second - first) * weight;
}
