import { formatShape, type DType, type PartialShape } from '@tenon/tensor';

const quote = (names: Iterable<string>, none = 'none'): string =>
  [...names].map((name) => `"${name}"`).join(', ') || none;
const listed = (tags: readonly string[]): string => `[${tags.map((tag) => `'${tag}'`).join(', ')}]`;
const lines = (intro: string, problems: readonly string[]): string =>
  problems.length === 1
    ? `${intro} ${problems[0]}`
    : `${intro}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;

/** A folder holds neither a TF1 Hub module nor a SavedModel. */
export class NoSavedModelError extends Error {
  override readonly name = 'NoSavedModelError';
  readonly code = 'ERR_NO_SAVED_MODEL';
  constructor(
    readonly directory: string,
    reason: string,
  ) {
    super(`${directory} is not a module: ${reason}`);
  }
}

/** `tfhub_module.pb` names a format that is not known. */
export class UnsupportedModuleFormatError extends Error {
  override readonly name = 'UnsupportedModuleFormatError';
  readonly code = 'ERR_UNSUPPORTED_MODULE_FORMAT';
  constructor(
    readonly directory: string,
    readonly format: number,
  ) {
    super(`Unsupported module def format: ${format} (in ${directory}/tfhub_module.pb; 3 is known).`);
  }
}

/** `tfhub_module.pb` requires features; none is defined, so any is unknown. */
export class UnsupportedFeaturesError extends Error {
  override readonly name = 'UnsupportedFeaturesError';
  readonly code = 'ERR_UNSUPPORTED_FEATURES';
  constructor(
    readonly directory: string,
    readonly features: readonly string[],
  ) {
    super(`Unsupported features: ${listed(features)} (required by ${directory}/tfhub_module.pb).`);
  }
}

/** The graph of a TF1 Hub module has collections that modules may not have. */
export class UnsupportedCollectionsError extends Error {
  override readonly name = 'UnsupportedCollectionsError';
  readonly code = 'ERR_UNSUPPORTED_COLLECTIONS';
  constructor(
    readonly directory: string,
    readonly collections: readonly string[],
  ) {
    super(
      `Unsupported collections in graph: ${listed(collections)} (in ${directory}). A module may not have these: make it without them (dropCollections).`,
    );
  }
}

/** A SavedModel cannot be taken for a TF1 Hub module: it is one of TensorFlow 2, whose variables and functions belong to objects. */
export class UnsuitableSavedModelError extends Error {
  override readonly name = 'UnsuitableSavedModelError';
  readonly code = 'ERR_UNSUITABLE_SAVED_MODEL';
  constructor(readonly directory: string) {
    super(
      `${directory} is a SavedModel of TensorFlow 2, which cannot be taken for a TF1 Hub module: its variables and functions belong to ` +
        'objects. Use it as it is: put it into a graph, train it, and write it with exportSavedModel.',
    );
  }
}

/** No trainable variable of a module has a name that matches what is to be trained. Names all that there are. */
export class NothingTrainableError extends Error {
  override readonly name = 'NothingTrainableError';
  readonly code = 'ERR_NOTHING_TRAINABLE';
  constructor(
    /** As text. */
    readonly pattern: string,
    readonly available: readonly string[],
  ) {
    super(`No trainable variable of the module matches ${pattern}; it has ${quote(available, 'none at all')}.`);
  }
}

/** What is to be trained is neither said by true or false, nor by a regular expression, nor by a function that gives true or false. */
export class TrainablePatternError extends Error {
  override readonly name = 'TrainablePatternError';
  readonly code = 'ERR_TRAINABLE_PATTERN';
  constructor(
    readonly value: unknown,
    what: string,
  ) {
    super(
      `trainable must be true, false, a regular expression, or a function of names that gives true or false at once; ${what} is ` +
        `${value instanceof Promise ? 'a promise' : String(value)}.`,
    );
  }
}

/** Two variants have the same tags. */
export class RepeatedTagsError extends Error {
  override readonly name = 'RepeatedTagsError';
  readonly code = 'ERR_REPEATED_TAGS';
  constructor(
    readonly directory: string,
    readonly tags: readonly string[],
  ) {
    super(`Tags ${listed(tags)} used repeatedly in ${directory}: it does not say which graph they mean.`);
  }
}

/** A module has no graph variant with the tags asked for. */
export class VariantNotFoundError extends Error {
  override readonly name = 'VariantNotFoundError';
  readonly code = 'ERR_VARIANT_NOT_FOUND';
  constructor(
    /** Sorted. */
    readonly tags: readonly string[] | undefined,
    readonly available: readonly (readonly string[])[],
  ) {
    super(
      (tags === undefined
        ? 'The module has several graph variants; say which by its tags'
        : `No such graph variant: tags=${listed(tags)}`) + `. Available: ${available.map(listed).join(', ')}.`,
    );
  }
}

export class SignatureNotFoundError extends Error {
  override readonly name = 'SignatureNotFoundError';
  readonly code = 'ERR_SIGNATURE_NOT_FOUND';
  constructor(
    readonly signature: string,
    readonly available: readonly string[],
  ) {
    const instead = available.length === 0 ? ' Fetch its tensors by their names.' : '';
    super(`Signature "${signature}" is not in this module; it has ${quote(available, 'no signatures')}.${instead}`);
  }
}

/** Outputs were asked for that a signature or function does not have. Names every one. */
export class OutputNotFoundError extends Error {
  override readonly name = 'OutputNotFoundError';
  readonly code = 'ERR_OUTPUT_NOT_FOUND';
  constructor(
    readonly signature: string,
    readonly missing: readonly string[],
    readonly available: readonly string[],
  ) {
    super(
      missing.length === 1 && missing[0] === 'default'
        ? `There is no output named "default" in signature "${signature}"; it has ${quote(available)}. Use asDict: true.`
        : `Signature "${signature}" has no output ${quote(missing)}; it has ${quote(available)}.`,
    );
  }
}

/** The names of the inputs given are not those of the signature. Says every missing and every extra name. */
export class InputNamesError extends Error {
  override readonly name = 'InputNamesError';
  readonly code = 'ERR_INPUT_NAMES';
  constructor(
    readonly signature: string,
    readonly missing: readonly string[],
    readonly extra: readonly string[],
    readonly expected: readonly string[],
    /** Whether the inputs were not given by name. */
    readonly isBare = false,
  ) {
    super(
      expected.length === 0
        ? `Signature "${signature}" expects no inputs${isBare ? '' : `; extra given ${listed(extra)}`}.`
        : isBare
          ? `Signature "${signature}" expects multiple inputs. Use an object with ${quote(expected)}.`
          : `Cannot convert the inputs of signature "${signature}": missing ${listed(missing)}, extra given ${listed(extra)}; ` +
            `it takes ${quote(expected)}.`,
    );
  }
}

/** One input that a signature or function cannot take. */
export interface InputProblem {
  readonly input: string;
  readonly expected: { readonly dtype: DType; readonly shape: PartialShape; readonly kind: string };
  /** What was given: its data type and shape where it has them. */
  readonly actual?: { readonly dtype: DType; readonly shape: PartialShape };
  /** What is wrong, where types and shapes do not say it. */
  readonly reason?: string;
}

/** Inputs have the wrong data type, shape or kind, or cannot be converted. Names every one of them. */
export class InputTypeError extends Error {
  override readonly name = 'InputTypeError';
  readonly code = 'ERR_INPUT_TYPE';
  constructor(
    readonly signature: string,
    readonly problems: readonly InputProblem[],
  ) {
    super(
      lines(
        `Signature "${signature}":`,
        problems.map(({ input, expected, actual, reason }) => {
          const got = actual && `Got ${actual.dtype} ${formatShape(actual.shape)}.`;
          const wanted = `Expected ${expected.kind === 'dense' ? '' : `${expected.kind} `}${expected.dtype} ${formatShape(expected.shape)}.`;
          return [`Can't convert "${input}":`, reason, got, wanted].filter((part) => part !== undefined).join(' ');
        }),
      ),
    );
  }
}

