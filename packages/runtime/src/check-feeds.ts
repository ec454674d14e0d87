import type { SymbolicTensor } from '@tenon/graph';
import { isCompatible, type Tensor } from '@tenon/tensor';
import { FeedError, type FeedProblem } from './errors.js';

/** @throws FeedError naming every value that its tensor cannot take. */
export function checkFeeds(feeds: readonly SymbolicTensor[], values: readonly Tensor[]): void {
  const problems = feeds.flatMap((feed, index): FeedProblem[] => {
    const value = values[index]!;
    if (value.dtype === feed.dtype && isCompatible(value.shape, feed.shape)) return [];
    return [
      {
        tensor: feed.name,
        expected: { dtype: feed.dtype, shape: feed.shape },
        actual: { dtype: value.dtype, shape: value.shape },
      },
    ];
  });
  if (problems.length > 0) throw new FeedError(problems);
}
