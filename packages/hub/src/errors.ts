/** A handle is not a string or a module. */
export class InvalidHandleError extends Error {
  override readonly name = 'InvalidHandleError';
  readonly code = 'ERR_INVALID_HANDLE';
  constructor(readonly handle: unknown) {
    super(`Expected a string, a path or URL of a module; got ${handle === null ? 'null' : typeof handle}.`);
  }
}

/** The default backend is installed but cannot be loaded: its native library does not fit this machine, say. `cause` says why. */
export class BackendLoadError extends Error {
  override readonly name = 'BackendLoadError';
  readonly code = 'ERR_BACKEND_LOAD';
  constructor(
    readonly backend: string,
    override readonly cause: unknown,
  ) {
    super(
      `${backend} is installed but cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)} ` +
        'Mend it, pass another backend, or pass backend: null to run on the host kernels alone.',
    );
  }
}
