import { describe, expect, it } from '@jest/globals';
import { parseShapeAndSlice } from './shape-and-slice.js';

describe('parseShapeAndSlice', () => {
  it('reads what savers write of partitioned variables', () => {
    expect(parseShapeAndSlice('')).toBeUndefined();
    expect(parseShapeAndSlice('10 4 0,4:-')).toEqual({ fullShape: [10, 4], slice: { offset: [0, 0], shape: [4, 4] } });
    expect(parseShapeAndSlice('10 4 7,3:0,4')).toEqual({
      fullShape: [10, 4],
      slice: { offset: [7, 0], shape: [3, 4] },
    });
  });

  it('takes nothing for a slice that does not fit its shape', () => {
    expect(parseShapeAndSlice('10 0,4:-')).toBeUndefined();
  });
});
