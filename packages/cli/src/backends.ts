import type { Backend } from '@tenon/hub';
import { BackendNotInstalledError, UsageError } from './errors.js';

export const BACKENDS = ['onnx', 'tfjs', 'tfjs-node', 'host'] as const;

/**
 * What `--backend` means for the API: undefined is whatever is installed, null the host kernels alone.
 *
 * @throws UsageError for a name that is none; BackendNotInstalledError
 */
export async function chooseBackend(name: string | undefined): Promise<Backend | null | undefined> {
  const [kind, part] = name?.split(':', 2) ?? [];
  if (kind === 'tfjs') return loadTfjs(part);
  switch (name) {
    case undefined:
      return undefined;
    case 'host':
      return null;
    case 'onnx':
      return loadOnnx();
    case 'tfjs-node':
      return loadTfjsNode();
    default:
      throw new UsageError(`"${name}" is not a backend; there are ${BACKENDS.join(', ')}.`);
  }
}

/** The backends that are installed, by name. */
export async function installedBackends(): Promise<Map<string, Backend>> {
  const installed = new Map<string, Backend>();
  for (const [name, load] of [
    ['onnx', loadOnnx],
    ['tfjs', () => loadTfjs(undefined)],
  ] as const) {
    try {
      installed.set(name, await load());
    } catch (error) {
      if (!(error instanceof BackendNotInstalledError)) throw error;
    }
  }
  return installed;
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

/** @param backend Which one of TensorFlow.js: `wasm`; undefined for the best that there is. */
async function loadTfjs(backend: string | undefined): Promise<Backend> {
  try {
    const { tfjs } = await import('@tenon/backend-tfjs');
    return tfjs(backend === undefined ? {} : { backend });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new BackendNotInstalledError('tfjs', [
      '@tenon/backend-tfjs',
      ...['core', 'backend-cpu', 'backend-wasm'].map((name) => `@tensorflow/tfjs-${name}`),
    ]);
  }
}

/** Whole graphs on libtensorflow; `tfjs:node` gives it operations one by one. */
async function loadTfjsNode(): Promise<Backend> {
  try {
    const { tfjsNode } = await import('@tenon/backend-tfjs/node');
    return tfjsNode();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new BackendNotInstalledError('tfjs-node', [
      '@tenon/backend-tfjs',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-node',
    ]);
  }
}
