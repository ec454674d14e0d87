import type { CallableModule, Inputs, InputValue, Outputs, TensorInfo, Value } from '@tenon/hub';
import type { SavedFunction, Structure } from '@tenon/module-spec';
import { isRaggedTensor, isSparseTensor, Tensor } from '@tenon/tensor';

/** What `tenon run` calls: a signature of a module, or the object that a TF2 SavedModel was made of. */
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

const CALL = '__call__';

/**
 * What calling the module means.
 *
 * @param signature Undefined: what the module does where no signature is named.
 * @throws SignatureNotFoundError
 */
export function chooseApplication(module: CallableModule, signature: string | undefined): Application {
  const called = module.functions.get(CALL);
  if (signature === undefined && called) return objectApplication(module, called);
  const name = signature ?? module.defaultSignature;
  const inputs = module.getInputInfo(name);
  return {
    inputs,
    loneInput: loneOf(inputs),
    signature: name,
    call: async (values, outputs) =>
      new Map(Object.entries(await compute(module, new Map(values), { signature: name, outputs }))),
  };
}

function objectApplication(module: CallableModule, called: SavedFunction): Application {
  const { inputs, isObject } = inputsOf(called);
  const loneInput = isObject ? undefined : loneOf(inputs);
  return {
    inputs,
    loneInput,
    signature: undefined,
    call: async (values, outputs) => {
      const lone = loneInput && values.get(loneInput.name);
      const results = await compute(module, values.size === 0 ? undefined : (lone ?? Object.fromEntries(values)), {
        outputs,
      });
      return new Map(Object.entries(results).flatMap(([name, result]) => flatten(name, result)));
    },
  };
}

/** The tensors that a function takes by name, as its first trace has them; those of its only argument if that is an object. */
function inputsOf({ parameters, traces: [trace] }: SavedFunction): {
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  readonly isObject: boolean;
} {
  const tensors = (named: Iterable<readonly [string, Structure]>): Map<string, TensorInfo> =>
    new Map([...named].flatMap(([name, argument]) => (argument.kind === 'tensor' ? [[name, argument.info]] : [])));
  const [first] = trace?.positional ?? [];
  if (first?.kind === 'dict') return { inputs: tensors(first.fields), isObject: true };
  const positional = (trace?.positional ?? []).map((argument, index): [string, Structure] => [
    parameters.names[index] ?? `${index}`,
    argument,
  ]);
  return { inputs: tensors([...positional, ...(trace?.keyword ?? [])]), isObject: false };
}

function loneOf(inputs: ReadonlyMap<string, TensorInfo>): Application['loneInput'] {
  const [lone, ...others] = inputs;
  return lone && others.length === 0 ? { name: lone[0], info: lone[1] } : undefined;
}

function compute(
  module: CallableModule,
  inputs: Inputs | undefined,
  { signature, outputs }: { readonly signature?: string; readonly outputs: readonly string[] | undefined },
): Promise<Outputs> {
  return outputs ? module(inputs, { signature, outputs }) : module(inputs, { signature, asDict: true });
}

/** Functions may return nested lists and objects: `default/0`. */
function flatten(name: string, result: unknown): [string, Value][] {
  if (Tensor.isTensor(result) || isSparseTensor(result) || isRaggedTensor(result)) return [[name, result]];
  if (typeof result !== 'object' || result === null) return [];
  return Object.entries(result).flatMap(([key, item]) => flatten(`${name}/${key}`, item));
}
