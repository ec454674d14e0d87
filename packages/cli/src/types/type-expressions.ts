import type { TensorInfo } from '@tenon/hub';
import { formatShape } from '@tenon/tensor';
import { commentText, propertyName } from './source-text.js';

/** A member of an object type, with what its comment says. */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
  readonly isOptional?: boolean;
}

const INPUTS = { dense: 'DenseInput', sparse: 'SparseInput', ragged: 'RaggedInput' } as const;
const OUTPUTS = { dense: 'Tensor', sparse: 'SparseOutput', ragged: 'RaggedOutput' } as const;

export function inputType({ kind, dtype }: TensorInfo): string {
  return `hub.${INPUTS[kind]}<'${dtype}'>`;
}

export function outputType({ kind, dtype }: TensorInfo): string {
  return `hub.${OUTPUTS[kind]}<'${dtype}'>`;
}

export function describeInfo({ kind, dtype, shape }: TensorInfo): string {
  return `${kind === 'dense' ? '' : `${kind} `}${dtype} ${formatShape(shape)}`;
}

/** Inputs or outputs by name. */
export function membersOf(
  infos: ReadonlyMap<string, TensorInfo>,
  typeOf: (info: TensorInfo) => string,
): readonly Member[] {
  return [...infos].map(([name, info]) => ({ name, type: typeOf(info), comment: describeInfo(info) }));
}

/** An object that has no properties. */
export const EMPTY_OBJECT = 'Record<string, never>';

/**
 * An object type over several lines.
 *
 * @param options.empty What stands for one without members. Default: a type without keys.
 */
export function objectType(
  members: readonly Member[],
  {
    isReadonly = true,
    empty = 'Record<never, never>',
  }: { readonly isReadonly?: boolean; readonly empty?: string } = {},
): string {
  if (members.length === 0) return empty;
  const lines = members.flatMap(({ name, type, comment, isOptional = false }) => [
    ...(comment === undefined ? [] : formatComment(comment)),
    `${isReadonly ? 'readonly ' : ''}${propertyName(name)}${isOptional ? '?' : ''}: ${type};`,
  ]);
  return `{\n${lines.join('\n').replace(/^(?=.)/gm, '  ')}\n}`;
}

/** @param comment Lines; what they quote out of modules is made harmless here. */
export function formatComment(...comment: readonly string[]): string[] {
  const lines = comment.map(commentText);
  return lines.length === 1 ? [`/** ${lines[0]} */`] : ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'];
}

/** Any of several types, each named once. */
export function unionType(types: readonly string[]): string {
  const different = [...new Set(types)];
  return different.length === 0 ? 'never' : different.join(' | ');
}
