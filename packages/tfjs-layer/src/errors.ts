/** The options of a layer do not fit the module, or each other. Names every problem. */
export class LayerOptionsError extends Error {
  override readonly name = 'LayerOptionsError';
  readonly code = 'ERR_LAYER_OPTIONS';
  constructor(
    readonly handle: string,
    readonly problems: readonly string[],
  ) {
    super(`The module ${handle} cannot be a layer so:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** A layer that was made trainable cannot be trained. */
export class UntrainableLayerError extends Error {
  override readonly name = 'UntrainableLayerError';
  readonly code = 'ERR_UNTRAINABLE_LAYER';
  constructor(
    readonly layer: string,
    reason: string,
  ) {
    super(`The layer "${layer}" is trainable, but ${reason}. Set its trainable to false.`);
  }
}

/** A layer was given inputs that its module does not take. */
export class LayerInputError extends Error {
  override readonly name = 'LayerInputError';
  readonly code = 'ERR_LAYER_INPUT';
  constructor(
    readonly layer: string,
    problem: string,
  ) {
    super(`The layer "${layer}" ${problem}`);
  }
}

/** The shape of a layer's output follows neither from its input nor from its options. */
export class UnknownOutputShapeError extends Error {
  override readonly name = 'UnknownOutputShapeError';
  readonly code = 'ERR_UNKNOWN_OUTPUT_SHAPE';
  constructor(
    readonly layer: string,
    readonly outputs: readonly string[],
  ) {
    super(
      `How many dimensions ${outputs.map((output) => `"${output}"`).join(', ')} of the layer "${layer}" will have is not known beforehand. ` +
        'Give its outputShape.',
    );
  }
}

/** A value of a module is one that TensorFlow.js cannot hold. */
export class UnrepresentableValueError extends Error {
  override readonly name = 'UnrepresentableValueError';
  readonly code = 'ERR_UNREPRESENTABLE_VALUE';
  constructor(
    readonly value: string,
    reason: string,
  ) {
    super(`${value} cannot become a tensor of TensorFlow.js: ${reason}.`);
  }
}

/** A layer's configuration cannot be written down. */
export class LayerConfigError extends Error {
  override readonly name = 'LayerConfigError';
  readonly code = 'ERR_LAYER_CONFIG';
  constructor(
    readonly layer: string,
    reason: string,
  ) {
    super(`The configuration of the layer "${layer}" cannot be written down: ${reason}.`);
  }
}
