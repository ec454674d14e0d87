import { FunctionLibrary, Graph } from '@tenon/graph';
import { convert, type ConvertedModel } from '@tenon/onnx';
import type * as Ort from 'onnxruntime-node';
import { ExecutionProviderError, OnnxRuntimeError, OnnxRuntimeUnavailableError } from './errors.js';
import { providerName, type OnnxOptions } from './options.js';

/** Opens a session over a model whose weights stay in their files. */
export async function createSession(
  { model, directory, detached }: ConvertedModel,
  operations: readonly string[],
  { executionProviders = ['cpu'], sessionOptions = {} }: OnnxOptions,
): Promise<{ readonly ort: typeof Ort; readonly session: Ort.InferenceSession }> {
  const ort = await loadRuntime();
  const available = ort.listSupportedBackends().map(({ name }) => name);
  const providers = executionProviders.map(providerName);
  const missing = providers.find((provider) => !available.includes(provider));
  if (missing !== undefined) throw new ExecutionProviderError(missing, available);
  const extra = sessionOptions.extra as { readonly session?: object } | undefined;
  const externalData = await Promise.all(
    detached.map(async ({ location, reference }) => {
      const { buffer, byteOffset, byteLength } = (await reference.read()).data as Uint8Array;
      return { path: location, data: new Uint8Array(buffer, byteOffset, byteLength) };
    }),
  );
  const options: Ort.InferenceSession.SessionOptions = {
    ...DEFAULTS,
    ...sessionOptions,
    executionProviders,
    ...(externalData.length > 0 && { externalData }),
    extra: {
      ...extra,
      session: {
        // Threads that wait for work spin; without this they go on after a run, which costs three times as much processor time, for nothing.
        force_spinning_stop: '1',
        ...(directory !== undefined && { model_external_initializers_file_folder_path: directory }),
        ...extra?.session,
      },
    },
  };
  try {
    return { ort, session: await ort.InferenceSession.create(model, options) };
  } catch (error) {
    for (const provider of executionProviders) await checkProvider(ort, provider, available);
    throw new OnnxRuntimeError('compile', operations, error);
  }
}

const DEFAULTS: Ort.InferenceSession.SessionOptions = {
  // What goes wrong is thrown; written to the terminal as well it would be said twice.
  logSeverityLevel: 4,
  // A pattern is one block beside what the first run took: of a step of training that is twice the memory, and no time is gained.
  enableMemPattern: false,
};

/** ONNX Runtime's errors do not say whether the provider is at fault; whether it can be used for anything does. */
async function checkProvider(
  ort: typeof Ort,
  provider: Ort.InferenceSession.ExecutionProviderConfig,
  available: readonly string[],
): Promise<void> {
  const graph = new Graph(new FunctionLibrary());
  const attributes = new Map([['dtype', { kind: 'dtype', value: 'float32' } as const]]);
  const outputs = graph.addOperation({ type: 'Placeholder', attributes, shapes: [[]] }).outputs;
  const { model } = await convert({ graph, inputs: outputs, outputs });
  try {
    const session = await ort.InferenceSession.create(model, { ...DEFAULTS, executionProviders: [provider] });
    await session.release();
  } catch (error) {
    throw new ExecutionProviderError(providerName(provider), available, error);
  }
}

let loading: Promise<typeof Ort> | undefined;

/** Loading the native library takes as long as all else that a small program does. */
export async function loadRuntime(): Promise<typeof Ort> {
  loading ??= import('onnxruntime-node');
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw new OnnxRuntimeUnavailableError(error);
  }
}
