import type { DeviceTensor } from '@tenon/backend';
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

  /**
   * As `run`, at once: nothing else happens meanwhile. It must have been prepared, and runs for values of any shape. Values may be on the
   * backend's device, and outputs stay where they are: those on the device are the caller's to dispose. Backends that run programs as
   * wholes do not have it.
   *
   * @param values Those on the device are not to be disposed of by what is given: the program disposes what it needs no more.
   * @throws SynchronousRunError if it is not prepared any more (a variable that it took for a constant was assigned), or the backend
   *   computes asynchronously; FeedError, OperationError
   */
  runSync?(values: readonly (Tensor | DeviceTensor)[]): (Tensor | DeviceTensor)[];

  /** Compiles and initialises now what the first run would. */
  prepare(signal?: AbortSignal): Promise<void>;

  /** How it would run. Nothing is compiled or read to tell. */
  preview(): Preview;

  /** Frees what the backend holds, when runs in flight have finished. */
  dispose(): Promise<void>;
}
