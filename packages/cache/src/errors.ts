const HOW_TO_MOVE = 'Set TFHUB_CACHE_DIR to another directory, or pass one.';

/** The cache may not be read or written: wrong owner, wrong mode, or a read-only file system. */
export class CachePermissionError extends Error {
  override readonly name = 'CachePermissionError';
  readonly code = 'ERR_CACHE_PERMISSION';
  constructor(
    /** The cache directory. */
    readonly directory: string,
    /** The file or directory in it that was refused. */
    readonly path: string,
    cause: Error,
  ) {
    super(
      `The module cache ${directory} cannot be used: no permission for ${path} (${cause.message}). ${HOW_TO_MOVE}`,
      {
        cause,
      },
    );
  }
}

/** There is no room left for the module. */
export class CacheFullError extends Error {
  override readonly name = 'CacheFullError';
  readonly code = 'ERR_CACHE_FULL';
  constructor(
    readonly directory: string,
    cause: Error,
  ) {
    super(
      `There is no room left for the module in the cache ${directory} (${cause.message}). Free some, or move the cache: ${HOW_TO_MOVE}`,
      {
        cause,
      },
    );
  }
}

/** The cache's place is taken by something that is not a directory. */
export class CacheNotADirectoryError extends Error {
  override readonly name = 'CacheNotADirectoryError';
  readonly code = 'ERR_CACHE_NOT_A_DIRECTORY';
  constructor(
    readonly directory: string,
    cause: Error,
  ) {
    super(`The module cache ${directory} is not a directory (${cause.message}). ${HOW_TO_MOVE}`, { cause });
  }
}

/** Another process holds the module's lock and has made no progress for as long as one was willing to wait. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
  readonly code = 'ERR_CACHE_LOCK_TIMEOUT';
  constructor(
    readonly handle: string,
    readonly lockFile: string,
    /** The lock's text, `<host>.<pid>.<id>`. */
    readonly holder: string,
    /** Milliseconds without progress. */
    readonly waited: number,
  ) {
    super(
      `Gave up waiting for ${handle}: ${describeHolder(holder)} holds ${lockFile} and has downloaded nothing for ` +
        `${Math.round(waited / 100) / 10} s. If that process is gone, delete the lock file and try again.`,
    );
  }
}

/** What was to be published is not what its maker said it wrote. */
export class IncompleteModuleError extends Error {
  override readonly name = 'IncompleteModuleError';
  readonly code = 'ERR_INCOMPLETE_MODULE';
  constructor(
    readonly handle: string,
    readonly problems: readonly string[],
  ) {
    super(
      `${handle} was not put into the cache, because it is incomplete:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}

/** There is nothing in the cache under this handle. */
export class EntryNotFoundError extends Error {
  override readonly name = 'EntryNotFoundError';
  readonly code = 'ERR_CACHE_ENTRY_NOT_FOUND';
  constructor(
    /** The cache directory. */
    readonly directory: string,
    /** A handle, or the SHA-1 of one. */
    readonly entry: string,
  ) {
    super(
      `There is no ${JSON.stringify(entry)} in the cache ${directory}. ` +
        'Modules are kept under the handle exactly as it was typed: a slash at its end makes another one.',
    );
  }
}

/** A process is making the module, or removing it. */
export class EntryLockedError extends Error {
  override readonly name = 'EntryLockedError';
  readonly code = 'ERR_CACHE_ENTRY_LOCKED';
  constructor(
    readonly entry: string,
    readonly lockFile: string,
    /** The lock's text, `<host>.<pid>.<id>`. */
    readonly holder: string,
  ) {
    super(
      `${entry} was left as it is: ${describeHolder(holder)} is working on it (${lockFile}). Try again when it is done.`,
    );
  }
}

/** The module is to be kept. */
export class PinnedEntryError extends Error {
  override readonly name = 'PinnedEntryError';
  readonly code = 'ERR_CACHE_PINNED';
  constructor(
    readonly entry: string,
    readonly pinFile: string,
  ) {
    super(`${entry} was not removed: it is pinned (${pinFile}). Unpin it first.`);
  }
}

/** Who holds a lock, in words, by the lock's text. */
export function describeHolder(text: string): string {
  const [, host, pid] = /^(.*)\.(\d+)\.[^.]*$/s.exec(text) ?? [];
  return host === undefined ? `an unknown process (${JSON.stringify(text)})` : `process ${pid} on ${host}`;
}

/** Gives a failed file operation below `directory` the class that says what to do about it; anything else is returned as it came. */
export function explainSystemError(error: unknown, directory: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  switch (code) {
    // A write that finds no room does not name its file.
    case 'ENOSPC':
    case 'EDQUOT':
      return new CacheFullError(directory, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return path?.startsWith(directory) ? new CachePermissionError(directory, path, error) : error;
    case 'ENOTDIR':
      return path?.startsWith(directory) ? new CacheNotADirectoryError(directory, error) : error;
    case 'EEXIST':
      return path === directory ? new CacheNotADirectoryError(directory, error) : error;
    default:
      return error;
  }
}
