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

/** A module cannot be registered for export under a name. */
export class ModuleRegistrationError extends Error {
  override readonly name = 'ModuleRegistrationError';
  readonly code = 'ERR_MODULE_REGISTRATION';
  constructor(
    readonly exportName: string,
    reason: string,
  ) {
    super(`A module cannot be registered for export as "${exportName}": ${reason}`);
  }
}

/** An argument of a `LatestModuleExporter` is not what it must be. */
export class ExporterArgumentError extends Error {
  override readonly name = 'ExporterArgumentError';
  readonly code = 'ERR_EXPORTER_ARGUMENT';
  constructor(
    readonly argument: string,
    readonly value: unknown,
    expected: string,
  ) {
    super(`${argument} must be ${expected}; it is ${String(value)}.`);
  }
}

/** An option of `saveCheckpoint` is not what it must be. */
export class CheckpointArgumentError extends Error {
  override readonly name = 'CheckpointArgumentError';
  readonly code = 'ERR_CHECKPOINT_ARGUMENT';
  constructor(
    readonly argument: string,
    readonly value: unknown,
    expected: string,
  ) {
    super(`${argument} must be ${expected}; it is ${String(value)}.`);
  }
}

/** A folder holds no checkpoint. */
export class NoCheckpointError extends Error {
  override readonly name = 'NoCheckpointError';
  readonly code = 'ERR_NO_CHECKPOINT';
  constructor(readonly folder: string) {
    super(`There is no checkpoint in ${folder}. Save one with saveCheckpoint first.`);
  }
}

/** A module cannot be used for a feature column. Names everything about it that does not fit. */
export class FeatureModuleError extends Error {
  override readonly name = 'FeatureModuleError';
  readonly code = 'ERR_FEATURE_MODULE';
  constructor(
    wanted: string,
    readonly problems: readonly string[],
  ) {
    super(`Module is not ${wanted}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** Feature columns cannot be what they are asked to be, or cannot stand side by side. Names every problem. */
export class FeatureColumnError extends Error {
  override readonly name = 'FeatureColumnError';
  readonly code = 'ERR_FEATURE_COLUMN';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** What is wrong with one feature. */
export interface FeatureProblem {
  /** Of the feature. */
  readonly key: string;
  /** Which record, counted from 0; undefined where all are meant. */
  readonly record?: number;
  readonly problem: string;
}

/** Features are missing, or not what their columns take. Names every one of them. */
export class FeatureError extends Error {
  override readonly name = 'FeatureError';
  readonly code = 'ERR_FEATURE';
  constructor(readonly problems: readonly FeatureProblem[]) {
    const shown = problems.slice(0, MOST_SHOWN).map(({ key, record, problem }) => {
      return `  - "${key}"${record === undefined ? '' : ` of record ${record}`} ${problem}.`;
    });
    if (problems.length > MOST_SHOWN) shown.push(`  - and ${problems.length - MOST_SHOWN} more.`);
    super(`The features are not what the columns take:\n${shown.join('\n')}`);
  }
}

const MOST_SHOWN = 20;
