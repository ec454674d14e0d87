import { describe, expect, it } from '@jest/globals';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './half.js';

// From numpy 1.26.4 and ml_dtypes 0.3.2: np.float64(v).astype(np.float16).view(np.uint16), np.float32(v).astype(bfloat16).
const FLOAT16: [number, number][] = [
  [0, 0], [-0, 32768], [1, 15360], [-2.5, 49408], [65504, 31743], [65519.9, 31743], [65520, 31744], [1e-8, 0],
  [5.960464477539063e-8, 1], [2.98e-8, 0], [2.980232238769532e-8, 1], [6.1e-5, 1023], [6.103515625e-5, 1024],
  [6.1005353927612305e-5, 1024], [0.1, 11878], [1 / 3, 13653], [1000.3, 25553], [2049, 26624], [2051, 26626],
  [Infinity, 31744], [-1.7434871477489413e-7, 32771], [-15.675582352677011, 52182], [3.70100031061433e-5, 621],
  [-31305.09813210652, 63397], [-0.00013032985827266962, 34885],
]; // prettier-ignore
const BFLOAT16: [number, number][] = [
  [0, 0], [-0, 32768], [1, 16256], [-2.5, 49184], [65504, 18304], [1e-8, 12844], [0.1, 15821], [1 / 3, 16043],
  [1000.3, 17530], [Infinity, 32640], [-15.675582352677011, 49531], [449.70702740335264, 17377], [3.3e38, 32632], [3.4e38, 32640],
]; // prettier-ignore

describe('half precision', () => {
  it('rounds to float16 as numpy does', () => {
    for (const [value, bits] of FLOAT16) expect([value, encodeFloat16(value)]).toEqual([value, bits]);
    expect(decodeFloat16(encodeFloat16(NaN))).toBeNaN();
  });

  it('rounds to bfloat16 as ml_dtypes does', () => {
    for (const [value, bits] of BFLOAT16) expect([value, encodeBfloat16(value)]).toEqual([value, bits]);
    expect(decodeBfloat16(encodeBfloat16(NaN))).toBeNaN();
  });

  it('gives back every bit pattern of a number', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const half = decodeFloat16(bits);
      if (!Number.isNaN(half)) expect(encodeFloat16(half)).toBe(bits);
      const brain = decodeBfloat16(bits);
      if (!Number.isNaN(brain)) expect(encodeBfloat16(brain)).toBe(bits);
    }
  });
});