/** A value of a graph was passed where a value is wanted, or one of another graph. */
export class SymbolicInputError extends Error {
  override readonly name = 'SymbolicInputError';
  readonly code = 'ERR_SYMBOLIC_INPUT';
  constructor(
    readonly tensor: string,
    reason: string,
  ) {
    super(`"${tensor}" is a tensor of a graph: ${reason}`);
  }
}

/** The type of a composite tensor contradicts itself. */
export class UnsupportedCompositeError extends Error {
  override readonly name = 'UnsupportedCompositeError';
  readonly code = 'ERR_UNSUPPORTED_COMPOSITE';
  constructor(
    readonly tensor: string,
    readonly type: string,
  ) {
    super(`"${tensor}" is a composite tensor of type ${type}, which cannot be used.`);
  }
}

/** No message of that key is attached to the module. */
export class AttachmentNotFoundError extends Error {
  override readonly name = 'AttachmentNotFoundError';
  readonly code = 'ERR_ATTACHMENT_NOT_FOUND';
  constructor(
    readonly key: string,
    readonly available: readonly string[],
  ) {
    super(`No message is attached to the module under "${key}"; it has ${quote(available)}.`);
  }
}

/** Neither an attached message nor the shape of an input says what an image must be like. */
export class ImageInfoError extends Error {
  override readonly name = 'ImageInfoError';
  readonly code = 'ERR_IMAGE_INFO';
  constructor(
    readonly signature: string,
    readonly input: string,
    reason: string,
  ) {
    super(`Signature "${signature}" does not say what its images are like: ${reason}`);
  }
}

/** An asset is not what it must be: a constant string, naming a file in the module's assets folder. Names every problem. */
export class AssetError extends Error {
  override readonly name = 'AssetError';
  readonly code = 'ERR_ASSET';
  constructor(
    readonly directory: string,
    readonly problems: readonly string[],
  ) {
    super(lines(`The assets of ${directory}:`, problems));
  }
}

