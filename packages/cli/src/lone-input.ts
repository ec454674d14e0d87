import type { TensorInfo } from '@tenon/hub';
import type { Application } from './application.js';

/** The input, if there is only one. */
export function loneOf(inputs: ReadonlyMap<string, TensorInfo>): Application['loneInput'] {
  const [lone, ...others] = inputs;
  return lone && others.length === 0 ? { name: lone[0], info: lone[1] } : undefined;
}
