import type { Backend } from '@tenon/hub';
import { BackendNotInstalledError, UsageError } from './errors.js';

export const BACKENDS = ['onnx', 'host'] as const;

/**
 * What `--backend` means for the API: undefined is whatever is installed, null the host kernels alone.
 *
 * @throws UsageError for a name that is none; BackendNotInstalledError
 */
export async function chooseBackend(name: string | undefined): Promise<Backend | null | undefined> {
  switch (name) {
    case undefined:
      return undefined;
    case 'host':
      return null;
    case 'onnx':
      return loadOnnx();
    default:
      throw new UsageError(`"${name}" is not a backend; there are ${BACKENDS.join(', ')}.`);
  }
}

async function loadOnnx(): Promise<Backend> {
  try {
    const { onnx } = await import('@tenon/backend-onnx');
    return onnx();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new BackendNotInstalledError('onnx', ['@tenon/backend-onnx', 'onnxruntime-node']);
  }
}