/** A module contradicts itself: names operations it does not have, messages that cannot be read. Names every problem. */
export class InvalidModuleError extends Error {
  override readonly name = 'InvalidModuleError';
  readonly code = 'ERR_INVALID_MODULE';
  constructor(
    readonly directory: string,
    readonly problems: readonly string[],
  ) {
    super(lines(`${directory} is not a valid module:`, problems));
  }
}

/** One variable whose value the checkpoint does not hold as the graph wants it. */
export interface RestoreProblem {
  readonly variable: string;
  readonly key: string;
  readonly reason: string;
}

/** A program was to run whose weights were left where they are: only what the module is was read. */
export class UnreadWeightsError extends Error {
  override readonly name = 'UnreadWeightsError';
  readonly code = 'ERR_UNREAD_WEIGHTS';
  constructor(
    readonly module: string,
    readonly variable: string,
  ) {
    super(
      `The variable "${variable}" of ${module} was not downloaded: only what the module is was read. Load the module to run it.`,
    );
  }
}

/** Variables that the checkpoint lacks, or holds with another data type or shape. Names every one. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError';
  readonly code = 'ERR_RESTORE';
  constructor(
    readonly checkpoint: string,
    readonly problems: readonly RestoreProblem[],
  ) {
    super(
      lines(
        `Variables cannot be restored from ${checkpoint}:`,
        problems.map(({ variable, key, reason }) => `"${variable}" from "${key}": ${reason}`),
      ),
    );
  }
}

/** The parts of a partitioned variable do not make it up. */
export class PartitionError extends Error {
  override readonly name = 'PartitionError';
  readonly code = 'ERR_PARTITION';
  constructor(
    readonly variable: string,
    reason: string,
  ) {
    super(`The parts of variable "${variable}" do not fit: ${reason}`);
  }
}

/** A SavedModel has no function of that name that could be called. */
export class CallableNotFoundError extends Error {
  override readonly name = 'CallableNotFoundError';
  readonly code = 'ERR_CALLABLE_NOT_FOUND';
  constructor(
    readonly callable: string,
    readonly available: readonly string[],
  ) {
    super(`"${callable}" is not a function of this model; it has ${quote(available, 'no functions')}.`);
  }
}

/** None of the traces that a function was saved with takes the arguments given. */
export class NoMatchingFunctionError extends Error {
  override readonly name = 'NoMatchingFunctionError';
  readonly code = 'ERR_NO_MATCHING_FUNCTION';
  constructor(
    readonly callable: string,
    readonly given: string,
    /** What each trace takes, and why the arguments are not that. */
    readonly options: readonly string[],
  ) {
    super(
      `"${callable}" was not saved for these arguments: ${given}. It takes:\n` +
        options.map((option) => `  - ${option}`).join('\n'),
    );
  }
}

/** A function needs something of the SavedModel that cannot be found or is not supported. */
export class UnsupportedCaptureError extends Error {
  override readonly name = 'UnsupportedCaptureError';
  readonly code = 'ERR_UNSUPPORTED_CAPTURE';
  constructor(
    readonly callable: string,
    readonly problems: readonly string[],
  ) {
    super(lines(`"${callable}" cannot be called:`, problems));
  }
}

/** A function that makes a module added no signature: nobody could apply it. */
export class NoSignaturesError extends Error {
  override readonly name = 'NoSignaturesError';
  readonly code = 'ERR_NO_SIGNATURES';
  constructor(readonly tags: readonly string[]) {
    super(
      `No signatures present in the graph for tags ${listed(tags)}. Call addSignature in the function that makes it.`,
    );
  }
}

/** Inputs or outputs of a signature that is added are not tensors of the module's graph. Names every one. */
export class SignatureDefinitionError extends Error {
  override readonly name = 'SignatureDefinitionError';
  readonly code = 'ERR_SIGNATURE_DEFINITION';
  constructor(
    readonly signature: string,
    readonly problems: readonly string[],
  ) {
    super(lines(`Signature "${signature}" cannot be added:`, problems));
  }
}

/** The key of a message that is attached is not one that every language can use as a name. */
export class AttachmentKeyError extends Error {
  override readonly name = 'AttachmentKeyError';
  readonly code = 'ERR_ATTACHMENT_KEY';
  constructor(readonly key: string) {
    super(`"${key}" cannot be the key of a message: it must be a letter, then letters, digits and underscores.`);
  }
}

/** State, or inputs of signatures, are colocated with operations that applying the module moves elsewhere. Names every one. */
export class CreatedColocationError extends Error {
  override readonly name = 'CreatedColocationError';
  readonly code = 'ERR_CREATED_COLOCATION';
  constructor(
    readonly tags: readonly string[],
    readonly problems: readonly string[],
  ) {
    super(lines(`The graph for tags ${listed(tags)} cannot be a module's:`, problems));
  }
}

/** A module cannot be written as a TF1 Hub module. Names every reason. */
export class UnexportableModuleError extends Error {
  override readonly name = 'UnexportableModuleError';
  readonly code = 'ERR_UNEXPORTABLE_MODULE';
  constructor(readonly problems: readonly string[]) {
    super(lines('The module cannot be exported:', problems));
  }
}
