import type { Backend, Executable } from '@tenon/backend';
import { FunctionLibrary, Graph } from '@tenon/graph';
import { MemorySource, type ByteSource, type Tensor } from '@tenon/tensor';
import type { ConformanceCase, Finding } from './case.js';
import { differences } from './compare.js';
import {
  buildSegment,
  computedOperations,
  constant,
  placeholder,
  readOperationCases,
  type OperationCase,
} from './operation-case.js';
import { whyNotRefused } from './operation-checks.js';
import { addPlain, findPlain, plainValues, vector, type PlainSegment } from './plain-operation.js';
import { addUnknown } from './unknown-operation.js';
import { bytesOf, read, runOnHost, withExecutable } from './run-segment.js';

/** What the interface asks of every backend, whatever it computes. */
export function interfaceChecks(): ConformanceCase[] {
  return [
    plain('has a name', async (backend) => (backend.name.length > 0 ? [] : ['its name is empty'])),
    plain('runs with every size of an unknown dimension', runsWithEverySize),
    plain('gives inputs, constants and one result twice', givesInputsAndConstants),
    plain('neither changes nor keeps what it is given', keepsNothing),
    plain('runs that overlap do not disturb one another', runsOverlap),
    plain('executables do not disturb one another', executablesAreIndependent),
    plain('waits with disposal for runs in flight, and runs no more after it', waitsWithDisposal),
    plain('what stays on the device can be read, and passed on', passesOnDeviceTensors),
    plain('a run that failed leaves the executable as it was', survivesFailedRuns),
    plain('gives at once what it gives later', runsAtOnce),
    plain('computes many elements', async (backend, segment) =>
      withExecutable(backend, segment, async (executable) => isRight(executable, segment, 1 << 20)),
    ),
    {
      family: FAMILY,
      title: 'compiles nothing that it does not support, and names all of it',
      check: async (backend) => ({ problems: await refusesUnknown(backend), status: 'declared', placements: [] }),
    },
    weights('reads no weight to say what it supports', readsNothing),
    weights('takes weights from where they lie', takesReferences),
    weights('says so when a weight cannot be read', failsToRead),
  ];
}

const FAMILY = 'interface';

const SIZES = [0, 1, 3, 1000, 2, 0, 7];

type Check = (backend: Backend, segment: PlainSegment) => Promise<string[] | undefined>;

/** A case that takes any op which the backend has. A check that gives `undefined` was about something that it need not have. */
function plain(title: string, check: Check): ConformanceCase {
  return {
    family: FAMILY,
    title,
    check: async (backend) => {
      const segment = findPlain(backend);
      if (!segment) return { problems: [], status: 'undeclared', placements: [] };
      const problems = await check(backend, segment);
      const { type, name } = segment.outputs[0]!.operation;
      const placements = [{ operation: name, type, place: backend.name }];
      return { problems: problems ?? [], status: problems ? 'declared' : 'undeclared', placements };
    },
  };
}

async function isRight(executable: Executable, segment: PlainSegment, size: number, seed?: number): Promise<string[]> {
  const { inputs, expected } = plainValues(segment, size, seed);
  const wrong = differences(await runOnHost(executable, inputs), [expected], ['the result']);
  return wrong.map((what) => `of ${size} elements: ${what}`);
}

async function runsWithEverySize(backend: Backend, segment: PlainSegment): Promise<string[]> {
  return withExecutable(backend, segment, async (executable) => {
    const problems: string[] = [];
    for (const size of SIZES) problems.push(...(await isRight(executable, segment, size)));
    return problems;
  });
}

async function givesInputsAndConstants(backend: Backend, { operation }: PlainSegment): Promise<string[]> {
  const graph = new Graph(new FunctionLibrary());
  const x = placeholder(graph, { dtype: 'float32' }, [null]);
  const value = vector([4, 5, 6]);
  const fixed = constant(graph, value);
  const y = addPlain(graph, operation, operation.inputs === 1 ? [x] : [x, fixed]);
  const fed = vector([1, -2, 3]);
  const result = vector(Array.from(fed.data, (element, index) => operation.compute(element, value.data[index]!)));
  return withExecutable(backend, { graph, inputs: [x], outputs: [fixed, y, x, y] }, async (executable) => {
    const names = ['the constant', 'the result', 'the input', 'the result again'];
    const problems: string[] = [];
    for (let run = 0; run < 2; run++)
      problems.push(...differences(await runOnHost(executable, [fed]), [value, result, fed, result], names));
    return problems;
  });
}

