/**
 * numpy's files: arrays one by one (.npy) and many in one (.npz).
 *
 * @packageDocumentation
 */
export { readNpy, writeNpy } from './npz/npy.js';
export { readNpz, writeNpz } from './npz/npz.js';
