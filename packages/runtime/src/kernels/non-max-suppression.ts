import type { Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { define, isReal } from './definition.js';
import { fromNumbers, makeNumbers, numbersOf, type NumberArray } from './elements.js';
import { InvalidArgumentError } from './errors.js';
import { checkedSize, integerOf } from './integers.js';

/** Overlap of two boxes, `[y1, x1, y2, x2]` with the corners in any order: intersection over union. */
function overlap(boxes: NumberArray, i: number, j: number): number {
  const edges = (box: number): [number, number, number, number] => [
    Math.min(boxes[4 * box]!, boxes[4 * box + 2]!),
    Math.min(boxes[4 * box + 1]!, boxes[4 * box + 3]!),
    Math.max(boxes[4 * box]!, boxes[4 * box + 2]!),
    Math.max(boxes[4 * box + 1]!, boxes[4 * box + 3]!),
  ];
  const [top, left, bottom, right] = edges(i);
  const [otherTop, otherLeft, otherBottom, otherRight] = edges(j);
  const area = (bottom - top) * (right - left);
  const otherArea = (otherBottom - otherTop) * (otherRight - otherLeft);
  if (area <= 0 || otherArea <= 0) return 0;
  const height = Math.max(0, Math.min(bottom, otherBottom) - Math.max(top, otherTop));
  const width = Math.max(0, Math.min(right, otherRight) - Math.max(left, otherLeft));
  return (height * width) / (area + otherArea - height * width);
}

interface Candidate {
  readonly box: number;
  readonly score: number;
  /** Up to which of the selected boxes its score was lowered before. */
  readonly comparedTo: number;
}

export interface SuppressionLimits {
  readonly most: number;
  readonly overlap: number;
  readonly score: number;
  /** Above zero, boxes that overlap a better one lose score by a Gaussian of this width, and are not dropped. */
  readonly sigma: number;
}

/** Better ones last, where they are taken from; of equal ones the first box. */
const byScore = (a: Candidate, b: Candidate): number => a.score - b.score || b.box - a.box;

/** The best boxes, leaving out those that overlap a better one too much. */
function suppress(
  boxes: NumberArray,
  scores: NumberArray,
  limits: SuppressionLimits,
): Pick<Candidate, 'box' | 'score'>[] {
  const isSoft = limits.sigma > 0;
  const queue: Candidate[] = [];
  for (let box = 0; box < scores.length; box++) {
    if (scores[box]! > limits.score) queue.push({ box, score: scores[box]!, comparedTo: 0 });
  }
  queue.sort(byScore);
  const selected: Pick<Candidate, 'box' | 'score'>[] = [];
  while (selected.length < limits.most) {
    const next = queue.pop();
    if (!next) break;
    let { score } = next;
    let isDropped = false;
    for (let i = selected.length - 1; i >= next.comparedTo; i--) {
      const shared = overlap(boxes, next.box, selected[i]!.box);
      if (isSoft) score = Math.fround(score * Math.exp((-0.5 / limits.sigma) * shared * shared));
      else isDropped = shared > limits.overlap;
      if (isDropped || score <= limits.score) break;
    }
    if (isDropped) continue;
    if (score === next.score) selected.push(next);
    else if (score > limits.score) insert(queue, { box: next.box, score, comparedTo: selected.length });
  }
  return selected;
}

function insert(queue: Candidate[], candidate: Candidate): void {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byScore(queue[middle]!, candidate) < 0) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, candidate);
}

/** What the versions of the op differ in. */
interface Version {
  /** The overlap is an attribute, not an input. */
  readonly hasFixedOverlap?: boolean;
  readonly hasScoreLimit?: boolean;
  readonly isSoft?: boolean;
}

function checkBoxes(boxes: Tensor, scores: Tensor): void {
  if (boxes.rank !== 2 || boxes.shape[1] !== 4 || scores.size !== boxes.shape[0]) {
    throw new InvalidArgumentError(
      `Boxes of shape [${boxes.shape.join(', ')}] and scores of shape [${scores.shape.join(', ')}] do not go together.`,
    );
  }
}

