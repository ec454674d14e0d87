import type { Operation } from '@tenon/graph';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { integers, integersOf } from './integers.js';

/** Takes the likeliest class at each step, of logits `[time, batch, classes]`; the result is sparse. */
function prepareGreedyDecoder(operation: Operation): Kernel {
  const mergesRepeated = operation.bool('merge_repeated');
  const blankIndex = operation.int('blank_index');
  return ([logits, lengthsTensor]) => {
    const [steps, batch, classes] = logits!.shape as [number, number, number];
    const lengths = integersOf(lengthsTensor!);
    const blank = blankIndex < 0 ? classes + blankIndex : blankIndex;
    if (logits!.rank !== 3 || lengths.length !== batch || !(classes > 0 && blank >= 0 && blank < classes)) {
      throw new InvalidArgumentError(
        `Logits of shape [${logits!.shape.join(', ')}] cannot be decoded with ${lengths.length} lengths and class ${blankIndex} as the blank.`,
      );
    }
    const values = numbersOf(logits!);
    const scores = makeNumbers(logits!.dtype, batch);
    const indices: number[] = [];
    const decoded: number[] = [];
    let longest = 0;
    for (let n = 0; n < batch; n++) {
      const length = lengths[n]!;
      if (!(length >= 0 && length <= steps))
        throw new InvalidArgumentError(`Sequence ${n} has a length of ${length}; there are ${steps} steps.`);
      let previous = -1;
      let count = 0;
      for (let step = 0; step < length; step++) {
        const start = (step * batch + n) * classes;
        let best = 0;
        for (let c = 1; c < classes; c++) if (values[start + c]! > values[start + best]!) best = c;
        scores[n]! -= values[start + best]!;
        if (best !== blank && !(mergesRepeated && best === previous)) {
          indices.push(n, count++);
          decoded.push(best);
        }
        previous = best;
      }
      longest = Math.max(longest, count);
    }
    return [
      integers('int64', [decoded.length, 2], indices),
      integers('int64', [decoded.length], decoded),
      integers('int64', [2], [batch, longest]),
      fromNumbers(logits!.dtype, [batch, 1], scores),
    ];
  };
}

export const sequenceDecodingKernels: readonly KernelDefinition[] = [
  define('CTCGreedyDecoder', prepareGreedyDecoder, isReal),
];
