import type { Operation } from '@tenon/graph';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { transpose } from './arithmetic.js';

/** What slides over images, and where their channels are. */
export interface Window {
  readonly hasChannelsFirst: boolean;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pad: 'same' | 'valid' | readonly (readonly number[])[];
}

/** The axes of `data_format` in the order `N…C`. */
function axesOf(operation: Operation): number[] {
  const format = operation.string('data_format');
  return [...'NDHWC'].map((letter) => format.indexOf(letter)).filter((axis) => axis >= 0);
}

/** Why the kernels, which work on images with their channels last, cannot do it; `undefined` if they can. */
export function whyNotSpatial(operation: Operation, names: readonly string[], isDense = false): string | undefined {
  const format = operation.string('data_format');
  if (!/^N(C(D?HW)|(D?HW)C)$/.test(format)) return `data_format ${format}`;
  const axes = axesOf(operation);
  for (const name of names) {
    const entries = operation.find(name) ? operation.ints(name) : [];
    if (entries.length === 0) continue;
    if (entries[axes[0]!] !== 1 || entries[axes.at(-1)!] !== 1) return `${name} over the batch or the channels`;
    if (isDense && name === 'dilations' && entries.some((entry) => entry !== 1)) return 'dilations';
  }
  const padding = operation.string('padding');
  if (padding === 'EXPLICIT') {
    if (axes.length !== 4) return 'explicit paddings';
    const entries = operation.ints('explicit_paddings');
    const isOutside = [axes[0]!, axes[3]!].some((axis) => entries[2 * axis] !== 0 || entries[2 * axis + 1] !== 0);
    if (isOutside) return 'paddings of the batch or the channels';
  }
  return undefined;
}

export function readWindow(operation: Operation): Window {
  const axes = axesOf(operation);
  const spatial = axes.slice(1, -1);
  const entries = (name: string): number[] => {
    const all = operation.find(name) ? operation.ints(name) : [];
    return spatial.map((axis) => all[axis] ?? 1);
  };
  const padding = operation.string('padding');
  const explicit = padding === 'EXPLICIT' ? operation.ints('explicit_paddings') : [];
  return {
    hasChannelsFirst: axes.at(-1) === 1,
    strides: entries('strides'),
    dilations: entries('dilations'),
    pad:
      padding === 'EXPLICIT'
        ? axes.map((axis) => [explicit[2 * axis]!, explicit[2 * axis + 1]!])
        : (padding.toLowerCase() as 'same' | 'valid'),
  };
}

export function spatialEntries(operation: Operation, entries: readonly number[]): number[] {
  return axesOf(operation)
    .slice(1, -1)
    .map((axis) => entries[axis]!);
}

export function toChannelsLast(x: TfTensor, hasChannelsFirst: boolean): TfTensor {
  if (!hasChannelsFirst) return x;
  return transpose(x, [0, ...x.shape.slice(2).map((_, axis) => axis + 2), 1]);
}

export function fromChannelsLast(x: TfTensor, hasChannelsFirst: boolean): TfTensor {
  if (!hasChannelsFirst) return x;
  return transpose(x, [0, x.rank - 1, ...x.shape.slice(2).map((_, axis) => axis + 1)]);
}
