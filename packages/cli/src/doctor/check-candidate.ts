import { load, type Backend, type Outputs } from '@tenon/hub';
import { readBundledModules, type BundledModule } from './bundled-modules.js';
import { openCandidate } from './candidates.js';
import { differenceOf } from './differences.js';
import { TOLERANCE, type CheckReport, type ModuleReport } from './report.js';

/**
 * Runs the bundled modules in one way. To be called in a process of its own: native code that does not work here may end it.
 *
 * @throws UsageError
 */
export async function checkCandidate(name: string): Promise<CheckReport> {
  const candidate = await openCandidate(name);
  const modules: ModuleReport[] = [];
  for (const module of await readBundledModules()) {
    const report = await checkModule(module, candidate.backend).catch((error: unknown) => ({
      failure: error as Error,
    }));
    if ('failure' in report) {
      const { failure } = report;
      const version = candidate.version === undefined ? {} : { version: candidate.version };
      // What does not load does not load for the next module, either.
      if (UNAVAILABLE.includes(codeOf(failure)))
        return { name, outcome: 'unavailable', ...version, reason: failure.message };
      modules.push({ ...NOTHING, name: module.name, error: `${codeOf(failure)}: ${failure.message}` });
    } else modules.push(report);
  }
  const wrong = modules.filter(
    ({ error, largestDifference }) =>
      error !== undefined || largestDifference === null || largestDifference > TOLERANCE,
  );
  return {
    name,
    outcome: wrong.length === 0 ? 'right' : 'wrong',
    ...(candidate.version !== undefined && { version: candidate.version }),
    ...(wrong.length > 0 && { reason: wrong.map(explain).join('; ') }),
    modules,
  };
}

const UNAVAILABLE = ['ERR_EXECUTION_PROVIDER', 'ERR_ONNX_RUNTIME_UNAVAILABLE', 'ERR_TFJS_UNAVAILABLE'];
const NOTHING = { largestDifference: null, onBackend: 0, operations: 0, firstCall: 0, nextCall: 0 };

async function checkModule(module: BundledModule, backend: Backend | null): Promise<ModuleReport> {
  const start = performance.now();
  await using loaded = await load(module.path, { backend });
  let largest = 0;
  let firstCall = 0;
  let nextCall = 0;
  for (const { signature, inputs, outputs } of module.cases) {
    const call = (): Promise<Outputs> => loaded(inputs, { signature, asDict: true });
    const results = await call();
    firstCall ||= performance.now() - start;
    const again = performance.now();
    await call();
    nextCall ||= performance.now() - again;
    for (const [name, expected] of Object.entries(outputs))
      largest = Math.max(largest, differenceOf(results[name], expected));
  }
  const placements = [...new Set(module.cases.map(({ signature }) => signature))].flatMap(
    (signature) => loaded.preview({ signature }).placements,
  );
  return {
    name: module.name,
    largestDifference: largest === Infinity ? null : largest,
    onBackend: placements.filter(({ place }) => place !== 'host').length,
    operations: placements.length,
    firstCall,
    nextCall,
  };
}

function explain({ name, error, largestDifference }: ModuleReport): string {
  if (error !== undefined) return `${name} failed (${error})`;
  return `${name} is off by ${largestDifference === null ? 'more than numbers say' : largestDifference.toExponential(1)}`;
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
