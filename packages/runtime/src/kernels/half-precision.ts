export type HalfDType = 'float16' | 'bfloat16';

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The value of every bit pattern of float16; made when first needed. */
let float16Values: Float32Array | undefined;

function makeFloat16Values(): Float32Array {
  const values = new Float32Array(65536);
  for (let pattern = 0; pattern < 65536; pattern++) {
    const sign = pattern & 0x8000 ? -1 : 1;
    const exponent = (pattern >> 10) & 31;
    const fraction = pattern & 1023;
    if (exponent === 31) values[pattern] = fraction ? NaN : sign * Infinity;
    else if (exponent === 0) values[pattern] = sign * fraction * 2 ** -24;
    else values[pattern] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return values;
}

export function fromFloat16(pattern: number): number {
  return (float16Values ??= makeFloat16Values())[pattern]!;
}

/** Rounds to float32 first, as TensorFlow does, and then to the nearest float16, ties to even. */
export function toFloat16(value: number): number {
  float[0] = value;
  const pattern = bits[0]!;
  const sign = (pattern >>> 16) & 0x8000;
  const magnitude = pattern & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude < 0x38800000) {
    // Adding a half leaves the multiples of 2 ** -24 in the low bits: the hardware rounds to a subnormal for us.
    bits[0] = magnitude;
    float[0] = float[0] + 0.5;
    return sign | (bits[0] - 0x3f000000);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

export function fromBfloat16(pattern: number): number {
  bits[0] = pattern << 16;
  return float[0]!;
}

/** Rounds to float32 first, as TensorFlow does, and then to the nearest bfloat16, ties to even. */
export function toBfloat16(value: number): number {
  float[0] = value;
  const pattern = bits[0]!;
  if ((pattern & 0x7fffffff) > 0x7f800000) return (pattern >>> 16) | 0x40;
  return ((pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The elements of a float16 or bfloat16 tensor as float32, exactly. */
export function decodeHalf(dtype: HalfDType, data: Uint16Array): Float32Array {
  const values = new Float32Array(data.length);
  if (dtype === 'float16') {
    const table = (float16Values ??= makeFloat16Values());
    for (let i = 0; i < data.length; i++) values[i] = table[data[i]!]!;
  } else {
    const patterns = new Uint32Array(values.buffer);
    for (let i = 0; i < data.length; i++) patterns[i] = data[i]! << 16;
  }
  return values;
}

/** Rounds float32 elements to the nearest float16 or bfloat16, ties to even. */
export function encodeHalf(dtype: HalfDType, values: ArrayLike<number>): Uint16Array {
  const data = new Uint16Array(values.length);
  if (dtype === 'float16') for (let i = 0; i < data.length; i++) data[i] = toFloat16(values[i]!);
  else for (let i = 0; i < data.length; i++) data[i] = toBfloat16(values[i]!);
  return data;
}
