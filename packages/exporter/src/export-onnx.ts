import { basename } from 'node:path';
import { prune, type Operation, type SymbolicTensor } from '@tenon/graph';
import { OutputNotFoundError, type ModuleInstance, type Signature, type TensorInfo } from '@tenon/module-spec';
import { convert, whyUnconvertible } from '@tenon/onnx';
import { freezeProgram, type Session } from '@tenon/runtime';
import type { Tensor } from '@tenon/tensor';
import { SessionGraphError } from './errors.js';
import { localPath } from './local-path.js';
import { variableValues } from './variable-values.js';
import { writeFiles } from './write-files.js';

export interface ExportOnnxOptions {
  /** The signature to write. */
  readonly signature: string;
  /** Only these outputs of it; all by default. */
  readonly outputs?: readonly string[] | undefined;
  /**
   * How many bytes of weights are written into the file. If there are more, all that are not small go into a second file, `PATH.data`, which has to stay
   * beside it. Default 1 GiB; a file of ONNX can be no larger than 2 GiB.
   */
  readonly inlineBytes?: number | undefined;
}

/** What was written. */
export interface OnnxExport {
  /** The name that each input of the signature has in the model; of a sparse or ragged one, the names of its parts. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  /** As `inputs`. An output that is called as an input is has `_output` behind its name. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  /** The files, the model itself last. */
  readonly files: readonly string[];
}

const DEFAULT_INLINE_BYTES = 2 ** 30;

/**
 * Writes a signature of a module, with the values that its variables have in a session, as an ONNX model (operator set 21), which any runtime of ONNX
 * runs. Inputs and outputs have the names of the signature's; dimensions that are not known have names. Variables become constants. Checks (`Assert`) are left out.
 *
 * What is written is there as a whole or not at all, and equal modules are equal files.
 *
 * @param target The path of the file; nothing may be there yet. Folders above it are made.
 * @throws UnconvertibleOperationsError naming every operation that ONNX cannot express: strings, tables, changes of variables.
 * @throws SessionGraphError, TargetExistsError, UnwritableTargetError if the path is none of this machine, SignatureNotFoundError, OutputNotFoundError, UninitializedError
 */
export async function exportOnnx(
  instance: ModuleInstance,
  target: string,
  session: Session,
  { signature: name, outputs: wanted, inlineBytes = DEFAULT_INLINE_BYTES }: ExportOnnxOptions,
): Promise<OnnxExport> {
  if (session.graph !== instance.graph) throw new SessionGraphError(instance.scope);
  const path = localPath(target);
  const signature = chooseOutputs(instance.signature(name), wanted);
  const [inputs, outputs] = [signature.inputs, signature.outputs].map((infos) => namesOf(infos)) as [Names, Names];
  const tensors = (infos: ReadonlyMap<string, TensorInfo>): SymbolicTensor[] =>
    [...infos.values()].flatMap(({ components }) => components.map(({ tensor }) => instance.tensor(tensor)));
  const [feeds, fetches] = [tensors(signature.inputs), tensors(signature.outputs)];
  const values = await valuesOf(instance, session, fetches, feeds);
  const program = freezeProgram(
    { graph: instance.graph, fetches, feeds, values },
    { name: 'onnx', supports: (operation) => whyUnconvertible(operation) === undefined },
  );
  const dataPath = `${path}.data`;
  const { model, gathered, inputNames, outputNames } = await convert(program, {
    inputNames: inputs.flat,
    outputNames: outputs.flat,
    gather: { file: basename(dataPath), over: inlineBytes },
    namesDimensions: true,
  });
  const dataFile = {
    path: dataPath,
    async *pieces() {
      for (const { offset, read } of gathered) yield { offset, bytes: await read() };
    },
  };
  const modelFile = {
    path,
    async *pieces() {
      yield { offset: 0, bytes: model };
    },
  };
  const files = gathered.length > 0 ? [dataFile, modelFile] : [modelFile];
  await writeFiles(files);
  return {
    inputs: inputs.group(inputNames),
    outputs: outputs.group(outputNames),
    files: files.map((file) => file.path),
  };
}

function chooseOutputs({ name, inputs, outputs }: Signature, wanted: readonly string[] | undefined) {
  const missing = (wanted ?? []).filter((output) => !outputs.has(output));
  if (missing.length > 0) throw new OutputNotFoundError(name, missing, [...outputs.keys()]);
  return { inputs, outputs: wanted ? new Map(wanted.map((output) => [output, outputs.get(output)!])) : outputs };
}

/** Names for the tensors that inputs or outputs are made of. */
interface Names {
  readonly flat: readonly string[];
  /** What the tensors are called in the end, by input or output. */
  group(names: readonly string[]): Record<string, readonly string[]>;
}

/** What the parts of values are called that are several tensors. */
const PARTS: Partial<Record<TensorInfo['kind'], (index: number) => string>> = {
  sparse: (index) => ['indices', 'values', 'dense_shape'][index]!,
  ragged: (index) => (index === 0 ? 'values' : `row_splits_${index - 1}`),
};

function namesOf(infos: ReadonlyMap<string, TensorInfo>): Names {
  const flat = [...infos].flatMap(([name, { kind, components }]) =>
    components.map((_, index) => (PARTS[kind] ? `${name}/${PARTS[kind](index)}` : name)),
  );
  return {
    flat,
    group(names) {
      const rest = names.values();
      return Object.fromEntries(
        [...infos].map(([name, { components }]) => [name, components.map(() => rest.next().value!)]),
      );
    },
  };
}

/** The values of the variables that the fetches depend on. */
async function valuesOf(
  { graph, variables }: ModuleInstance,
  session: Session,
  fetches: readonly SymbolicTensor[],
  feeds: readonly SymbolicTensor[],
): Promise<Map<Operation, Tensor>> {
  const needed = prune(graph, fetches, feeds).graph;
  const used = variables.filter(({ operation }) => needed.operation(operation.name));
  const values = await variableValues(used, session);
  return new Map(used.map(({ operation }, index) => [operation, values[index]!]));
}
