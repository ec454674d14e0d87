import type { CallableModule, InputValue, TensorInfo, Value } from '@tenon/hub';
import { UsageError } from './errors.js';
import { fetchApplication } from './fetch-application.js';
import { functionApplication } from './function-application.js';
import { signatureApplication } from './signature-application.js';

/** What `tenon run` calls: a signature of a module, a function of a TF2 SavedModel, or a piece of a graph. */
export interface Application {
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  /** The input, if there is only one. */
  readonly loneInput: { readonly name: string; readonly info: TensorInfo } | undefined;
  /** For `getExpectedImageSize`; undefined where it does not apply. */
  readonly signature: string | undefined;
  /**
   * @param outputs Which outputs to compute: all, if it is left out.
   * @returns Outputs by name.
   */
  call(inputs: ReadonlyMap<string, InputValue>, outputs: readonly string[] | undefined): Promise<Map<string, Value>>;
}

/** Which of them is meant; at most one is given. */
export interface ApplicationChoice {
  readonly signature?: string | undefined;
  readonly function?: string | undefined;
  /** Tensors by name. */
  readonly fetch?: readonly string[] | undefined;
}

const CALL = '__call__';

/**
 * What calling the module means: without a choice, what the module does when it is called.
 *
 * @throws UsageError, SignatureNotFoundError, CallableNotFoundError
 */
export function chooseApplication(module: CallableModule, choice: ApplicationChoice): Application {
  const chosen = Object.values(choice).filter((value) => value !== undefined);
  if (chosen.length > 1) throw new UsageError('Only one of --signature, --function and --fetch can be meant.');
  if (choice.fetch) return fetchApplication(module, choice.fetch);
  if (choice.function !== undefined) return functionApplication(module, choice.function);
  if (choice.signature === undefined && module.functions.has(CALL)) return functionApplication(module, CALL);
  return signatureApplication(module, choice.signature ?? module.defaultSignature);
}
