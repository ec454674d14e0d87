import type { Operation } from '@tenon/graph';
import type { Tensor } from '@tenon/tensor';
import type { Preview } from './session-callable.js';

/** What to compute from what, resolved once and run many times. */
export interface Callable {
  /**
   * @param values One per feed, in order.
   * @returns One per tensor fetched, in order.
   * @throws FeedError, MissingFeedError, RefusedOperationError, UnsupportedOperationError (naming every operation that nothing can run, before any weight is read),
   *   OperationError (an operation failed while it ran).
   */
  run(
    values: readonly Tensor[],
    signal?: AbortSignal,
    /** @internal How state gets its first values, where that is not the session's ordinary way. */
    initialize?: (state: readonly Operation[]) => Promise<void>,
  ): Promise<Tensor[]>;

  /** Compiles and initialises now what the first run would. */
  prepare(signal?: AbortSignal): Promise<void>;

  /** How it would run. Nothing is compiled or read to tell. */
  preview(): Preview;

  /** Frees what the backend holds, when runs in flight have finished. */
  dispose(): Promise<void>;
}
