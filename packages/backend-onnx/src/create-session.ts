import type { ConvertedModel } from '@tenon/onnx';
import type * as Ort from 'onnxruntime-node';
import { ExecutionProviderError, OnnxRuntimeError, OnnxRuntimeUnavailableError } from './errors.js';
import { providerName, type OnnxOptions } from './options.js';

/** Opens a session over a model whose weights stay in their files. */
export async function createSession(
  { model, directory, detached }: ConvertedModel,
  operations: readonly string[],
  { executionProviders = ['cpu'], sessionOptions = {} }: OnnxOptions,
): Promise<{ readonly ort: typeof Ort; readonly session: Ort.InferenceSession }> {
  const ort = await load();
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
        ...(directory !== undefined && { model_external_initializers_file_folder_path: directory }),
        ...extra?.session,
      },
    },
  };
  try {
    return { ort, session: await ort.InferenceSession.create(model, options) };
  } catch (error) {
    const failed = providers.find((provider) => provider !== 'cpu' && namesProvider(error, provider));
    if (failed !== undefined) throw new ExecutionProviderError(failed, available, error);
    throw new OnnxRuntimeError('compile', operations, error);
  }
}

const DEFAULTS: Ort.InferenceSession.SessionOptions = {
  // What ONNX Runtime would warn about here is for whoever made the model, and that is this package.
  logSeverityLevel: 3,
};

/** ONNX Runtime has no error codes for it: `… OnnxRuntime CUDAExecutionProvider …`, `libonnxruntime_providers_cuda.so`. */
function namesProvider(error: unknown, provider: string): boolean {
  const message = String(error).toLowerCase();
  return (
    message.includes(`${provider.toLowerCase()}executionprovider`) ||
    message.includes(`providers_${provider.toLowerCase()}`)
  );
}

let loading: Promise<typeof Ort> | undefined;

/** Loading the native library takes as long as all else that a small program does. */
async function load(): Promise<typeof Ort> {
  loading ??= import('onnxruntime-node');
  try {
    return await loading;
  } catch (error) {
    loading = undefined;
    throw new OnnxRuntimeUnavailableError(error);
  }
}
