import type { LockWait, ModuleCache, Verification } from '@tenon/cache';

/** How far a download has come. */
export interface DownloadProgress {
  readonly handle: string;
  /** Bytes so far, as they come over the network. */
  readonly received: number;
  /** Bytes there will be, where the host says it. */
  readonly total: number | undefined;
}

/** What a resolver is given besides the handle. */
export interface ResolveContext {
  /** Default: a cache in the default place. */
  readonly cache?: ModuleCache;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Called when another process is downloading the same module, which is then waited for. */
  readonly onWait?: (wait: LockWait) => void;
  /** How closely a module that is in the cache is looked at before it is used. Default: `sizes`. */
  readonly verify?: Verification;
}

/** Turns handles of one kind into local directories. */
export interface Resolver {
  /** What handles it takes, in words, for messages: `a URL (https://…)`. */
  readonly accepts: string;
  /** Whether the handle is of its kind; not whether there is anything behind it. */
  supports(handle: string): boolean;
  /** @returns the absolute path of a directory. */
  resolve(handle: string, context: ResolveContext): Promise<string>;
}
