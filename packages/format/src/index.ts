export { create } from '@bufbuild/protobuf';
export * from './messages.js';
