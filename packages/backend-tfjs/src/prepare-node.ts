/** What has gone from Node's `util` that `@tensorflow/tfjs-node` 4.22 calls. */
interface OldUtil {
  isNullOrUndefined?: (value: unknown) => boolean;
  isArray?: (value: unknown) => boolean;
}

/** Makes of Node what `@tensorflow/tfjs-node` takes it for; it looks when it is called, so that it may be imported already. */
export function prepareNode(): void {
  // What it logs otherwise is about itself, and meant for those who develop it.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  // Not imported: pages have no such module, and never come here. Node 23 removed what is missing.
  const util: OldUtil = process.getBuiltinModule('node:util');
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
