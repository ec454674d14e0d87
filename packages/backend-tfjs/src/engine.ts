import {
  engine,
  env,
  findBackendFactory,
  scalar,
  setBackend,
  type NamedTensorMap,
  type Tensor as TfTensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { TfjsUnavailableError } from './errors.js';
import { prepareNode } from './prepare-node.js';

type NamedAttributes = Parameters<ReturnType<typeof engine>['runKernel']>[2];

/** What TensorFlow.js calls a backend, and the package that registers it. */
const KNOWN: Readonly<Record<string, { readonly registered: string; readonly package: string }>> = {
  cpu: { registered: 'cpu', package: '@tensorflow/tfjs-backend-cpu' },
  wasm: { registered: 'wasm', package: '@tensorflow/tfjs-backend-wasm' },
  node: { registered: 'tensorflow', package: '@tensorflow/tfjs-node' },
};

/** The backend that TensorFlow.js uses now, by our name; `undefined` if it has not had to choose yet. */
export function currentBackend(): string | undefined {
  // Until it has chosen there is none, whatever the type says.
  const name = engine().backendName as string | undefined;
  return name === 'tensorflow' ? 'node' : (name ?? undefined);
}

/** Runs a kernel of the backend that is in use. */
export function kernel(
  name: string,
  inputs: Readonly<Record<string, TensorInfo>> | readonly TensorInfo[],
  attributes: object = {},
): TfTensor {
  return engine().runKernel(name, inputs as unknown as NamedTensorMap, attributes as NamedAttributes);
}

/** As `kernel`, for those with several outputs. */
export function kernels(
  name: string,
  inputs: Readonly<Record<string, TensorInfo>>,
  attributes: object = {},
): TfTensor[] {
  return engine().runKernel(name, inputs as unknown as NamedTensorMap, attributes as NamedAttributes);
}

/**
 * Computes with a backend that has started. TensorFlow.js knows one backend at a time, which may be one that others of this process use:
 * it is theirs again afterwards.
 */
export function withBackend<T>(name: string, compute: () => T): T {
  const current = engine().backendName as string | undefined;
  if (current === name) return compute();
  // What has started is in use at once; only the promise comes later.
  void engine().setBackend(name);
  try {
    return compute();
  } finally {
    if (current != null) void engine().setBackend(current);
  }
}

const starting = new Map<string, Promise<string>>();
let queue: Promise<unknown> = Promise.resolve();

/**
 * Starts the first of these backends that starts.
 *
 * @returns what TensorFlow.js calls it.
 * @throws TfjsUnavailableError
 */
export async function startBackend(names: readonly string[]): Promise<string> {
  let failure: unknown;
  for (const name of names) {
    let started = starting.get(name);
    if (!started) {
      // One after the other: starting one changes for a moment which is in use.
      started = queue.then(() => start(name));
      queue = started.catch(() => undefined);
      starting.set(name, started);
    }
    try {
      return await started;
    } catch (error) {
      starting.delete(name);
      failure ??= error;
    }
  }
  throw new TfjsUnavailableError(
    names,
    names.flatMap((name) => KNOWN[name]?.package ?? []),
    failure,
  );
}

/** The first tensor on "cpu" makes it advertise another backend on the terminal of whoever uses this one. */
function greet(): void {
  const isProduction = env().getBool('PROD');
  env().set('PROD', true);
  try {
    scalar(0).dispose();
  } finally {
    env().set('PROD', isProduction);
  }
}

/** The backends whose packages are installed. */
export function installedBackends(): string[] {
  return Object.keys(KNOWN).filter((name) => {
    try {
      // To import them would take time, and one of them says things on the terminal.
      return import.meta.resolve(KNOWN[name]!.package) !== '';
    } catch {
      return false;
    }
  });
}

async function start(name: string): Promise<string> {
  const current = engine().backendName as string | undefined;
  const known = KNOWN[name];
  const registered = known?.registered ?? name;
  if (name === 'node') prepareNode();
  if (!findBackendFactory(registered)) {
    if (!known) throw new Error(`No backend is registered under the name "${name}".`);
    // Not spelled out, so that a bundler leaves out what a page does not import itself.
    const specifier = known.package;
    await import(specifier);
  }
  try {
    if (!(await setBackend(registered))) throw new Error(`The backend "${name}" did not start.`);
    greet();
  } finally {
    if (current != null) await setBackend(current);
  }
  return registered;
}
