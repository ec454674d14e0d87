import { version_core } from '@tensorflow/tfjs-core';
import { installedBackends } from './engine.js';

/** Which TensorFlow.js is installed. */
export interface TfjsInfo {
  /** `4.22.0` */
  readonly version: string;
  /** Of `cpu`, `wasm` and `node` those that are installed; whether they start, only starting one tells. */
  readonly backends: readonly string[];
}

/** Which TensorFlow.js is installed, and with which backends. */
export function tfjsInfo(): TfjsInfo {
  return { version: version_core, backends: installedBackends() };
}
