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
    readonly attempts = 1,
  ) {
    super(
      `${handle} could not be downloaded: no answer from ${new URL(url).host}, ${explain(reason) ?? cause.message}${times(attempts)}. ` +
        (isDistrust(reason)
          ? 'If it is signed by an authority of your own, name that in the option `ca`, or in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE.'
          : 'Check the handle and the network; behind a proxy, HTTP_PROXY and HTTPS_PROXY.'),
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
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'the connection was closed';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'its certificate is for another host';
    default:
      return isDistrust(reason) ? 'its certificate is signed by nobody known' : undefined;
  }
}

function isDistrust(reason: string | undefined): boolean {
  return /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF).*)$/.test(
    reason ?? '',
  );
}

function times(attempts: number): string {
  return attempts > 1 ? ` (${attempts} attempts)` : '';
}

/** The host stopped answering. */
export class DownloadTimeoutError extends Error {
  override readonly name = 'DownloadTimeoutError';
  readonly code = 'ERR_DOWNLOAD_TIMEOUT';
  constructor(
    readonly handle: string,
    readonly url: string,
    /** What was waited for: a connection, the beginning of an answer, or the next bytes of its body. */
    readonly phase: 'connection' | 'response' | 'body',
    /** Milliseconds. */
    readonly timeout: number,
    /** Bytes received before. */
    readonly received: number,
    readonly attempts = 1,
  ) {
    const { host } = new URL(url);
    const what = {
      connection: `no connection to ${host} within ${timeout / 1000} s`,
      response: `${host} did not answer within ${timeout / 1000} s`,
      body: `nothing came from ${host} for ${timeout / 1000} s, after ${received} bytes`,
    }[phase];
    super(`${handle} could not be downloaded: ${what}${times(attempts)}. Try again later.`);
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
    readonly attempts = 1,
    /** Milliseconds after which the host wants to be asked again, where it says so. */
    readonly retryAfter?: number,
  ) {
    super(
      `${handle} could not be downloaded: ${new URL(url).host} answered ${status}${statusText && ` ${statusText}`} for ${url}` +
        `${preview && `, saying ${JSON.stringify(preview)}`}${times(attempts)}. ${adviceOn(status, retryAfter)}`,
    );
  }
}

function adviceOn(status: number, retryAfter: number | undefined): string {
  if (retryAfter !== undefined) return `Try again in ${Math.ceil(retryAfter / 1000)} s.`;
  if (status >= 500 || status === 429) return 'Try again later.';
  if (status === 401 || status === 403) {
    return 'It may need a token (option `tokens`), or the module may have moved: an alias can name its new place.';
  }
  return 'Check the handle: a module has an address of its own, often with a version at the end.';
}

/** The host named another address that is not followed. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
  readonly code = 'ERR_REDIRECT';
  constructor(
    readonly handle: string,
    /** Who named it. */
    readonly url: string,
    readonly location: string,
    reason: string,
  ) {
    super(`${handle} could not be downloaded: ${url} leads to ${JSON.stringify(location)}, ${reason}.`);
  }
}

/** The host does not say in which object store the module's files lie. */
export class UncompressedLocationError extends Error {
  override readonly name = 'UncompressedLocationError';
  readonly code = 'ERR_UNCOMPRESSED_LOCATION';
  constructor(
    readonly handle: string,
    readonly url: string,
    readonly status: number,
    /** The beginning of the answer's body. */
    readonly preview: string,
  ) {
    super(
      `${handle} is not to be had uncompressed: ` +
        (status === 303
          ? `expected ${url} to answer with a GCS location (gs://…), but it answered ${JSON.stringify(preview)}. `
          : `expected 303 See other from ${url}, but it answered ${status}. `) +
        'Ask for it compressed (TFHUB_MODEL_LOAD_FORMAT=COMPRESSED).',
    );
  }
}

/** The module is not in the cache, or no longer whole, and nothing else may be asked. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';
  readonly code = 'ERR_OFFLINE';
  constructor(
    readonly handle: string,
    /** The cache directory. */
    readonly cacheDirectory: string,
  ) {
    super(
      `${handle} is not in the cache ${cacheDirectory}, or not whole, and nothing is downloaded offline. ` +
        'Resolve it once with a network, or copy a cache that has it and name that in TFHUB_CACHE_DIR; ' +
        'the network is off because of the option `offline` or the variable TENON_OFFLINE.',
    );
  }
}

/** All places that the aliases name for a handle failed. */
export class NoSourceError extends AggregateError {
  override readonly name = 'NoSourceError';
  readonly code = 'ERR_NO_SOURCE';
  constructor(
    readonly handle: string,
    /** In the order asked. */
    readonly failures: readonly { readonly source: string; readonly error: unknown }[],
  ) {
    super(
      failures.map(({ error }) => error),
      `${handle} is to be had from none of the ${failures.length} places that its alias names:\n` +
        failures.map(({ source, error }) => `  - ${source}: ${messageOf(error)}`).join('\n'),
    );
  }
}

