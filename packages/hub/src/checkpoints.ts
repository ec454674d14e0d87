import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openCheckpoint, type CheckpointOutput } from '@tenon/format';
import type { Session } from '@tenon/runtime';
import { FileSource } from '@tenon/tensor/node';
import { CheckpointArgumentError } from './errors.js';

/** The file in which TensorFlow notes which checkpoints of a folder there are. */
const STATE_FILE = 'checkpoint';

export interface SaveCheckpointOptions {
  /** How many steps were made: what the checkpoint is told apart by. */
  readonly step: number;
  /** What the names of its files begin with: `model.ckpt` by default. */
  readonly name?: string;
  /** How many of the checkpoints in the folder stay, the newest ones: 5 by default. */
  readonly keep?: number;
}

/**
 * Writes the values of all variables of a session's graph, what optimizers keep among them, into a folder: a checkpoint that
 * `restoreCheckpoint` and TensorFlow's `Saver` read. A crash leaves the checkpoints that were there before.
 *
 * @returns What names the checkpoint: `folder/model.ckpt-100`.
 * @throws CheckpointArgumentError
 */
export async function saveCheckpoint(
  session: Session,
  folder: string,
  { step, name = 'model.ckpt', keep = 5 }: SaveCheckpointOptions,
): Promise<string> {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new CheckpointArgumentError('step', step, 'a whole number, 0 or more');
  if (!Number.isSafeInteger(keep) || keep < 1)
    throw new CheckpointArgumentError('keep', keep, 'a whole number above 0');
  // Few programs train: the others do not pay for it.
  const { saveVariables } = await import('@tenon/training');
  await mkdir(folder, { recursive: true });
  const own = `${name}-${step}`;
  await saveVariables(session, join(folder, own), FILES);
  const all = [...(await listed(folder)).filter((other) => other !== own), own];
  const [dropped, kept] = [all.slice(0, -keep), all.slice(-keep)];
  await writeState(folder, own, kept);
  const files = await readdir(folder);
  for (const file of files.filter((one) => dropped.some((other) => isOf(one, other)))) await rm(join(folder, file));
  return join(folder, own);
}

/** What names the newest checkpoint in a folder, as TensorFlow or `saveCheckpoint` noted it; undefined if there is none. */
export async function latestCheckpoint(folder: string): Promise<string | undefined> {
  const state = await readState(folder);
  const latest = /^model_checkpoint_path:\s*"((?:[^"\\]|\\.)*)"/m.exec(state)?.[1];
  return latest === undefined ? undefined : join(folder, basename(unescape(latest)));
}

/**
 * Sets all variables of a session's graph to what a checkpoint holds under their names.
 *
 * @param prefix What names it: what `saveCheckpoint` or `latestCheckpoint` gave.
 * @throws CheckpointNotFoundError, RestoreVariablesError
 */
export async function restoreCheckpoint(session: Session, prefix: string): Promise<void> {
  const { restoreVariables } = await import('@tenon/training');
  const sources: FileSource[] = [];
  const files = {
    open: (path: string) => {
      const source = new FileSource(path);
      sources.push(source);
      return source;
    },
  };
  try {
    await restoreVariables(session, await openCheckpoint(prefix, files));
  } finally {
    for (const source of sources) source.close();
  }
}

/** Files that get their names when they are complete and on the disk. */
const FILES: CheckpointOutput = {
  async create(path) {
    const temporary = `${path}.${randomUUID()}.tmp`;
    const file = await open(temporary, 'wx');
    return {
      write: async (bytes) => {
        let offset = 0;
        while (offset < bytes.length) offset += (await file.write(bytes, offset)).bytesWritten;
      },
      close: async () => {
        await file.sync();
        await file.close();
        await rename(temporary, path);
      },
    };
  },
};

async function writeState(folder: string, latest: string, all: readonly string[]): Promise<void> {
  const lines = [`model_checkpoint_path: ${JSON.stringify(latest)}`];
  for (const one of all) lines.push(`all_model_checkpoint_paths: ${JSON.stringify(one)}`);
  const sink = await FILES.create(join(folder, STATE_FILE));
  await sink.write(new TextEncoder().encode(`${lines.join('\n')}\n`));
  await sink.close();
}

/** The checkpoints that a folder is said to have, oldest first. */
async function listed(folder: string): Promise<string[]> {
  const paths = (await readState(folder)).matchAll(/^all_model_checkpoint_paths:\s*"((?:[^"\\]|\\.)*)"/gm);
  return [...paths].map(([, path]) => basename(unescape(path!)));
}

async function readState(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, STATE_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function isOf(file: string, checkpoint: string): boolean {
  return file === `${checkpoint}.index` || file === `${checkpoint}.meta` || file.startsWith(`${checkpoint}.data-`);
}
