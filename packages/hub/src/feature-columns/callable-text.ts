import type { SymbolicTensor } from '@tenon/graph';
import { isDictionary, leavesOf, type FunctionTrace, type ModuleSpec, type SavedFunction } from '@tenon/module-spec';
import { FeatureModuleError } from '../errors.js';
import type { CallableGraphModule } from '../graph-module.js';

const CALL = '__call__';

/** How texts become vectors. */
export interface TextModule {
  /** Of the vectors. */
  readonly width: number;
  /** Adds what makes texts `[batch]` vectors `[batch, width]`. */
  readonly apply: (module: CallableGraphModule, texts: SymbolicTensor) => SymbolicTensor;
}

/**
 * A TF2 SavedModel whose object makes texts vectors (Python's `text_embedding_column_v2`). It is called for inference.
 *
 * @param outputKey Which of its results, where it gives several by name.
 * @throws FeatureModuleError naming everything about it that does not fit.
 */
export async function callableTextModule(spec: ModuleSpec, outputKey: string | undefined): Promise<TextModule> {
  const { functions } = await spec.variant().load();
  const called = functions.get(CALL);
  const problems: string[] = [];
  if (!called) problems.push('The SavedModel must be one that can be called: its object has no __call__.');
  const trace = called?.traces.find(takesTexts);
  if (called && !trace) problems.push('Its __call__ must take one string [?].');
  const width = trace && widthOf(trace, outputKey, problems);
  if (problems.length > 0 || !called || width === undefined) throw new FeatureModuleError('a text-embedding', problems);
  const keywords = hasTraining(called) ? { training: false } : {};
  return {
    width,
    apply(module, texts) {
      const result = module.callFunction(CALL, [texts], keywords);
      return (outputKey !== undefined && isDictionary(result) ? result[outputKey] : result) as SymbolicTensor;
    },
  };
}

function takesTexts({ positional }: FunctionTrace): boolean {
  const [first] = positional;
  if (first?.kind !== 'tensor' || first.info.kind !== 'dense') return false;
  const { dtype, shape } = first.info;
  return dtype === 'string' && (shape === null || (shape.length === 1 && shape[0] === null));
}

function hasTraining({ parameters }: SavedFunction): boolean {
  return parameters.names.includes('training') || parameters.keywordOnly.includes('training');
}

function widthOf({ output }: FunctionTrace, outputKey: string | undefined, problems: string[]): number | undefined {
  const isNamed = output.kind === 'dict';
  const names = isNamed ? [...output.fields.keys()] : [];
  const chosen = outputKey === undefined ? output : isNamed ? output.fields.get(outputKey) : undefined;
  if (outputKey !== undefined && !chosen) {
    problems.push(
      isNamed
        ? `It gives no "${outputKey}"; it gives ${names.map((name) => `"${name}"`).join(', ')}.`
        : 'outputKey is for modules that give results by name, and it does not.',
    );
    return undefined;
  }
  if (chosen?.kind !== 'tensor') {
    const count = chosen ? leavesOf(chosen).length : 0;
    const hint = isNamed ? `: give outputKey, one of ${names.map((name) => `"${name}"`).join(', ')}` : '';
    problems.push(`It must give a single result; it gives ${count}${hint}.`);
    return undefined;
  }
  const { kind, dtype, shape } = chosen.info;
  const width = shape?.[1];
  if (kind !== 'dense' || dtype !== 'float32' || shape?.length !== 2 || width == null || width === 0) {
    problems.push('Its result must be float32 [?, K].');
    return undefined;
  }
  return width;
}
