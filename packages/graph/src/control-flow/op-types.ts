/** The ops that control flow of TensorFlow 1 is made of, without the `Ref` that those for references have before them. */
export type ControlFlowType = 'Switch' | 'Merge' | 'Enter' | 'Exit' | 'NextIteration' | 'LoopCond';

const TYPES: ReadonlyMap<string, ControlFlowType> = new Map<string, ControlFlowType>([
  ['Switch', 'Switch'],
  ['RefSwitch', 'Switch'],
  ['Merge', 'Merge'],
  ['RefMerge', 'Merge'],
  ['Enter', 'Enter'],
  ['RefEnter', 'Enter'],
  ['Exit', 'Exit'],
  ['RefExit', 'Exit'],
  ['NextIteration', 'NextIteration'],
  ['RefNextIteration', 'NextIteration'],
  ['LoopCond', 'LoopCond'],
]);

/** Which part of control flow an operation is; `undefined` if it is none. */
export function controlFlowType({ type }: { readonly type: string }): ControlFlowType | undefined {
  return TYPES.get(type);
}

export function isControlFlow(operation: { readonly type: string }): boolean {
  return TYPES.has(operation.type);
}
