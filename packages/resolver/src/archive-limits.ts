/** How much an archive may hold before it is refused. */
export interface ArchiveLimits {
  /** Bytes, unpacked. Default: 64 GiB. */
  readonly maxBytes: number;
  /** Files and directories. Default: 100,000. */
  readonly maxEntries: number;
  /** Unpacked bytes per byte received; not looked at in the first 16 MiB. Weights hardly compress; a table of zeros does, about 1,000-fold. Default: 200. */
  readonly maxRatio: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = { maxBytes: 64 * 2 ** 30, maxEntries: 100_000, maxRatio: 200 };

/** Small archives of little but padding are compressed as tightly as any bomb, and do no harm. */
export const RATIO_GRACE = 16 * 2 ** 20;
