import { create, FunctionDefSchema, serialize, type AttrValue, type FunctionDef, type NodeDef } from '@tenon/format';
import { UnexportableModuleError } from '@tenon/module-spec';
import { countIterations } from './count-iterations.js';

/**
 * The functions of a file that is being made. Each comes with the functions that it calls; one of the same name that is another gets a new name,
 * wherever it is called.
 */
export class FunctionDefinitions {
  private readonly own = new Set<string>();
  private readonly byName = new Map<string, { readonly definition: FunctionDef; readonly bytes: Uint8Array }>();

  /** Those that were added, and those that they call. */
  get all(): FunctionDef[] {
    const needed = new Set(this.own);
    // A set goes on to what is added to it while it is gone through.
    for (const name of needed) {
      const add = (called: string): string => {
        if (this.byName.has(called)) needed.add(called);
        return called;
      };
      for (const node of this.byName.get(name)!.definition.nodeDef) portable(node, add);
    }
    return [...this.byName].flatMap(([name, { definition }]) => (needed.has(name) ? [definition] : []));
  }

  /**
   * Adds a function, and those that it calls. It is an entry of its own even if it is the same as another one: what objects bind to its arguments
   * differs. Those that it calls are there once.
   *
   * @param library All that may be called, by the names that the calls use.
   * @returns What the function is called in the file.
   * @throws UnexportableModuleError if functions call each other in a circle, which no TensorFlow runs.
   */
  add(name: string, library: ReadonlyMap<string, FunctionDef>): string {
    const added = this.addCalled(name, library, new Map(), new Set());
    this.own.add(added);
    return added;
  }

  private addCalled(
    name: string,
    library: ReadonlyMap<string, FunctionDef>,
    names: Map<string, string>,
    callers: ReadonlySet<string>,
  ): string {
    const known = names.get(name);
    if (known !== undefined) return known;
    if (callers.has(name)) throw new UnexportableModuleError([`The function "${name}" calls itself.`]);
    const original = library.get(name)!;
    const within = new Set([...callers, name]);
    const renamed = (called: string): string =>
      library.has(called) ? this.addCalled(called, library, names, within) : called;
    const nodeDef = original.nodeDef.map((node) => portable(node, renamed));
    const counted = countIterations(
      { ...original, nodeDef },
      {
        find: (called) => this.byName.get(called)!.definition,
        add: (definition) => this.enter(definition, true),
      },
    );
    const added = this.enter(counted, callers.size > 0);
    names.set(name, added);
    return added;
  }

  private enter(definition: FunctionDef, isShared: boolean): string {
    const base = definition.signature!.name;
    for (let suffix = 0; ; suffix++) {
      const name = suffix === 0 ? base : `${base}_${suffix}`;
      const signature = { ...definition.signature!, name };
      const candidate = create(FunctionDefSchema, { ...definition, signature });
      const bytes = serialize(FunctionDefSchema, candidate);
      const known = this.byName.get(name);
      if (known && !(isShared && Buffer.compare(known.bytes, bytes) === 0)) continue;
      if (!known) this.byName.set(name, { definition: candidate, bytes });
      return name;
    }
  }
}

/** A node as it can stand anywhere: not tied to devices, nor to operations that are elsewhere. */
export function portable(node: NodeDef, renamed: (name: string) => string = (name) => name): NodeDef {
  const attr: Record<string, AttrValue> = {};
  for (const [key, value] of Object.entries(node.attr)) {
    if (key !== '_class') attr[key] = withNames(value, renamed);
  }
  return { ...node, op: renamed(node.op), attr, device: '' };
}

function withNames(attribute: AttrValue, renamed: (name: string) => string): AttrValue {
  const { value } = attribute;
  if (value.case === 'func') {
    return { ...attribute, value: { case: 'func', value: { ...value.value, name: renamed(value.value.name) } } };
  }
  if (value.case !== 'list' || value.value.func.length === 0) return attribute;
  const func = value.value.func.map((one) => ({ ...one, name: renamed(one.name) }));
  return { ...attribute, value: { case: 'list', value: { ...value.value, func } } };
}
