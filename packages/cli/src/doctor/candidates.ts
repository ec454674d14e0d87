import type { Backend } from '@tenon/hub';
import { UsageError } from '../errors.js';

/** One way of running modules: `host`, `onnx:cuda`. */
export interface Candidate {
  readonly name: string;
  /** Null for the host kernels alone. */
  readonly backend: Backend | null;
  /** Of the library that computes; undefined for the host kernels, which are this package's. */
  readonly version: string | undefined;
}

const HOST = 'host';

/** The names of what may run here, whether it does or not: what is installed knows them. */
export async function candidateNames(): Promise<string[]> {
  const onnx = await importOnnx();
  const providers = await onnx?.onnxRuntimeInfo().catch(() => undefined);
  const tfjs = (await importTfjs())?.tfjsInfo();
  return [
    HOST,
    ...(providers?.executionProviders ?? []).map(({ name }) => `onnx:${name}`),
    ...(tfjs?.backends ?? []).map((name) => `tfjs:${name}`),
  ];
}

/** @throws UsageError for a name that is none, and what loading the backend throws. */
export async function openCandidate(name: string): Promise<Candidate> {
  if (name === HOST) return { name, backend: null, version: undefined };
  const [backend, provider] = name.split(':');
  const tfjs = backend === 'tfjs' && provider !== undefined ? await importTfjs() : undefined;
  if (tfjs) return { name, backend: tfjs.tfjs({ backend: provider! }), version: tfjs.tfjsInfo().version };
  const onnx = backend === 'onnx' && provider !== undefined ? await importOnnx() : undefined;
  if (!onnx)
    throw new UsageError(`"${name}" is not something to check; there are ${(await candidateNames()).join(', ')}.`);
  const { version } = await onnx.onnxRuntimeInfo();
  return { name, backend: onnx.onnx({ executionProviders: [provider!] }), version };
}

const importOnnx = () => ifInstalled(() => import('@tenon/backend-onnx'));
const importTfjs = () => ifInstalled(() => import('@tenon/backend-tfjs'));

async function ifInstalled<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