async function keepsNothing(backend: Backend, segment: PlainSegment): Promise<string[]> {
  return withExecutable(backend, segment, async (executable) => {
    const { inputs, expected } = plainValues(segment, 5);
    const before = inputs.map(bytesOf);
    const results = await runOnHost(executable, inputs);
    const problems = inputs.some((input, index) => String(bytesOf(input)) !== String(before[index]))
      ? ['it changed what it was given']
      : [];
    const other = plainValues(segment, 5, 2);
    inputs.forEach((input, index) => input.data.set(other.inputs[index]!.data));
    problems.push(...differences(results, [expected], ['a result, once the input had changed']));
    const later = await runOnHost(executable, inputs);
    return [...problems, ...differences(later, [other.expected], ['the result of an input that had changed'])];
  });
}

async function runsOverlap(backend: Backend, segment: PlainSegment): Promise<string[]> {
  return withExecutable(backend, segment, async (executable) => {
    const runs = Array.from({ length: 16 }, (_, seed) => isRight(executable, segment, (seed % 5) * 300, seed));
    return (await Promise.all(runs)).flat();
  });
}

async function executablesAreIndependent(backend: Backend, segment: PlainSegment): Promise<string[]> {
  const executables = await Promise.all([segment, segment, segment].map((same) => backend.compile(same)));
  try {
    await executables[1]!.dispose();
    return (await Promise.all([0, 2].map((which) => isRight(executables[which]!, segment, 9, which)))).flat();
  } finally {
    await executables[0]!.dispose();
    await executables[2]!.dispose();
  }
}

async function waitsWithDisposal(backend: Backend, segment: PlainSegment): Promise<string[]> {
  const executable = await backend.compile(segment);
  const runs = [3, 40].map((size) => isRight(executable, segment, size));
  await executable.dispose();
  await executable.dispose();
  const problems = (await Promise.all(runs)).flat();
  const late = await isRight(executable, segment, 3).then(
    () => ['it ran after it was disposed'],
    () => [],
  );
  return [...problems, ...late];
}

async function passesOnDeviceTensors(backend: Backend, segment: PlainSegment): Promise<string[] | undefined> {
  return withExecutable(backend, segment, async (executable) => {
    const { inputs, expected } = plainValues(segment, 6);
    const [first] = await executable.run(inputs);
    if (!first || 'data' in first) return undefined;
    const { compute } = segment.operation;
    const twice = vector(Array.from(expected.data, (value) => compute(value, value)));
    const problems = first.dtype === 'float32' && String(first.shape) === '6' ? [] : ['it is not what came out'];
    const passedOn = await executable.run(inputs.map(() => first));
    problems.push(...differences(await read(passedOn), [twice], ['what was passed on']));
    return [...problems, ...differences(await read([first]), [expected], ['what was read'])];
  });
}

async function survivesFailedRuns(backend: Backend, segment: PlainSegment): Promise<string[] | undefined> {
  if (segment.operation.inputs === 1) return undefined;
  return withExecutable(backend, segment, async (executable) => {
    const problems: string[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const failed = await runOnHost(executable, [vector([1, 2]), vector([1, 2, 3])]).catch(() => undefined);
      if (failed) problems.push('it took shapes that do not go together');
      problems.push(...(await isRight(executable, segment, 4)));
    }
    return problems;
  });
}

async function runsAtOnce(backend: Backend, segment: PlainSegment): Promise<string[] | undefined> {
  return withExecutable(backend, segment, async (executable) => {
    if (!executable.runSync) return undefined;
    const problems: string[] = [];
    for (const size of SIZES) {
      const { inputs, expected } = plainValues(segment, size);
      problems.push(...differences(await read(executable.runSync(inputs)), [expected], [`of ${size} elements`]));
    }
    return problems;
  });
}

