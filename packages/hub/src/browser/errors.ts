/** A module could not be fetched. */
export class FetchModuleError extends Error {
  override readonly name = 'FetchModuleError';
  readonly code = 'ERR_FETCH_MODULE';
  constructor(
    readonly url: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${url} could not be fetched: ${reason}`, options);
  }
}

/** What was fetched is no archive of a module, or a damaged one, or one that holds more than files and directories. */
export class ModuleArchiveError extends Error {
  override readonly name = 'ModuleArchiveError';
  readonly code = 'ERR_MODULE_ARCHIVE';
  constructor(
    readonly url: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`The archive ${url} was refused: ${reason}`, options);
  }
}