/** Some of the handles could not be resolved. */
export class PrefetchError extends AggregateError {
  override readonly name = 'PrefetchError';
  readonly code = 'ERR_PREFETCH';
  constructor(
    /** What went wrong, by handle. */
    readonly failures: ReadonlyMap<string, Error>,
    /** Those that are there now, by handle. */
    readonly directories: ReadonlyMap<string, string>,
  ) {
    super(
      [...failures.values()],
      `${failures.size} of ${failures.size + directories.size} modules could not be resolved:\n` +
        [...failures].map(([handle, error]) => `  - ${handle}: ${messageOf(error)}`).join('\n'),
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A table of aliases cannot be understood. */
export class AliasError extends Error {
  override readonly name = 'AliasError';
  readonly code = 'ERR_ALIAS';
  constructor(
    readonly pattern: string,
    reason: string,
  ) {
    super(
      `The alias ${JSON.stringify(pattern)} ${reason}. A pattern is a handle with at most one * in it, and stands for places with or without it.`,
    );
  }
}

/** A lockfile is needed and not there, or cannot be understood. */
export class LockfileError extends Error {
  override readonly name = 'LockfileError';
  readonly code = 'ERR_LOCKFILE';
  constructor(
    readonly path: string,
    reason: string,
    cause?: unknown,
  ) {
    super(`The lockfile ${path} ${reason}. tenon install HANDLE… writes one.`, { cause });
  }
}

/** A module is not the one that was locked. */
export class LockfileMismatchError extends Error {
  override readonly name = 'LockfileMismatchError';
  readonly code = 'ERR_LOCKFILE_MISMATCH';
  constructor(
    readonly handle: string,
    /** Everything that differs, file by file. */
    readonly differences: readonly string[],
  ) {
    const LISTED = 10;
    const more = differences.length - LISTED;
    super(
      `${handle} is not what the lockfile says, and was not used:\n` +
        differences
          .slice(0, LISTED)
          .map((difference) => `  - ${difference}\n`)
          .join('') +
        (more > 0 ? `  - and ${more} more\n` : '') +
        'If it was meant to change, lock it anew (tenon install --update); if not, somebody has tampered with it, or with the lockfile.',
    );
  }
}

/** Handles are not in the lockfile, which must not change. */
export class LockfileFrozenError extends Error {
  override readonly name = 'LockfileFrozenError';
  readonly code = 'ERR_LOCKFILE_FROZEN';
  constructor(
    readonly path: string,
    /** Those that it lacks. */
    readonly handles: readonly string[],
  ) {
    super(
      `The lockfile ${path} is frozen, and lacks ${new Intl.ListFormat('en').format(handles)}. Install without --frozen, and commit the lockfile.`,
    );
  }
}

/** A handle holds what proves who is asking; lockfiles are for everybody to read. */
export class LockfileHandleError extends Error {
  override readonly name = 'LockfileHandleError';
  readonly code = 'ERR_LOCKFILE_HANDLE';
  constructor(
    readonly path: string,
    /** Without it. */
    readonly handle: string,
  ) {
    super(
      `${handle} cannot be put into the lockfile ${path}: it was given with a password or a token in it, which others would read there. ` +
        'Give these otherwise (option `tokens`), or have an alias lead to the address.',
    );
  }
}

/** Another process is writing the lockfile, and does not finish. */
export class LockfileBusyError extends Error {
  override readonly name = 'LockfileBusyError';
  readonly code = 'ERR_LOCKFILE_BUSY';
  constructor(
    readonly path: string,
    /** The file that it holds while it writes. */
    readonly lockFile: string,
    /** Its text, `<host>.<pid>.<id>`. */
    readonly holder: string,
  ) {
    super(
      `The lockfile ${path} could not be written: ${JSON.stringify(holder)} holds ${lockFile}. If that process is gone, delete the file and try again.`,
    );
  }
}

/** An environment variable has a value that means nothing. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly code = 'ERR_SETTING';
  constructor(
    readonly variable: string,
    readonly value: string,
    readonly allowed: readonly string[],
  ) {
    super(
      `${variable} is ${JSON.stringify(value)}; it may be ${new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed)}, or unset.`,
    );
  }
}

/** Object stores are read through packages that not everybody wants, and this one is not installed. */
export class MissingClientError extends Error {
  override readonly name = 'MissingClientError';
  readonly code = 'ERR_MISSING_CLIENT';
  constructor(
    readonly handle: string,
    /** The package to install. */
    readonly client: string,
    cause: unknown,
  ) {
    super(`${handle} is read through ${client}, which is not installed: npm install ${client}`, { cause });
  }
}

/** The disk has less room than the module needs. */
export class DiskSpaceError extends Error {
  override readonly name = 'DiskSpaceError';
  readonly code = 'ERR_DISK_SPACE';
  constructor(
    readonly handle: string,
    readonly directory: string,
    /** Bytes, at the least: an archive unpacks to more than it has. */
    readonly needed: number,
    /** Bytes. */
    readonly available: number,
  ) {
    super(
      `${handle} was not downloaded: it needs at least ${needed} bytes, and ${directory} has room for ${available}. ` +
        'Free some, or move the cache: set TFHUB_CACHE_DIR to another directory, or pass one.',
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
    readonly attempts = 1,
  ) {
    super(
      `The download of ${handle} from ${new URL(url).host} broke off after ${received}` +
        `${expected === undefined ? '' : ` of ${expected}`} bytes${times(attempts)}. Try again.`,
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

/** Single files of a module were wanted, and whoever resolves its handle can only fetch all of it. */
export class NoExcerptError extends Error {
  override readonly name = 'NoExcerptError';
  readonly code = 'ERR_NO_EXCERPT';
  constructor(
    readonly handle: string,
    /** The kind of handle, in words. */
    readonly kind: string,
  ) {
    super(
      `Single files of ${handle} cannot be read: its resolver (for ${kind}) has no readExcerpt. Resolve the module, and look at its directory.`,
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
