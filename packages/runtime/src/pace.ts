/** What is paced: anything that is the same object throughout a run. */
interface Paced {
  readonly signal: AbortSignal | undefined;
  /** Whether it must be done before anything else can happen. */
  readonly isSynchronous?: boolean;
}

/** So many iterations may pass before the event loop gets its turn. */
const ITERATIONS_PER_TURN = 4096;

/** A run that can be stopped lets the event loop know so often, in milliseconds. */
const MILLISECONDS_PER_TURN = 50;

const paces = new WeakMap<Paced, Pace>();

/**
 * Gives the event loop its turn in a run that takes long, so that its signal can stop it. Loops within loops count together: else the
 * inner ones could keep the turn from coming for as long as they like.
 */
export class Pace {
  private iterations = 0;
  private since = performance.now();

  private constructor(private readonly run: Paced) {}

  static of(run: Paced): Pace {
    let pace = paces.get(run);
    if (!pace) {
      pace = new Pace(run);
      paces.set(run, pace);
    }
    return pace;
  }

  /** Counts an iteration, and says whether the turn is due after it. */
  isDueAfterIteration(): boolean {
    return !this.run.isSynchronous && (++this.iterations >= ITERATIONS_PER_TURN || this.isDue());
  }

  /** Whether the turn is due by the clock. A run that nothing can stop is never interrupted for it. */
  isDue(): boolean {
    return this.run.signal !== undefined && performance.now() - this.since > MILLISECONDS_PER_TURN;
  }

  /** @throws the signal's reason if it was aborted. */
  async turn(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.iterations = 0;
    this.since = performance.now();
    this.run.signal?.throwIfAborted();
  }
}
