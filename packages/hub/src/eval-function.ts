import type { ModuleSpec, Value } from '@tenon/module-spec';
import type { Tensor } from '@tenon/tensor';
import { makeCallable } from './callable-module.js';
import { load, type LoadOptions } from './load.js';
import type { CallableModule, Inputs, Outputs } from './loaded-module.js';

export interface EvalOptions {
  /** `default` if it is left out. */
  readonly signature?: string | undefined;
  /** Whether to return all outputs by name, and not the one called `default`. */
  readonly asDict?: boolean | undefined;
}

/** Applies a module to values; `evalFunctionForModule` makes it. */
export interface EvalFunction extends AsyncDisposable {
  /** @throws as below, but for OutputNotFoundError. */
  (inputs: Inputs | undefined, options: EvalOptions & { readonly asDict: true }): Promise<Outputs>;
  /**
   * @throws SignatureNotFoundError; InputNamesError and InputTypeError naming everything that is wrong with the inputs; OutputNotFoundError
   *   if no output is called `default`: use `asDict: true`; SessionDisposedError.
   */
  <R extends Value = Tensor>(inputs?: Inputs, options?: EvalOptions): Promise<R>;
  /** Lets go of variables, tables and what runs the heavy operations. Waits for calls that are under way. */
  dispose(): Promise<void>;
}

/** What an `EvalFunction` has beside being called. */
class Evaluation implements AsyncDisposable {
  constructor(private readonly loaded: CallableModule) {}

  run(inputs: Inputs | undefined, { signature = this.loaded.defaultSignature, asDict }: EvalOptions): Promise<unknown> {
    return this.loaded(inputs, { signature, asDict });
  }

  dispose(): Promise<void> {
    return Promise.resolve(this.loaded.dispose());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/**
 * Makes a function of values out of a module, for a look at what it computes: `eval_function_for_module` of TensorFlow Hub. All calls share
 * one session, so that tables are filled once; signatures are prepared when they are first called. A module that was made and not trained has the
 * values that its initialisers give.
 *
 * @param handle A path or URL; or a spec: what `loadModuleSpec`, `createModuleSpec` or `createModuleSpecFromSavedModel` gave.
 * @throws InvalidHandleError, VariantNotFoundError, and what resolving and reading modules throws.
 * @example
 * await using evaluate = await evalFunctionForModule('path/to/module');
 * const vectors = await evaluate(['one', 'two']);
 */
export async function evalFunctionForModule(
  handle: string | ModuleSpec,
  options: LoadOptions = {},
): Promise<EvalFunction> {
  const evaluation = new Evaluation(await load(handle, options));
  return makeCallable(evaluation, (inputs?: Inputs, evalOptions: EvalOptions = {}) =>
    evaluation.run(inputs, evalOptions),
  ) as EvalFunction;
}
