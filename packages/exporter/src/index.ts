export {
  AssetFilesError,
  MissingVariablesError,
  SessionGraphError,
  TargetExistsError,
  UnwritableTargetError,
} from './errors.js';
export { exportModule } from './export-module.js';
export { exportOnnx, type ExportOnnxOptions, type OnnxExport } from './export-onnx.js';
export { exportSavedModel, type ExportSavedModelOptions } from './saved-model/export-saved-model.js';
export { localPath } from './local-path.js';
export { UnconvertibleOperationsError } from '@tenon/onnx';
