import { setTimeout as delay } from 'node:timers/promises';
import { DownloadInterruptedError, DownloadTimeoutError, HostUnreachableError, HttpStatusError } from './errors.js';
import type { DownloadRetry } from './resolver.js';

export interface RetryOptions {
  /** How often to try again what may pass. Progress of a megabyte begins the count anew. Default: 4; 0 for never. */
  readonly retries?: number;
  /** Milliseconds to wait at most before the first retry; twice as long before each further one. Default: 500. */
  readonly retryDelay?: number;
  /**
   * Milliseconds to wait at most before any retry. A host that asks for more patience than this is not asked again.
   * Default: one minute.
   */
  readonly maxRetryDelay?: number;
  /** How to wait. Default: a timer. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const ENOUGH_PROGRESS = 2 ** 20;

const PASSING_STATUSES = [408, 425, 429, 500, 502, 503, 504];

const PASSING_REASONS = [
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
];

/** Whether the same request may go better next time. */
export function mayPass(error: unknown): boolean {
  if (error instanceof HttpStatusError) return PASSING_STATUSES.includes(error.status);
  if (error instanceof HostUnreachableError) return PASSING_REASONS.includes(error.reason ?? '');
  return error instanceof DownloadTimeoutError || error instanceof DownloadInterruptedError;
}

/** The attempts at one download. */
export class Retries {
  readonly #handle: string;
  readonly #options: Required<RetryOptions>;
  readonly #signal: AbortSignal;
  readonly #onRetry: ((retry: DownloadRetry) => void) | undefined;
  #attempts = 1;
  #failures = 0;
  #furthest = 0;

  constructor(
    handle: string,
    options: RetryOptions,
    signal: AbortSignal,
    onRetry: ((retry: DownloadRetry) => void) | undefined,
  ) {
    const { retries = 4, retryDelay = 500, maxRetryDelay = 60_000 } = options;
    const sleep =
      options.sleep ?? ((milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => undefined));
    this.#handle = handle;
    this.#options = { retries, retryDelay, maxRetryDelay, sleep };
    this.#signal = signal;
    this.#onRetry = onRetry;
  }

  /** Which attempt this is; the first is 1. */
  get attempt(): number {
    return this.#attempts;
  }

  /**
   * Says how far a file has come. A host that breaks off again and again, but always later, is worth asking again; one that breaks off
   * again and again at the same place is not, however much comes before it.
   */
  reached(position: number): void {
    if (position - this.#furthest < ENOUGH_PROGRESS) return;
    this.#furthest = position;
    this.#failures = 0;
  }

  /** Waits for the time of the next attempt, or throws the error where another makes no sense. */
  async next(error: Error): Promise<void> {
    this.#signal.throwIfAborted();
    const { retries, retryDelay, maxRetryDelay, sleep } = this.#options;
    const asked = error instanceof HttpStatusError ? error.retryAfter : undefined;
    if (!mayPass(error) || this.#failures >= retries || (asked ?? 0) > maxRetryDelay) throw error;
    const longest = Math.min(maxRetryDelay, retryDelay * 2 ** this.#failures);
    // Many clients that failed together must not come back together.
    const wait = Math.round(asked ?? longest * (0.5 + Math.random() / 2));
    this.#onRetry?.({ handle: this.#handle, error, attempts: this.#attempts, delay: wait });
    this.#failures += 1;
    this.#attempts += 1;
    await sleep(wait, this.#signal);
    this.#signal.throwIfAborted();
  }
}

/** `Retry-After` in milliseconds: seconds, or a date, which is compared with the answer's own. */
export function retryAfter(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const then = Date.parse(value);
  const now = date === undefined ? NaN : Date.parse(date);
  if (Number.isNaN(then)) return undefined;
  return Math.max(0, then - (Number.isNaN(now) ? Date.now() : now));
}
