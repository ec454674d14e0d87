/** The command was called in a way that makes no sense: `tenon` ends with 2 then. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'ERR_USAGE';
}

/** A file, or what came on standard input, does not hold inputs. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError';
  readonly code = 'ERR_INPUT_FILE';
  constructor(
    readonly file: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${reason}`, options);
  }
}

/** A text is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly code = 'ERR_JSON_SYNTAX';
  constructor(
    reason: string,
    /** In UTF-16 units, from 0. */
    readonly position: number,
  ) {
    super(`${reason} at position ${position}`);
  }
}

/** Outputs cannot be written in the format that was asked for. */
export class OutputFileError extends Error {
  override readonly name = 'OutputFileError';
  readonly code = 'ERR_OUTPUT_FILE';
  constructor(
    readonly file: string,
    reason: string,
  ) {
    super(`${file}: ${reason}`);
  }
}

/** Modules in the cache are not what was downloaded, or something else is the matter with it. */
export class CacheProblemsError extends Error {
  override readonly name = 'CacheProblemsError';
  readonly code = 'ERR_CACHE_PROBLEMS';
  constructor(
    /** The cache directory. */
    readonly directory: string,
    /** How many. */
    readonly problems: number,
    message: string,
  ) {
    super(message);
  }
}

/** The backend that was asked for is not installed. */
export class BackendNotInstalledError extends Error {
  override readonly name = 'BackendNotInstalledError';
  readonly code = 'ERR_BACKEND_NOT_INSTALLED';
  constructor(
    readonly backend: string,
    readonly packages: readonly string[],
  ) {
    super(`The backend "${backend}" is not installed. Install it with: npm install ${packages.join(' ')}`);
  }
}

/** Some way of running modules does not compute what TensorFlow computes, or does not load although it was asked for. */
export class DoctorError extends Error {
  override readonly name = 'DoctorError';
  readonly code = 'ERR_DOCTOR';
  constructor(readonly checks: readonly { readonly name: string; readonly outcome: string }[]) {
    super(`Not as it should be: ${checks.map(({ name, outcome }) => `${name} (${outcome})`).join(', ')}.`);
  }
}
