import type { Backend } from '@tenon/backend';
import { BackendLoadError } from './errors.js';

/** Which backend runs what the host kernels need not. */
export interface BackendOptions {
  /**
   * What runs the heavy operations. Left out, `@tenon/backend-onnx` if it is installed, else `@tenon/backend-tfjs`; without either, and with
   * `null`, the host kernels run everything: the same results, slowly where there is much to compute.
   */
  readonly backend?: Backend | null | undefined;
}

/** Packages and what they call their factories, the best one first. */
const DEFAULT_BACKENDS = [
  ['@tenon/backend-onnx', 'onnx'],
  ['@tenon/backend-tfjs', 'tfjs'],
] as const;

/** @throws BackendLoadError if the default backend is installed but cannot be loaded. */
export async function chooseBackend(backend: Backend | null | undefined): Promise<Backend | undefined> {
  if (backend !== undefined) return backend ?? undefined;
  for (const [name, factory] of DEFAULT_BACKENDS) {
    try {
      const installed = (await import(name)) as Record<string, () => Backend>;
      return installed[factory]!();
    } catch (error) {
      if (!isMissing(error, name)) throw new BackendLoadError(name, error);
    }
  }
  return undefined;
}

function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const isNotFound = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
  return isNotFound && error.message.includes(`'${name}'`);
}
