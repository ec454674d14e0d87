import type { SignatureDef } from '@tenon/format';
import { parseTensorInfo, type TensorInfo } from './tensor-info.js';

/** One way to apply a module: which tensors it takes and gives. */
export interface Signature {
  readonly name: string;
  /** What kind of call it is: `tensorflow/serving/predict`; empty for TF1 Hub modules. */
  readonly method: string;
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  readonly outputs: ReadonlyMap<string, TensorInfo>;
}

/** What every signature is called that was given no name; and the only input or output that was given none. */
export const DEFAULT = 'default';

/** Entries among the signatures of a SavedModel that name an operation and are not to be called. */
const OPERATIONS = new Set(['__saved_model_init_op', '__saved_model_train_op']);

export function parseSignatures(definitions: {
  readonly [name: string]: SignatureDef;
}): ReadonlyMap<string, Signature> {
  const signatures = new Map<string, Signature>();
  for (const [name, definition] of Object.entries(definitions)) {
    if (!OPERATIONS.has(name)) signatures.set(name, new ParsedSignature(name, definition));
  }
  return signatures;
}

/** Reads its inputs and outputs when asked for them: one with types that are not supported is no obstacle to the use of others. */
class ParsedSignature implements Signature {
  private parsedInputs: Signature['inputs'] | undefined;
  private parsedOutputs: Signature['outputs'] | undefined;

  constructor(
    readonly name: string,
    private readonly definition: SignatureDef,
  ) {}

  get method(): string {
    return this.definition.methodName;
  }

  get inputs(): Signature['inputs'] {
    return (this.parsedInputs ??= parseInfos(this.definition.inputs));
  }

  get outputs(): Signature['outputs'] {
    return (this.parsedOutputs ??= parseInfos(this.definition.outputs));
  }
}

function parseInfos(infos: SignatureDef['inputs']): ReadonlyMap<string, TensorInfo> {
  return new Map(Object.entries(infos).flatMap(([name, info]) => parseTensorInfo(name, info)));
}
