import type { ProgramExecutable } from '@tenon/backend';
import type { Operation } from '@tenon/graph';

/** A variable, or a table that can change, of a session whose programs run as wholes. */
export interface SharedState {
  /** How often it got a value; 0 before the first. */
  version: number;
  /** Who has the newest value. */
  holder: StateHolder | undefined;
}

/** A program that has state, and the operation that the state is there. */
export interface StateHolder {
  readonly executable: ProgramExecutable;
  readonly operation: Operation;
}

/** Tables whose contents programs can change. All others get theirs once, in every program anew. */
const MUTABLE_TABLES = ['MutableHashTable', 'MutableHashTableOfTensors', 'MutableDenseHashTable'];
const SHARED = new Set([
  'VarHandleOp',
  'VariableV2',
  'Variable',
  ...MUTABLE_TABLES.flatMap((type) => [type, `${type}V2`]),
]);

/** Whether an operation stands for state that the programs of a session share. */
export function isShared({ type }: Operation): boolean {
  return SHARED.has(type);
}

/**
 * The state of a session whose programs run as wholes. Each program has state of its own, so a value goes from the program that changed it
 * last to the one that needs it next.
 */
export class ProgramState {
  private readonly byKey = new Map<string, SharedState>();
  private last: Promise<unknown> = Promise.resolve();

  of(operation: Operation): SharedState {
    const kind = operation.type.startsWith('Mutable') ? 'table' : 'variable';
    const name = operation.string('shared_name') || operation.name;
    const key = `${kind}\0${operation.string('container')}\0${name}`;
    let state = this.byKey.get(key);
    if (!state) {
      state = { version: 0, holder: undefined };
      this.byKey.set(key, state);
    }
    return state;
  }

  /** Waits for those who came before: while one program runs, no other may take state from it. */
  exclusively<T>(action: () => Promise<T>): Promise<T> {
    const result = this.last.then(action);
    this.last = result.catch(() => undefined);
    return result;
  }
}
