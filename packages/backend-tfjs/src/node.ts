export { tfjsNode, type TfjsNodeOptions } from './libtensorflow/tfjs-node-backend.js';
