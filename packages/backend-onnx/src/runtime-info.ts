import { loadRuntime } from './create-session.js';

/** What the installed ONNX Runtime is. */
export interface OnnxRuntimeInfo {
  /** Of `onnxruntime-node`. */
  readonly version: string | undefined;
  /** The execution providers that it knows. Those that are not `bundled` need files or drivers besides, and may not load. */
  readonly executionProviders: readonly { readonly name: string; readonly bundled: boolean }[];
}

/** @throws OnnxRuntimeUnavailableError */
export async function onnxRuntimeInfo(): Promise<OnnxRuntimeInfo> {
  const { env, listSupportedBackends } = await loadRuntime();
  return { version: env.versions.node, executionProviders: listSupportedBackends() };
}
