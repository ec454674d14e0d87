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
    if (OPERATIONS.has(name)) continue;
    signatures.set(name, {
      name,
      method: definition.methodName,
      inputs: parseInfos(definition.inputs),
      outputs: parseInfos(definition.outputs),
    });
  }
  return signatures;
}

function parseInfos(infos: SignatureDef['inputs']): ReadonlyMap<string, TensorInfo> {
  return new Map(Object.entries(infos).map(([name, info]) => [name, parseTensorInfo(name, info)]));
}
