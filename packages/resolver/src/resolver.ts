import type { FileRecord } from '@tenon/cache';

/** How far a download has come. */
export interface DownloadProgress {
  /** Without credentials. */
  readonly handle: string;
  /** Bytes so far, as they come over the network; fewer than before where a download had to begin anew. */
  readonly received: number;
  /** Bytes there will be, where the host says it. */
  readonly total: number | undefined;
}

/** Something failed that may pass, and is about to be tried again. */
export interface DownloadRetry {
  /** Without credentials. */
  readonly handle: string;
  /** What failed. */
  readonly error: Error;
  /** How many attempts there have been. */
  readonly attempts: number;
  /** Milliseconds until the next one. */
  readonly delay: number;
}

/** The archive that a module was unpacked from, once all of it has come and was found to be sound. */
export interface DownloadedArchive {
  /** Without credentials. */
  readonly handle: string;
  /** Where it came from, after aliases and redirects, without credentials. */
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
}

/** What happens on the way, for whoever looks on. */
export interface DownloadEvents {
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly onRetry?: ((retry: DownloadRetry) => void) | undefined;
  /** Asking for it makes a download hash the archive besides its files. Not called for modules that are no archive. */
  readonly onArchive?: ((archive: DownloadedArchive) => void) | undefined;
}

/** What a resolver is given for one download. */
export interface DownloadContext extends DownloadEvents {
  /** The handle whose module this is, as messages may show it; the source may be another address, by an alias. */
  readonly handle: string;
  readonly signal: AbortSignal;
  /** Beginning of the path of files that a later attempt may go on with, and that are the resolver's to remove: `<this>.….partial`. */
  readonly partials: string;
}

/** Which files of a module to read without the others. */
export interface ExcerptRequest {
  /** Their paths in the module. */
  readonly files: readonly string[];
  /** Files of which any one is enough: of what lies behind it, only wanted files that follow at once are read. */
  readonly until: readonly string[];
}

/** Some files of a module that was not downloaded. */
export interface ModuleExcerpt {
  /** Contents by path; without those that the module lacks, or that lie behind what was enough. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Bytes that came over the network for them. */
  readonly received: number;
  /** Bytes of the whole download, where the host says it. */
  readonly total: number | undefined;
}

interface ResolverOfItsKind {
  /** What handles it takes, in words, for messages: `a URL (https://…)`. */
  readonly accepts: string;
  /** Whether the handle is of its kind; not whether there is anything behind it. */
  supports(handle: string): boolean;
}

/** Knows where modules are on this machine. */
export interface LocatingResolver extends ResolverOfItsKind {
  /** @returns the absolute path of the module's directory, which is used where it is. */
  locate(handle: string): Promise<string>;
}

/** Fetches modules from elsewhere. The cache, its locks and the offline mode are not its business. */
export interface DownloadingResolver extends ResolverOfItsKind {
  /**
   * Puts the module that `source` names into `directory`, which exists and is empty.
   * @returns what it wrote; nothing where it does not know, and then sizes and hashes are read from the files.
   */
  download(source: string, directory: string, context: DownloadContext): Promise<readonly FileRecord[] | void>;
  /**
   * Reads some of the module's files, and no more of the others than it has to. A resolver without it resolves modules, and cannot tell
   * what they are before.
   */
  readExcerpt?(
    source: string,
    request: ExcerptRequest,
    context: Omit<DownloadContext, 'partials'>,
  ): Promise<ModuleExcerpt>;
}

/** Turns handles of one kind into local directories. */
export type Resolver = LocatingResolver | DownloadingResolver;
