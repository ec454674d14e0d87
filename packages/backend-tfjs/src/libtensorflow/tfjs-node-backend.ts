import {
  ProgramError,
  UnsupportedOperationError,
  type Backend,
  type Executable,
  type Program,
  type ProgramExecutable,
  type Segment,
} from '@tenon/backend';
import { findOperationDefinition, readConstants, type Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import { DerivedDirectories, type DirectoryContents } from './derived-directories.js';
import { deriveGraph } from './derived-graph.js';
import { TensorFlowProgram } from './tensorflow-program.js';
import { TAG, writeSavedModel } from './saved-model.js';
import { startTensorFlow, TensorFlowSession } from './tensorflow-session.js';

export interface TfjsNodeOptions {
  /**
   * Where derived models are kept. Left out: `tenon/tfjs-node` in the user's cache folder (`XDG_CACHE_HOME`, or `.cache` in the home
   * folder).
   */
  readonly directory?: string;
}

/**
 * A backend that runs whole graphs on libtensorflow, through `@tensorflow/tfjs-node`: every op that TensorFlow has, text, tables and
 * control flow included, with every data type.
 *
 * What is run is written to a derived directory as a SavedModel. Runs block the event loop for as long as they take.
 *
 * @example
 * ```ts
 * const embed = await hub.load('path/to/module', { backend: tfjsNode() });
 * ```
 */
export function tfjsNode({ directory }: TfjsNodeOptions = {}): Backend & Required<Pick<Backend, 'compileProgram'>> {
  return new TfjsNodeBackend(new DerivedDirectories(directory));
}

/** Where a path will stand while it is not known yet. */
const NO_PATH = '';

class TfjsNodeBackend implements Backend {
  readonly name = 'tfjs-node';

  constructor(private readonly directories: DerivedDirectories) {}

  supports({ type, graph }: Operation): boolean {
    return findOperationDefinition(type) !== undefined || graph.functions.find(type) !== undefined;
  }

  async compileProgram(program: Program): Promise<ProgramExecutable> {
    return this.compileWhole(program);
  }

  async compile({ graph, inputs, outputs }: Segment): Promise<Executable> {
    const program = { graph, inputs, outputs, targets: [], initializers: [], state: [], files: [] };
    const executable = await this.compileWhole(program);
    return {
      run: async (values) => executable.runSync(values as readonly Tensor[]),
      runSync: (values) => executable.runSync(values as readonly Tensor[]),
      dispose: () => executable.dispose(),
    };
  }

  private async compileWhole(program: Program): Promise<TensorFlowProgram> {
    const unsupported = [...program.graph.operations].filter((operation) => !this.supports(operation));
    if (unsupported.length > 0)
      throw new UnsupportedOperationError(
        this.name,
        unsupported.map(({ type, name }) => ({ type, operation: name })),
      );
    await startTensorFlow();
    const values = await readConstants(program.graph);
    const derive = (paths: readonly string[]) => deriveGraph(program, values, paths);
    const derived = derive(program.files.map(() => NO_PATH));
    const model = writeSavedModel(derived);
    const files = program.files.map((file) => file.contents);
    const contents = (path: string): DirectoryContents => {
      const assets = files.map((bytes, index) => [`assets/${index}`, bytes] as const);
      // Only now is it known where they lie.
      const saved = assets.length > 0 ? writeSavedModel(derive(assets.map(([name]) => `${path}/${name}`))) : model;
      return new Map<string, Uint8Array>([...assets, ['saved_model.pb', saved]]);
    };
    const lease = this.directories.acquire([model, ...files], contents);
    try {
      const session = await TensorFlowSession.load(lease.path, TAG);
      return new TensorFlowProgram(this.name, derived, session, lease);
    } catch (error) {
      lease.release();
      throw new ProgramError(this.name, 'compile', undefined, error);
    }
  }
}
