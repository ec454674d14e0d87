import type { DeviceTensor, Executable } from '@tenon/backend';
import type { ConvertedModel } from '@tenon/onnx';
import { Tensor, type DType } from '@tenon/tensor';
import type * as Ort from 'onnxruntime-node';
import { DisposedError, OnnxRuntimeError } from './errors.js';
import { fromOrt, toOrt } from './tensors.js';

/** A segment as a session of ONNX Runtime. */
export class OnnxExecutable implements Executable {
  private isDisposed = false;
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    private readonly model: Pick<ConvertedModel, 'inputNames' | 'outputNames'>,
    private readonly outputTypes: readonly DType[],
    private readonly operations: readonly string[],
  ) {}

  async run(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly Tensor[]> {
    if (this.isDisposed) throw new DisposedError();
    const run = this.runOnce(inputs);
    this.running.add(run);
    try {
      return await run;
    } finally {
      this.running.delete(run);
    }
  }

  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    await Promise.allSettled(this.running);
    await this.session.release();
  }

  private async runOnce(inputs: readonly (Tensor | DeviceTensor)[]): Promise<readonly Tensor[]> {
    const feeds: Record<string, Ort.Tensor> = {};
    for (const [index, name] of this.model.inputNames.entries()) {
      const input = inputs[index]!;
      feeds[name] = toOrt(this.ort, Tensor.isTensor(input) ? input : await input.read());
    }
    let results: Ort.InferenceSession.ReturnType;
    try {
      results = await this.session.run(feeds);
    } catch (error) {
      throw new OnnxRuntimeError('run', this.operations, error);
    }
    return this.model.outputNames.map((name, index) => fromOrt(results[name]!, this.outputTypes[index]!));
  }
}
