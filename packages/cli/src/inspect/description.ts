import type { Access, PreflightDownload, PreflightMemory } from '@tenon/hub';
import type { DType, PartialShape } from '@tenon/tensor';

/** What `tenon inspect` says of a module; `--json` prints it as it is. */
export interface ModuleDescription {
  readonly handle: string;
  /** Where its files are; undefined where they were not downloaded. */
  readonly directory: string | undefined;
  /** What downloading it would take, where that was looked at and is needed. */
  readonly download?: PreflightDownload;
  readonly format: string;
  /** What runs the operations that are not run on the host. */
  readonly backend: string;
  readonly variants: readonly VariantDescription[];
}

export interface VariantDescription {
  readonly tags: readonly string[];
  /** Bytes that it needs once all of it is in use, where it was asked whether it will run. */
  readonly memory?: PreflightMemory;
  readonly signatures: readonly SignatureDescription[];
  readonly functions: readonly FunctionDescription[];
  readonly variables: readonly VariableDescription[];
  readonly tables: readonly TableDescription[];
  readonly assets: readonly FileDescription[];
  readonly attachments: readonly AttachmentDescription[];
}

export interface SignatureDescription {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TypeDescription>>;
  readonly outputs: Readonly<Record<string, TypeDescription>>;
  /** Of the images that it takes. */
  readonly imageSize?: readonly [height: number, width: number];
  /** Whether it can run here, and may. */
  readonly runs: boolean;
  readonly operations: OperationsDescription;
  /** How much of it each backend that is installed would run; left out where one was asked for. */
  readonly support?: readonly SupportDescription[];
}

export interface SupportDescription {
  readonly backend: string;
  /** How many of the operations would run on the backend; the others run on the host. */
  readonly operations: number;
  readonly of: number;
}

export interface TypeDescription {
  readonly kind: 'dense' | 'sparse' | 'ragged';
  readonly dtype: DType;
  readonly shape: PartialShape;
}

/** Where the operations run that are left when constants are folded. */
export interface OperationsDescription {
  /** By place, then by type: how many. */
  readonly places: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** With any of these the signature cannot run. */
  readonly unsupported: readonly { readonly type: string; readonly operation: string; readonly reason?: string }[];
  /** What they touch outside of the module's graph and weights. With one that has a `refusal` the signature does not run. */
  readonly accesses: readonly Access[];
}

/** A function of a TF2 SavedModel's object. */
export interface FunctionDescription {
  readonly name: string;
  /** What each of its traces takes and gives. */
  readonly traces: readonly { readonly takes: string; readonly gives: string }[];
}

export interface VariableDescription {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: PartialShape;
  /** Undefined where the shape is not known. */
  readonly bytes: number | undefined;
  readonly trainable: boolean;
}

export interface TableDescription {
  readonly name: string;
  readonly type: string;
  readonly keys: string | undefined;
  readonly values: string | undefined;
}

export interface FileDescription {
  readonly filename: string;
  /** Undefined where the file is missing, or was not downloaded. */
  readonly bytes: number | undefined;
}

export interface AttachmentDescription {
  readonly key: string;
  readonly bytes: number;
}
