import { sizeOf, StringArray, Tensor, tensorFrom, type DType, type Shape } from '@tenon/tensor';
import { Graph } from '@tenon/graph';
import { leavesOf, type Structure, type TensorInfo, type Value } from '@tenon/module-spec';
import { module } from '../../graph-module.js';
import { load } from '../../load.js';
import { loadModuleSpec } from '../../load-module-spec.js';
import type { LoadedModule } from '../../loaded-module.js';
import type { BackendOptions } from '../../default-backend.js';
import type { Random } from './random.js';

export interface TryOptions extends BackendOptions {
  readonly random: Random;
  /** Makes the signal that stops a call. */
  readonly makeSignal: () => AbortSignal;
  /** Told of every error, and of every call that was answered. */
  readonly report: (what: string, error?: unknown) => void;
}

/** Does with a module what programs do: asks what it is, loads it, calls its signatures and functions, reads its variables. */
export async function tryModule(path: string, options: TryOptions): Promise<void> {
  const { random, report, backend } = options;
  const attempt = async <T>(what: string, action: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      const result = await action();
      report(what);
      return result;
    } catch (error) {
      report(what, error);
      return undefined;
    }
  };
  const spec = await attempt('read', () => loadModuleSpec(path));
  const variants = spec && (await attempt('tags', () => spec.getTags()));
  if (!variants) return;
  const tags = variants.length > 0 ? random.pick(variants) : undefined;
  const loaded = await attempt('load', () => load(path, { tags, backend }));
  if (loaded) {
    try {
      await useLoaded(loaded, options, attempt);
    } finally {
      await loaded.dispose();
    }
  }
  // The whole graph, with what training needs.
  if (random.chance(0.1)) await attempt('build', () => module(path, { graph: new Graph(), tags, trainable: true }));
}

type Attempt = <T>(what: string, action: () => T | Promise<T>) => Promise<T | undefined>;

async function useLoaded(loaded: LoadedModule, { random, makeSignal }: TryOptions, attempt: Attempt): Promise<void> {
  const names = await attempt('names', () => loaded.getSignatureNames());
  if (names && names.length > 0) {
    const signature = random.pick(names);
    if (random.chance(0.2)) await attempt('preview', () => loaded.preview({ signature }));
    await attempt('call', () => {
      const inputs = new Map([...loaded.getInputInfo(signature)].map(([name, info]) => [name, valueFor(info, random)]));
      return loaded.run(inputs, { signature, asDict: true, signal: makeSignal() });
    });
  }
  const functions = loaded.getFunctionNames();
  if (functions.length > 0 && random.chance(0.5)) {
    const name = random.pick(functions);
    await attempt('function', async () => {
      const [trace] = loaded.functions.get(name)!.traces;
      if (!trace) return;
      const keywords = Object.fromEntries<unknown>(
        [...trace.keyword].map(([key, item]): [string, unknown] => [key, argumentFor(item, random)]),
      );
      const args = trace.positional.map((item) => argumentFor(item, random));
      await loaded.callFunction(name, args, keywords, { signal: makeSignal() });
    });
  }
  if (random.chance(0.3)) {
    for (const variable of loaded.variables.slice(0, 4)) await attempt('variable', () => variable.read(makeSignal()));
    await attempt('image', () => loaded.getExpectedImageSize());
  }
}

function argumentFor(structure: Structure, random: Random): unknown {
  switch (structure.kind) {
    case 'tensor':
      return valueFor(structure.info, random);
    case 'list':
      return structure.items.map((item) => argumentFor(item, random));
    case 'dict':
      return leavesOf(structure).length > 1000
        ? {}
        : Object.fromEntries([...structure.fields].map(([name, item]) => [name, argumentFor(item, random)]));
    case 'value':
      return structure.value;
    case 'other':
      return null;
  }
}

/** Some value that an input can be given. */
function valueFor({ kind, dtype, shape }: TensorInfo, random: Random): Value {
  const dimensions = (shape ?? [2]).map((dimension) => dimension ?? 1 + random.below(3));
  // Nobody feeds a tensor only because a module wants one that fills the memory.
  const fitting = sizeOf(dimensions) <= 2 ** 16 ? dimensions : [2];
  if (kind === 'sparse') {
    const rank = Math.max(fitting.length, 1);
    return {
      indices: numbers('int64', [1, rank]),
      values: tensorOf(dtype, [1], random),
      denseShape: new Tensor('int64', [rank], new BigInt64Array(rank).fill(2n)),
    } as Value;
  }
  if (kind === 'ragged') {
    const splits = new Tensor('int64', [3], BigInt64Array.of(0n, 2n, 3n));
    return { values: tensorOf(dtype, [3], random), rowSplits: [splits] };
  }
  return tensorOf(dtype, fitting, random);
}

const WORDS = ['cat', 'dog', 'the', '', 'a longer sentence, with a word', '\u{1f600}', '1', 'zz'];

function tensorOf(dtype: DType, shape: Shape, random: Random): Tensor {
  const size = sizeOf(shape);
  if (dtype === 'string') {
    return new Tensor('string', shape, StringArray.from(Array.from({ length: size }, () => random.pick(WORDS))));
  }
  if (dtype === 'resource' || dtype === 'variant') return new Tensor('float32', shape, new Float32Array(size));
  return numbers(dtype, shape, () => random.below(4));
}

function numbers(dtype: DType, shape: Shape, element: () => number = () => 0): Tensor {
  const isBig = dtype === 'int64' || dtype === 'uint64';
  const elements = Array.from({ length: sizeOf(shape) }, () => (isBig ? BigInt(element()) : element()));
  return tensorFrom(dtype === 'bool' ? elements.map((value) => value === 1) : (elements), dtype).reshape(shape); // prettier-ignore
}
