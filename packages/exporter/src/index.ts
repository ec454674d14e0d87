export { AssetFilesError, MissingVariablesError, SessionGraphError, TargetExistsError } from './errors.js';
export { exportModule } from './export-module.js';
export { exportSavedModel, type ExportSavedModelOptions } from './saved-model/export-saved-model.js';