function prepareSuppression(version: Version): (operation: Operation) => Kernel {
  return (operation) => {
    const fixedOverlap = version.hasFixedOverlap ? operation.float('iou_threshold') : 0;
    const isPadded = operation.find('pad_to_max_output_size') !== undefined && operation.bool('pad_to_max_output_size');
    const hasCount = operation.outputs.length > 1;
    return ([boxes, scores, most, overlapLimit, scoreLimit, sigma]) => {
      checkBoxes(boxes!, scores!);
      const limits: SuppressionLimits = {
        most: integerOf(most!),
        overlap: version.hasFixedOverlap ? fixedOverlap : numbersOf(overlapLimit!)[0]!,
        score: version.hasScoreLimit ? numbersOf(scoreLimit!)[0]! : -Infinity,
        sigma: version.isSoft ? numbersOf(sigma!)[0]! : 0,
      };
      const selected = suppress(numbersOf(boxes!), numbersOf(scores!), limits);
      const length = isPadded ? checkedSize([limits.most]) : selected.length;
      const indices = new Int32Array(length);
      indices.set(selected.map(({ box }) => box));
      const output = new Tensor('int32', [length], indices);
      if (!hasCount) return [output];
      const count = new Tensor('int32', [], Int32Array.of(selected.length));
      if (!version.isSoft) return [output, count];
      const kept = makeNumbers(scores!.dtype, length);
      kept.set(selected.map(({ score }) => score));
      return [output, fromNumbers(scores!.dtype, [length], kept), count];
    };
  };
}

/** The best boxes of every image over all classes, each class suppressed on its own. */
function prepareCombined(operation: Operation): Kernel {
  const isPaddedPerClass = operation.bool('pad_per_class');
  const clips = operation.bool('clip_boxes');
  return ([boxes, scores, perClassTensor, totalTensor, overlapLimit, scoreLimit]) => {
    const [batch, count, kinds] = boxes!.shape as [number, number, number, number];
    const classes = scores!.shape[2]!;
    if (boxes!.rank !== 4 || scores!.size !== batch * count * classes || (kinds !== 1 && kinds !== classes)) {
      throw new InvalidArgumentError(
        `Boxes of shape [${boxes!.shape.join(', ')}] and scores of shape [${scores!.shape.join(', ')}] do not go together.`,
      );
    }
    const perClass = integerOf(perClassTensor!);
    const total = integerOf(totalTensor!);
    if (!(perClass > 0 && total > 0))
      throw new InvalidArgumentError(`${perClass} boxes per class and ${total} in all cannot be selected.`);
    const most = checkedSize([isPaddedPerClass ? Math.min(total, perClass * classes) : total]);
    const limits = {
      most: perClass,
      overlap: numbersOf(overlapLimit!)[0]!,
      score: numbersOf(scoreLimit!)[0]!,
      sigma: 0,
    };
    const corners = numbersOf(boxes!);
    const values = numbersOf(scores!);
    const outputBoxes = new Float32Array(batch * most * 4);
    const outputScores = new Float32Array(batch * most);
    const outputClasses = new Float32Array(batch * most);
    const valid = new Int32Array(batch);
    for (let image = 0; image < batch; image++) {
      const found: { box: Float32Array; score: number; label: number }[] = [];
      for (let label = 0; label < classes; label++) {
        const own = new Float32Array(count * 4);
        const ownScores = new Float32Array(count);
        for (let i = 0; i < count; i++) {
          const start = ((image * count + i) * kinds + (kinds === 1 ? 0 : label)) * 4;
          own.set(corners.subarray(start, start + 4), i * 4);
          ownScores[i] = values[(image * count + i) * classes + label]!;
        }
        for (const { box, score } of suppress(own, ownScores, limits)) {
          found.push({ box: own.subarray(box * 4, box * 4 + 4), score, label });
        }
      }
      found.sort((a, b) => b.score - a.score);
      valid[image] = Math.min(found.length, most);
      found.slice(0, most).forEach(({ box, score, label }, i) => {
        const at = image * most + i;
        outputBoxes.set(clips ? box.map((edge) => Math.max(0, Math.min(1, edge))) : box, at * 4);
        outputScores[at] = score;
        outputClasses[at] = label;
      });
    }
    return [
      new Tensor('float32', [batch, most, 4], outputBoxes),
      new Tensor('float32', [batch, most], outputScores),
      new Tensor('float32', [batch, most], outputClasses),
      new Tensor('int32', [batch], valid),
    ];
  };
}

export const nonMaxSuppressionKernels: readonly KernelDefinition[] = [
  define('NonMaxSuppression', prepareSuppression({ hasFixedOverlap: true }), isReal),
  define('NonMaxSuppressionV2', prepareSuppression({}), isReal),
  define('NonMaxSuppressionV3', prepareSuppression({ hasScoreLimit: true }), isReal),
  define('NonMaxSuppressionV4', prepareSuppression({ hasScoreLimit: true }), isReal),
  define('NonMaxSuppressionV5', prepareSuppression({ hasScoreLimit: true, isSoft: true }), isReal),
  define('CombinedNonMaxSuppression', prepareCombined, isReal),
];
