import type { Restructured, Value } from '@tenon/module-spec';
import type { Complex, DType, RaggedTensor, SparseTensor, StringArray, Tensor, TypedArray } from '@tenon/tensor';
import type { LoadedModule } from './loaded-module.js';

/** One element of a data type, as a plain value. */
export type ElementOf<D extends DType> = D extends 'string'
  ? string | Uint8Array
  : D extends 'bool'
    ? boolean
    : D extends 'complex64' | 'complex128'
      ? number | Complex
      : D extends 'resource' | 'variant'
        ? never
        : number | bigint;

/** Typed arrays whose elements become those of a data type. */
type ArraysOf<D extends DType> = D extends 'string'
  ? StringArray
  : D extends 'bool'
    ? Uint8Array
    : D extends 'complex64'
      ? Float32Array
      : D extends 'complex128'
        ? Float64Array
        : D extends 'resource' | 'variant'
          ? never
          : TypedArray | Uint8ClampedArray;

/** A plain value of a data type, alone or in nested arrays. */
export type PlainInput<D extends DType> = ElementOf<D> | ArraysOf<D> | readonly PlainInput<D>[];

/** What a tensor input can be given as: a tensor of its data type, or plain values that become one. */
export type DenseInput<D extends DType> = Tensor<D> | PlainInput<D>;

/** What a sparse input can be given as. */
export interface SparseInput<D extends DType> {
  /** `[n, rank]` */
  readonly indices: DenseInput<'int64'>;
  /** `[n]` */
  readonly values: DenseInput<D>;
  /** `[rank]` */
  readonly denseShape: DenseInput<'int64'>;
}

/** What a ragged input can be given as: its parts, or nested arrays of different lengths. */
export type RaggedInput<D extends DType> =
  | { readonly values: DenseInput<D>; readonly rowSplits: readonly DenseInput<'int64' | 'int32'>[] }
  | readonly PlainInput<D>[];

/** A sparse output. */
export type SparseOutput<D extends DType> = SparseTensor & { readonly values: Tensor<D> };

/** A ragged output. */
export type RaggedOutput<D extends DType> = RaggedTensor & { readonly values: Tensor<D> };

/** What calling a signature takes and gives. */
export interface SignatureTypes {
  /** The inputs by name; of a signature with one input, that as it is, too. */
  readonly takes: unknown;
  /** All outputs by name: with `asDict: true`. */
  readonly gives: { readonly [name: string]: unknown };
  /** Without `asDict`; `unknown` where there is no output of that name, and calling fails. */
  readonly result: unknown;
}

/** What one function of a TF2 SavedModel's object takes and gives. */
export interface FunctionTypes {
  readonly args: readonly unknown[];
  readonly keywords: { readonly [name: string]: unknown };
  readonly gives: Restructured<Value>;
}

/** What the compiler knows of a module: `tenon types HANDLE` writes an interface that fits. */
export interface ModuleTypes {
  /** Of the variant: sorted; undefined as well where it is the one that is loaded without `tags`. */
  readonly tags: readonly string[] | undefined;
  readonly signatures: { readonly [name: string]: SignatureTypes };
  /** What calling does where no signature is named; undefined where one has to be. */
  readonly call: SignatureTypes | undefined;
  readonly functions: { readonly [name: string]: FunctionTypes };
}

type SignatureName<M extends ModuleTypes> = keyof M['signatures'] & string;

/** The signature of that name; without one, what calling the module does. */
type Called<M extends ModuleTypes, S extends string | undefined> = [S] extends [string]
  ? M['signatures'][S]
  : M['call'] extends SignatureTypes
    ? M['call']
    : { readonly takes: never; readonly gives: Record<never, never>; readonly result: never };

/** What a call returns: the outputs that were asked for by name, all with `asDict`, else the one called `default`. */
type Result<C extends SignatureTypes, O extends string, D extends boolean> = [O] extends [never]
  ? D extends true
    ? C['gives']
    : C['result']
  : { [name in O]: C['gives'][name] };

/** `CallOptions` for a module whose signatures and outputs are known. */
export interface TypedCallOptions<S, O, D> {
  /** The signature to call. */
  readonly signature?: S | undefined;
  /** Whether to return all outputs by name, and not the one called `default`. */
  readonly asDict?: D | undefined;
  /** Compute only these outputs, and return them by name. */
  readonly outputs?: readonly O[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A loaded module whose signatures the compiler knows: names, data types and kinds of inputs and outputs are checked, shapes are not.
 *
 * @example
 * import type { Fruit } from './fruit.js'; // tenon types path/to/fruit --output fruit.d.ts
 * const fruit = await load<Fruit>('path/to/fruit');
 * const { cats } = await fruit({ apples, oranges }, { signature: 'my_method', asDict: true });
 */
export interface TypedModule<M extends ModuleTypes> extends LoadedModule {
  /** @throws as calling a `CallableModule` does: shapes are only checked when the module is called. */
  <
    const S extends SignatureName<M> | undefined = undefined,
    const O extends keyof Called<M, S>['gives'] & string = never,
    const D extends boolean = false,
  >(
    inputs: Called<M, S>['takes'],
    options?: TypedCallOptions<S, O, D>,
  ): Promise<Result<Called<M, S>, O, D>>;

  /**
   * Calls a function of a TF2 SavedModel's object. Which arguments may be left out is not checked before it is called: each may be given by
   * its position or by its name.
   *
   * @throws as `LoadedModule.callFunction` does.
   */
  callFunction<F extends keyof M['functions'] & string>(
    name: F,
    args?: M['functions'][F]['args'],
    keywords?: M['functions'][F]['keywords'],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<M['functions'][F]['gives']>;
}
