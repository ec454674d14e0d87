import { Tensor, tensorFrom } from '@tenon/hub';
import { drawPicture } from './picture.mjs';

const TEXTS = ['Hello, world!', 'The cat and the dog.'];
/** Of a dimension that a module leaves open, behind the first. */
const OPEN_DIMENSION = 4;
const OPEN_IMAGE = 224;

/** Something to apply any module to: a value for each input, by name. */
export function defaultInputs(infos) {
  return Object.fromEntries([...infos].map(([name, info]) => [name, defaultInput(info)]));
}

function defaultInput({ kind, dtype, shape }) {
  switch (kind) {
    case 'sparse': {
      const dimensions = complete(shape ?? [null, null]);
      const indices = tensorFrom([dimensions.map(() => 0n)], 'int64');
      return { indices, values: fill(dtype, [1]), denseShape: tensorFrom(dimensions.map(BigInt), 'int64') };
    }
    case 'ragged': {
      const values = fill(dtype, [3, ...complete((shape ?? [null, null]).slice(2))]);
      return { values, rowSplits: [tensorFrom([0n, 2n, 3n], 'int64')] };
    }
    default:
      return isPicture(dtype, shape) ? picture(shape) : fill(dtype, complete(shape ?? [null]));
  }
}

function isPicture(dtype, shape) {
  return dtype === 'float32' && shape?.length === 4 && shape[3] === 3;
}

function picture([batch, height, width]) {
  const size = [height ?? OPEN_IMAGE, width ?? OPEN_IMAGE];
  const pixels = drawPicture(...size);
  const count = batch ?? 1;
  const data = new Float32Array(count * pixels.length);
  for (let index = 0; index < count; index++) data.set(pixels, index * pixels.length);
  return new Tensor('float32', [count, ...size, 3], data);
}

/** The first open dimension is taken for the batch. */
function complete(shape) {
  return shape.map((dimension, axis) => dimension ?? (axis === 0 ? TEXTS.length : OPEN_DIMENSION));
}

function fill(dtype, shape) {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const element = elementOf(dtype);
  return tensorFrom(Array.from({ length: size }, (_, index) => element(index)), dtype).reshape(shape); // prettier-ignore
}

function elementOf(dtype) {
  if (dtype === 'string') return (index) => TEXTS[index % TEXTS.length];
  if (dtype === 'bool') return (index) => index % 2 === 0;
  if (dtype.includes('float')) return (index) => (index % 10) / 10;
  if (dtype.startsWith('complex')) return (index) => ({ re: (index % 10) / 10, im: 0 });
  return (index) => index % 2;
}
