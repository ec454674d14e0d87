import type { Backend } from '@tenon/backend';
import { BackendLoadError } from './errors.js';

/** Which backend runs what the host kernels need not. */
export interface BackendOptions {
  /**
   * What runs the heavy operations. Left out, `@tenon/backend-onnx` if it is installed; without it, and with `null`, the host kernels run
   * everything: the same results, slowly where there is much to compute.
   */
  readonly backend?: Backend | null | undefined;
}

const DEFAULT_BACKEND = '@tenon/backend-onnx';

/** @throws BackendLoadError if the default backend is installed but cannot be loaded. */
export async function chooseBackend(backend: Backend | null | undefined): Promise<Backend | undefined> {
  if (backend !== undefined) return backend ?? undefined;
  let installed: { onnx(): Backend };
  try {
    installed = (await import(DEFAULT_BACKEND)) as typeof installed;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new BackendLoadError(DEFAULT_BACKEND, error);
  }
  return installed.onnx();
}

function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const isNotFound = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
  return isNotFound && error.message.includes(DEFAULT_BACKEND);
}
