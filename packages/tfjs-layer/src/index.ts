export {
  LayerConfigError,
  LayerInputError,
  LayerOptionsError,
  UnknownOutputShapeError,
  UnrepresentableValueError,
  UntrainableLayerError,
} from './errors.js';
export { HubLayer, type CallArguments } from './hub-layer.js';
export { hubLayer } from './make-layer.js';
export type { HubLayerLoadOptions, HubLayerOptions } from './options.js';
