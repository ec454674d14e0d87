import { create, ImageModuleInfoSchema, serialize } from '@tenon/format';
import type { Graph } from '@tenon/graph';
import { AttachmentKeyError } from './errors.js';
import { IMAGE_MODULE_INFO, type ImageModuleInfo } from './image-module-info.js';
import { partsOf } from './module-parts.js';

/**
 * Attaches a message to the module that a graph becomes, for whoever uses it: bytes, those of a protocol buffer mostly. For functions that
 * `createModuleSpec` calls; each variant has its own. The last one of a key counts.
 *
 * @throws AttachmentKeyError unless the key is a letter and then letters, digits and underscores.
 */
export function attachMessage(graph: Graph, key: string, message: Uint8Array): void {
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(key)) throw new AttachmentKeyError(key);
  partsOf(graph).attachments.set(key, message.slice());
}

/** Attaches what an image module's images must be like, in pixels: what `getExpectedImageSize` finds. */
export function attachImageModuleInfo(graph: Graph, { defaultImageSize }: ImageModuleInfo): void {
  const info = create(ImageModuleInfoSchema, defaultImageSize && { defaultImageSize });
  attachMessage(graph, IMAGE_MODULE_INFO, serialize(ImageModuleInfoSchema, info));
}
