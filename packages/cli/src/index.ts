export { main } from './command-line.js';
export type { CommandIO, InputStream, OutputStream } from './command-io.js';
