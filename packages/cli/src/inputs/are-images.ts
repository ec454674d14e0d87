import type { TensorInfo } from '@tenon/hub';

const IMAGE_FILE = /\.(png|jpe?g)$/i;

/** Whether the names end as those of image files, and the input can be images. */
export function areImages(files: readonly string[], { dtype, kind, shape }: TensorInfo): boolean {
  return (
    files.length > 0 &&
    files.every((file) => IMAGE_FILE.test(file)) &&
    kind === 'dense' &&
    dtype === 'float32' &&
    (shape === null || shape.length === 4)
  );
}
