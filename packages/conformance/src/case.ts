import type { Backend } from '@tenon/backend';
import type { Placement } from '@tenon/runtime';

/** One thing that is checked of a backend. */
export interface ConformanceCase {
  /** What it belongs to: `arrays`, `control flow`. */
  readonly family: string;
  /** What is checked. No two cases of a family have the same. */
  readonly title: string;
  check(backend: Backend, surroundings: Surroundings): Promise<Finding>;
}

/** What a case may make use of beside the backend. */
export interface Surroundings {
  /** See `ConformanceOptions.inWorker`. */
  readonly inWorker: (() => Promise<readonly string[]>) | undefined;
}

/** What a case found. */
export interface Finding {
  /** What is wrong; empty if nothing is. */
  readonly problems: readonly string[];
  /** `declared` unless the backend says that it does not support what is checked, or nothing was there to check it with. */
  readonly status: 'declared' | 'undeclared' | 'not run';
  /** Where operations ran. */
  readonly placements: readonly Placement[];
}

/** How the report and lists of known failures call a case. */
export function idOf({ family, title }: Pick<ConformanceCase, 'family' | 'title'>): string {
  return `${family} / ${title}`;
}

/** What went wrong, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
