const lines = (intro: string, problems: readonly string[]): string =>
  problems.length === 1
    ? `${intro} ${problems[0]}`
    : `${intro}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;

/** There is something where a module is to be written. */
export class TargetExistsError extends Error {
  override readonly name = 'TargetExistsError';
  readonly code = 'ERR_TARGET_EXISTS';
  constructor(readonly path: string) {
    super(`${path} exists already. Modules do not change once they are there: export to a new folder.`);
  }
}

/**
 * A folder cannot be written: no room, no permission, a file where a folder must be, or it is none of this machine. `cause` is what the system says.
 * Nothing is left of it.
 */
export class UnwritableTargetError extends Error {
  override readonly name = 'UnwritableTargetError';
  readonly code = 'ERR_UNWRITABLE_TARGET';
  constructor(
    readonly path: string,
    override readonly cause: Error,
  ) {
    super(`${path} cannot be written: ${cause.message}. Make room, or choose another folder; nothing was left there.`);
  }
}

/** A session was given that is over another graph than the one the module is in. */
export class SessionGraphError extends Error {
  override readonly name = 'SessionGraphError';
  readonly code = 'ERR_SESSION_GRAPH';
  constructor(readonly scope: string) {
    super(
      `The session is over another graph than the one that module "${scope}" is in: its variables have no values there.`,
    );
  }
}

/** The variant that is exported lacks variables of another one, which would then have no values. Names every one. */
export class MissingVariablesError extends Error {
  override readonly name = 'MissingVariablesError';
  readonly code = 'ERR_MISSING_VARIABLES';
  constructor(
    /** Of the variant that is exported. */
    readonly tags: readonly string[],
    readonly problems: readonly string[],
  ) {
    const variant = `[${tags.map((tag) => `'${tag}'`).join(', ')}]`;
    super(
      lines(
        `The variant ${variant} lacks variables that others have. Instantiate the one that has all, and export that.`,
        problems,
      ),
    );
  }
}

/** Files that belong to the module cannot be read. Names every one. */
export class AssetFilesError extends Error {
  override readonly name = 'AssetFilesError';
  readonly code = 'ERR_ASSET_FILES';
  constructor(
    readonly paths: readonly string[],
    options?: ErrorOptions,
  ) {
    super(lines('Assets of the module cannot be read:', paths), options);
  }
}
