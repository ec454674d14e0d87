/** No resolver takes this kind of handle. */
export class UnsupportedHandleError extends Error {
  override readonly name = 'UnsupportedHandleError';
  readonly code = 'ERR_UNSUPPORTED_HANDLE';
  constructor(
    readonly handle: string,
    /** What can be resolved, in words. */
    readonly supported: readonly string[],
    reason?: string,
  ) {
    super(
      `The handle ${JSON.stringify(handle)} cannot be resolved${reason === undefined ? '' : ` (${reason})`}. ` +
        `A handle is ${new Intl.ListFormat('en', { type: 'disjunction' }).format(supported)}.`,
    );
  }
}

/** The path that a handle names is not a directory on this machine. */
export class ModulePathError extends Error {
  override readonly name = 'ModulePathError';
  readonly code = 'ERR_MODULE_PATH';
  constructor(
    readonly handle: string,
    /** Absolute. */
    readonly path: string,
    readonly reason: string,
  ) {
    super(
      `The module ${JSON.stringify(handle)} cannot be read: ${path} ${reason}. Name the directory that holds saved_model.pb.`,
    );
  }
}

/** No answer came: no such host, no connection, no trust in its certificate. */
export class HostUnreachableError extends Error {
  override readonly name = 'HostUnreachableError';
  readonly code = 'ERR_HOST_UNREACHABLE';
  constructor(
    readonly handle: string,
    readonly url: string,
    /** The system's code, such as `ENOTFOUND` or `ECONNREFUSED`, where there is one. */
    readonly reason: string | undefined,
    cause: Error,
  ) {
    super(
      `${handle} could not be downloaded: no answer from ${new URL(url).host}, ${explain(reason) ?? cause.message}. ` +
        'Check the handle and the network.',
      { cause },
    );
  }
}

function explain(reason: string | undefined): string | undefined {
  switch (reason) {
    case 'ENOTFOUND':
      return 'there is no host of that name';
    case 'EAI_AGAIN':
      return 'its name could not be looked up';
    case 'ECONNREFUSED':
      return 'the connection was refused';
    default:
      return undefined;
  }
}

/** The host stopped answering. */
export class DownloadTimeoutError extends Error {
  override readonly name = 'DownloadTimeoutError';
  readonly code = 'ERR_DOWNLOAD_TIMEOUT';
  constructor(
    readonly handle: string,
    readonly url: string,
    /** What was waited for: the beginning of an answer, or the next bytes of its body. */
    readonly phase: 'response' | 'body',
    /** Milliseconds. */
    readonly timeout: number,
    /** Bytes received before. */
    readonly received: number,
  ) {
    super(
      phase === 'response'
        ? `${handle} could not be downloaded: ${new URL(url).host} did not answer within ${timeout / 1000} s. Try again later.`
        : `${handle} could not be downloaded: nothing came from ${new URL(url).host} for ${timeout / 1000} s, after ${received} bytes. ` +
            'Try again later.',
    );
  }
}

/** The host answered that it has no such module, or cannot give it. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly code = 'ERR_HTTP_STATUS';
  constructor(
    readonly handle: string,
    /** The address that answered, after redirects. */
    readonly url: string,
    readonly status: number,
    statusText: string,
    /** The beginning of the answer's body; empty for a web page. */
    readonly preview: string,
  ) {
    super(
      `${handle} could not be downloaded: ${new URL(url).host} answered ${status}${statusText && ` ${statusText}`} for ${url}` +
        `${preview && `, saying ${JSON.stringify(preview)}`}. ` +
        (status >= 500
          ? 'Try again later.'
          : 'Check the handle: a module has an address of its own, often with a version at the end.'),
    );
  }
}

/** The host answered with something that is no archive: a web page, say. */
export class NotAnArchiveError extends Error {
  override readonly name = 'NotAnArchiveError';
  readonly code = 'ERR_NOT_AN_ARCHIVE';
  constructor(
    readonly handle: string,
    readonly url: string,
    readonly status: number,
    readonly contentType: string | undefined,
    /** The beginning of what came. */
    readonly preview: string,
  ) {
    super(
      `${handle} is not a module: ${url} answered ${status} with ${contentType ?? 'no content type'}, ` +
        `${preview === '' ? 'and nothing in it' : `beginning ${JSON.stringify(preview)}`}; a tar archive, plain or gzipped, was expected. ` +
        'Check that the host serves modules (tf-hub-format=compressed).',
    );
  }
}

/** The connection broke before all of the archive had come. */
export class DownloadInterruptedError extends Error {
  override readonly name = 'DownloadInterruptedError';
  readonly code = 'ERR_DOWNLOAD_INTERRUPTED';
  constructor(
    readonly handle: string,
    readonly url: string,
    /** Bytes. */
    readonly received: number,
    /** Bytes, where the host had said it. */
    readonly expected: number | undefined,
    cause?: unknown,
  ) {
    super(
      `The download of ${handle} broke off after ${received}${expected === undefined ? '' : ` of ${expected}`} bytes. Try again.`,
      { cause },
    );
  }
}

/** The archive is damaged, cut short, or followed by something else. */
export class CorruptArchiveError extends Error {
  override readonly name = 'CorruptArchiveError';
  readonly code = 'ERR_CORRUPT_ARCHIVE';
  constructor(
    readonly handle: string,
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`The archive of ${handle} is damaged: ${reason}. Try again; if it stays so, tell its publisher.`, { cause });
  }
}

/** The archive holds something that a module has no business with: a link, a device, a name that leads elsewhere. */
export class UnsafeArchiveError extends Error {
  override readonly name = 'UnsafeArchiveError';
  readonly code = 'ERR_UNSAFE_ARCHIVE';
  constructor(
    readonly handle: string,
    /** The entry's name as the archive has it. */
    readonly entry: string,
    readonly reason: string,
  ) {
    super(
      `The archive of ${handle} was refused: its entry ${JSON.stringify(entry)} ${reason}. Nothing of it was kept.`,
    );
  }
}

/** The archive is larger than allowed. */
export class ArchiveLimitError extends Error {
  override readonly name = 'ArchiveLimitError';
  readonly code = 'ERR_ARCHIVE_LIMIT';
  constructor(
    readonly handle: string,
    readonly limit: 'maxBytes' | 'maxEntries' | 'maxRatio',
    readonly allowed: number,
  ) {
    super(
      `The archive of ${handle} was refused: it ${
        { maxBytes: 'unpacks to more bytes', maxEntries: 'holds more entries', maxRatio: 'is compressed more tightly' }[
          limit
        ]
      } than allowed (${limit}: ${allowed}). If you trust its publisher, raise the limit.`,
    );
  }
}

/** The archive is sound, but what it holds is not a module. */
export class NotAModuleError extends Error {
  override readonly name = 'NotAModuleError';
  readonly code = 'ERR_NOT_A_MODULE';
  constructor(
    readonly handle: string,
    /** The files that it holds. */
    readonly files: readonly string[],
    expected: readonly string[],
  ) {
    const inner = files.find((file) => expected.some((name) => file.endsWith(`/${name}`)));
    super(
      `${handle} is not a module: its archive holds none of ${expected.join(', ')} at its root. ` +
        (inner !== undefined
          ? `It holds ${inner}: pack the directory's contents, not the directory.`
          : `It holds ${files.length === 0 ? 'no files' : files.slice(0, 10).join(', ')}${files.length > 10 ? ', …' : ''}.`),
    );
  }
}