async function refusesUnknown(backend: Backend): Promise<string[]> {
  const graph = new Graph(new FunctionLibrary());
  const x = placeholder(graph, { dtype: 'float32' }, [null]);
  const first = addUnknown(graph, 'first', x);
  const known = findPlain(backend)?.operation;
  const between = known
    ? addPlain(
        graph,
        known,
        Array.from({ length: known.inputs }, () => first.output()),
      )
    : x;
  const second = addUnknown(graph, 'second', between);
  const problems = [first, second].some((operation) => backend.supports(operation))
    ? ['it supports what nobody has']
    : [];
  const segment = { graph, inputs: [x], outputs: [second.output()] };
  return [...problems, ...(await whyNotRefused(backend, segment, [first, second]))];
}

/** Weights in memory that counts how often it is read. */
class CountingSource implements ByteSource {
  reads = 0;
  readonly name = 'weights';
  private readonly source: MemorySource;

  constructor(
    bytes: Uint8Array,
    private readonly isBroken: boolean,
  ) {
    this.source = new MemorySource(bytes);
  }

  get size(): number {
    return this.source.size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.reads++;
    if (this.isBroken) throw new Error('The disk is gone.');
    return this.source.read(offset, length);
  }
}

/** A piece of a model that the backend supports, with its weights elsewhere. */
interface WeightCase {
  readonly given: OperationCase;
  /** Builds it anew. */
  readonly build: (isBroken?: boolean) => {
    readonly segment: ReturnType<typeof buildSegment>;
    readonly sources: CountingSource[];
  };
}

type WeightCheck = (backend: Backend, given: WeightCase) => Promise<string[]>;

/** A case that takes every piece of a model that the backend supports. */
function weights(title: string, check: WeightCheck): ConformanceCase {
  return { family: FAMILY, title, check: (backend) => checkWeights(backend, check) };
}

async function checkWeights(backend: Backend, check: WeightCheck): Promise<Finding> {
  const problems: string[] = [];
  const placements = [];
  for (const given of readOperationCases().filter(({ family }) => family === 'pieces of models')) {
    const weights: WeightCase = {
      given,
      build: (isBroken = false) => {
        const sources: CountingSource[] = [];
        const segment = buildSegment(given, 'unknown', (bytes) => {
          const source = new CountingSource(bytes, isBroken);
          sources.push(source);
          return source;
        });
        return { segment, sources };
      },
    };
    const { segment, sources } = weights.build();
    const operations = computedOperations(segment);
    if (sources.length === 0 || !operations.every((operation) => backend.supports(operation))) continue;
    placements.push(...operations.map(({ type, name }) => ({ operation: name, type, place: backend.name })));
    problems.push(...(await check(backend, weights)).map((problem) => `${given.title}: ${problem}`));
  }
  return { problems, status: placements.length > 0 ? 'declared' : 'undeclared', placements };
}

async function readsNothing(backend: Backend, { build }: WeightCase): Promise<string[]> {
  const { segment, sources } = build();
  for (const operation of computedOperations(segment)) backend.supports(operation);
  const reads = sources.reduce((sum, source) => sum + source.reads, 0);
  return reads === 0 ? [] : [`it read weights ${reads} times`];
}

async function takesReferences(backend: Backend, { given, build }: WeightCase): Promise<string[]> {
  const { segment } = build();
  const names = segment.outputs.map(({ name }) => name);
  return withExecutable(backend, segment, async (executable) =>
    differences(await runOnHost(executable, segment.feeds), segment.expected, names, given.tolerance),
  );
}

async function failsToRead(backend: Backend, { build }: WeightCase): Promise<string[]> {
  const { segment, sources } = build(true);
  const results: Tensor[] | undefined = await withExecutable(backend, segment, (executable) =>
    runOnHost(executable, segment.feeds),
  ).catch(() => undefined);
  if (results) return ['it computed with weights that cannot be read'];
  return sources.some(({ reads }) => reads > 0) ? [] : ['it failed without having tried to read them'];
}
